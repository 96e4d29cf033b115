"""The headers of a message or of one of its parts, parsed: parameters, encoded words and dates."""

import re
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value, decode_params, parsedate_to_datetime, unquote
from typing import TypeAlias

from viewer.errors import Corrupt, TooLarge
from viewer.formats.charsets import decode_text, is_charset
from viewer.formats.raw_headers import take_headers

Headers: TypeAlias = "Message[str, str]"
"""The parsed headers of a message or of one of its parts: the standard library's type, without a body."""

MAX_HEADER = 2000
"""Characters of a subject or of one address that are shown."""
MAX_HEADERS = 512 * 1024
"""Bytes of the headers of one part."""
MAX_PARAMETERS = 16 * 1024
"""The longest header in characters that is read for its parameters."""
END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]*")
_PARAMETER = re.compile(r';\s*+([^\s=;"]*+)\s*+(?:=\s*+("(?:[^"\\]|\\.)*+"?|[^;]*+))?', re.DOTALL)
"""A parameter's name and value (RFC 2045, 5.1), taken apart without ever going back."""
_ODD_WORD = re.compile(r"(\?=)\s*(=\?)")


def parse_headers(message: bytes, max_odd: int = 0) -> tuple[Headers, bytes]:
    """Parse the headers; return them and the body.

    Args:
        message: from its first header, or a part of one.
        max_odd: lines among the headers that may be none.

    Raises:
        TooLarge: the headers do not end within `MAX_HEADERS`.
    """
    end = END_OF_HEADERS.search(message, 0, MAX_HEADERS)
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


def header_text(headers: Headers, name: str) -> str:
    """A header as text, with encoded words decoded; an empty string where it is missing."""
    value = headers.get(name)
    return decode_words(str(value)) if value is not None else ""


def decode_words(value: str) -> str:
    """Text with its encoded words (RFC 2047) decoded; the first `MAX_HEADER` * 10 characters of it."""
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
    """The time of a Date header, with its zone where it names one; None where it cannot be read."""
    try:
        return parsedate_to_datetime(value[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def header_value(headers: Headers, name: str) -> str:
    """The value of a header without its parameters."""
    return str(headers.get(name, "")).partition(";")[0].strip()


def parameter(headers: Headers, name: str, header_name: str) -> str:
    """The value of a parameter; empty where it is missing, or its header is longer than `MAX_PARAMETERS`.

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
    """The value of a parameter that names its charset (RFC 2231, 4)."""
    text = unquote(quoted)
    known = charset is None or is_charset(charset)
    return collapse_rfc2231_value((charset, language, text)) if known else text


def file_name_in(headers: Headers) -> str:
    """The untrusted file name that Content-Disposition or Content-Type gives; an empty string for none."""
    for header, key in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        name = parameter(headers, key, header)
        if name:
            return name
    return ""
