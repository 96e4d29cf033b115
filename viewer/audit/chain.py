"""The chain: each row holds the hash of its own content and of the row before. Pure; no database here.

Whoever changes, removes, inserts or moves a row breaks it there, unless they write every later row anew; then
the hash at the head is another one than was noted before (docs/decisions/0015-audit-chain.md).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

Row = Mapping[str, Any]
"""A row of the record by column."""


class Link(NamedTuple):
    """A place in the chain: a row's number, and its hash."""

    id: int
    hash: str


GENESIS = Link(0, "0" * 64)
"""What the first row follows."""


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold.

    Args:
        id: the row at which it shows; 0 where it is about the record as a whole.
        what: in words for whoever has to look into it.
    """

    id: int
    what: str


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content as JSON: keys sorted, no blanks, what is None left out, times in UTC.

    What is None is left out so that a column which is added later leaves the hashes of earlier rows alone.
    """
    told = {name: _told(value) for name, value in content.items() if value is not None}
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def chained(contents: Iterable[Row], after: Link) -> Iterator[dict[str, Any]]:
    """The contents as rows of the chain, each with its number, the hash before and its own.

    Args:
        contents: without those three; one that has an id already keeps it.
        after: the row that the first one follows.
    """
    link = after
    for content in contents:
        row = {"id": link.id + 1, **content, "previous": link.hash}
        row["hash"] = digest(row)
        link = Link(row["id"], row["hash"])
        yield row


def follow(rows: Iterable[Row], after: Link) -> Iterator[Break]:
    """Walk along the chain and give every place where it does not hold.

    Args:
        rows: in the order of their numbers.
        after: what the first one should follow.
    """
    link = after
    for row in rows:
        content = {name: value for name, value in row.items() if name != "hash"}
        if digest(content) != row["hash"]:
            yield Break(row["id"], f"entry {row['id']} is not what was written: something in it was changed")
        if row["previous"] != link.hash:
            yield Break(row["id"], _gap(link.id, row["id"]))
        link = Link(row["id"], row["hash"])


def _gap(before: int, here: int) -> str:
    if here > before + 1:
        return f"entry {here} does not follow entry {before}: what was between them is missing"
    return f"entry {here} does not follow entry {before}: one of them was changed, inserted or moved"


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc(value).isoformat(timespec="microseconds")
    return value


def utc(at: datetime) -> datetime:
    """The time in UTC; SQLite gives it without saying so."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
