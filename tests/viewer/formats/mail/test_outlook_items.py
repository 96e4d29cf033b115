"""Appointments, meetings, tasks, contacts and reports: when, where, who, and which numbers."""

import re
import struct
from datetime import UTC, datetime

import pytest

from demo.outlook import Attached, OutlookMessage, msg
from tests.viewer.formats.mail.test_outlook import winmail
from tests.viewer.formats.opening import SHOWN, extract, outcome_within_limits, parts, read
from viewer.formats.mail.calendar import read_calendar
from viewer.formats.mail.contacts import read_contacts
from viewer.formats.mail.eml import read_eml
from viewer.formats.mail.outlook_items import ADDRESS, APPOINTMENT, COMMON, TASK
from viewer.formats.mail.time_zones import days_in_words, in_words
from viewer.formats.mail.tnef import read_tnef

SENT = datetime(2026, 3, 4, 14, 5, tzinfo=UTC)


def _calendar(*lines: str, method: str = "REQUEST") -> str:
    inside = "\r\n".join(lines)
    return f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\n{inside}\r\nEND:VCALENDAR\r\n"


def _event(*lines: str) -> dict[str, str]:
    """The lines of one event."""
    (one,) = read_calendar(_calendar("BEGIN:VEVENT", *lines, "END:VEVENT", method=""))
    return dict(one.lines)


