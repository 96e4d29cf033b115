"""Finds the fields of each kind of document, and keeps the values that were saved."""

import copy
import io
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from viewer.errors import Problem
from viewer.formats.document import Document
from viewer.formats.office.saved_fields import (
    cells,
    dates,
    excel_97,
    open_document,
    rtf,
    slides,
    word_97,
    word_xml,
)
from viewer.formats.office.saved_fields.xml_cuts import UnsupportedXml
from viewer.formats.ole import BROKEN as BROKEN_OLE
from viewer.formats.zips import BROKEN as BROKEN_ZIP

_MAX_BYTES = 64 * 1024 * 1024
"""Of a document, and of all its parts that are read, unpacked."""
_WORKBOOKS = ("Workbook", "Book")
_TODAY = "A date on the slides is that of today: the presentation asks for it, and none was saved."
_NOT_READ = "Dates, file names and references that the document computes may not be those that were saved."
_EMPTY = (
    "1 date, name or reference that the document computes is left out: it was not saved.",
    "{n} dates, names or references that the document computes are left out: they were not saved.",
)


@dataclass(frozen=True, slots=True)
class SavedFields:
    """A document whose fields say what they said when it was saved.

    Args:
        body: its bytes; None where nothing had to be changed.
        notes: what could not be kept.
    """

    body: bytes | None = None
    notes: tuple[str, ...] = ()


