"""The record: complete, append-only, durable, and an error where it cannot be written."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.running.postgres import Cluster
from tests.viewer.audit.conftest import ENTRY, OFFICER, Record, write_old
from tests.viewer.conftest import audit_entries, create_record
from viewer.access.blocks import BlockKind, Blocks, Subject
from viewer.access.rates import RateLimiter
from viewer.access.revocations import SharedRevocations
from viewer.audit import Audit
from viewer.audit.retention import Retention
from viewer.audit.verify import verify
from viewer.documents import Rendition, Show
from viewer.errors import AuditUnavailable
from viewer.opening.claims import Claims
from viewer.opening.refusals import Refusals
from viewer.opening.unstored import UnstoredRenditions

Connect = Callable[[str], Audit]
MAINTENANCE = Path(__file__).parents[3] / "docs" / "maintenance.md"


def test_an_entry_says_who_saw_what_when_and_with_which_result(url: str, connect: Connect) -> None:
    connect(url).record(replace(ENTRY, outcome="refused", code="corrupt"))
    (row,) = audit_entries(url)
    at = row.pop("at").replace(tzinfo=UTC)
    assert row.pop("previous") == "0" * 64
    assert len(row.pop("hash")) == 64
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert row == {
        "id": 1,
        "request_id": "journey-0001",
        "email": "worker@council.test",
        "network_address": "192.0.2.7",
        "source": "edocs",
        "document_id": "77",
        "part": None,
        "person": "123",
        "outcome": "refused",
        "code": "corrupt",
        "sha256": "a" * 64,
        "detail": None,
    }


def test_entries_stay_when_the_program_starts_again(url: str, connect: Connect) -> None:
    for _ in range(2):
        audit = connect(url)
        audit.check()
        audit.record(ENTRY)
    assert [row["id"] for row in audit_entries(url)] == [1, 2]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET email = 'x'",
        "DELETE FROM audit",
        "UPDATE audit_seals SET cut = 'x'",
        "DELETE FROM audit_seals",
    ],
)
def test_the_database_refuses_to_change_or_delete_entries(record: Record, statement: str) -> None:
    write_old(record.audit, 3, days_ago=40)
    retention = Retention(record.audit.database)
    retention.prune(retention.select_expired(datetime.now(UTC) - timedelta(days=30)), OFFICER)
    record.write(1)
    engine = create_engine(record.url)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    assert verify(record.audit.database).errors == []


def test_a_whole_table_cannot_be_emptied_at_once(postgres: Cluster, connect: Connect) -> None:
    create_record(postgres.url(database := postgres.new_database()))
    connect(postgres.url(database)).record(ENTRY)
    for table in ("audit", "audit_seals"):
        with pytest.raises(DBAPIError, match="append-only"):
            postgres.run(database, f"TRUNCATE {table}")


FORBIDDEN = [
    "UPDATE audit SET email = 'x'",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "DROP TABLE audit",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "SET session_replication_role = replica",
    "INSERT INTO audit_seals VALUES (1, '', 0, 9, '', 9, '')",
    "DELETE FROM blocks",
    "DELETE FROM revocations",
    "UPDATE revocations SET valid_from = 0",
]


def test_the_services_role_needs_no_more_than_the_documented_grants(
    postgres: Cluster, connect: Connect
) -> None:
    """With these grants the role can neither change nor delete entries, nor disable the triggers."""
    create_record(postgres.url(database := postgres.new_database()))
    grants = re.search(r"```sql\n(.*?)```", MAINTENANCE.read_text(encoding="utf-8"), re.DOTALL)
    assert grants
    statements = [each for each in grants[1].split(";") if each.strip()]
    postgres.run(database, *statements)
    audit = connect(postgres.url(database, "viewer"))
    audit.record(ENTRY)
    blocks = Blocks(audit.database)
    blocks.set(Subject(BlockKind.PERSON, "9"), "court order", OFFICER)
    blocks.lift(Subject(BlockKind.PERSON, "9"), "ended", OFFICER)
    SharedRevocations(audit.database).revoke(ENTRY.by.email, OFFICER)
    rates = RateLimiter(audit.database, 2)
    for _ in range(2):
        rates.count(ENTRY.by.email)
    claims, refusals = Claims(audit.database), Refusals(audit.database)
    unstored = UnstoredRenditions(audit.database)
    for _ in range(2):
        unstored.add(Rendition("key", Show.PDF, "application/pdf", 1, "pdf"))
    unstored.sweep()
    for kept in (claims, refusals):
        kept.sweep()
    for _ in range(2):
        assert claims.claim("key")
        claims.renew("key")
        claims.release("key")
        refusals.remember("key", "corrupt", "", 60)
    assert refusals.forget_where() == 1
    assert audit.last_viewed(ENTRY.by.email, "edocs", "77") == ENTRY.sha256
    assert verify(audit.database).errors == []
    engine = create_engine(postgres.url(database, "viewer"))
    for statement in FORBIDDEN:
        with (
            pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
            engine.begin() as connection,
        ):
            connection.execute(text(statement))
    engine.dispose()


_WRITER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from shared.actor import Actor
from viewer.audit import Audit, Entry
by = Actor("worker@council.test", "", "journey-0001")
audit = Audit(sys.argv[1])
def write(number):
    audit.record(Entry(by, "viewed", "edocs", str(number)))
with ThreadPoolExecutor(5) as threads:
    list(threads.map(write, range(15)))
"""


