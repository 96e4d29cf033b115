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
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value, decode_params, parsedate_to_datetime, unquote
from string import ascii_letters, digits

from viewer.errors import Corrupt, TooLarge
from viewer.formats.decoding import decode

MAX_HEADER = 2000
"""Characters of a subject or of one address that are shown."""
MAX_HEADERS = 512 * 1024
"""Bytes of the headers of one part."""
MAX_ALL_HEADERS = 4 * 1024 * 1024
"""Bytes of the headers of all parts together."""
MAX_PARAMETERS = 16 * 1024
"""Characters of a header that is read for its parameters."""
MAX_DEPTH = 20
"""Multiparts within multiparts."""
MAX_PARTS = 2000
MAX_SEARCHES = 8
"""How often each byte of a message may be looked at for the ends of parts, on average."""

_COST_OF_A_HEADER = 32
"""Bytes that each counts for besides its own: to read many short ones takes longer than to read a few."""
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_NOT_BASE64 = bytes(range(256)).translate(None, (ascii_letters + digits + "+/").encode())
_SAID_OUT_OF_HABIT = frozenset({"", "us-ascii", "ascii", "iso-8859-1", "latin1"})
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape"})
"""Encodings of Python's that no mail is in; some take hours for a long text."""
_FOLD = re.compile(r"\r?\n[ \t]*")
_PARAMETER = re.compile(r';\s*+([^\s=;"]*+)\s*+(?:=\s*+("(?:[^"\\]|\\.)*+"?|[^;]*+))?', re.DOTALL)
"""A parameter's name and value (RFC 2045, 5.1), taken apart without ever going back."""
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
    untrusted_name: str = field(init=False)
    """As either header gives it, in whatever encoding."""

    def __post_init__(self) -> None:
        """Read the name once."""
        object.__setattr__(self, "untrusted_name", _name(self.headers))

    @property
    def media_type(self) -> str:
        """Lower case; `text/plain` where nothing is said."""
        return self.headers.get_content_type()

    @property
    def disposition(self) -> str:
        """`attachment`, `inline`, or nothing."""
        return (parameterless(self.headers, "Content-Disposition")).lower()

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
        TooLarge: beyond `MAX_DEPTH`, `MAX_PARTS`, `MAX_SEARCHES`, `MAX_HEADERS` or `MAX_ALL_HEADERS`.
        Corrupt: the headers cannot be read.
    """
    headers, body = headers_of(message)
    budget = _Budget(to_search=len(message) * MAX_SEARCHES)
    for number, part in enumerate(_split(headers, body, (), budget), 1):
        if number > MAX_PARTS:
            raise TooLarge("parts")
        yield part


@dataclass(slots=True)
class _Budget:
    """Bytes of headers, and of parts that are split, that may still be read of one message."""

    to_search: int
    left: int = MAX_ALL_HEADERS

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise TooLarge("headers")

    def search(self, size: int) -> None:
        self.to_search -= size
        if self.to_search < 0:
            raise TooLarge("parts within parts")


def _split(
    headers: "Message[str, str]", body: bytes, within: tuple[str, ...], budget: _Budget
) -> Iterator[Part]:
    boundary = _parameter(headers, "boundary", "Content-Type") if _is_multipart(headers) else ""
    if not boundary:
        yield Part(headers, body, within)
        return
    if len(within) >= MAX_DEPTH:
        raise TooLarge("parts within parts")
    budget.search(len(body))
    inside = (*within, headers.get_content_subtype())
    for piece in _pieces(body, boundary):
        inner, rest = headers_of(piece)
        budget.spend(len(piece) - len(rest) + len(inner) * _COST_OF_A_HEADER)
        del piece  # the parts in it are looked through while only one copy of it is held
        yield from _split(inner, rest, inside, budget)


def _is_multipart(headers: "Message[str, str]") -> bool:
    return headers.get_content_maintype() == "multipart"


def _pieces(body: bytes, boundary: str) -> Iterator[bytes]:
    """What stands between the lines of the boundary; the last piece of a message that is cut short too."""
    mark = re.escape(boundary.encode(errors="replace"))
    lines = re.compile(rb"--" + mark + rb"(--)?[ \t]*(?:(\r?\n)|\Z)")  # begins with what is quick to find
    begun = None
    for line in lines.finditer(body):
        start = line.start()
        if start and body[start - 1 : start] != b"\n":
            continue
        if begun is not None:
            yield body[begun : _line_end_before(body, start, begun)]
        if line[1]:
            return
        begun = line.end()
    if begun is not None:
        yield body[begun:]


def _line_end_before(body: bytes, start: int, begun: int) -> int:
    """Where the line end begins that belongs to the boundary there."""
    return max(begun, start - 2 if body[start - 2 : start] == b"\r\n" else start - 1)


def header(headers: "Message[str, str]", name: str) -> str:
    """A header as text, its encoded words read; none where it is missing."""
    value = headers.get(name)
    return words(str(value)) if value is not None else ""


def words(value: str) -> str:
    """Text with its encoded words (RFC 2047) read; the first `MAX_HEADER` * 10 characters of it."""
    value = _FOLD.sub(" ", value[: MAX_HEADER * 10])
    end = value.rfind("?=") + 2  # the library looks for an end from each beginning, all the way
    if end == 1:
        return value
    try:
        pieces = decode_header(_ODD_WORD.sub(r"\1 \2", value[:end]))
    except (ValueError, LookupError, AttributeError, MessageError):
        return value
    read = (piece if isinstance(piece, str) else text_of(piece, name or "") for piece, name in pieces)
    return "".join(read) + value[end:]


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
    """A parameter's value; none where it is missing, or its header longer than `MAX_PARAMETERS`.

    The library's own reader of parameters takes the cube of their number.
    """
    written = str(headers.get(header_name, ""))
    if len(written) > MAX_PARAMETERS:
        return ""
    found = [
        (key, (match[2] or "").strip())
        for match in _PARAMETER.finditer(f";{written}")
        if (key := match[1].lower()) == name or key.startswith(f"{name}*")
    ]
    try:
        value = next((value for key, value in decode_params([("", ""), *found]) if key == name), "")
        return words(_in_its_charset(*value) if isinstance(value, tuple) else unquote(value))
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _in_its_charset(charset: str | None, language: str | None, quoted: str) -> str:
    """A value that names its encoding (RFC 2231, 4)."""
    text = unquote(quoted)
    known = charset is None or _is_charset(charset)
    return collapse_rfc2231_value((charset, language, text)) if known else text


def _name(headers: "Message[str, str]") -> str:
    for header, parameter in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        name = _parameter(headers, parameter, header)
        if name:
            return name
    return ""


def _from_base64(body: bytes) -> bytes:
    clean = body.translate(None, _NOT_BASE64)
    if len(clean) % 4 == 1:  # no byte has as few as six bits
        clean = clean[:-1]
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