_NEW_YORK = (
    *("BEGIN:VTIMEZONE", "TZID:Customised", "BEGIN:STANDARD", "DTSTART:16010101T020000", "TZOFFSETTO:-0500"),
    *("RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", "END:STANDARD", "BEGIN:DAYLIGHT", "DTSTART:16010101T020000"),
    *("TZOFFSETTO:-0400", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE"),
)


@pytest.mark.parametrize(
    ("lines", "when"),
    [
        (("DTSTART:20260304T100000Z", "DTEND:20260304T113000Z"), ("Wednesday 4 March 2026, 10:00 to "
        "11:30 (UK time)")),
        (("DTSTART:20260704T100000Z", "DURATION:PT1H30M"), "Saturday 4 July 2026, 11:00 to 12:30 (UK time)"),
        (("DTSTART;TZID=Europe/London:20260704T100000",), "Saturday 4 July 2026, 10:00 (UK time)"),
        (("DTSTART;TZID=GMT Standard Time:20260704T100000",), "Saturday 4 July 2026, 10:00 (UK time)"),
        (('DTSTART;TZID="Europe/Berlin":20260704T100000',), "Saturday 4 July 2026, 09:00 (UK time)"),
        (("DTSTART;TZID=/x.test/1/Europe/Paris:20260104T100000",), "Sunday 4 January 2026, 09:00 (UK time)"),
        (("DTSTART;TZID=Nowhere:20260704T100000",), "Saturday 4 July 2026, 10:00 (in the zone Nowhere)"),
        (("DTSTART:20260704T100000",), "Saturday 4 July 2026, 10:00"),
        (("DTSTART;VALUE=DATE:20260704", "DTEND;VALUE=DATE:20260705"), "Saturday 4 July 2026, all day"),
        (("DTSTART;VALUE=DATE:20260704", "DTEND;VALUE=DATE:20260706"),
         "Saturday 4 July 2026 to Sunday 5 July 2026, all day"),
        (("DTSTART:20260704T220000Z", "DTEND:20260705T010000Z"),
         "Saturday 4 July 2026, 23:00 to Sunday 5 July 2026, 02:00 (UK time)"),
        (("DTSTART:soon",), "soon"),
        (("DTSTART:20269904T990000Z",), "20269904T990000Z"),
    ],
)  # fmt: skip
def test_times_are_those_of_the_readers_zone(lines: tuple[str, ...], when: str) -> None:
    assert _event(*lines)["When"] == when


@pytest.mark.parametrize(
    ("start", "when"),
    [("20260701T100000", "15:00"), ("20260201T100000", "15:00"), ("20260310T100000", "14:00")],
)
def test_a_zone_is_known_by_the_rules_that_the_file_has_for_it(start: str, when: str) -> None:
    (one,) = read_calendar(
        _calendar(*_NEW_YORK, "BEGIN:VEVENT", f"DTSTART;TZID=Customised:{start}", "END:VEVENT")
    )
    assert when in dict(one.lines)["When"]


def test_an_event_says_where_who_and_how_often() -> None:
    lines = _event(
        "SUMMARY:Core group\\, review", "LOCATION:Town Hall\\; Room "
        "1", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=5",
        "ORGANIZER;CN=Ana:mailto:a@b.test", 'ATTENDEE;CN="Bo; Team";PARTSTAT=DECLINED:mailto:', " bo@b.test",
        "DTSTART:20260304T100000Z", "STATUS:CANCELLED",
    )  # fmt: skip
    assert lines["Title"] == "Core group, review"
    assert lines["Where"] == "Town Hall; Room 1"
    assert lines["Repeats"] == "every 2 weeks on Tuesday, 5 times"
    assert (lines["Organiser"], lines["Invited"]) == ("Ana <a@b.test>", "Bo; Team <bo@b.test> (declined)")
    assert lines["Status"] == "Cancelled"


_EVENT = _calendar(
    *("BEGIN:VEVENT", "DTSTART:20260304T100000Z", "SUMMARY:Review", "LOCATION:Room 9"),
    *("DESCRIPTION:Bring reports.\\nThanks", "END:VEVENT"),
)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (f"Content-Type: text/calendar; method=REQUEST\r\n\r\n{_EVENT}", "Bring reports."),
        (("Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
        "Please come.\r\n"
         f"--b\r\nContent-Type: text/calendar\r\n\r\n{_EVENT}\r\n--b--\r\n"), "Please come."),
        (("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nPlease come.\r\n--b\r\n"
         f"Content-Type: application/ics; name=invite.ics\r\n\r\n{_EVENT}\r\n--b--\r\n"), "Please come."),
    ],
    ids=["alone", "alternative", "attached"],
)  # fmt: skip
def test_an_invitation_says_when_and_where(message: str, text: str) -> None:
    reading, made = read(f"From: a@b.test\r\nTo: c@d.test\r\nMIME-Version: 1.0\r\n{message}".encode())
    page = made.decode()
    for words in ("Invitation", "Wednesday 4 March 2026, 10:00 (UK time)", "Room 9", "Bring reports.", text):
        assert words in page
    assert "no text" not in page
    assert [part.name for part in reading.parts] in (["invitation 1"], ["invite.ics"])


def test_a_calendar_and_a_contact_by_themselves_are_shown() -> None:
    two = _EVENT.replace(
        "END:VCALENDAR", "BEGIN:VTODO\r\nSUMMARY:Call\r\nDUE:20260305T090000Z\r\nEND:VTODO\r\nEND:VCALENDAR"
    )
    reading, made = read(two.encode())
    assert reading.kind == "ics"
    for words in ("2 entries", "1 of 2", "Room 9", "Task", "Thursday 5 March 2026, 09:00 (UK time)"):
        assert words in made.decode()
    assert "not known" not in made.decode()
    reading, made = read(
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=utf-8:Dr =C3=9Cnal\r\n"
        b"TEL;CELL:07700 900123\r\nitem1.EMAIL:u@x.test\r\nADR;WORK:;;1 High St;Town;;AB1 2CD;UK\r\n"
        b"END:VCARD\r\n"
    )
    assert reading.kind == "vcf"
    for words in ("Dr Ünal", "Mobile", "07700 900123", "u@x.test", "1 High St, Town, AB1 2CD, UK"):
        assert words in made.decode()


