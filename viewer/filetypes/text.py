"""Text in any encoding; binary junk is not text, and mark-up waits for a sanitiser."""

import re

from viewer.documents import Kind
from viewer.errors import UnsupportedType
from viewer.filetypes.office import MAX_SHEET_PAGES

TEXT = Kind("txt", "Plain text")
CSV = Kind("csv", "Table (CSV)", import_filter="Text - txt - csv (StarCalc)", cut_after=MAX_SHEET_PAGES)

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_MARK_UP = frozenset({"text/html", "text/xml", "application/xml", "image/svg+xml", "message/rfc822"})
_DATA = frozenset({"application/json", "application/x-ndjson"})


def text(head: bytes, media_type: str) -> Kind:
    """Plain text, or a table in text.

    Args:
        head: the file's first bytes.
        media_type: libmagic's word for them.

    Raises:
        UnsupportedType: not text, or text that means something else.
    """
    if media_type in _MARK_UP:
        raise UnsupportedType
    if not head.startswith(_UTF16_BOMS) and _CONTROL.search(head):
        raise UnsupportedType
    if media_type == "text/csv":
        return CSV
    if media_type.startswith("text/") or media_type in _DATA:
        return TEXT
    raise UnsupportedType
