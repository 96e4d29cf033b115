"""MIME messages in parts (RFC 2045, 2046), within limits of depth and number.

The standard library reads the headers and the encodings. It does not split the parts here: its parser asks
at every line whether each enclosing part ends there, which takes hours for a message nested on purpose, and
has no limits.
"""

import binascii
import codecs
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value, parsedate_to_datetime

from viewer.errors import Corrupt, TooLarge
from viewer.formats.mail.letter import MAX_HEADER
from viewer.formats.text.plain import decode

MAX_HEADERS = 512 * 1024
"""Bytes of the headers of one part."""
MAX_PARAMETERS = 16 * 1024
"""Characters of a header that is read for its parameters."""
MAX_DEPTH = 20
"""Multiparts within multiparts."""
MAX_PARTS = 2000

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_SAID_OUT_OF_HABIT = frozenset({"", "us-ascii", "ascii", "iso-8859-1", "latin1"})
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape"})
"""Encodings of Python's that no mail is in; some take hours for a long text."""
_FOLD = re.compile(r"\r?\n[ \t]*")
_ODD_WORD = re.compile(r"(\?=)\s*(=\?)")


@dataclass(frozen=True, slots=True)
class Part:
    """A part that holds no parts.

    Args:
        headers: parsed, values as written.
        body: as written, still encoded.
        within: the subtypes of the multiparts around it, outermost first.
    """

    headers: "Message[str, str]"
    body: bytes
    within: tuple[str, ...] = ()

    @property
    def media_type(self) -> str:
        """Lower case; `text/plain` where nothing is said."""
        return self.headers.get_content_type()

    @property
    def disposition(self) -> str:
        """`attachment`, `inline`, or nothing."""
        return (parameterless(self.headers, "Content-Disposition")).lower()

    @property
    def untrusted_name(self) -> str:
        """As either header gives it, in whatever encoding."""
        for header, parameter in (("Content-Disposition", "filename"), ("Content-Type", "name")):
            name = _parameter(self.headers, parameter, header)
            if name:
                return name
        return ""

    def decoded(self) -> bytes:
        """The body without its transfer encoding; what is broken in it is left out."""
        encoding = parameterless(self.headers, "Content-Transfer-Encoding").lower()
        if encoding == "base64":
            return _from_base64(self.body)
        if encoding == "quoted-printable":
            return quopri.decodestring(self.body)
        return self.body

    def text(self) -> str:
        """The body as text: as declared where that fits, else by the likeliest encoding."""
        charset = _parameter(self.headers, "charset", "Content-Type")
        return text_of(self.decoded(), charset)


def text_of(body: bytes, charset: str) -> str:
    """The text, in the declared encoding where the bytes are in it, else in the likeliest one."""
    if charset.lower() not in _SAID_OUT_OF_HABIT and _is_charset(charset):
        try:
            return body.decode(charset)
        except (LookupError, ValueError):
            pass
    try:
        return decode(body)
    except Corrupt:
        return body.decode("cp1252", errors="replace")


def _is_charset(name: str) -> bool:
    try:
        return codecs.lookup(name).name not in _NO_CHARSETS
    except (LookupError, ValueError):  # unknown, or with a zero in it
        return False


def headers_of(message: bytes) -> tuple["Message[str, str]", bytes]:
    """The headers, and what follows them.

    Raises:
        TooLarge: the headers do not end within `MAX_HEADERS`.
    """
    end = _END_OF_HEADERS.search(message, 0, MAX_HEADERS)
    if message.startswith((b"\r\n", b"\n")):
        return Message(compat32), message.lstrip(b"\r\n")
    if end is None and len(message) > MAX_HEADERS:
        raise TooLarge("headers")
    head, body = (message[: end.start()], message[end.end() :]) if end else (message, b"")
    try:
        headers = HeaderParser(policy=compat32).parsestr(text_of(head, "") + "\n\n")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Corrupt("headers") from error
    return headers, body if headers.keys() else message


def parts_of(message: bytes) -> Iterator[Part]:
    """The parts that hold no parts, in order; a message that is attached is one part.

    Raises:
        TooLarge: beyond `MAX_DEPTH`, `MAX_PARTS` or `MAX_HEADERS`.
        Corrupt: the headers cannot be read.
    """
    headers, body = headers_of(message)
    for number, part in enumerate(_split(headers, body, ()), 1):
        if number > MAX_PARTS:
            raise TooLarge("parts")
        yield part


def _split(headers: "Message[str, str]", body: bytes, within: tuple[str, ...]) -> Iterator[Part]:
    boundary = _parameter(headers, "boundary", "Content-Type") if _is_multipart(headers) else ""
    if not boundary:
        yield Part(headers, body, within)
        return
    if len(within) >= MAX_DEPTH:
        raise TooLarge("parts within parts")
    inside = (*within, headers.get_content_subtype())
    for piece in _pieces(body, boundary):
        yield from _split(*headers_of(piece), inside)


def _is_multipart(headers: "Message[str, str]") -> bool:
    return headers.get_content_maintype() == "multipart"


def _pieces(body: bytes, boundary: str) -> Iterator[bytes]:
    """What stands between the lines of the boundary; the last piece of a message that is cut short too."""
    mark = re.escape(boundary.encode(errors="replace"))
    lines = re.compile(rb"(?:\A|\r?\n)--" + mark + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    begun = None
    for line in lines.finditer(body):
        if begun is not None:
            yield _without_line_end(body[begun : line.start()])
        if line[1]:
            return
        begun = line.end()
    if begun is not None:
        yield _without_line_end(body[begun:])


def _without_line_end(piece: bytes) -> bytes:
    """Without the line end that belongs to the boundary before it."""
    return piece.removeprefix(b"\r").removeprefix(b"\n")


def header(headers: "Message[str, str]", name: str) -> str:
    """A header as text, its encoded words read; none where it is missing."""
    value = headers.get(name)
    return words(str(value)) if value is not None else ""


def words(value: str) -> str:
    """Text with its encoded words (RFC 2047) read; the first `MAX_HEADER` * 10 characters of it."""
    value = _FOLD.sub(" ", value[: MAX_HEADER * 10])
    try:
        pieces = decode_header(_ODD_WORD.sub(r"\1 \2", value))
    except (ValueError, LookupError, AttributeError, MessageError):
        return value
    return "".join(piece if isinstance(piece, str) else text_of(piece, name or "") for piece, name in pieces)


def date_of(value: str) -> datetime | None:
    """The time that a Date header tells, with its zone; None where it tells none."""
    try:
        return parsedate_to_datetime(value[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def parameterless(headers: "Message[str, str]", name: str) -> str:
    """A header's value before its parameters."""
    return str(headers.get(name, "")).partition(";")[0].strip()


def _parameter(headers: "Message[str, str]", name: str, header_name: str) -> str:
    if len(str(headers.get(header_name, ""))) > MAX_PARAMETERS:
        return ""
    try:
        value = headers.get_param(name, "", header_name)
        return words(collapse_rfc2231_value(value) if isinstance(value, tuple) else str(value or ""))
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _from_base64(body: bytes) -> bytes:
    clean = _NOT_BASE64.sub(b"", body)
    if len(clean) % 4 == 1:  # no byte has as few as six bits
        clean = clean[:-1]
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
