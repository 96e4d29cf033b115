"""The record: complete, append-only, durable, and an error where it cannot be written."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.viewer.conftest import audit_entries
from viewer.audit import Audit, Entry
from viewer.errors import AuditUnavailable

ENTRY = Entry(
    request_id="journey-0001",
    actor="worker@council.test",
    address="192.0.2.7",
    source="edocs",
    document_id="77",
    person="123",
    outcome="refused",
    code="corrupt",
    sha256="a" * 64,
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/audit.db"


def test_an_entry_says_who_saw_what_when_and_with_which_result(url: str) -> None:
    Audit(url).record(ENTRY)
    (row,) = audit_entries(url)
    at = row.pop("at").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert row == {
        "id": 1,
        "request_id": "journey-0001",
        "actor": "worker@council.test",
        "address": "192.0.2.7",
        "source": "edocs",
        "document_id": "77",
        "person": "123",
        "outcome": "refused",
        "code": "corrupt",
        "sha256": "a" * 64,
        "part": None,
    }


def test_entries_stay_when_the_program_starts_again(url: str) -> None:
    for _ in range(2):
        audit = Audit(url)
        audit.check()
        audit.record(ENTRY)
    assert [row["id"] for row in audit_entries(url)] == [1, 2]


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_what_is_written_can_be_neither_changed_nor_deleted(url: str, statement: str) -> None:
    Audit(url).record(ENTRY)
    engine = create_engine(url)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    assert audit_entries(url)[0]["actor"] == ENTRY.actor


_WRITER = """
import sys
from viewer.audit import Audit, Entry
audit = Audit(sys.argv[1])
for number in range(5):
    audit.record(Entry("journey-0001", "worker@council.test", "", "edocs", str(number), None, "viewed"))
"""


def test_several_processes_may_start_and_write_at_once(url: str) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, url]) for _ in range(4)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    assert len(audit_entries(url)) == 20


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all/audit.db",
        "postgresql+psycopg://viewer:secret@127.0.0.1:1/audit",
    ],
)
def test_a_record_that_cannot_be_written_is_an_error(url: str) -> None:
    audit = Audit(url)
    with pytest.raises(AuditUnavailable):
        audit.record(ENTRY)
    with pytest.raises(AuditUnavailable):
        audit.check()


def test_a_record_that_was_lost_while_running_is_an_error(url: str, tmp_path: Path) -> None:
    audit = Audit(url)
    audit.record(ENTRY)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE audit"))
    engine.dispose()
    with pytest.raises(AuditUnavailable):
        audit.record(ENTRY)


def test_a_database_that_was_away_at_the_start_is_used_when_it_is_back(tmp_path: Path) -> None:
    audit = Audit(f"sqlite:///{tmp_path}/later/audit.db")
    with pytest.raises(AuditUnavailable):
        audit.check()
    (tmp_path / "later").mkdir()
    audit.check()
    audit.record(ENTRY)
