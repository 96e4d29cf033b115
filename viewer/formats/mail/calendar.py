"""Appointments, tasks and contacts as texts: iCalendar (RFC 5545) and vCard (RFC 6350), as people read.

Each entry becomes lines of a name and what it says. Times are those of the readers' zone, where the file
tells which zone its own are in.
"""

import quopri
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import islice

from viewer.errors import TooLarge
from viewer.formats.mail.message import Line, one_line
from viewer.formats.mail.time_zones import days_in_words, in_words, zone

MAX_ENTRIES = 500
"""Of one file that are written out."""
MAX_LINES = 200_000
_MAX_PEOPLE = 100
_LONGEST = 20_000
"""Characters of one value."""

_FOLD = re.compile(r"\r?\n[ \t]")
_SOFT_END = re.compile(r"=\r?\n")
_PROPERTY = re.compile(
    r"(?:[\w-]{1,40}\.)?([\w-]{1,60})((?:;[^:;\"]{0,500}(?:\"[^\"]{0,2000}\"[^:;\"]{0,200})*)*):(.*)",
    re.DOTALL,
)
_PARAMETER = re.compile(r';([\w-]{1,40})(?:=("[^"]*"|[^;"]*))?')
_ESCAPED = re.compile(r"\\([nN\\,;:])")
_TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)?(Z)?)?")
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?"
)
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ENTRIES = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"})
_OUTLOOKS_ZONES = {
    "gmt standard time": "Europe/London", "greenwich standard time": "Etc/GMT", "utc": "Etc/UTC",
    "w. europe standard time": "Europe/Berlin", "romance standard time": "Europe/Paris",
    "central european standard time": "Europe/Warsaw", "central europe standard time": "Europe/Budapest",
    "gtb standard time": "Europe/Bucharest", "e. europe standard time": "Europe/Chisinau",
    "fle standard time": "Europe/Kyiv", "turkey standard time": "Europe/Istanbul",
    "eastern standard time": "America/New_York", "pacific standard time": "America/Los_Angeles",
    "india standard time": "Asia/Kolkata", "pakistan standard time": "Asia/Karachi",
}  # fmt: skip
"""IANA's names of the zones that Windows calls otherwise (CLDR's windowsZones)."""
_METHODS = {
    "REQUEST": "Invitation", "CANCEL": "Cancelled", "REPLY": "Answer to an invitation",
    "COUNTER": "Other time proposed",
}  # fmt: skip
_STATES = {
    "ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "NEEDS-ACTION": "",
    "DELEGATED": "delegated",
}  # fmt: skip
_EVERY = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year", "HOURLY": "hour"}
_TELEPHONES = {
    "CELL": "Mobile",
    "FAX": "Fax",
    "PAGER": "Pager",
    "WORK": "Work telephone",
    "HOME": "Home telephone",
}


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One appointment, task or contact.

    Args:
        title: what it is about.
        lines: what there is to say of it.
        text: its description.
        html: the same as HTML, where it has one.
        organiser: whose it is.
    """

    title: str = ""
    lines: tuple[Line, ...] = ()
    text: str = ""
    html: str = ""
    organiser: str = ""


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    parameters: Mapping[str, str]
    value: str

    @property
    def text(self) -> str:
        """Without its escapes."""
        return _ESCAPED.sub(
            lambda found: "\n" if found[1] in "nN" else found[1], self.value[:_LONGEST]
        ).strip()


@dataclass(slots=True)
class _Component:
    name: str
    properties: list[_Property] = field(default_factory=list)
    inner: list["_Component"] = field(default_factory=list)

    def first(self, name: str) -> _Property | None:
        return next((one for one in self.properties if one.name == name), None)

    def text(self, name: str) -> str:
        found = self.first(name)
        return found.text if found else ""

    def all(self, name: str) -> list[_Property]:
        return [one for one in self.properties if one.name == name]


def read_calendar(text: str) -> tuple[CalendarEntry, ...]:
    """What is in a calendar file, the first `MAX_ENTRIES`.

    Raises:
        TooLarge: more than `MAX_LINES` lines.
    """
    found: list[CalendarEntry] = []
    for calendar in _components(text):
        inside = [calendar, *calendar.inner]
        zones = {one.text("TZID"): one for one in inside if one.name == "VTIMEZONE"}
        method = calendar.text("METHOD").upper()
        found += [_entry(one, zones, method) for one in inside if one.name in _ENTRIES]
    return tuple(found[:MAX_ENTRIES])


def read_contacts(text: str) -> tuple[CalendarEntry, ...]:
    """What is in a file of contacts, the first `MAX_ENTRIES`.

    Raises:
        TooLarge: more than `MAX_LINES` lines.
    """
    if "QUOTED-PRINTABLE" in text[:100_000].upper():
        text = _SOFT_END.sub("", text)
    return tuple(
        _contact(one)
        for one in islice((one for one in _components(text) if one.name == "VCARD"), MAX_ENTRIES)
    )


def is_truncated(text: str) -> bool:
    """Whether the last entry does not end."""
    upper = text.upper()
    return upper.count("BEGIN:VCALENDAR") > upper.count("END:VCALENDAR") or upper.count(
        "BEGIN:VCARD"
    ) > upper.count("END:VCARD")


def _components(text: str) -> list[_Component]:
    """The outermost ones, each with those in it."""
    top = _Component("")
    stack = [top]
    for number, line in enumerate(_FOLD.sub("", text).splitlines()):
        if number > MAX_LINES:
            raise TooLarge("lines of a calendar")
        found = _PROPERTY.match(line[: _LONGEST * 2])
        if found is None:
            continue
        name, value = found[1].upper(), found[3]
        if name == "BEGIN":
            one = _Component(value.strip().upper()[:40])
            stack[-1].inner.append(one)
            if len(stack) < 8:  # noqa: PLR2004 - a calendar has three levels
                stack.append(one)
        elif name == "END":
            if len(stack) > 1:
                stack.pop()
        else:
            stack[-1].properties.append(_property(name, found[2], value))
    return top.inner


def _property(name: str, written: str, value: str) -> _Property:
    parameters: dict[str, str] = {}
    for first, second in _PARAMETER.findall(written):
        key, said = (first.upper(), second.strip('"')) if second else ("TYPE", first)  # as vCard 2.1 writes
        parameters[key] = f"{parameters[key]},{said}" if key in parameters else said
    if "QUOTED-PRINTABLE" in parameters.get("ENCODING", "").upper() + parameters.get("TYPE", "").upper():
        value = quopri.decodestring(value.encode(errors="replace")).decode(errors="replace")
    return _Property(name, parameters, value)


def _entry(one: _Component, zones: Mapping[str, _Component], method: str) -> CalendarEntry:
    organiser = one.first("ORGANIZER")
    people = [_person(each) for each in one.all("ATTENDEE")[:_MAX_PEOPLE]]
    status = one.text("STATUS").capitalize() if one.text("STATUS").upper() != "CONFIRMED" else ""
    due = one.first("DUE")
    lines = (
        ("Kind", {"VTODO": "Task", "VJOURNAL": "Note"}.get(one.name) or _METHODS.get(method, "")),
        ("Title", one_line(one.text("SUMMARY"))),
        ("When", _when(one, zones)),
        ("Due", _moment(due, zones) if due else ""),
        ("Completed", _moment(one.first("COMPLETED"), zones)),
        ("Repeats", _repeats(one.text("RRULE"))),
        ("Not on", "; ".join(_moment(each, zones) for each in one.all("EXDATE")[:20])),
        ("In place of", _moment(one.first("RECURRENCE-ID"), zones)),
        ("Where", one_line(one.text("LOCATION"))),
        ("Organiser", _person(organiser) if organiser else ""),
        ("Invited", "; ".join(people)),
        ("Status", status),
        ("Done", f"{one.text('PERCENT-COMPLETE')} %" if one.text("PERCENT-COMPLETE") else ""),
        ("Comment", one_line(one.text("COMMENT"))),
        ("Categories", one_line(one.text("CATEGORIES"))),
        ("Link", one_line(one.text("URL"))),
    )
    html = next(
        (each.text for each in one.all("X-ALT-DESC") if "html" in each.parameters.get("FMTTYPE", "")), ""
    )
    return CalendarEntry(
        one_line(one.text("SUMMARY")),
        tuple((name, says) for name, says in lines if says),
        one.text("DESCRIPTION"),
        html,
        _person(organiser) if organiser else "",
    )


def _person(one: _Property) -> str:
    address = one.value.strip()
    mailbox = address[7:] if address.lower().startswith("mailto:") else address
    name = one_line(one.parameters.get("CN", "")).strip("'")
    written = f"{name} <{one_line(mailbox)}>" if name and name != mailbox else one_line(mailbox)
    state = _STATES.get(one.parameters.get("PARTSTAT", "").upper(), "")
    return f"{written} ({state})" if state else written


def _when(one: _Component, zones: Mapping[str, _Component]) -> str:
    begin, finish = one.first("DTSTART"), one.first("DTEND")
    if begin is None:
        return ""
    start, end = _read(begin, zones), _read(finish, zones) if finish else None
    if start is None:
        return one_line(begin.value)
    lasts = _duration(one.text("DURATION"))
    if not isinstance(start, datetime):
        after = end if end and not isinstance(end, datetime) else start + lasts if lasts else None
        return days_in_words(start, after)
    until = end if isinstance(end, datetime) else start + lasts if lasts else None
    return in_words(start, until, one_line(begin.parameters.get("TZID", "")))


def _moment(one: _Property | None, zones: Mapping[str, _Component]) -> str:
    if one is None:
        return ""
    when = _read(one, zones)
    if isinstance(when, datetime):
        return in_words(when, None, one_line(one.parameters.get("TZID", "")))
    return days_in_words(when).removesuffix(", all day") if when else one_line(one.value)


def _read(one: _Property, zones: Mapping[str, _Component]) -> date | datetime | None:
    """A day, or a moment with its zone where that is known."""
    found = _TIME.match(one.value.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, utc = found.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), min(int(second or 0), 59))  # noqa: DTZ001 - its zone follows
    except ValueError:
        return None
    if utc:
        return moment.replace(tzinfo=UTC)
    called = one.parameters.get("TZID", "")
    return moment.replace(tzinfo=_zone(called, moment, zones)) if called else moment


def _zone(called: str, moment: datetime, zones: Mapping[str, _Component]) -> tzinfo | None:
    """The zone: by its name, else by the rules that the file has for it."""
    name = called.strip().strip("/")
    known = zone(_OUTLOOKS_ZONES.get(name.lower(), name)) or zone("/".join(name.split("/")[-2:]))
    if known:
        return known
    described = zones.get(called)
    return _by_rules(described, moment) if described else None


def _by_rules(described: _Component, moment: datetime) -> tzinfo | None:
    """The difference from UTC that holds at that local time, by the file's own rules."""
    latest: tuple[datetime, timedelta] | None = None
    for rule in described.inner[:50]:
        offset, begun = _OFFSET.match(rule.text("TZOFFSETTO")), rule.first("DTSTART")
        start = _read(begun, {}) if begun else None
        if offset is None or not isinstance(start, datetime):
            continue
        onset = _onset(rule.text("RRULE"), start, moment)
        difference = timedelta(hours=int(offset[2]), minutes=int(offset[3])) * (-1 if offset[1] == "-" else 1)
        if latest is None or (onset <= moment, onset) > (latest[0] <= moment, latest[0]):
            latest = onset, difference
    return timezone(latest[1]) if latest and abs(latest[1]) < timedelta(days=1) else None


