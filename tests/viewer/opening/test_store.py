"""The store's contract, for a local directory and for S3 (moto's server over HTTP)."""

import io
import json
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest
import requests
from moto.server import ThreadedMotoServer

from tests.viewer.stub_server import closed_port
from viewer.documents import Rendition, Show
from viewer.errors import LinkExpired, StoreUnavailable
from viewer.opening import store as store_module
from viewer.opening.store import ObjectStore

MAX_BYTES = 100_000_000
KEY = "a" * 64 + "-recipe1"
OTHER = "b" * 64 + "-recipe1"
BODY = bytes(range(256)) * 3000
RENDITION = Rendition(KEY, Show.PDF, "application/pdf", len(BODY), "docx")


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def _use_s3(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def _new_bucket(endpoint: str, of_test: Path) -> str:
    bucket = of_test.name.replace("_", "-").lower()
    assert requests.put(f"{endpoint}/{bucket}", timeout=60).ok
    return bucket


@pytest.fixture(params=["file", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "file":
        return (tmp_path / "store").as_uri()
    endpoint = request.getfixturevalue("s3_url")
    _use_s3(monkeypatch, endpoint)
    return f"s3://{_new_bucket(endpoint, tmp_path)}/renditions-of-viewer"


@pytest.fixture
def store(url: str) -> ObjectStore:
    return ObjectStore(url, rendition_hours=4, max_bytes=MAX_BYTES)


class _Ages:
    """The ages that a test sets for objects by the end of their path."""

    def __init__(self) -> None:
        self._real = store_module._age
        self.of: dict[str, timedelta] = {}

    def __call__(self, entry: Any) -> timedelta:
        given = [age for ending, age in self.of.items() if str(entry["path"]).endswith(ending)]
        return given[0] if given else self._real(entry)


@pytest.fixture
def ages(monkeypatch: pytest.MonkeyPatch) -> _Ages:
    ages = _Ages()
    monkeypatch.setattr(store_module, "_age", ages)
    return ages


def test_the_store_is_empty_at_first(store: ObjectStore) -> None:
    assert store.find(KEY) is None
    store.check()


_READ_BEFORE = io.BytesIO(BODY)
_READ_BEFORE.seek(0, io.SEEK_END)


@pytest.mark.parametrize("body", [BODY, _READ_BEFORE], ids=["bytes", "file"])
def test_a_stored_rendition_is_found_by_every_process(store: ObjectStore, url: str, body: Any) -> None:
    store.put(RENDITION, body)
    assert ObjectStore(url, 4, MAX_BYTES).find(KEY) == RENDITION
    assert store.find(OTHER) is None


@pytest.mark.parametrize(
    ("start", "end"), [(0, len(BODY)), (0, 1), (5, 9), (len(BODY) - 1, len(BODY)), (262_143, 524_289), (7, 7)]
)
def test_any_range_is_read_exactly(store: ObjectStore, start: int, end: int) -> None:
    store.put(RENDITION, BODY)
    assert b"".join(store.read(KEY, start, end)) == BODY[start:end]


def test_reading_a_deleted_rendition_raises_link_expired(store: ObjectStore) -> None:
    with pytest.raises(LinkExpired):
        list(store.read(KEY, 0, 10))


def test_a_sweep_deletes_expired_renditions_only(store: ObjectStore, ages: _Ages) -> None:
    for key in (KEY, OTHER):
        store.put(Rendition(key, Show.PDF, "application/pdf", 3, "pdf"), b"abc")
    assert store.sweep() == 0
    ages.of |= {KEY: timedelta(hours=4.1), f"{KEY}.json": timedelta(hours=4.1)}
    assert store.sweep() == 1
    assert store.find(KEY) is None
    assert store.find(OTHER)


KEYS = [f"{letter * 64}-recipe1" for letter in "0123456789"]


def _fill(url: str, size: int, max_bytes: int, usage: list[tuple[int, int]]) -> ObjectStore:
    """A store in which ten renditions of this size were written in the order of their keys."""
    store = ObjectStore(url, 4, max_bytes, lambda used, limit: usage.append((used, limit)))
    for key in KEYS:
        store.put(Rendition(key, Show.PDF, "application/pdf", size, "pdf"), bytes(size))
    return store


def _used(store: ObjectStore) -> int:
    return sum(entry["size"] for page in obstore.list(store._store) for entry in page)


def test_a_full_store_deletes_what_was_least_recently_used(url: str, ages: _Ages) -> None:
    usage: list[tuple[int, int]] = []
    store = _fill(url, 10_000, 110_000, usage)
    ages.of = {f"{key}.json": timedelta(minutes=60 - number) for number, key in enumerate(KEYS)}
    ages.of[f"{KEYS[0]}.json"] = timedelta(minutes=1)  # somebody opened the oldest one a minute ago
    store.put(replace(RENDITION, size=10_000), bytes(10_000))
    assert store.find(KEY)
    assert store.find(KEYS[0])
    assert store.find(KEYS[1]) is None
    assert store.find(KEYS[9])
    assert _used(store) <= 110_000
    store.sweep()
    assert usage[-1] == (_used(store), 110_000)


def test_a_view_is_a_use(url: str, ages: _Ages) -> None:
    store = _fill(url, 10, MAX_BYTES, [])
    path = f"renditions/{KEYS[0]}.json"
    before = obstore.head(store._store, path)["last_modified"]
    store.find(KEYS[0])
    assert obstore.head(store._store, path)["last_modified"] == before, "not at each view"
    ages.of = {path: timedelta(minutes=11)}
    store.find(KEYS[0])
    assert obstore.head(store._store, path)["last_modified"] >= before
    assert store.find(KEYS[0])


def test_what_other_processes_wrote_counts(url: str) -> None:
    first, second = (ObjectStore(url, 4, 100_000) for _ in range(2))
    for number, key in enumerate(KEYS * 3):
        store = (first, second)[number % 2]
        store.put(Rendition(key, Show.PDF, "application/pdf", 30_000, "pdf"), bytes(30_000))
        store.sweep()
        assert _used(store) <= 200_000, "each process may fill what it believes to be free, for a minute"


def test_a_rendition_larger_than_the_store_is_refused_and_deletes_nothing(url: str) -> None:
    store = _fill(url, 10, 5_000, [])
    with pytest.raises(StoreUnavailable):
        store.put(replace(RENDITION, size=5_001), bytes(5_001))
    assert all(map(store.find, KEYS))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 60 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("this user may not mount a file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_smaller_than_the_limit_makes_room(small_disk: Path) -> None:
    store = ObjectStore(small_disk.as_uri(), 4, MAX_BYTES)
    for key in KEYS:
        store.put(Rendition(key, Show.PDF, "application/pdf", 9_000, "pdf"), bytes(9_000))
        assert store.find(key)
        store.check()
    with pytest.raises(StoreUnavailable):
        store.put(replace(RENDITION, size=70_000), bytes(70_000))
    store.check()
    store.put(replace(RENDITION, size=9_000), bytes(9_000))
    assert store.find(KEY)


def test_the_staging_file_of_a_killed_writer_is_swept_after_an_hour(tmp_path: Path) -> None:
    """A real writer is killed during its write; the file of a running writer stays."""
    writer = f"""
import sys, time, obstore
from obstore.store import LocalStore
def chunks():
    for _ in range(4):
        yield bytes(6 * 1024 * 1024)
    print("halfway", flush=True)
    time.sleep(60)
obstore.put(LocalStore({str(tmp_path)!r}), "renditions/{KEY}", chunks())
"""
    with subprocess.Popen([sys.executable, "-c", writer], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"halfway\n"
        process.kill()
    (left,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    store = ObjectStore(tmp_path.as_uri(), 4, MAX_BYTES)
    assert store.sweep() == 0
    os.utime(left, (time.time() - 3590,) * 2)
    assert store.sweep() == 0
    os.utime(left, (time.time() - 3610,) * 2)
    assert store.sweep() == 1
    assert not left.exists()


def test_an_upload_of_usual_size_leaves_nothing_unfinished_in_s3(
    tmp_path: Path, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one request; a longer one is a multipart upload, whose remains need a lifecycle rule."""
    _use_s3(monkeypatch, s3_url)
    bucket = _new_bucket(s3_url, tmp_path)
    store = ObjectStore(f"s3://{bucket}/r", 4, MAX_BYTES)
    for size, is_in_parts in ((store_module._UPLOAD_PART, False), (store_module._UPLOAD_PART + 1, True)):
        store.put(replace(RENDITION, size=size), io.BytesIO(bytes(size)))
        e_tag = str(obstore.head(store._store, f"renditions/{KEY}")["e_tag"])
        assert ("-" in e_tag) is is_in_parts, "S3 marks what came in parts"
        assert store.find(KEY)


def test_a_sweep_never_leaves_a_rendition_without_its_bytes(store: ObjectStore, ages: _Ages) -> None:
    store.put(RENDITION, BODY)
    ages.of = {f"renditions/{KEY}": timedelta(hours=4.001), f"renditions/{KEY}.json": timedelta(hours=3.999)}
    store.sweep()
    if store.find(KEY):
        assert b"".join(store.read(KEY, 0, len(BODY))) == BODY


@pytest.mark.parametrize(
    "key", ["", "a", "../" * 4, "a" * 64, "A" * 64 + "-r", f"{KEY}/x", f"{KEY}\n", f"{KEY}.json"]
)
def test_a_malformed_key_reaches_no_file(store: ObjectStore, key: str) -> None:
    with pytest.raises(ValueError, match="not a rendition key"):
        store.find(key)
    with pytest.raises(ValueError, match="not a rendition key"):
        store.put(Rendition(key, Show.PDF, "application/pdf", 1, "pdf"), b"x")


def _uses(store: ObjectStore) -> dict[str, Any]:
    return {
        "put": lambda: store.put(RENDITION, b"x"),
        "check": store.check,
    }


def test_a_folder_that_cannot_be_written_is_an_unavailable_store(tmp_path: Path) -> None:
    store = ObjectStore((tmp_path / "store").as_uri(), 4, MAX_BYTES)
    shutil.rmtree(tmp_path / "store")
    (tmp_path / "store").write_text("a file where the folder should be")
    for use in _uses(store).values():
        with pytest.raises(StoreUnavailable):
            use()


_DESCRIBED = json.dumps(asdict(RENDITION))


@pytest.mark.parametrize(
    "description",
    [
        *("", "{half", "[]", "null", "7", "{}", "\x00" * 300),
        _DESCRIBED[:-1],
        _DESCRIBED.replace('"pdf"', '"a way of another version"'),
        _DESCRIBED.replace('"label"', '"field_of_another_version"'),
        _DESCRIBED.replace('"parts": []', '"parts": [7]'),
        _DESCRIBED.replace('"parts": []', '"parts": [{"number": 1}]'),
        _DESCRIBED.replace("a" * 64, "b" * 64),
    ],
)
def test_a_rendition_whose_description_is_damaged_is_not_there_and_can_be_made_anew(
    store: ObjectStore, description: str
) -> None:
    store.put(RENDITION, BODY)
    obstore.put(store._store, f"renditions/{KEY}.json", description.encode())
    assert store.find(KEY) is None
    store.put(RENDITION, BODY)
    assert store.find(KEY) == RENDITION


@pytest.mark.parametrize("body", [None, b"", BODY[:-1]], ids=["missing", "empty", "cut"])
def test_a_rendition_without_all_its_bytes_is_not_there_and_can_be_made_anew(
    store: ObjectStore, body: bytes | None
) -> None:
    store.put(RENDITION, BODY)
    if body is None:
        obstore.delete(store._store, f"renditions/{KEY}")
    else:
        obstore.put(store._store, f"renditions/{KEY}", body)
    assert store.find(KEY) is None
    store.put(RENDITION, BODY)
    assert store.find(KEY) == RENDITION
    assert b"".join(store.read(KEY, 0, len(BODY))) == BODY


def test_a_server_that_is_down_is_an_unavailable_store_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    _use_s3(monkeypatch, closed_port())
    store = ObjectStore("s3://bucket/prefix", 4, MAX_BYTES)
    for use in (*_uses(store).values(), lambda: store.find(KEY), lambda: list(store.read(KEY, 0, 1))):
        with pytest.raises(StoreUnavailable):
            use()


def test_the_folder_is_for_this_user_alone(tmp_path: Path) -> None:
    ObjectStore((tmp_path / "new" / "store").as_uri(), 4, MAX_BYTES)
    assert stat.S_IMODE((tmp_path / "new" / "store").stat().st_mode) == 0o700


def test_notes_and_label_are_stored(store: ObjectStore) -> None:
    rendition = replace(RENDITION, label="Word document", notes=("2 comments are not shown.",))
    store.put(rendition, BODY)
    assert store.find(KEY) == rendition
