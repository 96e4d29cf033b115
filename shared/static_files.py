"""Static files: style sheets and scripts, served compressed and cached by browsers for a year.

The version is in the path (`/static/v-<version>/viewer.js`) and not in the query, so that modules which
import each other by relative URL change version together. The folder names of vendored libraries contain
their version, which templates leave out: they name `vendor/pdfjs/…` and get the URL of
`vendor/pdfjs-6.5.438/…`. Documents are never served this way: they are `no-store`.
"""

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Response, request, send_file
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

IMMUTABLE = "public, max-age=31536000, immutable"
"""Cache for one year without revalidation, since another version has another URL."""
VENDOR = "vendor/"
"""The folder of libraries, as `vendor/<name>-<version>/…`."""
_COMPRESSIBLE = frozenset({".css", ".js", ".mjs", ".svg", ".wasm"})


class StaticFiles:
    """One folder of static files."""

    def __init__(self, folder: Path) -> None:
        """Read the folder once to compute its version.

        Args:
            folder: the folder; it may be missing where a service has no static files.

        Raises:
            ValueError: the folder has two versions of a library.
        """
        self._folder = folder
        self.version = _version(folder)
        self.modules = tuple(sorted(path.name for path in folder.glob("*.js")))
        """The file names of the service's own scripts."""
        self._libraries = _libraries(folder / VENDOR)

    def version_of(self, filename: str) -> str | None:
        """The version in the file's URL; None for vendored files."""
        return None if filename.startswith(VENDOR) else self.version

    def versioned(self, filename: str) -> str:
        """Add a library's version to a file's name: `vendor/pdfjs/a` becomes `vendor/pdfjs-6.5.438/a`.

        Raises:
            FileNotFoundError: the folder has no such library.
        """
        if not filename.startswith(VENDOR):
            return filename
        library, slash, rest = filename.removeprefix(VENDOR).partition("/")
        if library not in self._libraries:
            raise FileNotFoundError(f"{self._folder / VENDOR} has no {library}: run deploy/local/vendor.sh")
        return VENDOR + self._libraries[library] + slash + rest

    def serve(self, filename: str, version: str | None = None) -> Response:
        """Serve a file; it is cacheable only at the URL with its version.

        Raises:
            NotFound: the folder has no such file.
        """
        path = safe_join(str(self._folder), filename)
        if path is None or not Path(path).is_file():
            raise NotFound
        response = _answer(Path(path))
        if version == self.version_of(filename):
            response.headers["Cache-Control"] = IMMUTABLE
        else:
            response.headers.pop("Cache-Control", None)
        return response


def _answer(path: Path) -> Response:
    if path.suffix not in _COMPRESSIBLE:
        return send_file(path)
    media_type = mimetypes.guess_type(path.name)[0]
    if request.accept_encodings.best_match(["gzip"]):
        response = Response(_compressed(path, path.stat().st_mtime_ns), mimetype=media_type)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(path.read_bytes(), mimetype=media_type)
    response.vary.add("Accept-Encoding")
    return response


@lru_cache(maxsize=64)
def _compressed(path: Path, _changed: int) -> bytes:
    """The compressed file, cached for the life of the worker: about 0.7 MB for all files."""
    return gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)


def _version(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(VENDOR):
            digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _libraries(vendor: Path) -> dict[str, str]:
    """The folder names of the vendored libraries by the library's name: `pdfjs` is in `pdfjs-6.5.438`."""
    folders = [path.name for path in vendor.glob("*-*")]
    libraries = {folder.rpartition("-")[0]: folder for folder in folders}
    if len(libraries) < len(folders):
        raise ValueError(f"{vendor} has a library in two versions: {', '.join(sorted(folders))}")
    return libraries
