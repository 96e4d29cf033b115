"""Splits MIME messages into their parts (RFC 2045, 2046), within limits of depth and number.

The standard library reads the headers and the encodings, but does not split the parts: its parser asks at
every line whether each enclosing part ends there, which takes hours for a message nested on purpose.
"""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from string import ascii_letters, digits

from viewer.errors import TooLarge
from viewer.formats.charsets import decode_html, decode_text
from viewer.formats.mime_headers import (
    END_OF_HEADERS,
    Headers,
    file_name_in,
    header_value,
    parameter,
    parse_headers,
)
from viewer.formats.raw_headers import MAX_ODD_LINES, without_preamble
from viewer.formats.uuencode import find_uuencoded

MAX_ALL_HEADERS = 4 * 1024 * 1024
"""Bytes of the headers of all parts together."""
MAX_DEPTH = 20
"""Levels of nested multiparts."""
MAX_PARTS = 2000
MAX_SEARCHES = 8
"""How often each byte of a message may be looked at for the ends of parts, on average."""

_COST_OF_A_HEADER = 32
"""Bytes that each header counts for besides its own length: many short headers take longer than a few."""
_NOT_BASE64 = bytes(range(256)).translate(None, (ascii_letters + digits + "+/").encode())
_UUENCODED = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
_GUESSED_BOUNDARY = re.compile(rb"--(?<![^\n]--)([^\s][^\r\n]{0,199})\r?\n(?=[!-9;-~]{1,76}[ \t]*:|\r?\n)")
_NOT_BLANK = re.compile(rb"\S")
_CUT_QUOTED = re.compile(rb"=[0-9A-Fa-f]?\Z")


@dataclass(frozen=True, slots=True)
class MimePart:
    """A part of a MIME message that is not a multipart.

    Args:
        headers: parsed, values as written.
        body: as written, still encoded.
        within: the subtypes of the multiparts around it, outermost first.
    """

    headers: Headers
    body: bytes
    within: tuple[str, ...] = ()
    untrusted_name: str = field(init=False)
    """The file name that the headers give."""

    def __post_init__(self) -> None:
        """Read the name once."""
        object.__setattr__(self, "untrusted_name", file_name_in(self.headers))

    @property
    def media_type(self) -> str:
        """The media type in lower case; `text/plain` by default, and `message/rfc822` in a digest."""
        if self.within[-1:] == ("digest",) and "Content-Type" not in self.headers:
            return "message/rfc822"
        said = self.headers.get_content_type()
        return "text/plain" if said.startswith("multipart/") else said

    @property
    def disposition(self) -> str:
        """`attachment`, `inline`, or an empty string."""
        return (header_value(self.headers, "Content-Disposition")).lower()

    def decoded(self) -> bytes:
        """The body with its transfer encoding decoded; malformed pieces are left out."""
        encoding = header_value(self.headers, "Content-Transfer-Encoding").lower()
        if encoding == "base64":
            return _from_base64(self.body)
        if encoding == "quoted-printable":
            return quopri.decodestring(self.body)
        if encoding in _UUENCODED:
            return b"".join(one.body for one in find_uuencoded(self.body))
        return self.body

    def text(self) -> str:
        """The body as text: in the declared encoding where that fits, else in the likeliest one."""
        charset = parameter(self.headers, "charset", "Content-Type")
        body = self.decoded()
        return decode_html(body, charset) if self.media_type == "text/html" else decode_text(body, charset)

    def parameter(self, name: str) -> str:
        """A parameter of the Content-Type header; an empty string where it is missing."""
        return parameter(self.headers, name, "Content-Type")


@dataclass(slots=True)
class MimeMessage:
    """A message, split into its MIME parts.

    Args:
        headers: the message's own.
        parts: those that hold no parts, in order; a message that is attached is one part.
        is_truncated: whether the end is missing, as far as it can be told.
    """

    headers: Headers
    parts: list[MimePart] = field(default_factory=list)
    is_truncated: bool = False


def parse_message(message: bytes) -> MimeMessage:
    """Split a message into its parts; lines before its headers are skipped.

    Raises:
        TooLarge: beyond `MAX_DEPTH`, `MAX_PARTS`, `MAX_SEARCHES`, `MAX_HEADERS` or `MAX_ALL_HEADERS`.
        Corrupt: the headers cannot be read.
    """
    message = without_preamble(message)
    headers, body = parse_headers(message, MAX_ODD_LINES)
    found = MimeMessage(headers, is_truncated=not body and not END_OF_HEADERS.search(message))
    if not _is_multipart(headers):
        found.is_truncated |= _ends_too_early(headers, body)
    _split(headers, body, (), found, _Budget(to_search=len(message) * MAX_SEARCHES))
    return found