class _Fields(Protocol):
    """Takes the fields out of one part."""

    left_out: int

    def transformed(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _FieldParts:
    """Where a kind of document has fields.

    Args:
        names: of the parts in its zip; not asked of documents without one.
        marks: a part without any of them has no fields.
        fields: takes them out of a part, given its name.
    """

    names: re.Pattern[str]
    marks: tuple[bytes, ...]
    fields: Callable[[str, bytes], _Fields]


def _word_fields(name: str, part: bytes) -> _Fields:
    in_margin = bool(_MARGIN.search(name))
    return word_xml.WordFields(part, in_margin=in_margin)


_MARGIN = re.compile(r"(?:header|footer)\d{0,9}\.xml$")
_WORD = _FieldParts(re.compile(r"(?!customXml/|docProps/|xl/|ppt/).*\.xml"), word_xml.MARKS, _word_fields)
_OPEN_DOCUMENT = _FieldParts(
    re.compile(r"(?:.*/)?(?:content|styles)\.xml"),
    open_document.MARKS,
    lambda _, part: open_document.OpenDocumentFields(part),
)
_OPEN_SHEETS = _FieldParts(
    re.compile(r"(?:.*/)?content\.xml"), cells.MARKS, lambda _, part: cells.OpenSheetCells(part)
)
"""The feet of sheets hold no results, and are left to the office's own script."""
_SHEETS = _FieldParts(
    re.compile(r"xl/(?:styles|worksheets/[^/]+)\.xml"),
    (*cells.MARKS, *dates.MARKS),
    lambda name, part: (dates.DateStyles if name == "xl/styles.xml" else cells.SheetCells)(part),
)
_BINARY_SHEETS = _FieldParts(
    re.compile(r"xl/(?:styles|worksheets/[^/]+)\.bin"), (b"",), lambda _, part: excel_97.BinaryCells(part)
)
_SLIDES = _FieldParts(
    re.compile(r"ppt/(?:slides|slideLayouts|slideMasters)/[^/]+\.xml"),
    slides.MARKS,
    lambda _, part: slides.SlideFields(part),
)
_RTF = _FieldParts(re.compile(""), rtf.MARKS, lambda _, part: rtf.RtfFields(part))
_KINDS = {
    **dict.fromkeys(("docx", "docm", "dotx", "dotm", "wordml"), _WORD),
    **dict.fromkeys(("odt", "ott", "odp", "otp", "odg", "otg", "sxw", "sxi", "sxd"), _OPEN_DOCUMENT),
    **dict.fromkeys(("fodt", "fodp", "fodg"), _OPEN_DOCUMENT),
    **dict.fromkeys(("ods", "ots", "sxc", "fods"), _OPEN_SHEETS),
    **dict.fromkeys(("xlsx", "xlsm", "xltx", "xltm"), _SHEETS),
    "xlsb": _BINARY_SHEETS,
    **dict.fromkeys(("pptx", "pptm", "ppsx", "ppsm", "potx", "potm"), _SLIDES),
    "rtf": _RTF,
}


def keep_saved_fields(document: Document) -> SavedFields:
    """The document with its fields as they were saved, where its kind has any; else nothing."""
    try:
        return _keep_saved_fields(document)
    except RecursionError:
        raise
    except (UnsupportedXml, Problem, struct.error, *BROKEN_OLE, *BROKEN_ZIP):
        return SavedFields(notes=(_NOT_READ,))


def _keep_saved_fields(document: Document) -> SavedFields:
    found = document.found
    parts = _KINDS.get(document.kind.name)
    if found.archive and parts:
        return _keep_in_zip(found.archive, parts)
    if found.ole and found.ole.exists("WordDocument"):
        whole = document.whole(_MAX_BYTES)
        return _saved(whole, word_97.WordFields(found.ole, whole))
    if found.ole and found.ole.exists("PowerPoint Document"):
        today = slides.shows_today(found.ole.body("PowerPoint Document"))
        return SavedFields(notes=(_TODAY,) if today else ())
    book = next((name for name in _WORKBOOKS if found.ole and found.ole.exists(name)), None)
    if found.ole and book:
        whole = document.whole(_MAX_BYTES)
        return _saved(whole, excel_97.WorkbookCells(found.ole, whole, book))
    if parts and not found.archive:
        whole = document.whole(_MAX_BYTES)
        if any(mark in whole for mark in parts.marks):
            return _saved(whole, parts.fields("", whole))
    return SavedFields()


def _saved(before: bytes, fields: _Fields) -> SavedFields:
    after = fields.transformed()
    return SavedFields(after if after != before else None, _notes(fields.left_out))


def _notes(left_out: int) -> tuple[str, ...]:
    one, several = _EMPTY
    return (one if left_out == 1 else several.format(n=left_out),) if left_out else ()


def _keep_in_zip(archive: zipfile.ZipFile, parts: _FieldParts) -> SavedFields:
    changed: dict[str, bytes] = {}
    left, left_out = _MAX_BYTES, 0
    for member in archive.infolist():
        if not parts.names.fullmatch(member.filename) or member.filename in changed:
            continue
        left -= member.file_size
        if left < 0:
            raise UnsupportedXml
        before = archive.read(member)
        if any(mark in before for mark in parts.marks):
            fields = parts.fields(member.filename, before)
            after = fields.transformed()
            left_out += fields.left_out
            if after != before:
                changed[member.filename] = after
    return SavedFields(_with_parts(archive, changed) if changed else None, _notes(left_out))


def _with_parts(archive: zipfile.ZipFile, changed: dict[str, bytes]) -> bytes:
    """The archive with other bytes in some of its parts; the rest are copied as they are packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for member in archive.infolist():
            if member.filename in changed:
                fresh = zipfile.ZipInfo(member.filename, member.date_time)
                target.writestr(fresh, changed[member.filename], zipfile.ZIP_DEFLATED, compresslevel=1)
            else:
                _copy_compressed(archive, member, target)
    return out.getvalue()


_LOCAL = struct.Struct("<26xHH")
"""Of a part's own header (PKWARE's APPNOTE.TXT 4.3.7): the lengths of its name and of its extra field."""
_SIZES_FOLLOW = 0x0008


def _copy_compressed(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: zipfile.ZipFile) -> None:
    """Copy a part as it is packed: pictures need not be packed again."""
    source, out = _file(archive), _file(target)
    source.seek(member.header_offset)
    lengths = _LOCAL.unpack(source.read(_LOCAL.size))
    source.seek(sum(lengths), io.SEEK_CUR)
    packed = source.read(member.compress_size)
    if len(packed) != member.compress_size:
        raise zipfile.BadZipFile
    mine = copy.copy(member)
    mine.flag_bits &= ~_SIZES_FOLLOW
    mine.extra = b""
    mine.header_offset = out.tell()
    out.write(mine.FileHeader(zip64=False))
    out.write(packed)
    target.filelist.append(mine)
    target.NameToInfo[mine.filename] = mine
    target.start_dir = out.tell()


def _file(archive: zipfile.ZipFile) -> BinaryIO:
    file = archive.fp
    if file is None:
        raise zipfile.BadZipFile
    return file  # type: ignore[return-value]  # typeshed's own protocol
