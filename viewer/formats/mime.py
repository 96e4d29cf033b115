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
from typing import NamedTuple, TypeAlias

from viewer.errors import Corrupt, TooLarge
from viewer.formats.decoding import decode
from viewer.formats.raw_headers import MAX_ODD_LINES, take_headers, without_preamble

Headers: TypeAlias = "Message[str, str]"
"""The parsed headers of a message or of one of its parts: the standard library's type, without a body."""

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
_WESTERN = _SAID_OUT_OF_HABIT | {"windows-1252", "cp1252", "iso-8859-15", "latin-1"}
"""What programs name for lack of anything better: what HTML says of itself is likelier."""
_OTHER_NAMES = {
    "iso-8859-8-i": "iso-8859-8", "windows-874": "cp874", "x-sjis": "shift_jis", "x-gbk": "gbk",
    "x-mac-roman": "mac-roman", "unicode-1-1-utf-7": "utf-7", "cp-850": "cp850", "x-user-defined": "",
}  # fmt: skip
"""Python's names of encodings that mails call otherwise."""
_IN_HTML = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE
)
_IN_HTML_WITHIN = 4096
_UUENCODED = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
_GUESSED_BOUNDARY = re.compile(rb"--(?<![^\n]--)([^\s][^\r\n]{0,199})\r?\n(?=[!-9;-~]{1,76}[ \t]*:|\r?\n)")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_UU_LINE = re.compile(rb"([^\r\n]{0,80}+)(?:\r?\n|\Z)")
_NOT_BLANK = re.compile(rb"\S")
_NO_UU = re.compile(rb"[^ -`]")
_CUT_QUOTED = re.compile(rb"=[0-9A-Fa-f]?\Z")
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape"})
"""Encodings of Python's that no mail is in; some take hours for a long text."""
_FOLD = re.compile(r"\r?\n[ \t]*")
_PARAMETER = re.compile(r';\s*+([^\s=;"]*+)\s*+(?:=\s*+("(?:[^"\\]|\\.)*+"?|[^;]*+))?', re.DOTALL)
"""A parameter's name and value (RFC 2045, 5.1), taken apart without ever going back."""
_ODD_WORD = re.compile(r"(\?=)\s*(=\?)")


@dataclass(frozen=True, slots=True)
class MimePart:
    """A part that holds no parts.

    Args:
        headers: parsed, values as written.
        body: as written, still encoded.
        within: the subtypes of the multiparts around it, outermost first.
    """

    headers: Headers
    body: bytes
    within: tuple[str, ...] = ()
    untrusted_name: str = field(init=False)
    """As either header gives it, in whatever encoding."""

    def __post_init__(self) -> None:
        """Read the name once."""
        object.__setattr__(self, "untrusted_name", _name(self.headers))

    @property
    def media_type(self) -> str:
        """Lower case; where nothing is said, `text/plain`, and in a digest a message."""
        if self.within[-1:] == ("digest",) and "Content-Type" not in self.headers:
            return "message/rfc822"
        said = self.headers.get_content_type()
        return "text/plain" if said.startswith("multipart/") else said

    @property
    def disposition(self) -> str:
        """`attachment`, `inline`, or nothing."""
        return (header_value(self.headers, "Content-Disposition")).lower()

    def decoded(self) -> bytes:
        """The body without its transfer encoding; what is broken in it is left out."""
        encoding = header_value(self.headers, "Content-Transfer-Encoding").lower()
        if encoding == "base64":
            return _from_base64(self.body)
        if encoding == "quoted-printable":
            return quopri.decodestring(self.body)
        if encoding in _UUENCODED:
            return b"".join(one.body for one in find_uuencoded(self.body))
        return self.body

    def text(self) -> str:
        """The body as text: as declared where that fits, else by the likeliest encoding."""
        charset = _parameter(self.headers, "charset", "Content-Type")
        body = self.decoded()
        return decode_html(body, charset) if self.media_type == "text/html" else decode_text(body, charset)

    def parameter(self, name: str) -> str:
        """A parameter of its Content-Type; none where it is missing."""
        return _parameter(self.headers, name, "Content-Type")


def decode_html(page: bytes, charset: str = "") -> str:
    """HTML as text: in the encoding that the message names, else in the one that it names itself.

    Args:
        page: HTML.
        charset: what the message around it says; the names that are written for lack of anything better do
            not count against the page's own.
    """
    found = _IN_HTML.search(page, 0, _IN_HTML_WITHIN)
    own = found[1].decode().lower() if found else ""
    if own and charset.lower() in _WESTERN and not own.startswith("utf-16"):  # it was read byte by byte
        charset = own
    return decode_text(page, charset)


def decode_text(body: bytes, charset: str) -> str:
    """The text, in the declared encoding where the bytes are in it, else in the likeliest one."""
    charset = _OTHER_NAMES.get(charset.lower(), charset)
    if charset.lower() in _WESTERN and not body.isascii():
        try:
            return body.decode("utf-8-sig")  # no other text looks like it
        except UnicodeDecodeError:
            pass
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


