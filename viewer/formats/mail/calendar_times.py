"""Times, time zones and recurrence rules of calendar entries (RFC 5545), in words for the readers."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from viewer.formats.mail.content_lines import Component, Property
from viewer.formats.mail.message import one_line
from viewer.formats.mail.time_zones import days_in_words, in_words, zone

_TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)?(Z)?)?")
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?"
)
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WINDOWS_ZONES = {
    "gmt standard time": "Europe/London", "greenwich standard time": "Etc/GMT", "utc": "Etc/UTC",
    "w. europe standard time": "Europe/Berlin", "romance standard time": "Europe/Paris",
    "central european standard time": "Europe/Warsaw", "central europe standard time": "Europe/Budapest",
    "gtb standard time": "Europe/Bucharest", "e. europe standard time": "Europe/Chisinau",
    "fle standard time": "Europe/Kyiv", "turkey standard time": "Europe/Istanbul",
    "eastern standard time": "America/New_York", "pacific standard time": "America/Los_Angeles",
    "india standard time": "Asia/Kolkata", "pakistan standard time": "Asia/Karachi",
}  # fmt: skip
"""IANA's names of the zones that Windows calls otherwise (CLDR's windowsZones)."""
_EVERY = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year", "HOURLY": "hour"}


def describe_time(one: Component, zones: Mapping[str, Component]) -> str:
    """When an entry begins and ends, in words; an empty string where it has no start."""
    begin, finish = one.first("DTSTART"), one.first("DTEND")
    if begin is None:
        return ""
    start, end = _parse_time(begin, zones), _parse_time(finish, zones) if finish else None
    if start is None:
        return one_line(begin.value)
    lasts = _parse_duration(one.text("DURATION"))
    if not isinstance(start, datetime):
        after = end if end and not isinstance(end, datetime) else start + lasts if lasts else None
        return days_in_words(start, after)
    until = end if isinstance(end, datetime) else start + lasts if lasts else None
    return in_words(start, until, one_line(begin.parameters.get("TZID", "")))


def describe_moment(one: Property | None, zones: Mapping[str, Component]) -> str:
    """The time of a property in words; the value as written where it cannot be read."""
    if one is None:
        return ""
    when = _parse_time(one, zones)
    if isinstance(when, datetime):
        return in_words(when, None, one_line(one.parameters.get("TZID", "")))
    return days_in_words(when).removesuffix(", all day") if when else one_line(one.value)


def _parse_time(one: Property, zones: Mapping[str, Component]) -> date | datetime | None:
    """The date or the date and time of a property, with its zone where that is known; None for neither."""
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
    return moment.replace(tzinfo=_find_zone(called, moment, zones)) if called else moment


def _find_zone(called: str, moment: datetime, zones: Mapping[str, Component]) -> tzinfo | None:
    """The zone: by its name, else by the rules that the file has for it."""
    name = called.strip().strip("/")
    known = zone(_WINDOWS_ZONES.get(name.lower(), name)) or zone("/".join(name.split("/")[-2:]))
    if known:
        return known
    described = zones.get(called)
    return _offset_by_rules(described, moment) if described else None


def _offset_by_rules(described: Component, moment: datetime) -> tzinfo | None:
    """The difference from UTC that holds at that local time, by the file's own rules."""
    latest: tuple[datetime, timedelta] | None = None
    for rule in described.inner[:50]:
        offset, begun = _OFFSET.match(rule.text("TZOFFSETTO")), rule.first("DTSTART")
        start = _parse_time(begun, {}) if begun else None
        if offset is None or not isinstance(start, datetime):
            continue
        onset = _last_onset(rule.text("RRULE"), start, moment)
        difference = timedelta(hours=int(offset[2]), minutes=int(offset[3])) * (-1 if offset[1] == "-" else 1)
        if latest is None or (onset <= moment, onset) > (latest[0] <= moment, latest[0]):
            latest = onset, difference
    return timezone(latest[1]) if latest and abs(latest[1]) < timedelta(days=1) else None


def _last_onset(rule: str, start: datetime, moment: datetime) -> datetime:
    """The last time before the moment at which a rule of a zone began to hold, as far as such rules go."""
    parts = _parse_rule(rule)
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


def _parse_duration(written: str) -> timedelta | None:
    found = _DURATION.fullmatch(written.strip())
    if found is None:
        return None
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in found.groups()[1:])
    lasts = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -lasts if found[1] == "-" else lasts


def _parse_rule(written: str) -> dict[str, str]:
    return {
        name.upper(): value.upper()
        for name, _, value in (part.partition("=") for part in written[:500].split(";"))
    }


def describe_recurrence(written: str) -> str:
    """A recurrence rule (RRULE) in words; an empty string for no rule."""
    if not written:
        return ""
    parts = _parse_rule(written)
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
        last = _parse_time(Property("UNTIL", {}, until[0]), {})
        said += f", until {days_in_words(last).removesuffix(', all day')}" if last else ""
    return said
