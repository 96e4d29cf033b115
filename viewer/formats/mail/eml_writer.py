"""Writes a message as an .eml file, for messages that Outlook stores inside another file.

Outlook keeps an attached message as a part of the file around it, not as bytes that open by themselves. The
message is written anew from all that was read of it: addresses, time, bodies, attachments.
"""

import base64
from collections.abc import Iterator
from email.header import Header
from email.utils import format_datetime

from viewer.formats.mail.message import Attachment, Message, file_name
from viewer.formats.mail.page import with_details

_MIXED, _ALTERNATIVE = b"=_mixed", b"=_alternative"
"""Boundaries; what stands between them is base64, in which neither can occur."""


def as_eml(message: Message) -> bytes:
    """The message in RFC 5322 format, which `read_eml` can read.

    Raises:
        Problem: an attachment cannot be read.
    """
    message = with_details(message)
    parts = [
        _multipart(b"alternative", _ALTERNATIVE, list(_bodies(message))),
        *(_attached(one, number) for number, one in enumerate(message.attachments, 1)),
    ]
    return b"".join(_headers(message)) + b"MIME-Version: 1.0\r\n" + _multipart(b"mixed", _MIXED, parts)


def _headers(message: Message) -> Iterator[bytes]:
    lines = {
        "From": [message.sender],
        "To": message.to,
        "Cc": message.cc,
        "Bcc": message.bcc,
        "Subject": [message.subject],
    }
    if message.sent:
        yield b"Date: " + format_datetime(message.sent).encode() + b"\r\n"
    for name, values in lines.items():
        written = b",\r\n ".join(_encoded(value) for value in values if value)
        if written:
            yield name.encode() + b": " + written + b"\r\n"


def _encoded(value: str) -> bytes:
    """A header's value: an address whose name has a comma must stay one address."""
    name, bracket, mailbox = value.rpartition(" <")
    if bracket and value.endswith(">"):
        return Header(name, "utf-8").encode(linesep="\r\n").encode() + (bracket + mailbox).encode(
            "ascii", "replace"
        )
    return Header(value, "utf-8").encode(linesep="\r\n").encode()


def _bodies(message: Message) -> Iterator[bytes]:
    """The bodies, plain text first: the richest alternative comes last (RFC 2046, 5.1.4)."""
    if message.text is not None:
        yield _part(b"text/plain; charset=utf-8", message.text.encode(errors="replace"))
    if message.rtf is not None:
        yield _part(b"text/rtf", message.rtf)
    if message.html is not None:
        yield _part(b"text/html; charset=utf-8", message.html.encode(errors="replace"))


def _attached(attachment: Attachment, number: int) -> bytes:
    name = base64.b64encode(file_name(attachment.name, number, attachment.media_type).encode()).decode()
    media_type = "".join(char for char in attachment.media_type if char.isascii() and char.isprintable())
    more = b'Content-Disposition: attachment; filename="=?utf-8?b?' + name.encode() + b'?="\r\n'
    for identity in sorted(attachment.content_ids):
        more += b"Content-ID: <" + identity.encode("ascii", "ignore").translate(None, b"\r\n<>") + b">\r\n"
        break
    return _part((media_type or "application/octet-stream").encode(), attachment.read(), more)


def _part(media_type: bytes, body: bytes, more: bytes = b"") -> bytes:
    head = b"Content-Type: " + media_type + b"\r\n" + more + b"Content-Transfer-Encoding: base64\r\n\r\n"
    return head + base64.encodebytes(body)


def _multipart(subtype: bytes, boundary: bytes, parts: list[bytes]) -> bytes:
    head = b"Content-Type: multipart/" + subtype + b'; boundary="' + boundary + b'"\r\n\r\n'
    pieces = (b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return head + b"".join(pieces) + b"--" + boundary + b"--\r\n"
