"""Verifying the record: the chain from the newest seal to the head, the seals, and a head noted earlier."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from viewer.audit.chain import GENESIS, Break, Link, Row, follow
from viewer.audit.database import Database
from viewer.audit.seals import Seal, breaks_in, read_seals
from viewer.audit.tables import audit_table, head

_BATCH = 1000
_BEFORE_ALL = -(2**62)
_LOST = (
    "the expected hash {} is not in the record: its end was cut off, it was written anew, or that entry has "
    "been pruned since"
)

row = audit_table.c


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found.

    Args:
        breaks: every place where something is wrong; none where the record is whole.
        entries: how many were read.
        seals: how many prunings there were.
        head: the newest entry: to be noted elsewhere.
    """

    breaks: list[Break]
    entries: int
    seals: list[Seal]
    head: Link


class Walk:
    """The entries after one number and up to another, in portions; looks out for one hash on the way."""

    def __init__(self, connection: Connection, after: int, last: int, expected: str | None = None) -> None:
        self._connection = connection
        self._after = after
        self._last = last
        self._expected = expected
        self.entries = 0
        self.found = False

    def __iter__(self) -> Iterator[Row]:
        after = self._after
        query = select(audit_table).where(row.id <= self._last).order_by(row.id).limit(_BATCH)
        while rows := self._connection.execute(query.where(row.id > after)).mappings().all():
            for each in rows:
                self.entries += 1
                self.found |= each["hash"] == self._expected
                yield {**each}
            after = rows[-1]["id"]


def verify(database: Database, expected: str | None = None) -> Verdict:
    """Follow the whole chain.

    Args:
        database: the record's.
        expected: a hash that was the head once: it must still be in the chain, or at the cut of a seal.

    Raises:
        AuditUnavailable: the record cannot be read.
    """
    with database.snapshot() as connection:
        last = head(connection)
        try:
            seals = read_seals(connection)
        except ValueError:
            return Verdict([Break(0, "a seal cannot be read: it was changed")], 0, [], last)
        anchor = Link(seals[-1].last_id, seals[-1].cut) if seals else GENESIS
        # without a seal from the very first number, whatever it is
        walk = Walk(connection, anchor.id if seals else _BEFORE_ALL, last.id, expected)
        breaks = [*breaks_in(connection, seals), *follow(walk, anchor)]
    if not walk.found and expected not in {None, GENESIS.hash, *(seal.cut for seal in seals)}:
        breaks.append(Break(0, _LOST.format(expected)))
    return Verdict(breaks, walk.entries, seals, last)
