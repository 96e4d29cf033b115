"""The record in real SQLite and PostgreSQL databases, and ways to tamper with it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, insert, text

from shared.actor import Actor
from viewer.audit import Audit, Entry, audit_table
from viewer.audit.chain import chain_rows
from viewer.audit.tables import head

ENTRY = Entry(
    Actor("worker@council.test", "192.0.2.7", "journey-0001"),
    "viewed",
    source="edocs",
    document_id="77",
    person="123",
    sha256="a" * 64,
)
OFFICER = Actor("officer@council.test", "192.0.2.7", "journey-0001")
"""The person who searches and prunes."""
_TRIGGERS = ("audit_no_update", "audit_no_delete", "audit_seals_no_update", "audit_seals_no_delete")


def entry(email: str = ENTRY.by.email, **changes: Any) -> Entry:
    """An entry like `ENTRY` by this person, with changes."""
    return replace(ENTRY, **{"by": replace(ENTRY.by, email=email), **changes})


@pytest.fixture
def audit(url: str, connect: Callable[[str], Audit]) -> Audit:
    return connect(url)


@dataclass
class Record:
    """A record with entries, and its database with the rights of its owner."""

    audit: Audit
    url: str

    def write(self, count: int, like: Entry = ENTRY) -> None:
        """Write entries, each about one document."""
        for number in range(count):
            self.audit.record(replace(like, document_id=str(number)))

    def tamper(self, *statements: str) -> None:
        """Run statements without the triggers that protect the record, as the owner can."""
        engine = create_engine(self.url)
        sqlite = [f"DROP TRIGGER IF EXISTS {each}" for each in _TRIGGERS]
        off = sqlite if engine.dialect.name == "sqlite" else ["SET session_replication_role = replica"]
        with engine.begin() as connection:
            for statement in [*off, *statements]:
                connection.execute(text(statement))
        engine.dispose()


@pytest.fixture
def record(audit: Audit, url: str) -> Record:
    return Record(audit, url)


def write_old(audit: Audit, count: int, days_ago: int, **changes: str | None) -> None:
    """Write entries with times some days ago, a second apart."""
    start = datetime.now(UTC) - timedelta(days=days_ago)
    contents = [
        {
            "at": start + timedelta(seconds=number),
            "request_id": "journey-0001",
            "email": "worker@council.test",
            "network_address": "192.0.2.7",
            "source": "edocs",
            "document_id": str(number),
            "part": None,
            "person": "123",
            "outcome": "viewed",
            "code": None,
            "sha256": "a" * 64,
            "detail": None,
            **changes,
        }
        for number in range(count)
    ]
    with audit.database.write() as connection:
        connection.execute(insert(audit_table), list(chain_rows(contents, head(connection))))
