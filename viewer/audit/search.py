"""Searching the record, and finding members of staff with unusual volume.

Every search and export is itself recorded: `Search` writes an entry before it reads.
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

PAGE_SIZE = 50
"""The number of entries on a page."""
COUNT_LIMIT = 10_000
"""The most matching entries that are counted; beyond this number the page says "more than"."""
_BATCH = 1000
_DAYS = {"since": "The first day", "until": "The last day"}
_MAX_LENGTH = 320
_SEEN = (Outcome.VIEWED, Outcome.DOWNLOADED)

columns = audit_table.c


@dataclass(frozen=True, slots=True)
class Filter:
    """The conditions that entries must meet, all of them.

    Args:
        source: the document system.
        document_id: the document's number in that system.
        person: the Mosaic person's number.
        email: the e-mail address of the member of staff.
        since: the first day, in UTC.
        until: the last day, in UTC, inclusive.
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
        """The text of the filter in the audit entry about the search."""
        description = [
            f"{f.name}={value}" for f in fields(self) if (value := getattr(self, f.name)) is not None
        ]
        return " ".join(description) or "everything"

    @property
    def condition(self) -> ColumnElement[bool]:
        """The filter as an SQL condition."""
        narrow = ("document_id", "person", "email", "request_id")
        criteria = [
            columns[name] == getattr(self, name) for name in narrow if getattr(self, name) is not None
        ]
        if self.outcome:
            # SQLite has no statistics: `|| ''` hides this column's index where a narrower one can be used
            criteria.append((columns.outcome.concat("") if criteria else columns.outcome) == self.outcome)
        if self.source:
            criteria.append(columns.source == self.source)
        if self.since:
            criteria.append(columns.at >= _midnight(self.since))
        if self.until:
            criteria.append(columns.at < _midnight(self.until) + timedelta(days=1))
        return and_(True, *criteria)  # noqa: FBT003 - SQL's own


class InvalidFilter(ValueError):
    """A field of a search has an invalid value.

    Args:
        problems: a sentence for each invalid field, by the field's name.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


def parse_filter(untrusted: Mapping[str, str | None]) -> Filter:
    """Read a filter from the text of each field; blank fields count as not given.

    Raises:
        InvalidFilter: at least one field is invalid; every invalid field is listed.
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
        elif len(text) > _MAX_LENGTH or not text.isprintable():
            problems[name] = f"This is longer than {_MAX_LENGTH} characters, or not text"
        elif name == "outcome" and text not in set(Outcome):
            problems[name] = "Choose one of the outcomes in the list"
        else:
            values[name] = text.lower() if name == "email" else text
    if "since" in values and "until" in values and values["since"] > values["until"]:
        problems["until"] = "The last day must not be before the first"
    if problems:
        raise InvalidFilter(problems)
    return Filter(**values)


class Page(NamedTuple):
    """One page of entries, newest first.

    Args:
        rows: at most `PAGE_SIZE` entries.
        total: the number of matching entries; `COUNT_LIMIT` + 1 for more than `COUNT_LIMIT`.
        older: the value of `before` for the next page; None on the last page.
    """

    rows: list[Row]
    total: int
    older: int | None


class Volume(NamedTuple):
    """How many documents one member of staff opened in a period.

    Args:
        email: the e-mail address of the member of staff.
        views: the number of views and downloads in the period.
        persons: the number of Mosaic persons among them.
        busiest: the clock hour, in UTC, with the most views.
        most: the number of views in that hour.
    """

    email: str
    views: int
    persons: int
    busiest: datetime
    most: int


class Search:
    """Searches the record, and records each search."""

    def __init__(self, database: Database) -> None:
        """Use the audit database."""
        self._database = database

    def page(self, criteria: Filter, by: Actor, before: int | None = None) -> Page:
        """One page of matching entries, newest first, without the entry about this search.

        Args:
            criteria: the filter.
            by: the person who searches.
            before: return only entries with lower numbers.

        Raises:
            AuditUnavailable: the record cannot be written or read.
        """
        own = self._record(by, Outcome.SEARCHED, criteria, "" if before is None else f" before {before}")
        fits = and_(criteria.condition, columns.id < own)
        query = select(audit_table).where(fits, columns.id < (own if before is None else before))
        rows = self._rows(query.order_by(columns.id.desc()).limit(PAGE_SIZE + 1))
        older = rows[PAGE_SIZE - 1]["id"] if len(rows) > PAGE_SIZE else None
        return Page(rows[:PAGE_SIZE], self._count(fits), older)

    def export(self, criteria: Filter, by: Actor, last_id: int | None = None) -> Iterator[Row]:
        """Every matching entry, oldest first, read in batches as the caller iterates.

        The export is recorded before this returns; that entry is not among the rows.

        Args:
            criteria: the filter.
            by: the person who exports.
            last_id: the number of the last entry to export; the newest by default.

        Raises:
            AuditUnavailable: the record cannot be written or read.
        """
        own = self._record(by, Outcome.EXPORTED, criteria)
        return self._batches(criteria, own - 1 if last_id is None else last_id)

    def volume(self, since: date, until: date, threshold: int, by: Actor) -> list[Volume]:
        """Staff who opened `threshold` or more documents in a clock hour of the period, most active first.

        Raises:
            AuditUnavailable: the record cannot be written or read.
        """
        criteria = Filter(since=since, until=until)
        self._record(by, Outcome.SEARCHED, criteria, f" with {threshold} views in an hour")
        with self._database.read() as connection:
            hour = _hour(connection.dialect.name)
            seen = and_(criteria.condition, columns.outcome.in_(_SEEN))
            too_many = (
                select(columns.email)
                .where(seen)
                .group_by(columns.email, hour)
                .having(func.count() >= threshold)
            )
            theirs = and_(seen, columns.email.in_(set(connection.execute(too_many).scalars())))
            by_hour = select(columns.email, hour, func.count()).where(theirs).group_by(columns.email, hour)
            persons = (
                select(columns.email, func.count(columns.person.distinct()))
                .where(theirs)
                .group_by(columns.email)
            )
            hours = connection.execute(by_hour).all()
            persons_of = {each[0]: each[1] for each in connection.execute(persons)}
        return _volumes(hours, persons_of)

    def _record(self, by: Actor, outcome: Outcome, criteria: Filter, more: str = "") -> int:
        """Record the search or export; return the number of its entry."""
        about = (criteria.source, criteria.document_id, criteria.person)
        entry = Entry(by, outcome, *about, detail=f"{criteria}{more}")
        with self._database.write() as connection:
            return append(connection, entry).id

    def _count(self, fits: ColumnElement[bool]) -> int:
        some = select(columns.id).where(fits).limit(COUNT_LIMIT + 1).subquery()
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(some)).scalar_one()

    def _batches(self, criteria: Filter, last: int) -> Iterator[Row]:
        after = 0
        query = (
            select(audit_table)
            .where(criteria.condition & (columns.id <= last))
            .order_by(columns.id)
            .limit(_BATCH)
        )
        while rows := self._rows(query.where(columns.id > after)):
            yield from rows
            after = rows[-1]["id"]

    def _rows(self, query: Select[Any]) -> list[Row]:
        with self._database.read() as connection:
            return [{**each, "at": utc(each["at"])} for each in connection.execute(query).mappings()]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _hour(dialect: str) -> ColumnElement[Any]:
    return func.substr(columns.at, 1, 13) if dialect == "sqlite" else func.date_trunc("hour", columns.at)


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
