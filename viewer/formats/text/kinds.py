"""Text in any encoding; binary junk is not text, and mark-up waits for a sanitiser."""

import csv
import re

from viewer.errors import UnsupportedType
from viewer.formats.decoding import decode, wide_encoding
from viewer.formats.document import Kind

TEXT = Kind("txt", "Plain text")
JSON = Kind("json", "Data (JSON)")
XML = Kind("xml", "Data (XML)")
CSV = Kind("csv", "Table (CSV)")

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MAX_CONTROL = 0.01
"""The share of control characters in mark-up that programs wrote carelessly."""
_FEW_CONTROL, _FEW_WITHIN = 3, 0.05
"""So many are let pass in a short text too, up to this share of it: each costs its own letter alone."""
_PADDING, _LEAST_PADDED = b"\x00\x1a", 16
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_WIDE_BOMS = (*_UTF16_BOMS, b"\x00\x00\xfe\xff")
_XML = frozenset({"text/xml", "application/xml"})
_JSON = frozenset({"application/json", "application/x-ndjson"})
_TABLE_DELIMITERS = (";", "\t")
"""libmagic knows tables with commas. Prose has commas too, but no line after line with as many of these."""
_TABLE_ROWS = 3
_SAMPLE_LINES = 20


def readable(head: bytes) -> bytes | None:
    """The first bytes of a text, without wide letters and control characters; None for what is no text.

    Args:
        head: the file's first bytes.
    """
    if head.startswith(_WIDE_BOMS) or wide_encoding(head):
        return decode(head).encode("utf-8", "replace")
    found = head.rstrip(_PADDING)
    if len(found) < _LEAST_PADDED < len(head):
        return None  # a few letters before many zeros are how other files begin
    clean = _CONTROL.sub(b" ", found)
    count = sum(before != after for before, after in zip(found, clean, strict=True)) if clean != found else 0
    few = min(_FEW_CONTROL, len(found) * _FEW_WITHIN)
    return clean if found and count <= max(few, len(found) * _MAX_CONTROL) else None


def text_kind(head: bytes, media_type: str) -> Kind:
    """Text, or a table or data in text.

    Args:
        head: the file's first bytes, `readable`.
        media_type: libmagic's word for them.

    Raises:
        UnsupportedType: text that means something else.
    """
    if media_type in _XML:
        return XML
    if media_type in _JSON:
        return JSON
    if media_type == "text/csv" or (media_type.startswith("text/") and _is_table(head)):
        return CSV
    # a message or a page that was not recognised as one is read as the text that it is
    if media_type.startswith("text/") or media_type == "message/rfc822":
        return TEXT
    raise UnsupportedType


def mostly_text(head: bytes) -> bool:
    """Whether mark-up that begins like this is text all along, rather than a few words before binary junk."""
    return head.startswith(_UTF16_BOMS) or len(_CONTROL.findall(head)) <= len(head) * _MAX_CONTROL


def _is_table(head: bytes) -> bool:
    """Whether the first lines, three or more, all have as many cells as one another, and several."""
    lines = head.decode("utf-8", "replace").splitlines()[:_SAMPLE_LINES]
    return any(_same_widths(lines, delimiter) for delimiter in _TABLE_DELIMITERS)


def _same_widths(lines: list[str], delimiter: str) -> bool:
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return False
    whole = widths[:-1] if len(lines) == _SAMPLE_LINES else widths  # the sample may end within a row
    return len(whole) >= _TABLE_ROWS and len(set(whole)) == 1 and whole[0] > 1
