"""What access and audit add to each view, with SQLite on this machine's disk and a record of some size."""

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from shared.actor import Actor
from shared.document_ref import DocumentRef
from shared.identity import Person
from shared.identity.groups import CachedGroups
from viewer.access.blocks import Blocks
from viewer.access.rates import RateLimiter
from viewer.access.revocations import SharedRevocations
from viewer.audit import Audit, Entry, Outcome, audit_table
from viewer.audit.chain import GENESIS, chain_rows
from viewer.audit.unusual import UnusualVolume

_ENTRIES = 20_000
_VIEWS = 300
_PEOPLE = 200


class _Everybody:
    def is_member(self, person: Person) -> bool:
        return bool(person.email)


def measure() -> dict[str, float]:
    """Median milliseconds for one view: the person's checks, the document's, and the entry on disk."""
    folder = Path("build")
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-audit-", dir=folder) as made:
        audit = Audit(f"sqlite:///{made}/audit.db")
        with audit.database.create():
            pass
        _fill(audit)
        times = [_view(audit, number) for number in range(_VIEWS)]
        audit.database.close()
    return {"audit_and_access_overhead_ms": statistics.median(times)}


def _fill(audit: Audit) -> None:
    now = datetime.now(UTC)
    contents = ({"at": now, **_entry(n).columns} for n in range(_ENTRIES))
    with audit.database.write() as connection:
        connection.execute(insert(audit_table), list(chain_rows(contents, GENESIS)))


def _entry(number: int) -> Entry:
    return Entry(
        Actor(f"worker{number % _PEOPLE}@council.test", "192.0.2.7", "0" * 32),
        Outcome.VIEWED,
        source="edocs",
        document_id=str(number % 5000),
        person=str(number % 3000),
        sha256="a" * 64,
    )


_groups = CachedGroups(_Everybody(), 300)


def _view(audit: Audit, number: int) -> float:
    """The same calls in the same order as `access.py` and `pipeline.py` make for a view."""
    entry = _entry(number * 37)
    ref = DocumentRef("edocs", str(entry.document_id), entry.person)
    blocks, volume = Blocks(audit.database), UnusualVolume(audit.database, _ENTRIES, lambda: None)
    revocations, rates = SharedRevocations(audit.database), RateLimiter(audit.database, _VIEWS)
    started = time.perf_counter()
    revocations.valid_from(entry.by.email)
    blocks.is_staff_blocked(entry.by.email)
    _groups.is_member(Person(entry.by.email))
    rates.count(entry.by.email)
    blocks.is_document_blocked(ref)
    audit.last_viewed(entry.by.email, ref.source, ref.id)
    audit.record(entry)
    volume.check(entry)
    return (time.perf_counter() - started) * 1000
