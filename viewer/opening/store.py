"""Renditions, claims and remembered refusals as objects in a local directory or in S3: one API, obstore's.

    renditions/<key>        the bytes
    renditions/<key>.json   what they are; written after the bytes, so whoever sees it sees all
    claims/<key>/<n>        who makes the rendition; made with put-if-absent, renewed while at work
    refusals/<key>.json     an error code, remembered for a while

Keys are digests with a recipe's version (`Rendition.key`), never anyone's text.
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store

from viewer.documents import Part, Rendition, Show
from viewer.errors import LinkExpired, StoreUnavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

CLAIM_SECONDS = 20
"""A claim that was not renewed for so long is dead."""
_CHUNK = 256 * 1024
_REFUSAL_AGE = timedelta(days=7)
"""No refusal is remembered for longer."""
_CLAIM_AGE = timedelta(hours=1)
_PATIENCE: "ClientConfig" = {"connect_timeout": "3s", "timeout": "30s", "allow_http": True}
"""With S3, for each request. It is https unless AWS_ENDPOINT_URL says http."""
_RETRIES: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
"""obstore's own are ten in three minutes: longer than anybody waits for a page."""
_KEY = re.compile(r"[0-9a-f]{64}-[a-z0-9-]{1,32}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is remembered of bytes that are refused; nothing of their document or of anybody.

    Args:
        key: as the rendition's would be; begins with the bytes' SHA-256.
        code: of the error that people read.
        since: when it was written down.
        until: when it is forgotten.
    """

    key: str
    code: str
    since: datetime
    until: datetime


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
        """See `Store.find`."""
        meta = self._get_json(f"renditions/{_checked(key)}.json")
        if not meta:
            return None
        parts = tuple(Part(**part) for part in meta.get("parts", ()))
        read = {"show": Show(meta["show"]), "notes": tuple(meta["notes"]), "parts": parts}
        return Rendition(**{**meta, **read})

    def put(self, rendition: Rendition, body: BinaryIO | bytes) -> None:
        """See `Store.put`."""
        path = f"renditions/{_checked(rendition.key)}"
        with _failures():
            obstore.put(self._store, path, body)
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

    def claim(self, key: str) -> bool:
        """See `Store.claim`."""
        with _failures():
            newest = self._newest_claim(key)
            if newest and _is_living(newest):
                return False
            number = int(newest["path"].rsplit("/", 1)[1]) + 1 if newest else 0
            try:
                started = json.dumps(time.time()).encode()
                obstore.put(self._store, f"claims/{key}/{number:06}", started, mode="create")
            except AlreadyExistsError:
                return False
        return True

    def renew(self, key: str) -> None:
        """See `Store.renew`."""
        with _failures():
            newest = self._newest_claim(key)
            if newest:
                started = json.dumps(self._get_json(newest["path"]) or time.time()).encode()
                obstore.put(self._store, newest["path"], started)

    def claimed(self, key: str) -> bool:
        """See `Store.claimed`."""
        with _failures():
            newest = self._newest_claim(key)
        return newest is not None and _is_living(newest)

    def ahead(self, key: str) -> int:
        """See `Store.ahead`."""
        with _failures():
            living = [entry for entry in self._list("claims") if _is_living(entry)]
            started = {entry["path"]: self._get_json(entry["path"]) or 0.0 for entry in living}
        own = [when for path, when in started.items() if path.startswith(f"claims/{_checked(key)}/")]
        return sum(when < min(own) for when in started.values()) if own else 0

    def release(self, key: str) -> None:
        """See `Store.release`."""
        with _failures():
            self._delete([claim["path"] for claim in self._list(f"claims/{_checked(key)}")])

    def refuse(self, key: str, code: str, seconds: float) -> None:
        """See `Store.refuse`."""
        with _failures():
            body = json.dumps({"code": code, "until": time.time() + seconds}).encode()
            obstore.put(self._store, f"refusals/{_checked(key)}.json", body)

    def refused(self, key: str) -> str | None:
        """See `Store.refused`."""
        refusal = self._get_json(f"refusals/{_checked(key)}.json")
        return str(refusal["code"]) if refusal and time.time() < refusal["until"] else None

    def refusals(self) -> list[Refusal]:
        """The refusals that are in force, newest first.

        Raises:
            StoreUnavailable: the store cannot be read.
        """
        with _failures():
            found = [self._refusal(entry) for entry in self._list("refusals")]
        in_force = [refusal for refusal in found if refusal and refusal.until > datetime.now(UTC)]
        return sorted(in_force, key=lambda refusal: refusal.since, reverse=True)

    def forget(self, key: str) -> None:
        """Remember the refusal no longer: the next person's opening tries the bytes again.

        Raises:
            StoreUnavailable: the store cannot be written.
        """
        with _failures():
            self._delete([f"refusals/{_checked(key)}.json"])

    def _refusal(self, entry: Any) -> Refusal | None:
        """None where it has just been forgotten."""
        path, since = str(entry["path"]), entry["last_modified"]
        body = self._get_json(path)
        until = datetime.fromtimestamp(body["until"], UTC) if body else None
        return Refusal(Path(path).stem, body["code"], since, until) if until else None

    def sweep(self) -> int:
        """Delete what is past its hours; say how many objects went. Several processes may sweep at once."""
        limits = {
            "renditions": self._rendition_age,
            "refusals": _REFUSAL_AGE,
            "claims": _CLAIM_AGE,
        }
        with _failures():
            old = [path for folder, limit in limits.items() for path in self._older(folder, limit)]
            self._delete(old)
        return len(old)

    def check(self) -> None:
        """Return when the store can be written and read.

        Raises:
            StoreUnavailable: it cannot.
        """
        with _failures():
            obstore.put(self._store, "probe", b"")
            obstore.head(self._store, "probe")

    def _older(self, folder: str, limit: timedelta) -> list[str]:
        """What is past the limit, descriptions first: whoever still finds a rendition can read it."""
        ages = {str(entry["path"]): _age(entry) for entry in self._list(folder)}
        old = [path for path, age in ages.items() if age > limit]
        gone = [path for path in old if ages.get(f"{path}.json", timedelta.max) > limit]
        return sorted(gone, key=lambda path: not path.endswith(".json"))

    def _newest_claim(self, key: str) -> Any:
        claims = self._list(f"claims/{_checked(key)}")
        return max(claims, key=lambda claim: str(claim["path"]), default=None)

    def _list(self, prefix: str) -> list[Any]:
        return [entry for page in obstore.list(self._store, prefix=prefix) for entry in page]

    def _delete(self, paths: list[str]) -> None:
        for path in paths:
            try:
                obstore.delete(self._store, path)
            except FileNotFoundError:
                continue  # another process was quicker

    def _get_json(self, path: str) -> Any:
        with _failures():
            try:
                return json.loads(bytes(obstore.get(self._store, path).bytes()))
            except FileNotFoundError:
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


def _is_living(claim: Any) -> bool:
    return _age(claim) < timedelta(seconds=CLAIM_SECONDS)


def _age(entry: Any) -> timedelta:
    modified: datetime = entry["last_modified"]
    return datetime.now(UTC) - modified


@contextmanager
def _failures() -> Iterator[None]:
    """Turn the library's own exceptions into `StoreUnavailable`; what is not there is handled inside."""
    try:
        yield
    except (BaseError, OSError, json.JSONDecodeError, KeyError) as error:
        raise StoreUnavailable from error