def _onset(rule: str, start: datetime, moment: datetime) -> datetime:
    """The last time before the moment at which a rule of a zone began to hold, as far as such rules go."""
    parts = _rule(rule)
    day = re.fullmatch(r"(-?[1-5])(MO|TU|WE|TH|FR|SA|SU)", parts.get("BYDAY", ""))
    if parts.get("FREQ") != "YEARLY" or day is None or not parts.get("BYMONTH", "").isdecimal():
        return start
    for year in (moment.year, moment.year - 1):
        onset = _nth_day(year, int(parts["BYMONTH"]), int(day[1]), _WEEKDAYS.index(day[2]), start)
        if onset and start <= onset <= moment:
            return onset
    return start


def _nth_day(year: int, month: int, number: int, weekday: int, at: datetime) -> datetime | None:
    try:
        if number > 0:
            first = at.replace(year=year, month=month, day=1)
            return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))
        after = at.replace(year=year + month // 12, month=month % 12 + 1, day=1)
        last = after - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7 - 7 * (number + 1))
    except (ValueError, OverflowError):
        return None


def _duration(written: str) -> timedelta | None:
    found = _DURATION.fullmatch(written.strip())
    if found is None:
        return None
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in found.groups()[1:])
    lasts = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -lasts if found[1] == "-" else lasts


