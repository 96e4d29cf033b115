"""Seals: what is left of entries that were removed, and how they hang together.

A seal sums up what went: how many entries, from when to when, the hash at the cut, who did it. It stays for
ever, is chained to the seal before, and its hash stands in the record.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, insert, select

from viewer.audit.chain import GENESIS, Break, digest
from viewer.audit.record import Outcome
from viewer.audit.tables import audit_table, seals_table

row = audit_table.c
_OWN_COLUMNS = ("number", "first_id", "last_id", "cut", "recorded_in")


@dataclass(frozen=True, slots=True)
class Seal:
    """What is left of entries that were removed.

    Args:
        number: from 1.
        count: how many entries there were.
        first_id: the first one's number.
        last_id: the last one's.
        first_at: when the first one was written, ISO 8601 in UTC.
        last_at: when the last one was.
        start: the hash that the first one followed.
        cut: the last one's hash, which the rest of the chain follows.
        by: who removed them.
        at: when, ISO 8601 in UTC.
        exported: SHA-256 of the file that they were exported to; None where they were not.
        recorded_in: the entry of the record that holds this seal's hash.
        before: the hash of the seal before.
    """

    number: int
    count: int
    first_id: int
    last_id: int
    first_at: str
    last_at: str
    start: str
    cut: str
    by: str
    at: str
    exported: str | None
    recorded_in: int
    before: str

    @property
    def hash(self) -> str:
        """As it stands in the record and in the next seal."""
        return digest(asdict(self))


def keep(connection: Connection, seal: Seal) -> None:
    """Write the seal; from now on the database lets go of what it covers."""
    connection.execute(insert(seals_table).values(_stored(seal)))


def read_seals(connection: Connection) -> list[Seal]:
    """All of them, the first one first.

    Raises:
        ValueError: one is not readable as what it should be.
    """
    stored = connection.execute(select(seals_table.c.content).order_by(seals_table.c.number)).scalars()
    try:
        return [Seal(**json.loads(content)) for content in stored]
    except TypeError as error:
        raise ValueError("not a seal") from error


def _stored(seal: Seal) -> dict[str, Any]:
    content = json.dumps(asdict(seal), sort_keys=True)
    return {"content": content, "hash": seal.hash, **{name: getattr(seal, name) for name in _OWN_COLUMNS}}


def breaks_in(connection: Connection, seals: list[Seal]) -> Iterator[Break]:
    """Every place where the seals do not hang together, or the newest is not on record."""
    stored = connection.execute(select(seals_table).order_by(seals_table.c.number)).mappings().all()
    for seal, kept in zip(seals, stored, strict=True):
        if _stored(seal) != dict(kept):
            yield Break(0, f"seal {seal.number} is not what was written: something in it was changed")
    if seals and (seals[0].before, seals[0].start) != (GENESIS.hash, GENESIS.hash):
        yield Break(0, f"seal {seals[0].number} does not begin where the record begins: a seal is missing")
    for one, next_ in pairwise(seals):
        if (next_.before, next_.start) != (one.hash, one.cut):
            yield Break(0, f"seal {next_.number} does not follow seal {one.number}")
    if seals:
        yield from _unrecorded(connection, seals[-1])


def _unrecorded(connection: Connection, seal: Seal) -> Iterator[Break]:
    """The newest seal's entry is newer than all it covers, so it is still there."""
    entry = select(row.detail).where((row.id == seal.recorded_in) & (row.outcome == Outcome.PRUNED))
    detail = connection.execute(entry).scalar() or ""
    if not detail.startswith(f"seal {seal.number} {seal.hash}:"):
        yield Break(seal.recorded_in, f"seal {seal.number} is not on record in entry {seal.recorded_in}")