def parse_headers(message: bytes, max_odd: int = 0) -> tuple[Headers, bytes]:
    """The headers, and what follows them.

    Args:
        message: from its first header, or a part of one.
        max_odd: lines among the headers that may be none.

    Raises:
        TooLarge: the headers do not end within `MAX_HEADERS`.
    """
    end = _END_OF_HEADERS.search(message, 0, MAX_HEADERS)
    if message.startswith((b"\r\n", b"\n")):
        return Message(compat32), message.lstrip(b"\r\n")
    if end is None and len(message) > MAX_HEADERS:
        raise TooLarge("headers")
    head, body = (message[: end.start()], message[end.end() :]) if end else (message, b"")
    found = take_headers(head, max_odd)
    if found.size < len(head):  # no blank line before the body
        body = message[found.size :]
    try:
        headers = HeaderParser(policy=compat32).parsestr(decode_text(b"".join(found.lines), "") + "\n\n")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Corrupt("headers") from error
    return headers, body if headers.keys() else message


@dataclass(slots=True)
class MimeMessage:
    """A message in parts.

    Args:
        headers: the message's own.
        parts: those that hold no parts, in order; a message that is attached is one part.
        is_truncated: whether the end is missing, as far as it can be told.
    """

    headers: Headers
    parts: list[MimePart] = field(default_factory=list)
    is_truncated: bool = False


def parse_message(message: bytes) -> MimeMessage:
    """The message in parts, whatever stands before its headers.

    Raises:
        TooLarge: beyond `MAX_DEPTH`, `MAX_PARTS`, `MAX_SEARCHES`, `MAX_HEADERS` or `MAX_ALL_HEADERS`.
        Corrupt: the headers cannot be read.
    """
    message = without_preamble(message)
    headers, body = parse_headers(message, MAX_ODD_LINES)
    found = MimeMessage(headers, is_truncated=not body and not _END_OF_HEADERS.search(message))
    if not _is_multipart(headers):
        found.is_truncated |= _ends_too_early(headers, body)
    _split(headers, body, (), found, _Budget(to_search=len(message) * MAX_SEARCHES))
    return found


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
    """What stands between the boundary's lines, or between what looks like them where none are there."""
    boundary = _parameter(headers, "boundary", "Content-Type").encode(errors="replace")
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
    """What stands between the boundary's lines; the last piece of a message that is cut short too.

    What some program wrote behind the last line is a piece as well.
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
    """Whether the end of a message without parts is missing, as far as it can be told."""
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


class UuencodedFile(NamedTuple):
    """A file in a text (uuencode, POSIX.1).

    Args:
        start: where it begins in the text.
        end: where the text goes on.
        name: as written.
        body: its bytes.
        is_complete: whether its end is there.
    """

    start: int
    end: int
    name: str
    body: bytes
    is_complete: bool


def find_uuencoded(text: bytes) -> Iterator[UuencodedFile]:
    """The files that are written into a text; a line that begins one and has no data behind it is none."""
    at = 0
    while begin := _UU_BEGIN.search(text, at):
        body = bytearray()
        at = begin.end()
        lines = 0
        is_complete = False
        while line := _UU_LINE.match(text, at):
            if line[1].rstrip() == b"end":
                at, is_complete = line.end(), True
                break
            piece = _uu_piece(line[1])
            if piece is None:
                break
            body += piece
            lines += 1
            at = line.end()
        if lines:
            yield UuencodedFile(
                begin.start(), at, decode_text(begin[1].strip(), ""), bytes(body), is_complete
            )


def _uu_piece(line: bytes) -> bytes | None:
    """The bytes of one line; None for a line that is none of a file's."""
    if not line.strip():
        return b"" if line else None
    count = (line[0] - 32) & 63
    needed = -(-count // 3) * 4
    packed = line[1:].rstrip(b" ") if len(line) - 1 > needed else line[1:]
    if _NO_UU.search(line) or len(packed) > needed + 2:  # a check sum may follow, blanks at the end may not
        return None
    try:
        return binascii.a2b_uu(line[:1] + packed[:needed].ljust(needed))
    except binascii.Error:
        return None


def _line_end_before(body: bytes, start: int, begun: int) -> int:
    """Where the line end begins that belongs to the boundary there."""
    return max(begun, start - 2 if body[start - 2 : start] == b"\r\n" else start - 1)


def header_text(headers: Headers, name: str) -> str:
    """A header as text, its encoded words read; none where it is missing."""
    value = headers.get(name)
    return decode_words(str(value)) if value is not None else ""


def decode_words(value: str) -> str:
    """Text with its encoded words (RFC 2047) read; the first `MAX_HEADER` * 10 characters of it."""
    value = _FOLD.sub(" ", value[: MAX_HEADER * 10])
    end = value.rfind("?=") + 2  # the library looks for an end from each beginning, all the way
    if end == 1:
        return value
    try:
        pieces = decode_header(_ODD_WORD.sub(r"\1 \2", value[:end]))
    except (ValueError, LookupError, AttributeError, MessageError):
        return value
    read = (piece if isinstance(piece, str) else decode_text(piece, name or "") for piece, name in pieces)
    return "".join(read) + value[end:]


def parse_date(value: str) -> datetime | None:
    """The time that a Date header tells, with its zone; None where it tells none."""
    try:
        return parsedate_to_datetime(value[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def header_value(headers: Headers, name: str) -> str:
    """A header's value before its parameters."""
    return str(headers.get(name, "")).partition(";")[0].strip()


def _parameter(headers: Headers, name: str, header_name: str) -> str:
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
        return decode_words(_in_its_charset(*value) if isinstance(value, tuple) else unquote(value))
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _in_its_charset(charset: str | None, language: str | None, quoted: str) -> str:
    """A value that names its encoding (RFC 2231, 4)."""
    text = unquote(quoted)
    known = charset is None or _is_charset(charset)
    return collapse_rfc2231_value((charset, language, text)) if known else text


def _name(headers: Headers) -> str:
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
