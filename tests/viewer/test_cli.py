"""The command line with the service's settings in the environment: its output and exit codes."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect

from tests.viewer.audit.conftest import ENTRY, Record, write_old
from tests.viewer.conftest import audit_entries
from viewer import cli
from viewer.audit import Audit
from viewer.audit.tables import metadata

BY = ["--by", "Officer@Council.test"]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def record(url: str, connect: Callable[[str], Audit]) -> Record:
    return Record(connect(url), url)


@pytest.fixture
def run(
    settings_values: dict[str, Any],
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run a command; return its exit code, standard output and standard error."""
    for name, value in {**settings_values, "audit_url": url}.items():
        monkeypatch.setenv(name.upper(), str(value))

    def give(*words: str) -> tuple[int, str, str]:
        code = cli.main(words)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return give


def last(record: Record) -> tuple[str, str, str | None]:
    row = audit_entries(record.url)[-1]
    return row["outcome"], row["email"], row["detail"]


def test_the_command_line_runs_as_a_module(
    settings_values: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings_values.items():
        monkeypatch.setenv(name.upper(), str(value))
    command = [sys.executable, "-m", "viewer.cli", "audit", "verify"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "whole:    yes"


def test_the_owner_of_the_tables_prepares_all_that_the_service_needs(
    settings_values: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs in a process that loads only the command, since the service's role cannot create tables."""
    for name, value in settings_values.items():
        monkeypatch.setenv(name.upper(), str(value))
    command = [sys.executable, "-m", "viewer.cli", "audit", "init"]
    monkeypatch.setenv("AUDIT_URL", f"sqlite:///{tmp_path}/new.db")
    subprocess.run(command, timeout=60, check=True, stdout=subprocess.DEVNULL)
    engine = create_engine(f"sqlite:///{tmp_path}/new.db")
    assert set(inspect(engine).get_table_names()) == set(metadata.tables)
    engine.dispose()
    assert {"audit", "blocks", "claims", "rates", "refusals", "revocations"} < set(metadata.tables)


def test_verify_says_whether_and_where_the_record_is_broken(record: Record, run: Run) -> None:
    record.write(5)
    code, out, _ = run("audit", "verify")
    head = record.audit.head()
    assert code == 0
    assert out == f"entries:  5\nhead:     {head.hash}  entry 5\nwhole:    yes\n"
    assert run("audit", "verify", "--expect", head.hash)[0] == 0
    assert run("audit", "head")[1] == f"{head.hash}  entry 5\n"
    record.tamper("DELETE FROM audit WHERE id = 2")
    code, out, _ = run("audit", "verify")
    assert code == 1
    assert "whole:    NO, 1 places" in out
    assert "entry 3 does not follow entry 1" in out
    assert run("audit", "verify", "--expect", "f" * 64)[0] == 1


def test_search_shows_a_table_and_is_on_record(record: Record, run: Run) -> None:
    record.write(60)
    code, out, _ = run("audit", "search", "--person", "123", "--staff", ENTRY.by.email, *BY)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split() == ["entry", "when", "(UTC)", "who", "document", "person", "outcome"]
    assert lines[1].split()[0] == "60"
    assert lines[1].split()[3:] == [ENTRY.by.email, "edocs", "59", "123", "viewed"]
    assert lines[-1] == "60 entries; older ones: --before 11"
    assert last(record) == ("searched", "officer@council.test", f"person=123 email={ENTRY.by.email}")
    assert run("audit", "search", "--person", "123", "--before", "11", *BY)[1].startswith("   entry")
    assert run("audit", "search", "--reference", ENTRY.by.request_id, *BY)[0] == 0
    assert run("audit", "search", "--document", "999", *BY)[0] == 1
    assert run("audit", "search", "--since", "yesterday", *BY)[0] == 2


@pytest.mark.parametrize(
    "words",
    [
        ["audit", "search", "--person", "1"],
        ["audit", "prune", "--keep-days", "30"],
        ["block", "add", "person", "1", "--reason", "x"],
        ["block", "add", "person", "1", *BY],
        ["block", "add", "page", "1", "--reason", "x", *BY],
        ["audit", "search", "--outcome", "seen", *BY],
        ["audit"],
        [],
    ],
)
def test_a_command_that_lacks_something_is_refused(run: Run, words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(*words)
    assert stopped.value.code == 2


def test_control_characters_in_entries_are_not_printed(record: Record, run: Run) -> None:
    run("block", "add", "person", "1", "--reason", "\x1b[2Jx", *BY)
    for words in (["block", "list"], ["audit", "search", *BY]):
        assert "\x1b" not in run(*words)[1]


def test_export_writes_a_file_and_is_on_record(record: Record, run: Run, tmp_path: Path) -> None:
    record.write(3)
    file = tmp_path / "export.csv"
    assert run("audit", "export", str(file), "--person", "123", *BY)[:2] == (
        0,
        f"3 entries written to {file}\n",
    )
    assert len(file.read_text().splitlines()) == 4
    assert last(record) == ("exported", "officer@council.test", "person=123")
    printed = run("audit", "export", "-", "--person", "123", "--outcome", "viewed", *BY)[1]
    assert printed.splitlines() == file.read_text().splitlines()
    code, _, err = run("audit", "export", str(file), *BY)
    assert code == 2
    assert "cannot be written" in err


def test_prune_exports_seals_and_removes(record: Record, run: Run, tmp_path: Path) -> None:
    write_old(record.audit, 5, days_ago=100)
    record.write(2)
    file = tmp_path / "old.csv"
    code, out, _ = run("audit", "prune", "--keep-days", "90", "--export", str(file), *BY)
    assert code == 0
    assert out.startswith("5 entries removed, ")
    assert len(file.read_text().splitlines()) == 6
    assert last(record)[:2] == ("pruned", "officer@council.test")
    code, out, _ = run("audit", "verify")
    assert code == 0
    assert out.startswith("pruned:   5 entries of ")
    assert run("audit", "prune", "--keep-days", "90", *BY)[1].startswith("No entry is older than")


def test_prune_knows_how_long_to_keep_from_the_settings(
    record: Record, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_old(record.audit, 5, days_ago=100)
    code, _, err = run("audit", "prune", *BY)
    assert code == 2
    assert "AUDIT_KEEP_DAYS" in err
    monkeypatch.setenv("AUDIT_KEEP_DAYS", "90")
    assert run("audit", "prune", *BY)[0] == 0
    assert [row["outcome"] for row in audit_entries(record.url)] == ["pruned"]


def test_prune_before_a_day_keeps_that_day(record: Record, run: Run) -> None:
    write_old(record.audit, 1, days_ago=100)
    write_old(record.audit, 1, days_ago=50)
    day = (datetime.now(UTC) - timedelta(days=50)).date().isoformat()
    assert run("audit", "prune", "--before", day, *BY)[1].startswith("1 entries removed")


def test_nothing_is_pruned_where_something_is_wrong(record: Record, run: Run, tmp_path: Path) -> None:
    write_old(record.audit, 5, days_ago=100)
    assert run("audit", "prune", "--keep-days", "90", "--export", "/nowhere/x.csv", *BY)[0] == 2
    record.tamper("UPDATE audit SET email = 'x' WHERE id = 3")
    code, _, err = run("audit", "prune", "--keep-days", "90", *BY)
    assert code == 2
    assert "entry 3" in err
    assert len([row for row in audit_entries(record.url) if row["outcome"] == "viewed"]) == 5


def test_blocks_are_set_listed_and_lifted(record: Record, run: Run) -> None:
    words = ["document", "77", "--reason", "wrong file", *BY]
    assert run("block", "add", *words)[:2] == (0, "blocked: document edocs 77, from the next request on\n")
    assert last(record) == ("block-set", "officer@council.test", "document edocs 77: wrong file")
    assert run("block", "add", *words)[0] == 2
    out = run("block", "list")[1]
    assert out.splitlines()[1].split()[:5] == ["in", "force", "document", "edocs", "77"]
    assert run("block", "lift", "document", "77", "--reason", "put right", *BY)[0] == 0
    assert run("block", "lift", "document", "77", "--reason", "put right", *BY)[0] == 2
    assert run("block", "list")[1] == "No blocks.\n"
    assert "put right" in run("block", "list", "--all")[1]
    assert run("block", "add", "staff", "Worker@Council.test", "--reason", "x", *BY)[0] == 0
    assert run("block", "add", "person", "12x", "--reason", "x", *BY)[0] == 2


def test_a_database_that_is_away_or_of_another_version_is_said_plainly(
    record: Record, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.write(1)
    record.tamper("UPDATE audit_version SET version = 9")
    code, _, err = run("audit", "prepare")
    assert code == 2
    assert "version 9, made by another program" in err
    monkeypatch.setenv("AUDIT_URL", "sqlite:////nowhere/at/all/audit.db")
    assert run("audit", "verify")[0] == 2