@dataclass(slots=True)
class _Budget:
    """The bytes of headers and of multiparts that may still be read of one message."""

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
    headers: Headers, body: bytes, within: tuple[str, ...], into: MimeMessage, budget: _Budget
) -> None:
    inside = (*within, headers.get_content_subtype())
    has_parts = False
    for piece in _pieces_of(headers, body, into, budget) if _is_multipart(headers) else ():
        if len(within) >= MAX_DEPTH:
            raise TooLarge("parts within parts")
        has_parts = True
        inner, rest = parse_headers(piece)
        budget.spend(len(piece) - len(rest) + len(inner) * _COST_OF_A_HEADER)
        del piece  # the parts in it are looked through while only one copy of it is held
        _split(inner, rest, inside, into, budget)
    if not has_parts:
        if len(into.parts) >= MAX_PARTS:
            raise TooLarge("parts")
        into.parts.append(MimePart(headers, body, within))


def _is_multipart(headers: Headers) -> bool:
    return headers.get_content_maintype() == "multipart"


def _pieces_of(headers: Headers, body: bytes, into: MimeMessage, budget: _Budget) -> Iterator[bytes]:
    """The parts between boundary lines, or between lines that look like boundaries where there are none."""
    boundary = parameter(headers, "boundary", "Content-Type").encode(errors="replace")
    if not _has_lines(body, boundary):
        budget.search(len(body))
        guess = _GUESSED_BOUNDARY.search(body)
        if guess is None:
            into.is_truncated = True
            return
        boundary = guess[1].rstrip()
    budget.search(len(body))
    yield from _pieces(body, boundary, into)


def _has_lines(body: bytes, boundary: bytes) -> bool:
    mark = b"--" + boundary
    return bool(boundary) and (body.startswith(mark) or b"\n" + mark in body)


def _pieces(body: bytes, boundary: bytes, into: MimeMessage) -> Iterator[bytes]:
    """The parts between boundary lines, the unfinished last part of a truncated message included.

    What a program wrote behind the last boundary counts as a part too.
    """
    mark = re.escape(b"--" + boundary)  # the expression begins with what is quick to find
    lines = re.compile(mark + rb"(?<![^\n]" + mark + rb")(--)?[ \t]*(?:\r?\n|\Z)")
    begun = closed = None
    for number, line in enumerate(lines.finditer(body)):
        if number > MAX_PARTS:
            raise TooLarge("parts")
        if begun is not None:
            yield body[begun : _line_end_before(body, line.start(), begun)]
        elif closed is not None and _NOT_BLANK.search(body, closed, line.start()):
            yield b"\r\n" + body[closed : line.start()].strip()
        begun, closed = (None, line.end()) if line[1] else (line.end(), None)
    if begun is not None:
        into.is_truncated = True
        yield body[begun:]
    elif closed is not None and _NOT_BLANK.search(body, closed):
        yield b"\r\n\r\n" + body[closed:].strip()


def _ends_too_early(headers: Headers, body: bytes) -> bool:
    """Whether a message without parts is truncated, as far as can be told."""
    encoding = header_value(headers, "Content-Transfer-Encoding").lower()
    length = str(headers.get("Content-Length", "")).strip()
    if length.isascii() and length.isdecimal() and len(length) < 12 and len(body) < int(length):  # noqa: PLR2004
        return True
    is_written = encoding in {"base64", "quoted-printable"} or headers.get_content_maintype() == "text"
    ends_in_a_line = body.endswith((b"\n", b"\r"))
    if headers.get_content_type() == "text/html" and not encoding.startswith(("base64", "quoted")):
        start, end = body[:4096].lower(), body[-4096:].lower()
        return b"</html" not in end and (b"<html" in start or not ends_in_a_line)
    if is_written and body and not ends_in_a_line:
        return True
    if encoding == "base64":
        letters = len(body.translate(None, _NOT_BASE64))
        return letters % 4 == 1 or (letters % 4 != 0 and not body.rstrip().endswith(b"="))
    if encoding == "quoted-printable":
        return bool(_CUT_QUOTED.search(body.rstrip()))
    return False


def _line_end_before(body: bytes, start: int, begun: int) -> int:
    """The position of the line end that belongs to the boundary at `start`."""
    return max(begun, start - 2 if body[start - 2 : start] == b"\r\n" else start - 1)


def _from_base64(body: bytes) -> bytes:
    clean = body.translate(None, _NOT_BASE64)
    if len(clean) % 4 == 1:  # no byte has as few as six bits
        clean = clean[:-1]
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
