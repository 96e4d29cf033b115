"""Verifying the record: the seals, the chain from the newest seal to the head, and a head noted earlier."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from viewer.audit.chain import GENESIS, ChainError, ChainPosition, Row, chain_errors
from viewer.audit.database import Database
from viewer.audit.seals import Seal, read_seals, seal_errors
from viewer.audit.tables import audit_table, head

_BATCH = 1000
_BEFORE_ALL = -(2**62)
_LOST = (
    "the expected hash {} is not in the record: its end was cut off, it was written anew, or that entry has "
    "been pruned since"
)

columns = audit_table.c


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of verifying the record.

    Args:
        errors: every place where something is wrong; empty where the record is whole.
        entries: the number of entries that were read.
        seals: the seals of all prunings.
        head: the position of the newest entry, to be noted elsewhere.
    """

    errors: list[ChainError]
    entries: int
    seals: list[Seal]
    head: ChainPosition


class EntryReader:
    """Reads a range of entries in batches, counts them, and looks for an expected hash."""

    def __init__(self, connection: Connection, after: int, last: int, expected: str | None = None) -> None:
        self._connection = connection
        self._after = after
        self._last = last
        self._expected = expected
        self.entries = 0
        self.found = False

    def __iter__(self) -> Iterator[Row]:
        after = self._after
        query = select(audit_table).where(columns.id <= self._last).order_by(columns.id).limit(_BATCH)
        while rows := self._connection.execute(query.where(columns.id > after)).mappings().all():
            for each in rows:
                self.entries += 1
                self.found |= each["hash"] == self._expected
                yield {**each}
            after = rows[-1]["id"]


def verify(database: Database, expected: str | None = None) -> Verification:
    """Verify every entry and every seal.

    Args:
        database: the audit database.
        expected: the hash of an earlier head, which must be in the chain or at the end of a sealed range.

    Raises:
        AuditUnavailable: the record cannot be read.
    """
    with database.snapshot() as connection:
        return verify_on(connection, expected)


def verify_on(connection: Connection, expected: str | None = None) -> Verification:
    """Verify every entry and every seal as this connection sees them; see `verify`."""
    last = head(connection)
    try:
        seals = read_seals(connection)
    except ValueError:
        return Verification([ChainError(0, "a seal cannot be read: it was changed")], 0, [], last)
    anchor = ChainPosition(seals[-1].last_id, seals[-1].cut) if seals else GENESIS
    # without a seal the first entry is read whatever its number is
    reader = EntryReader(connection, anchor.id if seals else _BEFORE_ALL, last.id, expected)
    errors = [*seal_errors(connection, seals), *chain_errors(reader, anchor)]
    if not reader.found and expected not in {None, GENESIS.hash, *(seal.cut for seal in seals)}:
        errors.append(ChainError(0, _LOST.format(expected)))
    return Verification(errors, reader.entries, seals, last)
