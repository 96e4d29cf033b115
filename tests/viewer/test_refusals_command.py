"""What operators type: the refusals of a real store, a local directory and S3 alike."""

from pathlib import Path

import pytest

from tests.viewer.opening.test_store import KEY, OTHER, s3_url, store, url
from viewer.cli import main
from viewer.opening.store import ObjectStore

__all__ = ["s3_url", "store", "url"]
HOUR = 3600


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, url: str, tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.touch()
    settings = {
        "DEPLOYMENT": "demo",
        "PUBLIC_URL": "http://localhost:8002",
        "SECRET_KEYS": "k" * 32,
        "GOOGLE_CLIENT_ID": "c",
        "GOOGLE_CLIENT_SECRET": "s",
        "GOOGLE_DOMAIN": "council.test",
        "GOOGLE_GROUP": "documents@council.test",
        "GOOGLE_DIRECTORY_ADMIN": "admin@council.test",
        "GOOGLE_SERVICE_ACCOUNT_FILE": str(key),
        "EDOCS_API_URL": "http://localhost:8004/documents/",
        "EDOCS_API_KEY": "k",
        "AUDIT_URL": "sqlite://",
        "STORE_URL": url,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def test_lists_why_and_until_when_and_which_bytes(
    store: ObjectStore, capsys: pytest.CaptureFixture[str]
) -> None:
    store.refuse(KEY, "quarantined", HOUR)
    store.refuse(OTHER, "corrupt", -1)
    assert main(["refusals", "list"]) == 0
    (heading, line) = capsys.readouterr().out.splitlines()
    assert heading.split()[0] == "why"
    assert line.split()[0] == "quarantined"
    assert line.split()[-1] == KEY
    assert len(line.split()) == 6, "the code, two times, the key: nothing of anybody"


def test_says_when_nothing_is_refused(store: ObjectStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["refusals", "list"]) == 0
    assert capsys.readouterr().out == "Nothing is refused.\n"


@pytest.mark.parametrize("key", [KEY, KEY[:12]])
def test_a_cleared_file_is_tried_again_and_no_other(store: ObjectStore, key: str) -> None:
    store.refuse(KEY, "quarantined", HOUR)
    store.refuse(OTHER, "corrupt", HOUR)
    assert main(["refusals", "clear", key]) == 0
    assert store.refused(KEY) is None
    assert store.refused(OTHER) == "corrupt"
    assert main(["refusals", "clear", key]) == 1, "it was there no longer"


def test_all_are_cleared_when_asked(store: ObjectStore) -> None:
    for key in (KEY, OTHER):
        store.refuse(key, "corrupt", HOUR)
    assert main(["refusals", "clear", "--all"]) == 0
    assert store.refusals() == []


@pytest.mark.parametrize("arguments", [["clear"], ["clear", "abc"], ["clear", KEY, "--all"]])
def test_clears_nothing_by_mistake(store: ObjectStore, arguments: list[str]) -> None:
    store.refuse(KEY, "corrupt", HOUR)
    with pytest.raises(SystemExit):
        main(["refusals", *arguments])
    assert store.refused(KEY) == "corrupt"


def test_a_store_that_is_away_is_said_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STORE_URL", "s3://no-such-bucket")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    assert main(["refusals", "list"]) == 2
    assert "The store cannot be used" in capsys.readouterr().err
