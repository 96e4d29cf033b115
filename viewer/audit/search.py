"""Reading the record: by document, Mosaic person, member of staff, period and outcome; and unusual volume.

Whoever reads through this is on record themselves: `Search` writes an entry first, then looks.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select

from viewer.audit.chain import Row, utc
from viewer.audit.database import Database
from viewer.audit.record import Entry, Outcome, append
from viewer.audit.tables import audit_table, head

PAGE = 50
"""Entries on a page."""
COUNTED = 10_000
"""More than so many entries are not counted, only said to be more."""
_BATCH = 1000
_SEEN = (Outcome.VIEWED, Outcome.DOWNLOADED)

row = audit_table.c


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries; all that is given must fit.

    Args:
        source: the document system.
        document_id: the document's number there.
        person: the Mosaic person.
        actor: the member of staff, by address.
        since: the first day, in UTC.
        until: the last day, in UTC, itself included.
        outcome: one of `Outcome`.
    """

    source: str | None = None
    document_id: str | None = None
    person: str | None = None
    actor: str | None = None
    since: date | None = None
    until: date | None = None
    outcome: str | None = None

    def __str__(self) -> str:
        """As it stands in the record of the search itself."""
        told = [f"{f.name}={value}" for f in fields(self) if (value := getattr(self, f.name)) is not None]
        return " ".join(told) or "everything"

    @property
    def condition(self) -> ColumnElement[bool]:
        """The same in SQL."""
        equal = ("source", "document_id", "person", "actor", "outcome")
        wanted = [row[name] == getattr(self, name) for name in equal if getattr(self, name) is not None]
        if self.since:
            wanted.append(row.at >= _midnight(self.since))
        if self.until:
            wanted.append(row.at < _midnight(self.until) + timedelta(days=1))
        return and_(True, *wanted)  # noqa: FBT003 - SQL's own


class Page(NamedTuple):
    """One page of entries, newest first.

    Args:
        rows: at most `PAGE`.
        count: how many fit in all; `COUNTED` + 1 for more than `COUNTED`.
        older: the number to give as `before` for the next page; None where this is the last.
    """

    rows: list[Row]
    count: int
    older: int | None


class Volume(NamedTuple):
    """What one member of staff opened in a period.

    Args:
        actor: their address.
        views: views and downloads in the period.
        persons: Mosaic persons among them.
        busiest: the clock hour, in UTC, with the most.
        most: how many in that hour.
    """

    actor: str
    views: int
    persons: int
    busiest: datetime
    most: int


class Search:
    """Looks through the record, on record."""

    def __init__(self, database: Database) -> None:
        """Use the record's own database."""
        self._database = database

    def page(self, wanted: Filter, by: Entry, before: int | None = None) -> Page:
        """One page, newest entries first.

        Args:
            wanted: which entries.
            by: who asks, from where: `Entry.outcome` and what is searched for are filled in here.
            before: only entries with lower numbers.

        Raises:
            AuditUnavailable: the record cannot be written or read.
        """
        self._note(by, Outcome.SEARCHED, wanted, "" if before is None else f" before {before}")
        query = select(audit_table).where(wanted.condition)
        if before is not None:
            query = query.where(row.id < before)
        rows = self._rows(query.order_by(row.id.desc()).limit(PAGE + 1))
        older = rows[PAGE - 1]["id"] if len(rows) > PAGE else None
        return Page(rows[:PAGE], self._count(wanted), older)

    def export(self, wanted: Filter, by: Entry) -> Iterator[Row]:
        """Everything that fits, oldest first, read in portions while it is taken.

        The act is on record before this returns; its own entry is not among the rows.

        Raises:
            AuditUnavailable: the record cannot be written or read.
        """
        with self._database.read() as connection:
            last = head(connection).id
        self._note(by, Outcome.EXPORTED, wanted)
        return self._portions(wanted, last)

    def volume(self, since: date, until: date, least: int, by: Entry) -> list[Volume]:
        """Who opened `least` documents or more within one clock hour of the period; the most first.

        Raises:
            AuditUnavailable: the record cannot be written or read.
        """
        wanted = Filter(since=since, until=until)
        self._note(by, Outcome.SEARCHED, wanted, f" with {least} views in an hour")
        with self._database.read() as connection:
            hour = _hour(connection.dialect.name)
            seen = wanted.condition & row.outcome.in_(_SEEN)
            by_hour = select(row.actor, hour, func.count().label("views")).where(seen).group_by(row.actor, hour)
            hours = connection.execute(by_hour).all()
            busy = {actor for actor, _, views in hours if views >= least}
            by_actor = select(row.actor, func.count(row.person.distinct())).where(seen & row.actor.in_(busy))
            persons = dict(connection.execute(by_actor.group_by(row.actor)).tuples().all())
        return _volumes([each for each in hours if each[0] in busy], persons)

    def _note(self, by: Entry, outcome: Outcome, wanted: Filter, more: str = "") -> None:
        subject = {"source": wanted.source, "document_id": wanted.document_id, "person": wanted.person}
        with self._database.write() as connection:
            append(connection, replace(by, outcome=outcome, detail=f"{wanted}{more}", **subject))

    def _count(self, wanted: Filter) -> int:
        some = select(row.id).where(wanted.condition).limit(COUNTED + 1).subquery()
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(some)).scalar_one()

    def _portions(self, wanted: Filter, last: int) -> Iterator[Row]:
        after = 0
        query = select(audit_table).where(wanted.condition & (row.id <= last)).order_by(row.id).limit(_BATCH)
        while rows := self._rows(query.where(row.id > after)):
            yield from rows
            after = rows[-1]["id"]

    def _rows(self, query: Select[Any]) -> list[Row]:
        with self._database.read() as connection:
            return [{**each, "at": utc(each["at"])} for each in connection.execute(query).mappings()]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _hour(dialect: str) -> ColumnElement[Any]:
    return func.strftime("%Y-%m-%d %H", row.at) if dialect == "sqlite" else func.date_trunc("hour", row.at)


def _volumes(hours: list[Any], persons: dict[str, int]) -> list[Volume]:
    by_actor: dict[str, list[Any]] = defaultdict(list)
    for each in hours:
        by_actor[each[0]].append(each)
    volumes = []
    for actor, own in by_actor.items():
        _, hour, most = max(own, key=lambda each: each[2])
        busiest = datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC) if isinstance(hour, str) else utc(hour)
        volumes.append(Volume(actor, sum(each[2] for each in own), persons[actor], busiest, most))
    return sorted(volumes, key=lambda volume: -volume.most)
