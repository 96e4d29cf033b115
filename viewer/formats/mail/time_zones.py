"""Writes times for the readers: in the time zone of the United Kingdom, whatever the machine is set to."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_HERE = "Europe/London"
_DAY = timedelta(days=1)


def zone(name: str) -> tzinfo | None:
    """The zone of this name (IANA's); None where the machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


READERS_ZONE = zone(_HERE) or UTC
"""Where the readers are."""
_ITS_NAME = "UK time" if READERS_ZONE is not UTC else "UTC"


def here(moment: datetime) -> datetime:
    """The same moment in the readers' zone; a time without a zone stays as it is."""
    try:
        return moment.astimezone(READERS_ZONE) if moment.tzinfo else moment
    except (OverflowError, ValueError):
        return moment


def in_words(start: datetime | None, end: datetime | None = None, zone_told: str = "") -> str:
    """The beginning and end in words: `Tuesday 12 March 2019, 10:00 to 11:30 (UK time)`.

    Args:
        start: with its zone, or in a zone that is not known.
        end: likewise; None where nothing says so.
        zone_told: what the zone is called, of times whose zone is not known here.
    """
    if start is None:
        return in_words(end, None, zone_told) if end else ""
    begin, until = here(start), here(end) if end else None
    written = f"{_day(begin)}, {begin:%H:%M}"
    if until and until != begin:
        same_day = until.date() == begin.date()
        written += f" to {until:%H:%M}" if same_day else f" to {_day(until)}, {until:%H:%M}"
    told = _ITS_NAME if begin.tzinfo else f"in the zone {zone_told}" if zone_told else ""
    return f"{written} ({told})" if told else written


def days_in_words(first: date, after: date | None = None) -> str:
    """Whole days: `Tuesday 12 March 2019, all day`.

    Args:
        first: the first day.
        after: the day after the last one.
    """
    last = after - _DAY if after and after > first else first
    return f"{_day(first)}, all day" if last == first else f"{_day(first)} to {_day(last)}, all day"


def _day(when: date) -> str:
    return f"{when:%A} {when.day} {when:%B %Y}"
