"""The store of renditions: objects in a local directory or in S3, through obstore.

    renditions/<key>        the bytes
    renditions/<key>.json   the description, written after the bytes, so that it is never there without them

Keys are a digest and a recipe version (`Rendition.key`), never text from a document.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from viewer.documents import Rendition
from viewer.errors import LinkExpired, StoreUnavailable
from viewer.opening.descriptions import decoded, encoded

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
_FOLDER, _DESCRIPTION = "renditions", ".json"
_TOUCH_AGE = timedelta(minutes=10)
"""A rendition's last use is noted with this accuracy: its description is written again, which on S3 is a
request."""
_MEASURE_SECONDS = 60
"""How long a process adds up what it writes before it measures the store again, since others write too."""
_KEEP_OF_FULL = 0.9
"""The share of the limit that is kept when a full store makes room, so that not every write has to."""

OnUsage = Callable[[int, int], None]
"""Called with the bytes in use and the limit."""


def _ignore(_used: int, _limit: int) -> None:
    """The default for callers that do not watch the store's size."""


log = structlog.get_logger(__name__)


class ObjectStore:
    """The `Store` of documents.py, in a local directory or in S3."""

    def __init__(self, url: str, rendition_hours: float, max_bytes: int, on_usage: OnUsage = _ignore) -> None:
        """Open the store; create a missing directory.

        Args:
            url: ``file:///…`` (a tmpfs) or ``s3://bucket/prefix``; S3's region, endpoint and keys come from
                the environment, as AWS's own tools read them.
            rendition_hours: the age at which `sweep` deletes renditions.
            max_bytes: the most that the store may hold; the least recently used renditions are deleted then.
            on_usage: called with the bytes in use and the limit, each time that they are measured.
        """
        self._store = _open(url)
        self._rendition_age = timedelta(hours=rendition_hours)
        self._max_bytes = max_bytes
        self._on_usage = on_usage
        self._measuring = threading.Lock()
        self._measured_at = -float(_MEASURE_SECONDS)
        self._used_bytes = 0

    def find(self, key: str) -> Rendition | None:
        """See `Store.find`. A rendition with a damaged description or missing bytes counts as not found."""
        path = _path(key)
        with _failures():
            try:
                found = obstore.get(self._store, path + _DESCRIPTION)
                description = bytes(found.bytes())
                size = obstore.head(self._store, path)["size"]
            except FileNotFoundError:
                return None
        rendition = decoded(description)
        if rendition is None or (rendition.key, rendition.size) != (key, size):
            log.warning("stored rendition is damaged", content=key[:12])
            return None
        if _age(found.meta) > _TOUCH_AGE:
            with suppress(BaseError, OSError):  # then it is evicted a little earlier
                obstore.put(self._store, path + _DESCRIPTION, description)
        return rendition

    def put(self, rendition: Rendition, body: BinaryIO | bytes) -> None:
        """See `Store.put`."""
        with _failures():
            description = encoded(rendition)
            self._make_room(rendition.size + len(description))
            try:
                self._write(rendition.key, description, body)
            except (BaseError, OSError):
                with self._measuring:  # the disk may have less room than the limit says
                    evicted = self._evict(self._used_bytes // 2)
                if not evicted:
                    raise
                self._write(rendition.key, description, body)

    def _write(self, key: str, description: bytes, body: BinaryIO | bytes) -> None:
        path = _path(key)
        if not isinstance(body, bytes):
            body.seek(0)
        obstore.put(self._store, path, body, chunk_size=_UPLOAD_PART, max_concurrency=_CONCURRENT_UPLOADS)
        obstore.put(self._store, path + _DESCRIPTION, description)

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """See `Store.read`."""
        path = _path(key)
        for at in range(start, end, _CHUNK):
            with _failures():
                try:
                    chunk = obstore.get_range(self._store, path, start=at, end=min(at + _CHUNK, end))
                except FileNotFoundError as error:
                    raise LinkExpired from error
            yield bytes(chunk)

    def sweep(self) -> int:
        """Delete expired renditions and staging files, and return their number; several processes may.

        Unfinished uploads to S3 by a killed process remain, because obstore cannot list them: a lifecycle
        rule of the bucket deletes them (docs/go-live.md).
        """
        with _failures():
            stored = self._stored()
            old = [each for each in stored if each.age > self._rendition_age]
            for each in old:
                self._delete(each)
            with self._measuring:
                self._measure([each for each in stored if each not in old])
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

    def _make_room(self, size: int) -> None:
        """Delete the renditions that were least recently used, where this many bytes more exceed the limit.

        Raises:
            StoreUnavailable: the rendition is larger than the limit.
        """
        if size > self._max_bytes:
            raise StoreUnavailable("the rendition is larger than the store")
        with self._measuring:
            outdated = time.monotonic() - self._measured_at > _MEASURE_SECONDS
            if outdated or self._used_bytes + size > self._max_bytes:
                self._measure(self._stored())
            if self._used_bytes + size > self._max_bytes:
                self._evict(int(self._max_bytes * _KEEP_OF_FULL) - size)
            self._used_bytes += size

    def _evict(self, keep_bytes: int) -> int:
        """Delete the least recently used renditions down to so many bytes; return the number of them."""
        stored = sorted(self._stored(), key=lambda each: each.unused_for, reverse=True)
        left = sum(each.size for each in stored)
        evicted = 0
        for each in stored:
            if left <= max(0, keep_bytes):
                break
            self._delete(each)
            left -= each.size
            evicted += 1
        self._used_bytes = left
        if evicted:
            log.info("renditions deleted to make room", deleted=evicted)
        return evicted

    def _measure(self, stored: "list[_Stored]") -> None:
        self._used_bytes = sum(each.size for each in stored)
        self._measured_at = time.monotonic()
        self._on_usage(self._used_bytes, self._max_bytes)

    def _stored(self) -> "list[_Stored]":
        """All renditions, also those whose bytes or description are missing."""
        entries = {str(entry["path"]): entry for page in obstore.list(self._store, _FOLDER) for entry in page}
        paths = {path.removesuffix(_DESCRIPTION) for path in entries}
        return [_Stored.of(path, entries.get(path), entries.get(path + _DESCRIPTION)) for path in paths]

    def _staging_files(self) -> list[Path]:
        if isinstance(self._store, S3Store) or not self._store.prefix:
            return []
        return [path for path in self._store.prefix.rglob("*#*") if _STAGING.fullmatch(path.name)]

    def _delete(self, stored: "_Stored") -> None:
        """Delete the description first, so that every rendition found has its bytes."""
        for path in (stored.path + _DESCRIPTION, stored.path):
            with suppress(FileNotFoundError):  # another process deleted it first
                obstore.delete(self._store, path)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A rendition in the store.

    Args:
        path: of its bytes.
        size: in bytes, with its description.
        age: how long ago its bytes were written.
        unused_for: how long ago it was last found, accurate to `_TOUCH_AGE`.
    """

    path: str
    size: int
    age: timedelta
    unused_for: timedelta

    @classmethod
    def of(cls, path: str, body: Any, description: Any) -> "_Stored":
        """The rendition of its listed objects, of which one may be missing."""
        objects = [each for each in (body, description) if each]
        size = sum(each["size"] for each in objects)
        return cls(path, size, _age(objects[0]), _age(objects[-1]))


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


def _path(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError("not a rendition key")
    return f"{_FOLDER}/{key}"


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
