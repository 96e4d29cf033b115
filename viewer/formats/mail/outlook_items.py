"""Reads what Outlook stores of appointments, meetings, tasks, contacts and reports beside their text.

Numbers and meanings of the properties: MS-OXPROPS; those of appointments MS-OXOCAL, of tasks MS-OXOTASK, of
contacts MS-OXOCNTC, of reports MS-OXOMSG.
"""

import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from viewer.formats.mail.message import Line, one_line
from viewer.formats.mail.time_zones import days_in_words, here, in_words

APPOINTMENT, TASK, COMMON, ADDRESS, STRINGS = (
    "00062002-0000-0000-c000-000000000046",
    "00062003-0000-0000-c000-000000000046",
    "00062008-0000-0000-c000-000000000046",
    "00062004-0000-0000-c000-000000000046",
    "00020329-0000-0000-c000-000000000046",
)
"""The property sets of named properties (MS-OXPROPS, 1.3.2)."""
MAX_LONG = 4000
"""Characters of one value that are shown."""

_CLASS = 0x001A
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_NEVER = datetime(4500, 1, 1, tzinfo=UTC)
"""Outlook's "none" is the last moment of August 4500."""
_DAY_END = "00:00"
_MEETINGS = {
    "ipm.schedule.meeting.request": "Invitation to a meeting",
    "ipm.schedule.meeting.canceled": "Meeting cancelled",
    "ipm.schedule.meeting.resp.pos": "Invitation accepted",
    "ipm.schedule.meeting.resp.neg": "Invitation declined",
    "ipm.schedule.meeting.resp.tent": "Invitation accepted tentatively",
    "ipm.appointment": "Appointment",
}
_TASKS = {"ipm.task": "Task", "ipm.taskrequest": "Task request", "ipm.taskrequest.accept": "Task accepted",
          "ipm.taskrequest.decline": "Task declined", "ipm.taskrequest.update": "Task update"}  # fmt: skip
_STATES = ("not started", "in progress", "completed", "waiting for somebody else", "deferred")
_ANSWERS = {2: "tentative", 3: "accepted", 4: "declined"}
_REPORTS = {
    "ndr": "Not delivered",
    "dr": "Delivered",
    "ipnrn": "Read",
    "ipnnrn": "Deleted without being read",
}
_TELEPHONES = (
    (0x3A1C, "Mobile"), (0x3A08, "Business telephone"), (0x3A1B, "Business telephone 2"),
    (0x3A09, "Home telephone"), (0x3A2F, "Home telephone 2"), (0x3A1A, "Main telephone"),
    (0x3A1F, "Other telephone"), (0x3A57, "Company telephone"), (0x3A1E, "Car telephone"),
    (0x3A1D, "Radio telephone"), (0x3A02, "Callback telephone"), (0x3A2E, "Assistant's telephone"),
    (0x3A21, "Pager"), (0x3A24, "Business fax"), (0x3A25, "Home fax"), (0x3A23, "Main fax"),
    (0x3A4B, "Text telephone"),
)  # fmt: skip
_WORK = (
    (0x3A16, "Company"), (0x3A18, "Department"), (0x3A17, "Job title"), (0x3A46, "Profession"),
    (0x3A19, "Office"), (0x3A4E, "Manager"), (0x3A30, "Assistant"),
)  # fmt: skip
_PRIVATE = (
    (0x3A4F, "Also known as"), (0x3A48, "Spouse or partner"), (0x3A58, "Children"), (0x3A51, "Web page"),
    (0x3A50, "Private web page"),
)  # fmt: skip
_MAILBOXES = ((0x8083, 0x8080), (0x8093, 0x8090), (0x80A3, 0x80A0))
_ADDRESSES = (
    (0x801B, (0x3A29, 0x3A27, 0x3A28, 0x3A2A, 0x3A26), "Business address"),
    (0x801A, (0x3A5D, 0x3A59, 0x3A5C, 0x3A5B, 0x3A5A), "Home address"),
    (0x801C, (0x3A63, 0x3A5F, 0x3A62, 0x3A61, 0x3A60), "Other address"),
)
"""The property of the whole address, the properties of its pieces, and the label."""


class Properties(Protocol):
    """The MAPI properties of a message, a recipient or an attachment."""

    def text(self, number: int) -> str:
        """A text property; an empty string where it is missing."""

    def texts(self, number: int) -> list[str]:
        """The values of a multivalued text property; a single value as a list of one."""

    def binary(self, number: int) -> bytes | None:
        """A binary property; None where it is missing."""

    def integer(self, number: int) -> int | None:
        """An integer property of four or eight bytes; None where it is missing."""

    def property_id(self, property_set: str, name: int | str) -> int:
        """The id that a named property has in this file; 0 where the file has no such property."""