def _rule(written: str) -> dict[str, str]:
    return {
        name.upper(): value.upper()
        for name, _, value in (part.partition("=") for part in written[:500].split(";"))
    }


def _repeats(written: str) -> str:
    """A rule of recurrence in words."""
    if not written:
        return ""
    parts = _rule(written)
    every, number = _EVERY.get(parts.get("FREQ", ""), ""), parts.get("INTERVAL", "1")
    if not every:
        return one_line(written, 200)
    said = f"every {every}" if number == "1" else f"every {one_line(number, 5)} {every}s"
    days = [
        f"{day[:-2]} {_DAY_NAMES[_WEEKDAYS.index(day[-2:])]}".strip()
        for day in parts.get("BYDAY", "").split(",")[:10]
        if day[-2:] in _WEEKDAYS
    ]
    said += f" on {', '.join(days)}" if days else ""
    if "COUNT" in parts:
        said += f", {one_line(parts['COUNT'], 5)} times"
    until = _TIME.match(parts.get("UNTIL", ""))
    if until:
        last = _read(_Property("UNTIL", {}, until[0]), {})
        said += f", until {days_in_words(last).removesuffix(', all day')}" if last else ""
    return said


def _contact(one: _Component) -> CalendarEntry:
    name = one_line(one.text("FN")) or one_line(" ".join(_pieces(one.first("N"))))
    lines: list[Line] = [("Name", name), ("Also known as", one_line(one.text("NICKNAME")))]
    lines += [
        ("Company", ", ".join(_pieces(one.first("ORG")))),
        ("Job title", one_line(one.text("TITLE") or one.text("ROLE"))),
    ]
    for each in one.all("TEL")[:20]:
        types = each.parameters.get("TYPE", "").upper()
        called = next((words for kind, words in _TELEPHONES.items() if kind in types), "Telephone")
        lines.append((called, one_line(each.text).removeprefix("tel:")))
    lines += [("E-mail", one_line(each.text)) for each in one.all("EMAIL")[:20]]
    lines += [("Address", ", ".join(_pieces(each))) for each in one.all("ADR")[:10]]
    born = one.first("BDAY")
    lines += [("Born", _moment(born, {})), ("Link", one_line(one.text("URL")))]
    return CalendarEntry(name, tuple((called, says) for called, says in lines if says), one.text("NOTE"))


def _pieces(one: _Property | None) -> Sequence[str]:
    """The parts between semicolons that say something."""
    return [one_line(piece) for piece in one.text.split(";") if piece.strip()] if one else []


def entry_lines(found: Sequence[CalendarEntry]) -> Iterator[Line]:
    """The lines of all entries one after the other, with a number before each where there are several."""
    for number, one in enumerate(found, 1):
        if len(found) > 1:
            yield "Entry", f"{number} of {len(found)}"
        yield from one.lines
