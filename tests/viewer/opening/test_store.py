"""The store's contract, held by a local directory and by S3 (moto's server, over real HTTP) alike."""

import io
import os
import shutil
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from moto.server import ThreadedMotoServer

from tests.viewer.wire import closed_port
from viewer.documents import Rendition, Show
from viewer.errors import LinkExpired, StoreUnavailable
from viewer.opening import store as store_module
from viewer.opening.store import ObjectStore

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


@pytest.fixture(params=["file", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "file":
        return (tmp_path / "store").as_uri()
    endpoint = request.getfixturevalue("s3_url")
    _use_s3(monkeypatch, endpoint)
    bucket = tmp_path.name.replace("_", "-").lower()
    assert requests.put(f"{endpoint}/{bucket}", timeout=10).ok
    return f"s3://{bucket}/renditions-of-viewer"


@pytest.fixture
def store(url: str) -> ObjectStore:
    return ObjectStore(url, rendition_hours=4)


class _Ages:
    """Ages that a test gives to objects whose path ends so; the others are as old as they are."""

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


def test_nothing_is_there_at_first(store: ObjectStore) -> None:
    assert store.find(KEY) is None
    assert store.refused(KEY) is None
    assert not store.claimed(KEY)
    store.check()


@pytest.mark.parametrize("body", [BODY, io.BytesIO(BODY)], ids=["bytes", "file"])
def test_what_is_put_is_found_by_everybody(store: ObjectStore, url: str, body: Any) -> None:
    store.put(RENDITION, body)
    assert ObjectStore(url, 4).find(KEY) == RENDITION
    assert store.find(OTHER) is None


@pytest.mark.parametrize(
    ("start", "end"), [(0, len(BODY)), (0, 1), (5, 9), (len(BODY) - 1, len(BODY)), (262_143, 524_289), (7, 7)]
)
def test_any_range_is_read_exactly(store: ObjectStore, start: int, end: int) -> None:
    store.put(RENDITION, BODY)
    assert b"".join(store.read(KEY, start, end)) == BODY[start:end]


def test_reading_what_is_gone_says_so(store: ObjectStore) -> None:
    with pytest.raises(LinkExpired):
        list(store.read(KEY, 0, 10))


def test_one_of_many_gets_the_claim(store: ObjectStore) -> None:
    with ThreadPoolExecutor(20) as people:
        assert sum(people.map(lambda _: store.claim(KEY), range(20))) == 1
    assert store.claimed(KEY)
    assert not store.claimed(OTHER)
    assert store.claim(OTHER)


def test_a_claim_that_is_given_up_can_be_taken(store: ObjectStore) -> None:
    assert store.claim(KEY)
    store.release(KEY)
    assert not store.claimed(KEY)
    assert store.claim(KEY)


def test_giving_up_twice_does_no_harm(store: ObjectStore) -> None:
    store.release(KEY)
    store.release(KEY)
    store.renew(KEY)
    assert not store.claimed(KEY)


def test_a_dead_claim_is_taken_over_by_one_of_many(store: ObjectStore, ages: _Ages) -> None:
    assert store.claim(KEY)
    ages.of["/000000"] = timedelta(seconds=store_module.CLAIM_SECONDS + 1)
    assert not store.claimed(KEY)
    with ThreadPoolExecutor(20) as people:
        assert sum(people.map(lambda _: store.claim(KEY), range(20))) == 1
    assert store.claimed(KEY)


def test_a_claim_that_is_renewed_stays(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path.as_uri(), 4)
    store.claim(KEY)
    os.utime(tmp_path / "claims" / KEY / "000000", (0, 0))
    assert not store.claimed(KEY)
    store.renew(KEY)
    assert store.claimed(KEY)


def test_a_refusal_is_remembered_for_its_time(store: ObjectStore) -> None:
    store.refuse(KEY, "corrupt", 60)
    assert store.refused(KEY) == "corrupt"
    assert store.refused(OTHER) is None
    store.refuse(KEY, "converter_busy", -1)
    assert store.refused(KEY) is None


def test_sweeping_takes_what_is_old_and_leaves_the_rest(store: ObjectStore, ages: _Ages) -> None:
    for key in (KEY, OTHER):
        store.put(Rendition(key, Show.PDF, "application/pdf", 3, "pdf"), b"abc")
        store.refuse(key, "corrupt", 60)
        store.claim(key)
    assert store.sweep() == 0
    ages.of |= {KEY: timedelta(hours=4.1), f"{KEY}.json": timedelta(hours=4.1)}
    assert store.sweep() == 2
    assert store.find(KEY) is None
    assert store.find(OTHER)
    assert store.refused(KEY) == "corrupt"
    ages.of = {"/000000": timedelta(hours=1.1), f"refusals/{KEY}.json": timedelta(days=7.1)}
    assert store.sweep() == 3
    assert store.refused(KEY) is None
    assert store.refused(OTHER) == "corrupt"
    assert store.find(OTHER)


def test_a_sweep_never_leaves_a_rendition_without_its_bytes(store: ObjectStore, ages: _Ages) -> None:
    store.put(RENDITION, BODY)
    ages.of = {f"renditions/{KEY}": timedelta(hours=4.001), f"renditions/{KEY}.json": timedelta(hours=3.999)}
    store.sweep()
    if store.find(KEY):
        assert b"".join(store.read(KEY, 0, len(BODY))) == BODY


@pytest.mark.parametrize(
    "key", ["", "a", "../" * 4, "a" * 64, "A" * 64 + "-r", f"{KEY}/x", f"{KEY}\n", f"{KEY}.json"]
)
def test_what_is_not_a_key_touches_nothing(store: ObjectStore, key: str) -> None:
    rendition = Rendition(key, Show.PDF, "application/pdf", 1, "pdf")
    for use in (store.find, store.refused, store.claim, store.claimed, store.release):
        with pytest.raises(ValueError, match="not a rendition key"):
            use(key)
    with pytest.raises(ValueError, match="not a rendition key"):
        store.put(rendition, b"x")
    with pytest.raises(ValueError, match="not a rendition key"):
        store.refuse(key, "corrupt", 1)


def _uses(store: ObjectStore) -> dict[str, Any]:
    return {
        "put": lambda: store.put(RENDITION, b"x"),
        "claim": lambda: store.claim(KEY),
        "refuse": lambda: store.refuse(KEY, "corrupt", 1),
        "check": store.check,
    }


def test_a_folder_that_cannot_be_written_is_an_unavailable_store(tmp_path: Path) -> None:
    store = ObjectStore((tmp_path / "store").as_uri(), 4)
    shutil.rmtree(tmp_path / "store")
    (tmp_path / "store").write_text("a file where the folder should be")
    for use in _uses(store).values():
        with pytest.raises(StoreUnavailable):
            use()


def test_metadata_that_is_damaged_is_an_unavailable_store(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path.as_uri(), 4)
    store.put(RENDITION, b"x")
    (tmp_path / "renditions" / f"{KEY}.json").write_bytes(b"{half")
    with pytest.raises(StoreUnavailable):
        store.find(KEY)


def test_a_server_that_is_down_is_an_unavailable_store_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    _use_s3(monkeypatch, closed_port())
    store = ObjectStore("s3://bucket/prefix", 4)
    for use in (*_uses(store).values(), lambda: store.find(KEY), lambda: list(store.read(KEY, 0, 1))):
        with pytest.raises(StoreUnavailable):
            use()


def test_the_folder_is_for_this_user_alone(tmp_path: Path) -> None:
    ObjectStore((tmp_path / "new" / "store").as_uri(), 4)
    assert stat.S_IMODE((tmp_path / "new" / "store").stat().st_mode) == 0o700


def test_the_notes_and_the_label_come_back(store: ObjectStore) -> None:
    rendition = replace(RENDITION, label="Word document", notes=("2 comments are not shown.",))
    store.put(rendition, BODY)
    assert store.find(KEY) == rendition


def test_who_claimed_first_is_ahead(store: ObjectStore) -> None:
    assert store.ahead(KEY) == 0
    store.claim(OTHER)
    store.claim(KEY)
    store.renew(OTHER)
    assert (store.ahead(OTHER), store.ahead(KEY)) == (0, 1)
    store.release(OTHER)
    assert store.ahead(KEY) == 0