def item_details(item: Properties, recipients: Sequence[Properties]) -> tuple[Line, ...]:
    """The details of an item beside its text, by its message class; none for plain messages."""
    kind = item.text(_CLASS).lower()
    if kind.startswith(("ipm.appointment", "ipm.schedule.meeting")):
        lines = _appointment(item, recipients, kind)
    elif kind.startswith("ipm.task"):
        lines = _task(item, kind)
    elif kind.startswith("ipm.contact"):
        lines = _contact(item)
    elif kind.startswith("report."):
        lines = _report(item, recipients, kind)
    elif kind.startswith("ipm.activity"):
        lines = _journal(item)
    elif kind.startswith("ipm.distlist"):
        lines = iter((("Kind", "Contact group"), ("Name", item.text(0x3001))))
    elif kind.startswith("ipm.stickynote"):
        lines = iter((("Kind", "Note"),))
    else:
        lines = _flag(item)
    return tuple((name, _bounded(text)) for name, text in (*lines, *_categories(item)) if text.strip())


def is_message(item: Properties) -> bool:
    """Whether the item was sent, rather than kept in a folder."""
    kind = item.text(_CLASS).lower()
    return not kind.startswith(
        ("ipm.appointment", "ipm.contact", "ipm.stickynote", "ipm.activity", "ipm.distlist")
    ) and (kind != "ipm.task")