def _item(kind: str, named: dict[tuple[str, int], object], **more: object) -> OutlookMessage:
    properties = {0x001A: kind} | more.pop("more", {})  # type: ignore[operator]
    return OutlookMessage(
        "Core group", ("Ana", "a@b.test"), [("Bo", "bo@b.test")], SENT, named=named, more=properties, **more  # type: ignore[arg-type]
    )  # fmt: skip


_APPOINTMENT = {
    (APPOINTMENT, 0x8208): "Town Hall",
    (APPOINTMENT, 0x820D): datetime(2026, 7, 4, 9, 0, tzinfo=UTC),
    (APPOINTMENT, 0x820E): datetime(2026, 7, 4, 10, 30, tzinfo=UTC),
    (APPOINTMENT, 0x8232): "every Saturday from 10:00 to 11:30",
}
_TASK = {
    (TASK, 0x8105): datetime(2026, 7, 3, 23, 0, tzinfo=UTC),
    (TASK, 0x8101): 1,
    (TASK, 0x8102): 0.5,
    (TASK, 0x811F): "Bo",
    (COMMON, 0x8503): 1,
    (COMMON, 0x8502): datetime(2026, 7, 2, 8, 0, tzinfo=UTC),
}


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (_item("IPM.Appointment", _APPOINTMENT), (
            "Appointment", "Saturday 4 July 2026, 10:00 to 11:30 (UK time)", "Town Hall", ("every "
            "Saturday from"))),
        (_item("IPM.Schedule.Meeting.Request", _APPOINTMENT), ("Invitation to a meeting", "Town Hall")),
        (_item("IPM.Schedule.Meeting.Canceled", _APPOINTMENT), ("Meeting cancelled", "Town Hall")),
        (_item("IPM.Schedule.Meeting.Resp.Neg", _APPOINTMENT), ("Invitation declined", "10:00 to 11:30")),
        (_item("IPM.Appointment", {
            (APPOINTMENT, 0x820D): datetime(2026, 7, 3, 23, 0, tzinfo=UTC), (APPOINTMENT, 0x8215): 1,
            (APPOINTMENT, 0x820E): datetime(2026, 7, 5, 23, 0, tzinfo=UTC)}),
         ("Saturday 4 July 2026 to Sunday 5 July 2026, all day",)),
        (_item("IPM.Task", _TASK), (
            "Task", "Saturday 4 July 2026", "in progress", "50%", "Owner", ("Thursday 2 July 2026, 09:00 "
            "(UK time)"))),
        (_item("IPM.Contact", {(ADDRESS, 0x8083): "ann@x.test", (ADDRESS, 0x801B): "1 High St\r\n"
        "Town"}, more={
            0x3001: "Dr Ann", 0x3A16: "Surgery", 0x3A1C: "07700 900123", 0x3A08: "020 7946 0000",
            0x3A42: datetime(1980, 4, 30, 23, 0, tzinfo=UTC)}),
         ("Surgery", "07700 900123", "020 7946 0000", "ann@x.test", "1 High St<br>Town", ("Thursday 1 "
         "May 1980"))),
        (_item("REPORT.IPM.Note.NDR", {}, more={
            0x1001: "The mailbox is full.", 0x0049: "Visit", 0x004E: SENT, 0x0032: SENT}),
         ("Not delivered", "The mailbox is full.", "Wednesday 4 March 2026, 14:05 (UK time)")),
        (_item("REPORT.IPM.Note.IPNRN", {}, more={0x002A: SENT}), ("Report", "Read", "14:05 (UK time)")),
    ],
    ids=["appointment", "request", "cancelled", "declined", "all-day", "task", "contact", "bounced", "read"],
)  # fmt: skip
def test_outlooks_items_say_when_where_and_who(message: OutlookMessage, words: tuple[str, ...]) -> None:
    page = read(msg(message))[1].decode()
    for word in words:
        assert word in page, word


