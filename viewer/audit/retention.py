"""Removing old entries, in a way that leaves the rest verifiable: seal first, on record, then delete.

The database lets no entry go that no seal covers (`tables.py`). Deleting goes in small portions, so that
nobody's view waits; whatever an interrupted run left is deleted by the next.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, select

from shared.actor import Actor
from viewer.audit.chain import GENESIS, Link, follow, utc
from viewer.audit.database import Database
from viewer.audit.record import Entry, Outcome, append
from viewer.audit.seals import Seal, breaks_in, keep, read_seals
from viewer.audit.tables import audit_table, head
from viewer.audit.verify import Walk

_PORTION = 2000

row = audit_table.c


class NothingToPrune(Exception):
    """No entry is old enough."""


class ChainBroken(Exception):
    """What is to be removed does not verify; removing it would hide that."""


@dataclass(frozen=True, slots=True)
class Going:
    """The entries that are to go: verified, and nobody can change them any more.

    Args:
        count: how many.
        first_id: the first one's number.
        last_id: the last one's.
        first_at: when the first one was written, ISO 8601 in UTC.
        last_at: when the last one was.
        start: the hash that the first one follows.
        cut: the last one's hash.
        before: the seal before.
    """

    count: int
    first_id: int
    last_id: int
    first_at: str
    last_at: str
    start: str
    cut: str
    before: Seal | None


class Retention:
    """Removes what is older than it may be kept."""

    def __init__(self, database: Database) -> None:
        """Use the record's own database."""
        self._database = database

    def due(self, before: datetime) -> Going:
        """Everything up to the last entry before which all are older than this.

        Raises:
            NothingToPrune: there is no such entry.
            ChainBroken: they do not verify.
            AuditUnavailable: the record cannot be read.
        """
        with self._database.snapshot() as connection:
            seals = _sound_seals(connection)
            after = Link(seals[-1].last_id, seals[-1].cut) if seals else GENESIS
            kept = connection.execute(select(func.min(row.id)).where(row.at >= before)).scalar()
            last = head(connection).id if kept is None else kept - 1
            walk = Walk(connection, after.id, last)
            for found in follow(walk, after):
                raise ChainBroken(found.what)
            going = (row.id > after.id) & (row.id <= last)
            ends = select(row.id, row.at, row.previous, row.hash).where(going)
            first = connection.execute(ends.order_by(row.id).limit(1)).first()
            final = connection.execute(ends.order_by(row.id.desc()).limit(1)).first()
        if first is None or final is None:
            raise NothingToPrune
        return Going(
            walk.entries,
            first.id,
            final.id,
            utc(first.at).isoformat(),
            utc(final.at).isoformat(),
            first.previous,
            final.hash,
            seals[-1] if seals else None,
        )

    def prune(self, going: Going, by: Actor, exported: str | None = None) -> Seal:
        """Seal these entries, put that on record, and remove them.

        Args:
            going: as `due` gave it.
            by: who does it.
            exported: SHA-256 of the file that holds them.

        Raises:
            ChainBroken: the seals do not hang together; nothing is deleted.
            AuditUnavailable: not sealed, or not all removed; the next run removes what is left.
        """
        with self._database.write() as connection:
            seal = _seal(going, by.email, exported, head(connection).id + 1)
            keep(connection, seal)
            told = f"seal {seal.number} {seal.hash}: {seal.count} entries, {seal.first_id} to {seal.last_id}"
            append(connection, Entry(by, Outcome.PRUNED, detail=told))
        self.remove_what_is_sealed()
        return seal

    def remove_what_is_sealed(self) -> None:
        """Delete every entry that the newest seal covers, in portions.

        Raises:
            ChainBroken: the seals do not hang together; nothing is deleted on their word.
            AuditUnavailable: not all of them could be.
        """
        with self._database.read() as connection:
            seals = _sound_seals(connection)
        while seals and self._remove_portion(seals[-1].last_id):
            pass
        self._database.forget_what_was_deleted()

    def _remove_portion(self, last_id: int) -> int:
        portion = select(row.id).where(row.id <= last_id).order_by(row.id).limit(_PORTION)
        with self._database.write() as connection:
            return connection.execute(delete(audit_table).where(row.id.in_(portion))).rowcount


def _sound_seals(connection: Connection) -> list[Seal]:
    try:
        seals = read_seals(connection)
    except ValueError as error:
        raise ChainBroken("a seal cannot be read") from error
    for found in breaks_in(connection, seals):
        raise ChainBroken(found.what)
    return seals


def _seal(going: Going, by: str, exported: str | None, recorded_in: int) -> Seal:
    return Seal(
        number=going.before.number + 1 if going.before else 1,
        count=going.count,
        first_id=going.first_id,
        last_id=going.last_id,
        first_at=going.first_at,
        last_at=going.last_at,
        start=going.start,
        cut=going.cut,
        by=by,
        at=datetime.now(UTC).isoformat(),
        exported=exported,
        recorded_in=recorded_in,
        before=going.before.hash if going.before else GENESIS.hash,
    )