def from_filetime(ticks: int | None) -> datetime | None:
    """The time of a FILETIME (100 ns since 1601); None for the values by which Outlook means none."""
    try:
        when = _EPOCH + timedelta(microseconds=ticks // 10) if ticks else None
    except OverflowError:
        return None
    return when if when is None or when < _NEVER else None


def _appointment(item: Properties, recipients: Sequence[Properties], kind: str) -> Iterator[Line]:
    said = next((words for start, words in _MEETINGS.items() if kind.startswith(start)), "Meeting")
    yield "Kind", said
    start = (
        _time(item, APPOINTMENT, 0x820D) or _time(item, COMMON, 0x8516) or from_filetime(item.integer(0x0060))
    )
    end = (
        _time(item, APPOINTMENT, 0x820E) or _time(item, COMMON, 0x8517) or from_filetime(item.integer(0x0061))
    )
    yield "When", _span(start, end, whole_days=bool(_number(item, APPOINTMENT, 0x8215)))
    yield "Repeats", _text(item, APPOINTMENT, 0x8232)
    old_start, old_end = _time(item, APPOINTMENT, 0x8250), _time(item, APPOINTMENT, 0x8251)
    proposed = bool(_number(item, APPOINTMENT, 0x8257))
    yield "Other time proposed", in_words(old_start, old_end) if proposed else ""
    yield "Where", _text(item, APPOINTMENT, 0x8208) or _text(item, COMMON, 0x8208)
    yield "Organiser", item.text(0x0042) if kind.startswith("ipm.appointment") else ""
    answers = [
        f"{name} ({_ANSWERS[answer]})"
        for one in recipients[:200]
        if (name := one_line(one.text(0x3001))) and (answer := one.integer(0x5FFF) or 0) in _ANSWERS
    ]
    yield "Answers", "; ".join(answers)
    everybody = _text(item, APPOINTMENT, 0x8238)
    yield "Invited", everybody if kind.startswith("ipm.appointment") and not recipients else ""


def _task(item: Properties, kind: str) -> Iterator[Line]:
    yield "Kind", next((words for start, words in reversed(_TASKS.items()) if kind.startswith(start)), "Task")
    yield "Starts", _days(_time(item, TASK, 0x8104))
    yield "Due", _days(_time(item, TASK, 0x8105))
    state = _number(item, TASK, 0x8101)
    yield "Status", _STATES[state] if state is not None and state < len(_STATES) else ""
    done = _share(item, TASK, 0x8102)
    yield "Done", f"{done:.0%}" if done is not None else ""
    yield "Completed", _days(_time(item, TASK, 0x810F))
    yield "Owner", _text(item, TASK, 0x811F)
    yield "Given by", _text(item, TASK, 0x8121)
    yield "Reminder", in_words(_time(item, COMMON, 0x8502)) if _number(item, COMMON, 0x8503) else ""
    yield "Contacts", _text(item, COMMON, 0x853A)
    yield "Companies", _text(item, COMMON, 0x8539)


def _contact(item: Properties) -> Iterator[Line]:
    yield "Kind", "Contact"
    yield "Name", item.text(0x3001) or " ".join(filter(None, (item.text(0x3A06), item.text(0x3A11))))
    yield from ((called, item.text(number)) for number, called in _WORK)
    yield from ((called, item.text(number)) for number, called in _TELEPHONES)
    for address, name in _MAILBOXES:
        mailbox, shown = _text(item, ADDRESS, address), _text(item, ADDRESS, name)
        yield (
            "E-mail",
            f"{shown} <{mailbox}>" if shown and mailbox and mailbox not in shown else shown or mailbox,
        )
    yield "Chat", _text(item, ADDRESS, 0x8062)
    for whole, pieces, called in _ADDRESSES:
        written = _text(item, ADDRESS, whole) or "\n".join(filter(None, map(item.text, pieces)))
        yield called, written
    yield "Web page", _text(item, ADDRESS, 0x802B)
    for number, called in _PRIVATE:
        yield called, ", ".join(item.texts(number))
    yield "Born", _days(from_filetime(item.integer(0x3A42)))
    yield "Anniversary", _days(from_filetime(item.integer(0x3A41)))


def _report(item: Properties, recipients: Sequence[Properties], kind: str) -> Iterator[Line]:
    yield "Report", _REPORTS.get(kind.rpartition(".")[2], "")
    yield "About", item.text(0x0049)
    yield "Message sent", in_words(from_filetime(item.integer(0x004E)))
    yield "Message was to", item.text(0x0074)
    yield "Delivered", in_words(from_filetime(item.integer(0x0010)))
    yield "Read", in_words(from_filetime(item.integer(0x002A)))
    yield "Reported", in_words(from_filetime(item.integer(0x0032)))
    for one in recipients[:100]:
        why = one_line(one.text(0x1001) or one.text(0x0C1B))
        when = in_words(from_filetime(one.integer(0x0010)))
        yield (
            "Recipient",
            ": ".join(filter(None, (one_line(one.text(0x3001)), why, when))) if why or when else "",
        )
    yield "Reason", item.text(0x0C1B)


def _journal(item: Properties) -> Iterator[Line]:
    journal = "0006200a-0000-0000-c000-000000000046"
    yield "Kind", _text(item, journal, 0x8700) or "Journal entry"
    yield "When", in_words(_time(item, journal, 0x8706), _time(item, journal, 0x8708))
    yield "Contacts", _text(item, COMMON, 0x853A)
    yield "Companies", _text(item, COMMON, 0x8539)


def _flag(item: Properties) -> Iterator[Line]:
    """The follow-up flag of a message, with its due date."""
    request = _text(item, COMMON, 0x8530)
    due = _days(_time(item, TASK, 0x8105))
    yield "Marked", f"{request or 'For follow-up'}, due {due}" if due else request


def _categories(item: Properties) -> Iterator[Line]:
    number = item.property_id(STRINGS, "keywords")
    yield "Categories", ", ".join(item.texts(number)) if number else ""


def _span(start: datetime | None, end: datetime | None, *, whole_days: bool) -> str:
    if whole_days and start:
        first, last = here(start), here(end) if end else None
        return days_in_words(first.date(), last.date() if last else None)
    return in_words(start, end)


def _days(when: datetime | None) -> str:
    """The date of a time that Outlook stores as midnight."""
    return days_in_words(here(when).date()).removesuffix(", all day") if when else ""


def _text(item: Properties, property_set: str, name: int) -> str:
    number = item.property_id(property_set, name)
    return ", ".join(item.texts(number)) if number else ""


def _number(item: Properties, property_set: str, name: int) -> int | None:
    number = item.property_id(property_set, name)
    return item.integer(number) if number else None


def _time(item: Properties, property_set: str, name: int) -> datetime | None:
    return from_filetime(_number(item, property_set, name))


def _share(item: Properties, property_set: str, name: int) -> float | None:
    """A fraction between 0 and 1, stored as a double."""
    bits = _number(item, property_set, name)
    share: float = struct.unpack("<d", struct.pack("<Q", bits & (2**64 - 1)))[0] if bits is not None else -1
    return share if 0 <= share <= 1 else None


def _bounded(text: str) -> str:
    lines = (one_line(line) for line in text[:MAX_LONG].splitlines())
    return "\n".join(line for line in lines if line)