@pytest.mark.parametrize(
    "body", [{"text": "Bring reports"}, {"html": b"<p>Bring reports</p>"}, {"rtf": b"{\\rtf1 Bring reports}"}]
)
def test_an_appointment_in_a_message_keeps_its_time_and_place(body: dict[str, object]) -> None:
    inner = _item("IPM.Appointment", _APPOINTMENT, **body)
    outer = msg(OutlookMessage("x", ("A", "a@b.test"), [], SENT, attachments=[Attached("Core group", inner)]))
    assert len(parts(outer)) == 1
    made = read(extract(outer, 1)[1])[1].decode()
    if "rtf" in body:
        made = "".join(chr(int(code)) for code in re.findall(r"\\u(\d+)\?", made)) + made
    for words in ("Town Hall", "10:00 to 11:30", "Bring reports"):
        assert words in made


def test_a_meeting_in_a_winmail_says_when_and_where() -> None:
    ticks = struct.pack(
        "<Q",
        int((datetime(2026, 7, 4, 9, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 10**7),
    )
    set_id = bytes.fromhex("0220060000000000c000000000000046")
    place = "Town Hall\0".encode("utf-16-le")
    kind = b"IPM.Schedule.Meeting.Request\0"
    body = struct.pack("<I", 3)
    body += struct.pack("<HHII", 0x1E, 0x001A, 1, len(kind)) + kind + bytes(-len(kind) % 4)
    body += struct.pack("<HH", 0x40, 0x8000) + set_id + struct.pack("<II", 0, 0x820D) + ticks
    body += struct.pack("<HH", 0x1F, 0x8001) + set_id + struct.pack("<IIII", 0, 0x8208, 1, len(place)) + place
    body += bytes(-len(place) % 4)
    message = read_tnef(winmail()[:6] + struct.pack("<BII", 1, 0x00069003, len(body)) + body + b"\0\0")
    lines = dict(message.details)
    assert (lines["When"], lines["Where"]) == ("Saturday 4 July 2026, 10:00 (UK time)", "Town Hall")


def test_a_report_of_a_servers_names_its_parts() -> None:
    report = (
        "From: a@b.test\r\nTo: c@d.test\r\nContent-Type: multipart/report; boundary=r\r\n\r\n--r\r\n\r\n"
        "Not delivered.\r\n--r\r\n"
        "Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n--r\r\nContent-Type: "
        "text/rfc822-headers\r\n\r\n"
        "Subject: x\r\n--r--\r\n"
    )
    assert [part.name for part in parts(report.encode())] == ["delivery report 1", "headers of the message 2"]
    assert read_eml(report.encode()).text == "Not delivered."


def test_times_are_written_for_readers() -> None:
    assert in_words(None) == ""
    assert in_words(SENT, SENT) == "Wednesday 4 March 2026, 14:05 (UK time)"
    assert days_in_words(SENT.date(), SENT.date()) == "Wednesday 4 March 2026, all day"


@pytest.mark.parametrize(
    "calendar",
    [
        "BEGIN:VCALENDAR\r\n" + "BEGIN:VEVENT\r\n" * 50_000,
        _calendar("BEGIN:VEVENT", "SUMMARY:" + "\\n" * 1_000_000, "END:VEVENT"),
        _calendar("BEGIN:VEVENT", "ATTENDEE" + ';CN="a' * 100_000 + ":x", "END:VEVENT"),
        _calendar("BEGIN:VEVENT", *["ATTENDEE" + ";A=b" * 400 + ":x"] * 2000, "END:VEVENT"),
        _calendar("BEGIN:VEVENT", "DTSTART:20260304T100000Z", "RRULE:" + "FREQ=" * 100_000, "END:VEVENT"),
        _calendar(*["X" * 60 + ";" * 400] * 5000),
    ],
    ids=["deep", "escapes", "quotes", "parameters", "rule", "names"],
)
def test_calendars_that_would_take_long_do_not(calendar: str) -> None:
    assert outcome_within_limits(calendar.encode(), seconds=20) in {SHOWN, "corrupt", "too_large"}
    assert read_contacts("x") == ()
