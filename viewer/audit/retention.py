"""Pruning: old entries are sealed and the seal is recorded, then they are deleted; the rest stays verifiable.

The database refuses to delete an entry that no seal covers (`tables.py`). Entries are deleted in small
batches, so that views do not wait; the next run deletes what an interrupted run left.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, select

from shared.actor import Actor
from viewer.audit.chain import GENESIS, ChainPosition, chain_errors, utc
from viewer.audit.database import Database
from viewer.audit.record import Entry, Outcome, append
from viewer.audit.seals import Seal, read_seals, seal_errors, write_seal
from viewer.audit.tables import audit_table, head
from viewer.audit.verify import EntryReader

_PORTION = 2000

columns = audit_table.c


class NothingToPrune(Exception):
    """No entry is old enough to be removed."""


class ChainBroken(Exception):
    """The entries to be removed do not verify; removing them would hide that."""


@dataclass(frozen=True, slots=True)
class PruneBatch:
    """A verified, contiguous range of entries that will be removed.

    Args:
        count: the number of entries.
        first_id: the number of the first entry.
        last_id: the number of the last entry.
        first_at: when the first entry was written, ISO 8601 in UTC.
        last_at: when the last entry was written, ISO 8601 in UTC.
        start: the hash that the first entry follows.
        cut: the hash of the last entry.
        before: the previous seal; None where there is none.
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
    """Removes entries that are older than the retention period."""

    def __init__(self, database: Database) -> None:
        """Use the audit database."""
        self._database = database

    def select_expired(self, before: datetime) -> PruneBatch:
        """The longest range from the oldest entry in which every entry is older than this time.

        Raises:
            NothingToPrune: there is no such entry.
            ChainBroken: the entries do not verify.
            AuditUnavailable: the record cannot be read.
        """
        with self._database.snapshot() as connection:
            seals = _verified_seals(connection)
            after = ChainPosition(seals[-1].last_id, seals[-1].cut) if seals else GENESIS
            kept = connection.execute(select(func.min(columns.id)).where(columns.at >= before)).scalar()
            last = head(connection).id if kept is None else kept - 1
            reader = EntryReader(connection, after.id, last)
            for found in chain_errors(reader, after):
                raise ChainBroken(found.message)
            in_batch = (columns.id > after.id) & (columns.id <= last)
            ends = select(columns.id, columns.at, columns.previous, columns.hash).where(in_batch)
            first = connection.execute(ends.order_by(columns.id).limit(1)).first()
            final = connection.execute(ends.order_by(columns.id.desc()).limit(1)).first()
        if first is None or final is None:
            raise NothingToPrune
        return PruneBatch(
            reader.entries,
            first.id,
            final.id,
            utc(first.at).isoformat(),
            utc(final.at).isoformat(),
            first.previous,
            final.hash,
            seals[-1] if seals else None,
        )

    def prune(self, batch: PruneBatch, by: Actor, exported: str | None = None) -> Seal:
        """Seal these entries, record the seal, and delete them.

        Args:
            batch: the result of `select_expired`.
            by: the person who prunes.
            exported: SHA-256 of the file to which the entries were exported.

        Raises:
            ChainBroken: the seals are not consistent; nothing is deleted.
            AuditUnavailable: the seal was not written, or entries remain, which the next run deletes.
        """
        with self._database.write() as connection:
            seal = _seal(batch, by.email, exported, head(connection).id + 1)
            write_seal(connection, seal)
            description = (
                f"seal {seal.number} {seal.hash}: {seal.count} entries, {seal.first_id} to {seal.last_id}"
            )
            append(connection, Entry(by, Outcome.PRUNED, detail=description))
        self.delete_sealed()
        return seal

    def delete_sealed(self) -> None:
        """Delete every entry that the newest seal covers, in small batches.

        Raises:
            ChainBroken: the seals are not consistent; nothing is deleted.
            AuditUnavailable: some entries could not be deleted.
        """
        with self._database.read() as connection:
            seals = _verified_seals(connection)
        while seals and self._remove_portion(seals[-1].last_id):
            pass
        self._database.purge_deleted()

    def _remove_portion(self, last_id: int) -> int:
        portion = select(columns.id).where(columns.id <= last_id).order_by(columns.id).limit(_PORTION)
        with self._database.write() as connection:
            return connection.execute(delete(audit_table).where(columns.id.in_(portion))).rowcount


def _verified_seals(connection: Connection) -> list[Seal]:
    try:
        seals = read_seals(connection)
    except ValueError as error:
        raise ChainBroken("a seal cannot be read") from error
    for found in seal_errors(connection, seals):
        raise ChainBroken(found.message)
    return seals


def _seal(batch: PruneBatch, by: str, exported: str | None, recorded_in: int) -> Seal:
    return Seal(
        number=batch.before.number + 1 if batch.before else 1,
        count=batch.count,
        first_id=batch.first_id,
        last_id=batch.last_id,
        first_at=batch.first_at,
        last_at=batch.last_at,
        start=batch.start,
        cut=batch.cut,
        by=by,
        at=datetime.now(UTC).isoformat(),
        exported=exported,
        recorded_in=recorded_in,
        before=batch.before.hash if batch.before else GENESIS.hash,
    )
