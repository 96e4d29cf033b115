"""Tells whether a file is truncated, as far as its own format shows.

A source can hand out a file that was cut at any byte, with a length that fits. What has an end of its own is
looked at here; what comes in a container, a PDF or a picture, is looked at where that is opened.
"""

import csv
import io
import re
from collections.abc import Callable
from xml.parsers import expat

from viewer.formats.document import Document

NOTE = "This file was cut short: its end is missing."
LIKELY = "This text seems to be cut short: it breaks off, and the end of the file may be missing."

_LINE_ENDS = frozenset("\n\r\f\v\x85\u2028\u2029")
_SENTENCE_ENDS = tuple(".!?:)]\"'\u201d\u2019\u2026")
_GOES_ON = tuple(",;([{<&=/\u2018\u201c\u2013\u2014")
"""Signs that no text ends with."""
_LEAST_LINES = 3
"""So many lines that all end alike make a rule from which the last one departs."""
_LONG_LINE = 60
"""Characters: shorter lines are headings, names and entries of lists, which end without a full stop."""
_BLOCK = 512
"""Bytes: what copies files block by block, and stops, leaves a multiple of it."""
_FIGURES = re.compile(r"(?<![.:/-])\d+")
_LETTERS = re.compile(r"[^\W\d_]+")
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


def text_notes(text: str, size: int, is_truncated: Callable[[str], bool] | None = None) -> tuple[str, ...]:
    """A sentence where a text may have been cut short.

    Args:
        text: all of it.
        size: of the file in bytes.
        is_truncated: tells it of the form that the text has; without it the last line does.
    """
    if is_truncated:
        return (NOTE,) if is_truncated(text) else ()
    if (_JSON_START.match(text) and json(text)) or (text.startswith("<") and xml(text)):
        return (NOTE,)
    return (LIKELY,) if _breaks_off(text, size) else ()


def table_notes(text: str, size: int, delimiter: str) -> tuple[str, ...]:
    """A sentence where a table in text was cut short, or may have been.

    Args:
        text: all of it.
        size: of the file in bytes.
        delimiter: stands between the cells.
    """
    if _ends_half(text):
        return (LIKELY,)
    if not text or text[-1] in _LINE_ENDS:
        return ()
    rows: list[list[str]] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows.extend(row for row in reader if row)
    except csv.Error as error:
        return (NOTE,) if "end of data" in str(error) else ()
    is_cut = size % _BLOCK == 0 or _departs(rows)
    return (LIKELY,) if is_cut else ()


def _departs(rows: list[list[str]]) -> bool:
    """Whether the last row has fewer cells than all others, or a last cell of another form than theirs."""
    *others, last = rows or [[]]
    if len({len(row) for row in others}) != 1:
        return False
    if len(last) != len(others[0]) or len(others) < _LEAST_LINES:
        return len(last) < len(others[0])
    forms = {_form(row[-1]) for row in others[1:]}  # the first may be a heading
    return len(forms) == 1 and _form(last[-1]) not in forms


def _form(cell: str) -> str:
    """The cell with a sign for each word and whole number; how many figures follow a point counts."""
    return _LETTERS.sub("a", _FIGURES.sub("9", cell))


def _breaks_off(text: str, size: int) -> bool:
    """Whether the text ends as hardly any text does. That its last line has no line break is common."""
    if _ends_half(text):
        return True
    if not text or text[-1] in _LINE_ENDS:
        return False
    if size % _BLOCK == 0 or text.endswith(_GOES_ON):
        return True
    *others, last = [line.rstrip() for line in text.splitlines() if line.strip()] or [""]
    if last.endswith(_SENTENCE_ENDS):
        return False
    is_rule = len(others) >= _LEAST_LINES and all(line.endswith(_SENTENCE_ENDS) for line in others)
    long = [line for line in others if len(line) >= _LONG_LINE]
    is_rule_of_long = len(long) >= _LEAST_LINES and all(line.endswith(_SENTENCE_ENDS) for line in long)
    return is_rule or (is_rule_of_long and len(last) >= _LONG_LINE)


def _ends_half(text: str) -> bool:
    """Whether the other half of the last line break is missing."""
    return text.endswith("\r") and "\r\n" in text


def json(text: str) -> bool:
    """Whether JSON, or JSON in lines, ends within an object, a list or a string."""
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
    """Whether XML that is well-formed so far ends within an element."""
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
    """A note where a web page ends within a tag, or within its html or body element."""
    plain = page.replace(b"\0", b"").lower()
    within_tag = plain.rfind(b"<") > plain.rfind(b">")
    is_open = (b"<html" in plain or b"<body" in plain) and not (b"</html" in plain or b"</body" in plain)
    return (NOTE,) if within_tag or is_open else ()


def rtf(document: bytes) -> bool:
    """Whether RTF ends within a group; with raw bytes in it, whether it ends without a closing brace."""
    if b"\\bin" in document:
        return not document.rstrip(b"\0\r\n \t\x1a").endswith(b"}")
    plain = _ESCAPED.sub(b"", document)
    return plain.count(b"{") > plain.count(b"}")


class _Stopped(Exception):
    """The document declares entities, which may expand without end."""


def _stop(*_: object) -> None:
    raise _Stopped


def office_notes(document: Document) -> tuple[str, ...]:
    """A note where an office file that is not a zip is truncated."""
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
