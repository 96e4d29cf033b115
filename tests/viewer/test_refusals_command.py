"""The refusals commands with both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.viewer.opening.test_refusals import HOUR, KEY, OTHER, THIRD, refusals, shift
from viewer.cli import main
from viewer.opening.refusals import Refusals

__all__ = ["refusals", "shift"]


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
        "AUDIT_URL": url,
        "STORE_URL": (tmp_path / "store").as_uri(),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def test_refusals_list_shows_reason_end_key_and_evidence(
    refusals: Refusals, capsys: pytest.CaptureFixture[str]
) -> None:
    refusals.remember(KEY, "quarantined", "two offices died", HOUR)
    refusals.remember(OTHER, "corrupt", "", -1)
    assert main(["refusals", "list"]) == 0
    (heading, line) = capsys.readouterr().out.splitlines()
    assert heading.split()[0] == "why"
    code, day, minute, last_day, last_minute, key, *evidence = line.split()
    assert (code, key, evidence) == ("quarantined", KEY, ["two", "offices", "died"])
    since, until = (
        datetime.fromisoformat(f"{day} {at}") for day, at in ((day, minute), (last_day, last_minute))
    )
    assert timedelta(minutes=59) < until - since < timedelta(minutes=61)


def test_refusals_list_says_when_nothing_is_refused(
    refusals: Refusals, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusals.in_force() == []
    assert main(["refusals", "list"]) == 0
    assert capsys.readouterr().out == "Nothing is refused.\n"


@pytest.mark.parametrize("key", [KEY, KEY[:12]])
def test_a_cleared_file_is_tried_again_and_no_other(refusals: Refusals, key: str) -> None:
    refusals.remember(KEY, "quarantined", "two offices died", HOUR)
    refusals.remember(OTHER, "corrupt", "", HOUR)
    assert main(["refusals", "clear", key]) == 0
    assert refusals.code_for(KEY) is None
    assert refusals.code_for(OTHER) == "corrupt"
    assert main(["refusals", "clear", key]) == 1, "it was there no longer"


def test_refusals_clear_all_clears_every_refusal(refusals: Refusals) -> None:
    for key in (KEY, OTHER):
        refusals.remember(key, "corrupt", "", HOUR)
    assert main(["refusals", "clear", "--all"]) == 0
    assert refusals.in_force() == []
    assert main(["refusals", "clear", "--all"]) == 0


NOW = datetime.now(UTC)
LATER = f"{NOW + timedelta(days=2):%Y-%m-%d}"
HOUR_AGO = f"{NOW - timedelta(hours=1):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("arguments", "cleared"),
    [
        (["--code", "quarantined"], {KEY, OTHER}),
        (["--code", "quarantined", "--since", HOUR_AGO], {KEY}),
        (["--code", "corrupt", "--until", HOUR_AGO.replace(" ", "T")], {THIRD}),
        (["--since", HOUR_AGO], {KEY}),
        (["--until", HOUR_AGO], {OTHER, THIRD}),
        (["--until", LATER], {KEY, OTHER, THIRD}),
        (["--since", LATER], set()),
        (["--code", "empty"], set()),
    ],
)
def test_refusals_are_cleared_by_code_and_by_time(
    refusals: Refusals,
    shift: Callable[[str, float], None],
    arguments: list[str],
    cleared: set[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    refusals.remember(KEY, "quarantined", "two offices died", 4 * HOUR)
    refusals.remember(OTHER, "quarantined", "two offices died", 4 * HOUR)
    refusals.remember(THIRD, "corrupt", "", 4 * HOUR)
    for key in (OTHER, THIRD):
        shift(key, -2 * HOUR)
    assert main(["refusals", "clear", *arguments]) == (0 if cleared else 1)
    assert {each.key for each in refusals.in_force()} == {KEY, OTHER, THIRD} - cleared
    assert capsys.readouterr().out == f"{len(cleared)} cleared\n"


def test_the_minute_that_is_listed_is_part_of_the_time(refusals: Refusals) -> None:
    refusals.remember(KEY, "corrupt", "", HOUR)
    minute = f"{refusals.in_force()[0].since:%Y-%m-%d %H:%M}"
    assert main(["refusals", "clear", "--since", minute, "--until", minute]) == 0
    assert refusals.in_force() == []


@pytest.mark.parametrize(
    "arguments",
    [
        *([], ["abc"], [""], [KEY, "--all"], [KEY, "--code", "corrupt"], ["--all", "--since", "2020-01-01"]),
        *(["--code", "no_such_code"], ["--since", "yesterday"], ["--until", "2020-13-01"], ["--code", ""]),
    ],
)
def test_refusals_clear_without_a_condition_clears_nothing(refusals: Refusals, arguments: list[str]) -> None:
    refusals.remember(KEY, "corrupt", "", HOUR)
    try:
        code: object = main(["refusals", "clear", *arguments])
    except SystemExit as end:
        code = end.code
    assert code == 2
    assert refusals.code_for(KEY) == "corrupt"


def test_refusals_commands_report_an_unavailable_database(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUDIT_URL", "sqlite:////nowhere/at/all/audit.db")
    for arguments in (["list"], ["clear", "--all"]):
        assert main(["refusals", *arguments]) == 2
        assert "The audit database cannot be used" in capsys.readouterr().err
