"""Whether a file stops before its end, as far as its own form tells.

A source can hand out a file that was cut at any byte, with a length that fits. What has an end of its own is
looked at here; what comes in a container, a PDF or a picture, is looked at where that is opened.
"""

import re
from collections.abc import Callable
from xml.parsers import expat

from viewer.formats.document import Document

NOTE = "This file was cut short: its end is missing."
LINE = "This text does not end with a whole line. If it seems to stop short, the end of the file is missing."

_ENDS = frozenset("\n\r\f\v\x85\u2028\u2029.!?)\"'\u201d\u2019\u2026")
"""What a text that was not cut mostly ends with: a line break, or the end of a sentence."""
_MAX_BYTES = 256 * 1024 * 1024
FLAT = frozenset({"fodt", "fods", "fodp", "fodg", "spreadsheetml", "wordml"})
"""Kinds of office files that are one XML document."""
_UNFINISHED = frozenset(
    (
        expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
        expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    )
)
_JSON = re.compile(r'"(?:[^"\\]|\\.)*+("?)|[{}\[\]]', re.DOTALL)
_JSON_START = re.compile(r'\s*(?:\{\s*["}]|\[\s*[\[{"])')
_ESCAPED = re.compile(rb"\\[\\{}]")


def text_notes(text: str, is_truncated: Callable[[str], bool] | None = None) -> tuple[str, ...]:
    """A sentence where a text may have been cut short.

    Args:
        text: all of it.
        is_truncated: tells it of the form that the text has; without it the last line does.
    """
    if is_truncated:
        return (NOTE,) if is_truncated(text) else ()
    if (_JSON_START.match(text) and json(text)) or (text.startswith("<") and xml(text)):
        return (NOTE,)
    return (LINE,) if _ends_within_line(text) else ()


def _ends_within_line(text: str) -> bool:
    if text.endswith("\r"):
        return "\r\n" in text  # the other half of its line break is missing
    return bool(text) and text[-1] not in _ENDS


def json(text: str) -> bool:
    """Whether something is still open at the end of JSON, or of JSON in lines."""
    depth = 0
    for match in _JSON.finditer(text):
        sign = match[0]
        if sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
        elif not match[1]:
            return True
    return depth > 0


def xml(document: str | bytes) -> bool:
    """Whether elements are still open at the end, in what is sound up to there."""
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _stop
    try:
        parser.Parse(document, True)  # noqa: FBT003 - that it is all there is
    except expat.ExpatError as error:
        return error.code in _UNFINISHED
    except (_Stopped, ValueError, LookupError):  # the last two: unknown encodings
        return False
    return False


def html_notes(page: bytes) -> tuple[str, ...]:
    """A sentence where a web page ends within a tag, or what it begins with does not end."""
    plain = page.replace(b"\0", b"").lower()
    within_tag = plain.rfind(b"<") > plain.rfind(b">")
    is_open = (b"<html" in plain or b"<body" in plain) and not (b"</html" in plain or b"</body" in plain)
    return (NOTE,) if within_tag or is_open else ()


def rtf(document: bytes) -> bool:
    """Whether groups are still open at the end; not told where raw bytes are among them."""
    if b"\\bin" in document:
        return not document.rstrip(b"\0\r\n \t\x1a").endswith(b"}")
    plain = _ESCAPED.sub(b"", document)
    return plain.count(b"{") > plain.count(b"}")


class _Stopped(Exception):
    """The document declares entities, which may unfold without end."""


def _stop(*_: object) -> None:
    raise _Stopped


def office_notes(document: Document) -> tuple[str, ...]:
    """A sentence where an office file that has no zip around it was cut short."""
    ole = document.found.ole
    if ole is not None:
        is_truncated = ole.is_truncated(document.size)
    elif document.kind.name == "rtf":
        is_truncated = rtf(document.whole(_MAX_BYTES))
    elif document.kind.name in FLAT:
        is_truncated = xml(document.whole(_MAX_BYTES))
    else:
        is_truncated = False
    return (NOTE,) if is_truncated else ()