def test_several_processes_may_start_and_write_at_once(url: str, connect: Connect) -> None:
    """With several threads each, no entry is lost and the chain is whole."""
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, url]) for _ in range(4)]
    assert [writer.wait(120) for writer in writers] == [0] * 4
    assert [row["id"] for row in audit_entries(url)] == list(range(1, 61))
    assert verify(connect(url).database).errors == []


def test_a_text_that_the_database_would_not_take_is_made_to_fit(url: str, connect: Connect) -> None:
    """A person who sends odd values is recorded all the same, without an alert."""
    far = replace(ENTRY.by, network_address="x" * 400)
    connect(url).record(replace(ENTRY, by=far, document_id="7\0" + "9" * 400))
    (row,) = audit_entries(url)
    assert row["document_id"] == "7\N{REPLACEMENT CHARACTER}" + "9" * 62
    assert row["network_address"] == "x" * 64
    assert verify(connect(url).database).errors == []


@pytest.mark.parametrize("part", ["1", None])
def test_a_part_and_its_document_are_seen_separately(url: str, part: str | None, connect: Connect) -> None:
    audit = connect(url)
    audit.record(replace(ENTRY, part=part))
    assert audit.last_viewed(ENTRY.by.email, "edocs", "77", part) == ENTRY.sha256
    assert audit.last_viewed(ENTRY.by.email, "edocs", "77", "2" if part is None else None) is None


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all/audit.db",
        "postgresql+psycopg://viewer:secret@127.0.0.1:1/audit",
    ],
)
def test_a_record_that_cannot_be_written_is_an_error(url: str, connect: Connect) -> None:
    audit = connect(url)
    with pytest.raises(AuditUnavailable):
        audit.record(ENTRY)
    with pytest.raises(AuditUnavailable):
        audit.check()


def test_a_record_that_was_lost_while_running_is_an_error(url: str, connect: Connect) -> None:
    audit = connect(url)
    audit.record(ENTRY)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE audit"))
    engine.dispose()
    with pytest.raises(AuditUnavailable):
        audit.record(ENTRY)


def test_a_database_that_was_away_at_the_start_is_used_when_it_is_back(
    tmp_path: Path, connect: Connect
) -> None:
    create_record(f"sqlite:///{tmp_path}/audit.db")
    (tmp_path / "audit.db").rename(tmp_path / "elsewhere.db")
    audit = connect(f"sqlite:///{tmp_path}/audit.db")
    with pytest.raises(AuditUnavailable, match="there is no audit record"):
        audit.check()
    (tmp_path / "elsewhere.db").rename(tmp_path / "audit.db")
    audit.check()
    audit.record(ENTRY)


def test_a_write_that_waits_for_another_which_never_ends_is_an_error(url: str, connect: Connect) -> None:
    """A replica that hangs during a write does not block others for ever."""
    audit, other = connect(url), connect(url)
    audit.check()
    with other.database.write(), pytest.raises(AuditUnavailable):
        audit.record(ENTRY)
    audit.record(ENTRY)
