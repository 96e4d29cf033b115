"""An e-mail as the viewer sees it, whatever file it came in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import PurePosixPath

from viewer.documents import MAX_NAME, visible_text
from viewer.errors import TooLarge
from viewer.formats.html.markup import MAX_MARKUP
from viewer.formats.mime import MAX_HEADER

MAX_ATTACHMENTS = 500
"""Attachments of one message; more are refused, since no listing of them could be read."""
_MAX_BLANKS = 80
"""Before a line."""
_TAB = 8
_PARAGRAPH = '<p style="margin-top:0cm; margin-bottom:0cm">{}</p>'


Line = tuple[str, str]
"""What a line of the head is called, and what it says."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that came with a message: an attachment, an inline picture, another message.

    Args:
        name: what the message calls it, fit for showing; never a path.
        media_type: as the message says, lower case; a hint at most.
        size: in bytes, as far as the message tells.
        content_ids: what the body may call it: Content-ID and Content-Location.
        read: its bytes; raises a `Problem` where they cannot be read.
    """

    name: str
    media_type: str
    size: int
    content_ids: frozenset[str]
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Args:
        sender: name and address, as written.
        to: the recipients, as written, one each.
        cc: those who got a copy.
        bcc: those who got one in secret, where the file says.
        sent: with the zone where the message names one; None where it says nothing readable.
        subject: one line.
        html: the body as HTML, not sanitised.
        text: the body as plain text.
        rtf: the body as RTF, where it is neither of those in disguise.
        attachments: in the message's own order.
        encrypted: whether the body is encrypted, so that only the recipient's own program opens it.
        signed: whether it was signed.
        details: what an appointment, a task, a contact or a report says beside its text.
        is_truncated: whether the end is missing, as far as it can be told.
        is_message: whether somebody sent it to somebody; an entry of a calendar by itself was not sent.
    """

    sender: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    sent: datetime | None = None
    subject: str = ""
    html: str | None = None
    text: str | None = None
    rtf: bytes | None = None
    attachments: tuple[Attachment, ...] = ()
    encrypted: bool = False
    signed: bool = False
    details: tuple[Line, ...] = ()
    is_truncated: bool = False
    is_message: bool = True


def paragraphs(text: str) -> str:
    """Plain text as HTML: a paragraph a line, its leading blanks kept.

    Raises:
        TooLarge: it may become more than `MAX_MARKUP` characters.
    """
    lines = text.count("\n") + text.count("\r")
    if len(text) + text.count("\t") * _TAB + lines * len(_PARAGRAPH) > MAX_MARKUP:
        raise TooLarge("text")
    return "".join(_PARAGRAPH.format(_line(line)) for line in text.expandtabs(_TAB).splitlines())


def _line(line: str) -> str:
    rest = line.lstrip(" ")
    return "&nbsp;" * min(len(line) - len(rest), _MAX_BLANKS) + (escape(rest) or "&nbsp;")


def one_line(untrusted: str, longest: int = MAX_HEADER) -> str:
    """Anybody's text as one bounded line without control characters."""
    return " ".join(visible_text(untrusted[: longest * 4], " ").split())[:longest]


def file_name(untrusted: str, number: int, media_type: str = "") -> str:
    """A name for showing: the last piece of a path, or what the thing is where it has no name."""
    name = one_line(PurePosixPath(untrusted.replace("\\", "/")).name, MAX_NAME)
    called = _CALLED.get(media_type) or _CALLED.get(media_type.partition("/")[0], "attachment")
    return name or f"{called} {number}"


_CALLED = {
    "message": "message",
    "image": "picture",
    "text": "text",
    "text/calendar": "invitation",
    "text/vcard": "contact",
    "text/x-vcard": "contact",
    "text/rfc822-headers": "headers of the message",
    "message/delivery-status": "delivery report",
    "message/disposition-notification": "reading report",
    "message/feedback-report": "report",
}
"""By media type, or its first half."""
