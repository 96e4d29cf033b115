"""A message and its attachments, independent of the format that it was read from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import PurePosixPath

from viewer.documents import MAX_NAME, visible_text
from viewer.errors import TooLarge
from viewer.formats.html.markup import MAX_MARKUP
from viewer.formats.mime_headers import MAX_HEADER

MAX_ATTACHMENTS = 500
"""Attachments of one message; more are refused, since no listing of them could be read."""
_MAX_BLANKS = 80
"""Leading blanks of a line that are kept."""
_TAB = 8
_PARAGRAPH = '<p style="margin-top:0cm; margin-bottom:0cm">{}</p>'


Line = tuple[str, str]
"""A label and a value, as shown above the body."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment of a message: a file, an inline picture, or another message.

    Args:
        name: what the message calls it, fit for showing; never a path.
        media_type: as the message says, lower case; a hint at most.
        size: in bytes, as far as the message tells.
        content_ids: what the body may refer to it by: Content-ID and Content-Location.
        read: returns its bytes; raises a `Problem` where they cannot be read.
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
        bcc: the blind copies, where the file names them.
        sent: with the zone where the message names one; None where it says nothing readable.
        subject: one line.
        html: the body as HTML, not sanitised.
        text: the body as plain text.
        rtf: the body as RTF, where the RTF does not encapsulate HTML or plain text.
        attachments: in the message's own order.
        encrypted: whether the body is encrypted, so that only the recipient's own program opens it.
        signed: whether it was signed.
        details: what an appointment, a task, a contact or a report says beside its text.
        is_truncated: whether the end is missing, as far as it can be told.
        is_message: whether it was sent; a calendar entry or a contact by itself was not.
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
    """Plain text as HTML: each line is a paragraph and keeps its leading blanks.

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
    """Untrusted text as one line of limited length, without control characters."""
    return " ".join(visible_text(untrusted[: longest * 4], " ").split())[:longest]


def file_name(untrusted: str, number: int, media_type: str = "") -> str:
    """The display name of an attachment: the last part of its path, or its type where it has no name."""
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
"""Names for attachments without one, by media type or by its first half."""
