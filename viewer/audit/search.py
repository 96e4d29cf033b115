"""Reading the record: by document, Mosaic person, member of staff, period and outcome; and unusual volume.

Whoever reads through this is on record themselves: `Search` writes an entry first, then looks.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select

from shared.actor import Actor
from viewer.audit.chain import Row, utc
from viewer.audit.database import Database
from viewer.audit.record import Entry, Outcome, append
from viewer.audit.tables import audit_table

PAGE = 50
"""Entries on a page."""
COUNTED = 10_000
"""More than so many entries are not counted, only said to be more."""
_BATCH = 1000
_DAYS = {"since": "The first day", "until": "The last day"}
_LONGEST = 320
_SEEN = (Outcome.VIEWED, Outcome.DOWNLOADED)

row = audit_table.c


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries; all that is given must fit.

    Args:
        source: the document system.
        document_id: the document's number there.
        person: the Mosaic person.
        email: of the member of staff.
        since: the first day, in UTC.
        until: the last day, in UTC, itself included.
        outcome: one of `Outcome`.
        request_id: the reference that an error page showed.
    """

    source: str | None = None
    document_id: str | None = None
    person: str | None = None
    email: str | None = None
    since: date | None = None
    until: date | None = None
    outcome: str | None = None
    request_id: str | None = None

    def __str__(self) -> str:
        """As it stands in the record of the search itself."""
        told = [f"{f.name}={value}" for f in fields(self) if (value := getattr(self, f.name)) is not None]
        return " ".join(told) or "everything"

    @property
    def condition(self) -> ColumnElement[bool]:
        """The same in SQL."""
        narrow = ("document_id", "person", "email", "request_id")
        wanted = [row[name] == getattr(self, name) for name in narrow if getattr(self, name) is not None]
        if self.outcome:
            # SQLite keeps no statistics: beside anything narrower it shall not choose the outcome's index
            wanted.append((row.outcome.concat("") if wanted else row.outcome) == self.outcome)
        if self.source:
            wanted.append(row.source == self.source)
        if self.since:
            wanted.append(row.at >= _midnight(self.since))
        if self.until:
            wanted.append(row.at < _midnight(self.until) + timedelta(days=1))
        return and_(True, *wanted)  # noqa: FBT003 - SQL's own


