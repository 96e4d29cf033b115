"""Records of Excel's binary workbooks (BIFF 2 to 8): whether one is locked, and what it hides.

Layouts: Microsoft, [MS-XLS] 2.4.21 (BOF), 2.4.28 (BoundSheet8), 2.4.53 (ColInfo), 2.4.117 (FilePass), 2.4.179
(Note), 2.4.220 (Row).
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

_BOF = frozenset({0x0009, 0x0209, 0x0409, 0x0809})
_EOF, _FILE_PASS, _BOUND_SHEET = 0x000A, 0x002F, 0x0085
_ROW, _COLUMNS, _NOTE = 0x0208, 0x007D, 0x001C
_MAX_RECORDS = 100_000
"""That are looked at; the sheets' names come within the first few thousands."""
_MAX_IN_SHEETS = 1_000_000
"""That are looked at for what sheets hide."""
_ROW_FLAGS_AT, _ROW_HIDDEN = 12, 0x20
_COLUMNS_FLAGS_AT, _COLUMNS_HIDDEN = 8, 0x01
_CONTINUED = 0xFFFF
"""The row of a comment's further pieces, in Excel 5 and 95."""
_HIDDEN = 0x03
_LONGEST = 8224
"""Bytes of a record's body ([MS-XLS] 2.1.4)."""
_RECORDS_CHECKED = 12


def is_workbook(stream: bytes) -> bool:
    """Whether it starts as a workbook does."""
    return any(identifier in _BOF for identifier, _ in _records(stream, most=1))


def is_sound(stream: bytes) -> bool:
    """Whether its first records have lengths that records have."""
    return all(length <= _LONGEST for length in _lengths(stream))


def is_locked(stream: bytes) -> bool:
    """Whether a password is needed to read it; protection against changes alone is no lock."""
    return any(identifier == _FILE_PASS for identifier, _ in _globals(stream))


def hidden_sheets(stream: bytes) -> int:
    """How many sheets are hidden."""
    return sum(
        identifier == _BOUND_SHEET and len(body) > 4 and bool(body[4] & _HIDDEN)  # noqa: PLR2004 - a position before
        for identifier, body in _globals(stream)
    )


class Hidden(NamedTuple):
    """What the sheets of a workbook have that is not drawn.

    Args:
        rows: that are hidden.
        columns: runs of them that are hidden.
        comments: on cells.
    """

    rows: int
    columns: int
    comments: int


def hidden(stream: bytes) -> Hidden:
    """What the sheets hide."""
    rows = columns = comments = 0
    for identifier, body in _records(stream, _MAX_IN_SHEETS):
        if identifier == _ROW:
            rows += len(body) > _ROW_FLAGS_AT and bool(body[_ROW_FLAGS_AT] & _ROW_HIDDEN)
        elif identifier == _COLUMNS:
            columns += len(body) > _COLUMNS_FLAGS_AT and bool(body[_COLUMNS_FLAGS_AT] & _COLUMNS_HIDDEN)
        elif identifier == _NOTE:
            comments += len(body) > 1 and int.from_bytes(body[:2], "little") != _CONTINUED
    return Hidden(rows, columns, comments)


def _globals(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """The records before the first sheet."""
    for identifier, body in _records(stream, _MAX_RECORDS):
        if identifier == _EOF:
            return
        yield identifier, body


def _lengths(stream: bytes) -> Iterator[int]:
    """What the first records say of their lengths."""
    at = 0
    for _ in range(_RECORDS_CHECKED):
        if at + 4 > len(stream):
            return
        (length,) = struct.unpack_from("<H", stream, at + 2)
        yield length
        at += 4 + length


def _records(stream: bytes, most: int) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(most):
        if at + 4 > len(stream):
            return
        identifier, length = struct.unpack_from("<HH", stream, at)
        yield identifier, stream[at + 4 : at + 4 + length]
        at += 4 + length
