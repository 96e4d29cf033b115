"""Mailbox files: messages one after the other, a line that begins with `From ` before each (RFC 4155)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from viewer.errors import Problem, TooLarge
from viewer.formats.mail.message import one_line
from viewer.formats.mime_headers import header_text, parse_date, parse_headers

MAX_MESSAGES = 5000
"""In one mailbox; more are refused as a whole, as in archives."""

_BEGINNING = re.compile(rb"(?:\A|\n)From ([^\r\n]{1,240})\r?\n(?=>?From |[!-9;-~]{1,76}[ \t]*:)")
_TIME = re.compile(rb"\d:\d\d|\A-")
"""A line with a time that is followed by a header: no sentence of a message looks like that."""
_QUOTED = re.compile(rb"^>(>{0,20}From )", re.MULTILINE)
_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class MailboxEntry:
    """One message of a mailbox: where it is, and what the list shows of it.

    Args:
        start: where it begins.
        end: where it ends.
        subject: for the list.
        sender: likewise, as written.
        day: when it was sent, as a date in figures; none where that is not known.
    """

    start: int
    end: int
    subject: str
    sender: str
    day: str

    @property
    def name(self) -> str:
        """The name in the list of messages."""
        subject = self.subject.replace("/", "-").replace("\\", "-") or "(no subject)"
        return f"{self.day} {subject}".strip()


def split_mailbox(mailbox: bytes) -> list[MailboxEntry]:
    """The messages in a mailbox, in order.

    Raises:
        TooLarge: more than `MAX_MESSAGES`.
    """
    beginnings = list(_limited(mailbox))
    starts = [found.end() for found in beginnings] or [0]
    ends = [found.start() + 1 for found in beginnings][1:]
    return [_entry(mailbox, start, end) for start, end in zip(starts, [*ends, len(mailbox)], strict=True)]


def message_at(mailbox: bytes, entry: MailboxEntry) -> bytes:
    """The bytes of one message, with the mailbox's quoting of `From ` removed."""
    body = _QUOTED.sub(rb"\1", mailbox[entry.start : entry.end])
    return (
        body[:-1]
        if body.endswith(b"\n\n")
        else body.removesuffix(b"\r\n")
        if body.endswith(b"\r\n\r\n")
        else body
    )


def _limited(mailbox: bytes) -> Iterator[re.Match[bytes]]:
    beginnings = (found for found in _BEGINNING.finditer(mailbox) if _TIME.search(found[1]))
    for number, found in enumerate(beginnings):
        if number >= MAX_MESSAGES:
            raise TooLarge("messages in a mailbox")
        yield found


def _entry(mailbox: bytes, start: int, end: int) -> MailboxEntry:
    try:
        headers, _ = parse_headers(mailbox[start : min(end, start + _HEAD)], 3)
    except Problem:
        return MailboxEntry(start, end, "", "", "")
    sent = parse_date(str(headers.get("Date", "")))
    return MailboxEntry(
        start,
        end,
        one_line(header_text(headers, "Subject"), 150),
        one_line(header_text(headers, "From"), 150),
        f"{sent:%Y-%m-%d %H.%M}" if sent else "",
    )
