"""Recognises office files without a container by their first bytes: old binary ones, RTF, flat XML."""

import re
import struct

from viewer.errors import Corrupt, PasswordProtected
from viewer.formats.document import Kind
from viewer.formats.office import biff
from viewer.formats.office.kinds import EXCEL_4, MAX_SHEET_PAGES, POWERPOINT_4, WORD_2, WORDPERFECT, WORKS
from viewer.formats.text.kinds import mostly_text

RTF_FILTER = "Rich Text Format"
RTF = Kind("rtf", "Rich text document", import_filter=RTF_FILTER)
_WMF = Kind("wmf", "Windows metafile", import_filter="WMF - MS Windows Metafile")
_EMF = Kind("emf", "Windows metafile", import_filter="EMF - MS Windows Metafile")
_WRITE = Kind("wri", "Write document", import_filter="MS_Write")
_PLACED = b"\xd7\xcd\xc6\x9a"
_STARTS = {
    b"\xdb\xa5": WORD_2,
    b"\x9b\xa5": WORD_2,
    b"\xed\xde\xad\x0b": POWERPOINT_4,
    b"\x31\xbe\x00\x00\x00\xab": _WRITE,
    b"\x32\xbe\x00\x00\x00\xab": _WRITE,
    b"\x01\xfe\x32\x04": WORKS,
    _PLACED: _WMF,
    b"\x01\x00\x09\x00\x00\x03": _WMF,
    b"\x02\x00\x09\x00\x00\x03": _WMF,
}
"""Word 1 and 2, PowerPoint 2 and 3, Windows Write, Works for DOS, metafiles with and without a placement."""
_TEXT_AT = struct.Struct("<24xII")
_LARGEST_TEXT = 1 << 26
"""Bytes; where the text of a Word 1 or 2 document begins and ends stands in its head."""
_PLACEMENT = 22
"""Bytes before the metafile itself."""
_LAST_EMF_RECORD = 0x7A
"""The highest type of a record ([MS-EMF] 2.1.1)."""
_METAFILES = frozenset({b"\x01\x00\x09\x00", b"\x02\x00\x09\x00"})
_RTF = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,64}\{\s?\\rtf")
_WORDPERFECT_DOCUMENTS = frozenset({0x0A, 0x2C})
"""Of Windows and DOS, and of the Macintosh."""
_FLAT_ODF = {
    b"text": Kind("fodt", "Text document", import_filter="OpenDocument Text Flat XML"),
    b"spreadsheet": Kind(
        "fods", "Spreadsheet", import_filter="OpenDocument Spreadsheet Flat XML", cut_after=MAX_SHEET_PAGES
    ),
    b"presentation": Kind("fodp", "Presentation", import_filter="OpenDocument Presentation Flat XML"),
    b"graphics": Kind("fodg", "Drawing", import_filter="OpenDocument Drawing Flat XML"),
}
_FLAT_ODF_MARK = re.compile(
    rb"""<office:document\s[^<>]*office:mimetype=["']application/vnd\.oasis\.opendocument\.([a-z]+)"""
)
_EXCEL_2003 = Kind(
    "spreadsheetml", "Excel spreadsheet", import_filter="MS Excel 2003 XML Orcus", cut_after=MAX_SHEET_PAGES
)
_EXCEL_2003_MARK = re.compile(rb"""<(?:\w+:)?Workbook\s[^<>]*urn:schemas-microsoft-com:office:spreadsheet""")
_WORD_2003 = Kind("wordml", "Word document", import_filter="MS Word 2003 XML")
_WORD_2003_MARK = re.compile(
    rb"""<(?:\w+:)?wordDocument\s[^<>]*schemas\.microsoft\.com/office/word/2003/wordml"""
)
KINDS = frozenset(
    kind.name
    for kind in (RTF, _WMF, _EMF, _WRITE, _EXCEL_2003, _WORD_2003, *_STARTS.values(), *_FLAT_ODF.values())
)
"""Names of the kinds that are told apart here."""


def kind_by_signature(head: bytes) -> Kind | None:
    """The kind of office file that the first bytes show; None for anything else.

    Raises:
        PasswordProtected: an old workbook that is locked.
        Corrupt: it begins as one, and goes on as none does: the office would make pages of garbage of it.
    """
    if _RTF.match(head):
        return _require_sound(RTF, b"\\bin" in head or mostly_text(head))
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return _require_sound(kind, _has_matching_content(head, kind))
    return _workbook_kind(head) or _wordperfect_kind(head) or _emf_kind(head) or _flat_xml_kind(head)


def _require_sound(kind: Kind, is_sound: bool) -> Kind:  # noqa: FBT001 - plain in the calls
    if not is_sound:
        raise Corrupt
    return kind


def _has_matching_content(head: bytes, kind: Kind) -> bool:
    """Whether what follows the first bytes is what follows them in such files."""
    if kind is WORD_2:
        return len(head) >= _TEXT_AT.size and _has_text(*_TEXT_AT.unpack_from(head))
    if head.startswith(_PLACED):
        return head[_PLACEMENT : _PLACEMENT + 4] in _METAFILES
    return True


def _has_text(start: int, end: int) -> bool:
    return start <= end <= _LARGEST_TEXT


def _workbook_kind(head: bytes) -> Kind | None:
    """Excel 2 to 5 wrote workbooks without a container."""
    if not biff.is_workbook(head) or len(head) < 8:  # noqa: PLR2004 - the first record
        return None
    if biff.is_locked(head):
        raise PasswordProtected
    return _require_sound(EXCEL_4, biff.is_sound(head))


def _wordperfect_kind(head: bytes) -> Kind | None:
    is_document = head.startswith(b"\xffWPC") and len(head) > 9 and head[9] in _WORDPERFECT_DOCUMENTS  # noqa: PLR2004 - where the type stands
    return WORDPERFECT if is_document else None


def _emf_kind(head: bytes) -> Kind | None:
    if not head.startswith(b"\x01\x00\x00\x00") or head[40:44] != b" EMF":
        return None
    (size,) = struct.unpack_from("<I", head, 4)
    following = head[size : size + 4]
    record_type = int.from_bytes(following, "little")
    return _require_sound(_EMF, len(following) == 4 and 0 < record_type <= _LAST_EMF_RECORD)  # noqa: PLR2004


def _flat_xml_kind(head: bytes) -> Kind | None:
    if b"<" not in head[:64]:
        return None
    if _EXCEL_2003_MARK.search(head):
        return _EXCEL_2003
    if _WORD_2003_MARK.search(head):
        return _WORD_2003
    match = _FLAT_ODF_MARK.search(head)
    return _FLAT_ODF.get(match[1]) if match else None
