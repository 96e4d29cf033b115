"""Word, Excel and PowerPoint 97, and RTF: by olefile, xlrd and striprtf.

The layout of Word's pieces is [MS-DOC] 2.4.1, that of PowerPoint's texts [MS-PPT] 2.9.
"""

import io
import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import olefile
import xlrd
from striprtf.striprtf import rtf_to_text

from tests.corpus.extraction.cells import displayed
from tests.corpus.extraction.passage import Passage, comments, hidden_rows

_HIDES = "hidden text"
_FIELD_BEGINS, _FIELD_SEPARATES, _FIELD_ENDS = "\x13", "\x14", "\x15"
_LENGTHS_AT = 0x4C
"""Of the lengths of a document's stories in its header: text, footnotes, headers, macros, comments first."""
_COMMENTS_STORY = 4
_TEXT_CHARS, _TEXT_BYTES, _NOTES, _SLIDE, _MASTER, _LIST = 0x0FA0, 0x0FA8, 0x03F0, 0x03EE, 0x03F8, 0x0FF0


def word_97(path: Path) -> Iterator[Passage]:
    """All stories of the document; its hidden text is not told from the other."""
    with olefile.OleFileIO(str(path)) as ole:
        main = ole.openstream("WordDocument").read()
        (flags,) = struct.unpack_from("<H", main, 0x0A)
        table = ole.openstream("1Table" if flags & 0x0200 else "0Table").read()
    text = "".join(_pieces(main, table))
    lengths = struct.unpack_from("<8i", main, _LENGTHS_AT)
    start = 0
    for story, length in enumerate(lengths):
        told = _without_codes(text[start : start + length])
        start += length
        yield comments(told) if story == _COMMENTS_STORY else Passage(told, "text or hidden text", _HIDES)


def _pieces(main: bytes, table: bytes) -> Iterator[str]:
    start, length = struct.unpack_from("<II", main, 0x01A2)
    places = table[start : start + length]
    at = 0
    while places[at] == 1:  # properties of pieces stand before the pieces
        at += 3 + struct.unpack_from("<H", places, at + 1)[0]
    (size,) = struct.unpack_from("<I", places, at + 1)
    pieces = places[at + 5 : at + 5 + size]
    count = (size - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}I", pieces)
    for number in range(count):
        (place,) = struct.unpack_from("<I", pieces, 4 * (count + 1) + 8 * number + 2)
        letters = ends[number + 1] - ends[number]
        if place & 0x40000000:
            first = (place & 0x3FFFFFFF) // 2
            yield main[first : first + letters].decode("cp1252", "replace")
        else:
            yield main[place : place + 2 * letters].decode("utf-16-le", "replace")


def _without_codes(text: str) -> str:
    """The text without the codes of its fields, whose results stay."""
    kept, codes = [], []
    for letter in text:
        if letter == _FIELD_BEGINS:
            codes.append(True)
        elif letter == _FIELD_SEPARATES and codes:
            codes[-1] = False
        elif letter == _FIELD_ENDS and codes:
            codes.pop()
        elif not any(codes):
            kept.append("-" if letter == "\x1e" else letter if letter >= " " or letter == "\x1f" else " ")
    return "".join(kept).replace("\x1f", "")


def powerpoint_97(path: Path) -> Iterator[Passage]:
    """The texts of all records but masters; what is noted or hidden is not told from what is shown."""
    with olefile.OleFileIO(str(path)) as ole:
        body = ole.openstream("PowerPoint Document").read()
    return (Passage(text, "text, notes or hidden slides", "slide") for text in _records(body, 0, len(body)))


def _records(body: bytes, at: int, end: int) -> Iterator[str]:
    while at + 8 <= end:
        form, kind, length = struct.unpack_from("<HHI", body, at)
        inner = at + 8
        if kind == _TEXT_CHARS:
            yield body[inner : inner + length].decode("utf-16-le", "replace")
        elif kind == _TEXT_BYTES:
            yield body[inner : inner + length].decode("latin-1")
        elif form & 0xF == 0xF and kind != _MASTER:
            yield from _records(body, inner, min(inner + length, end))
        at = inner + length


def excel_97(path: Path) -> Iterator[Passage]:
    """Cells as they are displayed; comments, what is hidden. Shapes and headers are not read."""
    book = xlrd.open_workbook(file_contents=path.read_bytes(), formatting_info=True, logfile=io.StringIO())
    for sheet in book.sheets():
        if not sheet.visibility and sheet.nrows:
            yield Passage(sheet.name)
        for note in sheet.cell_note_map.values():
            yield comments(note.text)
        for row in range(sheet.nrows):
            for column in range(sheet.ncols):
                text = _cell(book, sheet.cell(row, column))
                concealed = sheet.visibility or _is_hidden(sheet, row, column)
                yield hidden_rows(text) if concealed else Passage(text)


def _is_hidden(sheet: xlrd.sheet.Sheet, row: int, column: int) -> bool:
    rows, columns = sheet.rowinfo_map, sheet.colinfo_map
    return bool((row in rows and rows[row].hidden) or (column in columns and columns[column].hidden))


def _cell(book: xlrd.Book, cell: xlrd.sheet.Cell) -> str:
    form = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(cell.value)
    if cell.ctype == xlrd.XL_CELL_DATE:
        year, month, day, hour, minute, second = xlrd.xldate_as_tuple(cell.value, book.datemode)
        if not year:
            return ""
        return displayed(datetime(year, month, day, hour, minute, second), form)  # noqa: DTZ001 - cells hold naive times
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return displayed(cell.value, form)
    return ""


def rich_text(path: Path) -> Iterator[Passage]:
    """What the body says; headers, footnotes and comments are not read, hidden text is not told apart."""
    text = rtf_to_text(  # type: ignore[no-untyped-call]  # the package has no types
        path.read_bytes().decode("latin-1"), encoding="cp1252", errors="ignore"
    )
    yield Passage(text, "text or hidden text", _HIDES)
