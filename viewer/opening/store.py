"""Renditions as objects in a local directory or in S3: one API, obstore's.

    renditions/<key>        the bytes
    renditions/<key>.json   what they are; written after the bytes, so whoever sees it sees all

Keys are digests with a recipe's version (`Rendition.key`), never anyone's text.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from viewer.documents import Part, Rendition, Show
from viewer.errors import LinkExpired, StoreUnavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

_CHUNK = 256 * 1024
_PART = 16 * 1024 * 1024
"""Bytes. What is longer goes to S3 in parts of this size, as a multipart upload."""
_PARTS_AT_ONCE = 4
_STAGING_AGE = timedelta(hours=1)
"""No write takes so long: a staging file of this age belongs to a process that was killed."""
_STAGING = re.compile(r".+#[0-9]+")
"""Names that obstore's LocalStore gives to what it has not written to the end; it never lists them."""
_PATIENCE: "ClientConfig" = {"connect_timeout": "3s", "timeout": "30s", "allow_http": True}
"""With S3, for each request. It is https unless AWS_ENDPOINT_URL says http."""
_RETRIES: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
"""obstore's own are ten in three minutes: longer than anybody waits for a page."""
_KEY = re.compile(r"[0-9a-f]{64}-[a-z0-9-]{1,32}")

log = structlog.get_logger(__name__)


class ObjectStore:
    """The `Store` of documents.py."""

    def __init__(self, url: str, rendition_hours: float) -> None:
        """Open the store, making the directory where there is none.

        Args:
            url: ``file:///…`` (a tmpfs) or ``s3://bucket/prefix``; S3's region, endpoint and keys come from
                the environment, as AWS's own tools read them.
            rendition_hours: age at which `sweep` deletes renditions.
        """
        self._store = _open(url)
        self._rendition_age = timedelta(hours=rendition_hours)

    def find(self, key: str) -> Rendition | None:
        """See `Store.find`. What cannot be read as a rendition, or has lost its bytes, is not there."""
        path = f"renditions/{_checked(key)}"
        with _failures():
            try:
                described = bytes(obstore.get(self._store, f"{path}.json").bytes())
                size = obstore.head(self._store, path)["size"]
            except FileNotFoundError:
                return None
        rendition = _rendition(described)
        if rendition is None or (rendition.key, rendition.size) != (key, size):
            log.warning("rendition damaged", content=key[:12])
            return None
        return rendition

    def put(self, rendition: Rendition, body: BinaryIO | bytes) -> None:
        """See `Store.put`."""
        path = f"renditions/{_checked(rendition.key)}"
        with _failures():
            if not isinstance(body, bytes):
                body.seek(0)
            obstore.put(self._store, path, body, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE)
            obstore.put(self._store, f"{path}.json", json.dumps(asdict(rendition)).encode())

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """See `Store.read`."""
        path = f"renditions/{_checked(key)}"
        for at in range(start, end, _CHUNK):
            with _failures():
                try:
                    chunk = obstore.get_range(self._store, path, start=at, end=min(at + _CHUNK, end))
                except FileNotFoundError as error:
                    raise LinkExpired from error
            yield bytes(chunk)

    def sweep(self) -> int:
        """Delete what is past its hours; say how many objects went. Several processes may sweep at once.

        Uploads to S3 that a killed process left unfinished stay, since obstore has no call that lists them: a
        lifecycle rule of the bucket ends them (docs/go-live.md).
        """
        with _failures():
            old = self._older()
            self._delete(old)
            left = [path for path in self._staging_files() if _written_before(path, _STAGING_AGE)]
            for path in left:
                path.unlink(missing_ok=True)
        return len(old) + len(left)

    def check(self) -> None:
        """Return when the store can be written and read.

        Raises:
            StoreUnavailable: it cannot.
        """
        with _failures():
            obstore.put(self._store, "probe", b"")
            obstore.head(self._store, "probe")

    def _older(self) -> list[str]:
        """What is past its hours, descriptions first: whoever still finds a rendition can read it."""
        ages = {str(entry["path"]): _age(entry) for entry in self._list("renditions")}
        limit = self._rendition_age
        old = [path for path, age in ages.items() if age > limit]
        gone = [path for path in old if ages.get(f"{path}.json", timedelta.max) > limit]
        return sorted(gone, key=lambda path: not path.endswith(".json"))

    def _staging_files(self) -> list[Path]:
        if isinstance(self._store, S3Store) or not self._store.prefix:
            return []
        return [path for path in self._store.prefix.rglob("*#*") if _STAGING.fullmatch(path.name)]

    def _list(self, prefix: str) -> list[Any]:
        return [entry for page in obstore.list(self._store, prefix=prefix) for entry in page]

    def _delete(self, paths: list[str]) -> None:
        for path in paths:
            try:
                obstore.delete(self._store, path)
            except FileNotFoundError:
                continue  # another process was quicker


def _rendition(described: bytes) -> Rendition | None:
    """What was written down of a rendition; None where it is damaged or was written by another version."""
    try:
        fields = json.loads(described)
        parts = tuple(Part(**part) for part in fields["parts"])
        return Rendition(
            **{**fields, "show": Show(fields["show"]), "notes": tuple(fields["notes"]), "parts": parts}
        )
    except (ValueError, LookupError, TypeError):
        return None


def _open(url: str) -> LocalStore | S3Store:
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            client_options=_PATIENCE,
            retry_config=_RETRIES,
        )
    folder = Path(parts.path)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return LocalStore(str(folder), automatic_cleanup=False)


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError("not a rendition key")
    return key


def _age(entry: Any) -> timedelta:
    modified: datetime = entry["last_modified"]
    return datetime.now(UTC) - modified


def _written_before(path: Path, age: timedelta) -> bool:
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return False  # another process was quicker
    return datetime.now(UTC) - written > age


@contextmanager
def _failures() -> Iterator[None]:
    """Turn the library's own exceptions into `StoreUnavailable`; what is not there is handled inside."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise StoreUnavailable from error
