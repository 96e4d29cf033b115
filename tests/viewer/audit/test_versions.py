"""A database of the version before is brought up to date; one of a later version is refused."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Column, DateTime, Index, Integer, MetaData, String, Table, create_engine, insert, text

from tests.viewer.audit.conftest import ENTRY, Record
from tests.viewer.conftest import audit_entries
from viewer.audit import Audit
from viewer.audit.chain import utc
from viewer.audit.verify import verify
from viewer.errors import AuditUnavailable

before = MetaData()
audit_before = Table(
    "audit",
    before,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("actor", String(320), nullable=False),
    Column("address", String(64), nullable=False),
    Column("source", String(32), nullable=False),
    Column("document_id", String(64), nullable=False),
    Column("person", String(18)),
    Column("outcome", String(16), nullable=False),
    Column("code", String(32)),
    Column("sha256", String(64)),
    Index("audit_document", "source", "document_id"),
    Index("audit_person", "person"),
    Index("audit_actor", "actor"),
    Index("audit_at", "at"),
)
"""As the version before made it."""
COUNT = 2345


@pytest.fixture
def old_url(url: str) -> str:
    """A database of the version before, with entries, one number missing between."""
    engine = create_engine(url)
    with engine.begin() as connection:
        before.create_all(connection)
        if engine.dialect.name == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                connection.execute(
                    text(
                        f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
                        "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
                    )
                )
        row = {
            **{name: getattr(ENTRY, name) for name in ("request_id", "actor", "address", "source", "person")},
            "outcome": "viewed",
            "code": None,
            "sha256": "a" * 64,
            "at": datetime(2026, 11, 1, 8, 30, 0, 123456, UTC),
        }
        numbers = [number for number in range(1, COUNT + 2) if number != 1000]
        connection.execute(
            insert(audit_before), [{**row, "id": number, "document_id": str(number)} for number in numbers]
        )
    engine.dispose()
    return url


def test_entries_of_the_version_before_are_taken_over_and_chained(
    old_url: str, connect: Callable[[str], Audit]
) -> None:
    audit = connect(old_url)
    assert audit.last_viewed(ENTRY.actor, "edocs", "77") == "a" * 64
    audit.record(ENTRY)
    rows = audit_entries(old_url)
    assert len(rows) == COUNT + 2
    assert [row["id"] for row in rows[-3:]] == [COUNT + 1, COUNT + 2, COUNT + 3]
    assert rows[41]["document_id"] == "42"
    assert rows[41]["person"] == ENTRY.person
    assert utc(rows[41]["at"]).isoformat() == "2026-11-01T08:30:00.123456+00:00"
    assert rows[-2]["outcome"] == "chained"
    assert f"{COUNT} entries" in rows[-2]["detail"]
    assert verify(audit.database).breaks == []


def test_what_was_taken_over_is_protected_like_the_rest(
    old_url: str, connect: Callable[[str], Audit]
) -> None:
    audit = connect(old_url)
    audit.check()
    Record(audit, old_url).tamper("UPDATE audit SET actor = 'x' WHERE id = 500")
    assert [found.id for found in verify(audit.database).breaks] == [500]


def test_two_programs_may_bring_it_up_to_date_at_once(old_url: str, connect: Callable[[str], Audit]) -> None:
    for audit in (connect(old_url), connect(old_url)):
        audit.check()
    assert [row["outcome"] for row in audit_entries(old_url)].count("chained") == 1


def test_a_database_of_a_later_version_is_refused(record: Record, connect: Callable[[str], Audit]) -> None:
    record.write(1)
    record.tamper("UPDATE audit_version SET version = 3")
    with pytest.raises(AuditUnavailable, match="version 3, made by a newer program"):
        connect(record.url).record(ENTRY)
    assert len(audit_entries(record.url)) == 1


def test_parts_that_the_version_before_knew_already_are_kept(
    old_url: str, connect: Callable[[str], Audit]
) -> None:
    engine = create_engine(old_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit ADD COLUMN part VARCHAR(24)"))
        row = {name: getattr(ENTRY, name) for name in ("request_id", "actor", "address", "source")}
        row |= {"at": datetime(2026, 11, 2, tzinfo=UTC), "document_id": "9", "outcome": "viewed"}
        row |= {"id": COUNT + 2, "sha256": "b" * 64}
        table = Table("audit", MetaData(), autoload_with=connection)
        connection.execute(insert(table), [row | {"part": "2.1"}])
    engine.dispose()
    audit = connect(old_url)
    assert audit.last_viewed(ENTRY.actor, "edocs", "9", "2.1") == "b" * 64
    assert audit.last_viewed(ENTRY.actor, "edocs", "77") == "a" * 64
    assert verify(audit.database).breaks == []
