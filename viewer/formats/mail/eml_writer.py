"""A letter written as a message of its own, for messages that are kept inside another file.

Outlook keeps an attached message as a part of the file around it, not as bytes that open by themselves. The
message is written anew from all that was read of it: addresses, time, bodies, attachments.
"""

import base64
from collections.abc import Iterator
from email.header import Header
from email.utils import format_datetime

from viewer.formats.mail.message import Enclosure, Letter, file_name
from viewer.formats.mail.page import with_details

_MIXED, _ALTERNATIVE = b"=_mixed", b"=_alternative"
"""Boundaries; what stands between them is base64, in which neither can occur."""


def as_eml(letter: Letter) -> bytes:
    """The letter as a message (RFC 5322) that `read_eml` reads back.

    Raises:
        ViewerError: an attachment cannot be read.
    """
    letter = with_details(letter)
    parts = [
        _multipart(b"alternative", _ALTERNATIVE, list(_bodies(letter))),
        *(_attached(one, number) for number, one in enumerate(letter.enclosures, 1)),
    ]
    return b"".join(_headers(letter)) + b"MIME-Version: 1.0\r\n" + _multipart(b"mixed", _MIXED, parts)


def _headers(letter: Letter) -> Iterator[bytes]:
    lines = {
        "From": [letter.sender],
        "To": letter.to,
        "Cc": letter.cc,
        "Bcc": letter.bcc,
        "Subject": [letter.subject],
    }
    if letter.sent:
        yield b"Date: " + format_datetime(letter.sent).encode() + b"\r\n"
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


def _bodies(letter: Letter) -> Iterator[bytes]:
    """The text last: what is the same in another form comes before it."""
    if letter.text is not None:
        yield _part(b"text/plain; charset=utf-8", letter.text.encode(errors="replace"))
    if letter.rtf is not None:
        yield _part(b"text/rtf", letter.rtf)
    if letter.html is not None:
        yield _part(b"text/html; charset=utf-8", letter.html.encode(errors="replace"))


def _attached(enclosure: Enclosure, number: int) -> bytes:
    name = base64.b64encode(file_name(enclosure.name, number, enclosure.media_type).encode()).decode()
    media_type = "".join(char for char in enclosure.media_type if char.isascii() and char.isprintable())
    more = b'Content-Disposition: attachment; filename="=?utf-8?b?' + name.encode() + b'?="\r\n'
    for identity in sorted(enclosure.content_ids):
        more += b"Content-ID: <" + identity.encode("ascii", "ignore").translate(None, b"\r\n<>") + b">\r\n"
        break
    return _part((media_type or "application/octet-stream").encode(), enclosure.read(), more)


def _part(media_type: bytes, body: bytes, more: bytes = b"") -> bytes:
    head = b"Content-Type: " + media_type + b"\r\n" + more + b"Content-Transfer-Encoding: base64\r\n\r\n"
    return head + base64.encodebytes(body)


def _multipart(subtype: bytes, boundary: bytes, parts: list[bytes]) -> bytes:
    head = b"Content-Type: multipart/" + subtype + b'; boundary="' + boundary + b'"\r\n\r\n'
    pieces = (b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return head + b"".join(pieces) + b"--" + boundary + b"--\r\n"
