"""Appointments, tasks and notes of calendar files (iCalendar, RFC 5545), as lines of a name and a value.

Times are those of the readers' zone, where the file tells which zone its own are in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from viewer.formats.mail.calendar_times import describe_moment, describe_recurrence, describe_time
from viewer.formats.mail.content_lines import Component, Property, parse_components
from viewer.formats.mail.message import Line, one_line

MAX_ENTRIES = 500
"""Of one file that are written out."""
_MAX_PEOPLE = 100
_ENTRIES = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"})
_METHODS = {
    "REQUEST": "Invitation", "CANCEL": "Cancelled", "REPLY": "Answer to an invitation",
    "COUNTER": "Other time proposed",
}  # fmt: skip
_STATES = {
    "ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "NEEDS-ACTION": "",
    "DELEGATED": "delegated",
}  # fmt: skip


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


def read_calendar(text: str) -> tuple[CalendarEntry, ...]:
    """What is in a calendar file, the first `MAX_ENTRIES`.

    Raises:
        TooLarge: more than `MAX_LINES` lines.
    """
    found: list[CalendarEntry] = []
    for calendar in parse_components(text):
        inside = [calendar, *calendar.inner]
        zones = {one.text("TZID"): one for one in inside if one.name == "VTIMEZONE"}
        method = calendar.text("METHOD").upper()
        entries = (_read_entry(one, zones, method) for one in inside if one.name in _ENTRIES)
        found += islice(entries, MAX_ENTRIES - len(found))
    return tuple(found)


def _read_entry(one: Component, zones: Mapping[str, Component], method: str) -> CalendarEntry:
    organiser = one.first("ORGANIZER")
    people = [_describe_person(each) for each in one.all("ATTENDEE")[:_MAX_PEOPLE]]
    status = one.text("STATUS").capitalize() if one.text("STATUS").upper() != "CONFIRMED" else ""
    due = one.first("DUE")
    lines = (
        ("Kind", {"VTODO": "Task", "VJOURNAL": "Note"}.get(one.name) or _METHODS.get(method, "")),
        ("Title", one_line(one.text("SUMMARY"))),
        ("When", describe_time(one, zones)),
        ("Due", describe_moment(due, zones) if due else ""),
        ("Completed", describe_moment(one.first("COMPLETED"), zones)),
        ("Repeats", describe_recurrence(one.text("RRULE"))),
        ("Not on", "; ".join(describe_moment(each, zones) for each in one.all("EXDATE")[:20])),
        ("In place of", describe_moment(one.first("RECURRENCE-ID"), zones)),
        ("Where", one_line(one.text("LOCATION"))),
        ("Organiser", _describe_person(organiser) if organiser else ""),
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
        _describe_person(organiser) if organiser else "",
    )


def _describe_person(one: Property) -> str:
    address = one.value.strip()
    mailbox = address[7:] if address.lower().startswith("mailto:") else address
    name = one_line(one.parameters.get("CN", "")).strip("'")
    written = f"{name} <{one_line(mailbox)}>" if name and name != mailbox else one_line(mailbox)
    state = _STATES.get(one.parameters.get("PARTSTAT", "").upper(), "")
    return f"{written} ({state})" if state else written


def entry_lines(found: Sequence[CalendarEntry]) -> Iterator[Line]:
    """The lines of all entries one after the other, with a number before each where there are several."""
    for number, one in enumerate(found, 1):
        if len(found) > 1:
            yield "Entry", f"{number} of {len(found)}"
        yield from one.lines
