"""The store of renditions: objects in a local directory or in S3, through obstore.

    renditions/<key>        the bytes
    renditions/<key>.json   the description, written after the bytes, so that it is never there without them

Keys are a digest and a recipe version (`Rendition.key`), never text from a document.
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
_UPLOAD_PART = 16 * 1024 * 1024
"""The size, in bytes, of the parts of a multipart upload to S3; smaller objects are uploaded at once."""
_CONCURRENT_UPLOADS = 4
_STAGING_AGE = timedelta(hours=1)
"""A staging file of this age was left by a process that was killed, since no write takes so long."""
_STAGING = re.compile(r".+#[0-9]+")
"""Names of unfinished files of obstore's LocalStore, which its listing leaves out."""
_TIMEOUTS: "ClientConfig" = {"connect_timeout": "3s", "timeout": "30s", "allow_http": True}
"""Timeouts of each request to S3, which uses https unless AWS_ENDPOINT_URL says http."""
_RETRIES: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
"""Fewer retries than obstore's default of ten in three minutes, which is too long to wait for a page."""
_KEY = re.compile(r"[0-9a-f]{64}-[a-z0-9-]{1,32}")

log = structlog.get_logger(__name__)


class ObjectStore:
    """The `Store` of documents.py, in a local directory or in S3."""

    def __init__(self, url: str, rendition_hours: float) -> None:
        """Open the store; create a missing directory.

        Args:
            url: ``file:///…`` (a tmpfs) or ``s3://bucket/prefix``; S3's region, endpoint and keys come from
                the environment, as AWS's own tools read them.
            rendition_hours: the age at which `sweep` deletes renditions.
        """
        self._store = _open(url)
        self._rendition_age = timedelta(hours=rendition_hours)

    def find(self, key: str) -> Rendition | None:
        """See `Store.find`. A rendition with a damaged description or missing bytes counts as not found."""
        path = f"renditions/{_checked(key)}"
        with _failures():
            try:
                described = bytes(obstore.get(self._store, f"{path}.json").bytes())
                size = obstore.head(self._store, path)["size"]
            except FileNotFoundError:
                return None
        rendition = _rendition(described)
        if rendition is None or (rendition.key, rendition.size) != (key, size):
            log.warning("stored rendition is damaged", content=key[:12])
            return None
        return rendition

    def put(self, rendition: Rendition, body: BinaryIO | bytes) -> None:
        """See `Store.put`."""
        path = f"renditions/{_checked(rendition.key)}"
        with _failures():
            if not isinstance(body, bytes):
                body.seek(0)
            obstore.put(self._store, path, body, chunk_size=_UPLOAD_PART, max_concurrency=_CONCURRENT_UPLOADS)
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
        """Delete expired renditions and return the number of objects; several processes may sweep at once.

        Unfinished uploads to S3 by a killed process remain, because obstore cannot list them: a lifecycle
        rule of the bucket deletes them (docs/go-live.md).
        """
        with _failures():
            old = self._expired()
            self._delete(old)
            left = [path for path in self._staging_files() if _written_before(path, _STAGING_AGE)]
            for path in left:
                path.unlink(missing_ok=True)
        return len(old) + len(left)

    def check(self) -> None:
        """Check that the store can be written and read.

        Raises:
            StoreUnavailable: it cannot be.
        """
        with _failures():
            obstore.put(self._store, "probe", b"")
            obstore.head(self._store, "probe")

    def _expired(self) -> list[str]:
        """The paths of expired objects, descriptions first, so that every rendition found has its bytes."""
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
                continue  # another process deleted it first


def _rendition(described: bytes) -> Rendition | None:
    """The rendition of a stored description; None where that is damaged or of another version."""
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
            client_options=_TIMEOUTS,
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
        return False  # another process deleted it first
    return datetime.now(UTC) - written > age


@contextmanager
def _failures() -> Iterator[None]:
    """Turn the library's exceptions into `StoreUnavailable`; callers handle missing objects inside."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise StoreUnavailable from error
