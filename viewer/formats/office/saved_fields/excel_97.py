"""Old Excel workbooks: cells that say another thing at each opening, and formats that follow the country.

Nothing moves: a formula's record becomes that of the value in it, which begins alike ([MS-XLS] 2.4.127,
Formula, and 2.4.180, Number), one of a text becomes a label (2.4.148). A record that spells out a format that
Excel itself takes from the reader's country (2.4.126) becomes one that nobody knows, and cells that have such
a format by another number (2.4.353, XF) get its own.
"""

import io
import struct

from viewer.formats.office.saved_fields.dates import local_format
from viewer.formats.ole import OleFile

_RECORD = struct.Struct("<HH")
_LOCKED, _FORMULA, _NUMBER, _TEXT, _LABEL, _FORMAT = 0x2F, 0x06, 0x0203, 0x0207, 0x0204, 0x041E
_CELL_FORMAT = 0xE0
_UNKNOWN = 0x0FFF
_OLDER_FORMULAS = frozenset({0x0206, 0x0406})
_TOKENS_AT = 22
_VOLATILE = b"\x19\x01"
"""How the tokens of a formula begin that is computed at each opening (2.5.198.8, PtgAttrSemi)."""
_FROM_THE_COUNTRY = range(14, 23)
"""Dates and times."""


class WorkbookCells:
    """Goes through a workbook."""

    left_out = 0

    def __init__(self, ole: OleFile, document: bytes, stream: str) -> None:
        """Nothing is changed yet.

        Args:
            ole: open on the document.
            document: all of it.
            stream: the name of the one that holds the workbook.
        """
        self._ole = ole
        self._document = document
        self._stream = stream
        self._numbers: dict[int, int] = {}

    def transformed(self) -> bytes:
        """The workbook, in which such cells have values alone.

        Raises:
            Exception: one of `ole.BROKEN`, or struct.error.
            Corrupt: it is cut short.
        """
        before = self._ole.body(self._stream)
        book = bytearray(before)
        at = 0
        while at + _RECORD.size <= len(book):
            kind, length = _RECORD.unpack_from(book, at)
            if kind == _LOCKED:
                return self._document
            end = at + _RECORD.size + length
            if kind == _FORMULA and book.startswith(_VOLATILE, at + _RECORD.size + _TOKENS_AT):
                _replace_formula(book, at, end)
            elif kind == _FORMAT:
                self._note_format(book, at, end)
            elif kind == _CELL_FORMAT:
                _replace(book, at + 6, self._numbers)
            at = end
        if book == before:
            return self._document
        out = io.BytesIO(self._document)
        with OleFile(out, write_mode=True) as ole:
            ole.write_stream(self._stream, bytes(book))
            return out.getvalue()

    def _note_format(self, book: bytearray, at: int, end: int) -> None:
        """Take out a format that follows the country, or remember which one it stands for."""
        number = int.from_bytes(book[at + 4 : at + 6], "little")
        if number in _FROM_THE_COUNTRY:
            struct.pack_into("<H", book, at, _UNKNOWN)
        elif (known := local_format(book[at + 9 : end].decode("latin-1"))) is not None:
            self._numbers[number] = known


def _replace(table: bytearray, at: int, numbers: dict[int, int]) -> None:
    """Put another number in the place of a known one."""
    number = int.from_bytes(table[at : at + 2], "little")
    if at + 2 <= len(table) and number in numbers:
        struct.pack_into("<H", table, at, numbers[number])


def _replace_formula(book: bytearray, at: int, end: int) -> None:
    """Make a formula's record one of its value: a number, or the text in the record that follows."""
    result = book[at + 10 : at + 18]
    if result[6:] != b"\xff\xff":
        struct.pack_into("<H", book, at, _NUMBER)
        return
    if result[0] != 0 or end + _RECORD.size > len(book):
        return
    kind, length = _RECORD.unpack_from(book, end)
    text = bytes(book[end + 4 : end + 4 + length])
    if kind != _TEXT or end + 4 + length > len(book):
        return
    label = bytes(book[at + 4 : at + 10]) + text
    rest = end + 4 + length - at - 2 * _RECORD.size - len(label)
    made = _RECORD.pack(_LABEL, len(label)) + label + _RECORD.pack(_UNKNOWN, rest) + bytes(rest)
    book[at : end + 4 + length] = made


class BinaryCells:
    """Goes through a sheet or the styles of Excel's binary zips ([MS-XLSB] 2.1.4)."""

    left_out = 0
    _KINDS = {8: 6, 9: 5, 10: 4, 11: 3}  # noqa: RUF012 - never changed
    """BrtFmlaString, BrtFmlaNum, BrtFmlaBool, BrtFmlaError, and the cells that begin as they do."""
    _FORMAT, _CELL_FORMAT = 44, 47

    def __init__(self, part: bytes) -> None:
        """Nothing is changed yet."""
        self._part = part

    def transformed(self) -> bytes:
        """The part, in which cells that change by themselves have values alone."""
        part = bytearray(self._part)
        numbers: dict[int, int] = {}
        at = 0
        while at < len(part):
            kind, body = _number(part, at, 2)
            size, body = _number(part, body, 4)
            if kind in self._KINDS and _is_volatile(part[body : body + size], kind):
                part[at] = self._KINDS[kind]
            elif kind == self._FORMAT:
                known = local_format(part[body + 6 : body + size].decode("utf-16-le", "replace"))
                numbers |= {int.from_bytes(part[body : body + 2], "little"): known} if known else {}
            elif kind == self._CELL_FORMAT:
                _replace(part, body + 2, numbers)
            at = body + size
        return bytes(part)


def _is_volatile(cell: bytearray, kind: int) -> bool:
    """Whether a cell's formula is computed at each opening; it stands after the value and two bytes."""
    value = {8: 4 + 2 * int.from_bytes(cell[8:12], "little"), 9: 8}.get(kind, 1)
    return cell.startswith(_VOLATILE, 8 + value + 2 + 4)


def _number(sheet: bytearray, at: int, most: int) -> tuple[int, int]:
    """A number in pieces of seven bits, and where it ends."""
    value = 0
    for count in range(most):
        if at >= len(sheet):
            break
        byte = sheet[at]
        value |= (byte & 0x7F) << (7 * count)
        at += 1
        if not byte & 0x80:
            break
    return value, at
