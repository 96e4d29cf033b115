"""Seals: each is the permanent summary of a range of entries that were pruned.

A seal holds the number of entries, their period, the hash of the last one, and who removed them. It is never
deleted, it holds the hash of the seal before, and its own hash is in the audit record.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, insert, select

from viewer.audit.chain import GENESIS, ChainError, digest
from viewer.audit.record import Outcome
from viewer.audit.tables import audit_table, seals_table

columns = audit_table.c
_OWN_COLUMNS = ("number", "first_id", "last_id", "cut", "recorded_in")


@dataclass(frozen=True, slots=True)
class Seal:
    """The permanent summary of entries that were removed.

    Args:
        number: the seal's number, from 1.
        count: the number of entries.
        first_id: the number of the first entry.
        last_id: the number of the last entry.
        first_at: when the first entry was written, ISO 8601 in UTC.
        last_at: when the last entry was written, ISO 8601 in UTC.
        start: the hash that the first entry followed.
        cut: the hash of the last entry, which the rest of the chain follows.
        by: the e-mail address of the person who removed them.
        at: when they were removed, ISO 8601 in UTC.
        exported: SHA-256 of the file to which they were exported; None where they were not.
        recorded_in: the number of the audit entry that holds this seal's hash.
        before: the hash of the previous seal.
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
        """The seal's hash, which the audit record and the next seal hold."""
        return digest(asdict(self))


def write_seal(connection: Connection, seal: Seal) -> None:
    """Write the seal; from then on the database allows the deletion of the entries that it covers."""
    connection.execute(insert(seals_table).values(_stored(seal)))


def read_seals(connection: Connection) -> list[Seal]:
    """All seals in the order of their numbers.

    Raises:
        ValueError: a seal cannot be read.
    """
    stored = connection.execute(select(seals_table.c.content).order_by(seals_table.c.number)).scalars()
    try:
        return [Seal(**json.loads(content)) for content in stored]
    except TypeError as error:
        raise ValueError("not a seal") from error


def _stored(seal: Seal) -> dict[str, Any]:
    content = json.dumps(asdict(seal), sort_keys=True)
    return {"content": content, "hash": seal.hash, **{name: getattr(seal, name) for name in _OWN_COLUMNS}}


def seal_errors(connection: Connection, seals: list[Seal]) -> Iterator[ChainError]:
    """Every place where the seals are not consistent, or the newest is not in the audit record."""
    stored = connection.execute(select(seals_table).order_by(seals_table.c.number)).mappings().all()
    for seal, kept in zip(seals, stored, strict=True):
        if _stored(seal) != dict(kept):
            yield ChainError(0, f"seal {seal.number} is not what was written: something in it was changed")
    if seals and (seals[0].before, seals[0].start) != (GENESIS.hash, GENESIS.hash):
        yield ChainError(
            0, f"seal {seals[0].number} does not begin where the record begins: a seal is missing"
        )
    for one, next_ in pairwise(seals):
        if (next_.before, next_.start) != (one.hash, one.cut):
            yield ChainError(0, f"seal {next_.number} does not follow seal {one.number}")
    if seals:
        yield from _unrecorded(connection, seals[-1])


def _unrecorded(connection: Connection, seal: Seal) -> Iterator[ChainError]:
    """An error where no audit entry holds the newest seal's hash; that entry is never covered by the seal."""
    entry = select(columns.detail).where(
        (columns.id == seal.recorded_in) & (columns.outcome == Outcome.PRUNED)
    )
    detail = connection.execute(entry).scalar() or ""
    if not detail.startswith(f"seal {seal.number} {seal.hash}:"):
        yield ChainError(seal.recorded_in, f"seal {seal.number} is not on record in entry {seal.recorded_in}")
