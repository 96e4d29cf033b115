"""Invalid settings stop the start, with all problems reported together."""

from pathlib import Path

import pytest

from redirector.rules import load_rules
from redirector.settings import Settings


def test_the_defaults_serve_the_shipped_rules() -> None:
    settings = Settings(viewer_url="https://documents.council.test/")
    assert (settings.port, settings.ops_port, settings.production) == (8001, 9101, True)
    assert str(settings.viewer_url) == "https://documents.council.test"
    assert load_rules(settings.rules_file).names == ["mosaic-edocs"]


def test_the_viewer_may_live_below_a_path() -> None:
    assert (
        str(Settings(viewer_url="https://council.test/viewer/").viewer_url) == "https://council.test/viewer"
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://documents.council.test",
        "https://documents.council.test/?a=1",
        "https://documents.council.test/#a",
        "https://user@documents.council.test/",
        "ftp://documents.council.test",
        "documents.council.test",
        "",
    ],
)
def test_viewer_addresses_that_production_refuses(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("VIEWER_URL", url)
    with pytest.raises(SystemExit):
        Settings.load()


def test_everything_that_is_wrong_is_listed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(SystemExit, match=r"(?s)LOG_LEVEL.*PORT.*VIEWER_URL"):
        Settings.load()


def test_wrong_rules_are_listed_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("colour = 1", encoding="utf-8")
    monkeypatch.setenv("RULES_FILE", str(tmp_path / "rules.toml"))
    with pytest.raises(SystemExit, match=r"(?s)VIEWER_URL.*RULES_FILE.*colour: not a key.*at least one"):
        Settings.load()


def test_the_demo_may_use_plain_http() -> None:
    assert (
        str(Settings(deployment="demo", viewer_url="http://localhost:8002").viewer_url)
        == "http://localhost:8002"
    )