class WrongFilter(ValueError):
    """Something that was typed cannot be searched for.

    Args:
        problems: a sentence for each field that is wrong, by the field's name.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


def read_filter(untrusted: Mapping[str, str | None]) -> Filter:
    """The filter that somebody typed, by the names of its fields; blank ones count as not given.

    Raises:
        WrongFilter: at least one cannot be what it should be; all that are wrong are listed.
    """
    typed = {f.name: (untrusted.get(f.name) or "").strip() for f in fields(Filter)}
    problems: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, text in typed.items():
        if not text:
            continue
        if name in _DAYS:
            try:
                values[name] = date.fromisoformat(text)
            except ValueError:
                problems[name] = f"{_DAYS[name]} must be a day such as 2026-11-26"
        elif len(text) > _LONGEST or not text.isprintable():
            problems[name] = f"This is longer than {_LONGEST} characters, or not text"
        elif name == "outcome" and text not in set(Outcome):
            problems[name] = "Choose one of the outcomes in the list"
        else:
            values[name] = text.lower() if name == "email" else text
    if "since" in values and "until" in values and values["since"] > values["until"]:
        problems["until"] = "The last day must not be before the first"
    if problems:
        raise WrongFilter(problems)
    return Filter(**values)


class Page(NamedTuple):
    """One page of entries, newest first.

    Args:
        rows: at most `PAGE`.
        total: how many fit in all; `COUNTED` + 1 for more than `COUNTED`.
        older: the number to give as `before` for the next page; None where this is the last.
    """

    rows: list[Row]
    total: int
    older: int | None


class Volume(NamedTuple):
    """What one member of staff opened in a period.

    Args:
        email: of the member of staff.
        views: views and downloads in the period.
        persons: Mosaic persons among them.
        busiest: the clock hour, in UTC, with the most.
        most: how many in that hour.
    """

    email: str
    views: int
    persons: int
    busiest: datetime
    most: int


class Search:
    """Looks through the record, on record."""

    def __init__(self, database: Database) -> None:
        """Use the record's own database."""
        self._database = database

    def page(self, wanted: Filter, by: Actor, before: int | None = None) -> Page:
        """One page, newest entries first; its own entry is not among them.

        Args:
            wanted: which entries.
            by: who asks, from where.
            before: only entries with lower numbers.

        Raises:
            AuditUnavailable: the record cannot be written or read.
        """
        own = self._note(by, Outcome.SEARCHED, wanted, "" if before is None else f" before {before}")
        fits = and_(wanted.condition, row.id < own)
        query = select(audit_table).where(fits, row.id < (own if before is None else before))
        rows = self._rows(query.order_by(row.id.desc()).limit(PAGE + 1))
        older = rows[PAGE - 1]["id"] if len(rows) > PAGE else None
        return Page(rows[:PAGE], self._count(fits), older)

    def export(self, wanted: Filter, by: Actor, last_id: int | None = None) -> Iterator[Row]:
        """Everything that fits, oldest first, read in portions while it is taken.

        Args:
            wanted: which entries.
            by: who takes them, from where.
            last_id: the last one to be taken; up to the newest by default.

        The act is on record before this returns; its own entry is not among the rows.

        Raises:
            AuditUnavailable: the record cannot be written or read.
        """
        own = self._note(by, Outcome.EXPORTED, wanted)
        return self._portions(wanted, own - 1 if last_id is None else last_id)

    def volume(self, since: date, until: date, least: int, by: Actor) -> list[Volume]:
        """Who opened `least` documents or more within one clock hour of the period; the most first.

        Raises:
            AuditUnavailable: the record cannot be written or read.
        """
        wanted = Filter(since=since, until=until)
        self._note(by, Outcome.SEARCHED, wanted, f" with {least} views in an hour")
        with self._database.read() as connection:
            hour = _hour(connection.dialect.name)
            seen = and_(wanted.condition, row.outcome.in_(_SEEN))
            too_many = select(row.email).where(seen).group_by(row.email, hour).having(func.count() >= least)
            theirs = and_(seen, row.email.in_(set(connection.execute(too_many).scalars())))
            by_hour = select(row.email, hour, func.count()).where(theirs).group_by(row.email, hour)
            persons = select(row.email, func.count(row.person.distinct())).where(theirs).group_by(row.email)
            hours = connection.execute(by_hour).all()
            persons_of = {each[0]: each[1] for each in connection.execute(persons)}
        return _volumes(hours, persons_of)

    def _note(self, by: Actor, outcome: Outcome, wanted: Filter, more: str = "") -> int:
        """Put the act on record; give its entry's number."""
        about = (wanted.source, wanted.document_id, wanted.person)
        entry = Entry(by, outcome, *about, detail=f"{wanted}{more}")
        with self._database.write() as connection:
            return append(connection, entry).id

    def _count(self, fits: ColumnElement[bool]) -> int:
        some = select(row.id).where(fits).limit(COUNTED + 1).subquery()
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
    return func.substr(row.at, 1, 13) if dialect == "sqlite" else func.date_trunc("hour", row.at)


def _volumes(hours: Sequence[Any], persons: Mapping[str, int]) -> list[Volume]:
    by_email: dict[str, list[Any]] = defaultdict(list)
    for each in hours:
        by_email[each[0]].append(each)
    volumes = []
    for email, own in by_email.items():
        _, hour, most = max(own, key=lambda each: each[2])
        at = datetime.fromisoformat(f"{hour}:00") if isinstance(hour, str) else hour
        volumes.append(Volume(email, sum(each[2] for each in own), persons[email], utc(at), most))
    return sorted(volumes, key=lambda volume: -volume.most)
