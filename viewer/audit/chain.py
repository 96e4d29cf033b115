"""The hash chain: each row holds the hash of its own content and of the row before. No database is used here.

A row that was changed, removed, inserted or moved breaks the chain, unless every later row is rewritten as
well; then the hash of the newest row, the head, differs from the one that was noted before
(docs/decisions/0015-audit-chain.md).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

Row = Mapping[str, Any]
"""One row of the audit table, by column name."""


class ChainPosition(NamedTuple):
    """A position in the chain: the number and the hash of one row."""

    id: int
    hash: str


GENESIS = ChainPosition(0, "0" * 64)
"""The position that the first row follows."""


@dataclass(frozen=True, slots=True)
class ChainError:
    """One place where the chain is broken.

    Args:
        id: the number of the row; 0 where the error concerns the record as a whole.
        message: what is wrong, for the person who investigates it.
    """

    id: int
    message: str


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of the content as JSON with sorted keys, no white space, no None values, and times in UTC.

    None values are left out so that adding a column later does not change the hashes of earlier rows.
    """
    canonical = {name: _canonical(value) for name, value in content.items() if value is not None}
    return hashlib.sha256(json.dumps(canonical, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def chain_rows(contents: Iterable[Row], after: ChainPosition) -> Iterator[dict[str, Any]]:
    """Turn contents into rows of the chain by adding the number, the previous hash and the hash.

    Args:
        contents: rows without these three columns; a row that has an id keeps it.
        after: the position that the first row follows.
    """
    position = after
    for content in contents:
        row = {"id": position.id + 1, **content, "previous": position.hash}
        row["hash"] = digest(row)
        position = ChainPosition(row["id"], row["hash"])
        yield row


def chain_errors(rows: Iterable[Row], after: ChainPosition) -> Iterator[ChainError]:
    """Yield every place where the chain is broken.

    Args:
        rows: rows in the order of their numbers.
        after: the position that the first row should follow.
    """
    position = after
    for row in rows:
        content = {name: value for name, value in row.items() if name != "hash"}
        if digest(content) != row["hash"]:
            yield ChainError(
                row["id"], f"entry {row['id']} is not what was written: something in it was changed"
            )
        if row["previous"] != position.hash:
            yield ChainError(row["id"], _gap(position.id, row["id"]))
        position = ChainPosition(row["id"], row["hash"])


def _gap(before: int, here: int) -> str:
    if here > before + 1:
        return f"entry {here} does not follow entry {before}: what was between them is missing"
    return f"entry {here} does not follow entry {before}: one of them was changed, inserted or moved"


def _canonical(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc(value).isoformat(timespec="microseconds")
    return value


def utc(at: datetime) -> datetime:
    """The time in UTC; a time without a zone, as SQLite returns it, is taken as UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
