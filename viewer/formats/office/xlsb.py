"""Excel's binary workbooks in a zip: what they hide ([MS-XLSB] 2.1.4 and 2.4)."""

import re
import struct
from collections.abc import Iterator

from viewer.formats.office.package import Package

_BOOK = re.compile(r"xl/workbook\.bin")
_SHEETS = re.compile(r"xl/worksheets/[^/]+\.bin")
_COMMENTS = re.compile(r"xl/comments\d*\.bin")
_ROW, _COLUMNS, _SHEET, _COMMENT = 0, 60, 156, 635
"""BrtRowHdr, BrtColInfo, BrtBundleSh, BrtBeginComment."""
_MAX_RECORDS = 300_000
"""Of one part that are looked at."""
_ROW_FLAGS_AT, _ROW_HIDDEN = 11, 0x10
_COLUMNS_FLAGS_AT, _COLUMNS_HIDDEN = 16, 0x01


def hidden_sheets(package: Package) -> int:
    """How many sheets are hidden."""
    return sum(
        len(body) >= 4 and struct.unpack_from("<I", body)[0] in {1, 2}  # noqa: PLR2004 - the state
        for kind, body in _records(package, _BOOK)
        if kind == _SHEET
    )


def hidden_rows(package: Package) -> int:
    """How many rows are hidden, in all sheets."""
    return _flagged(package, _ROW, _ROW_FLAGS_AT, _ROW_HIDDEN)


def hidden_columns(package: Package) -> int:
    """How many runs of columns are hidden, in all sheets."""
    return _flagged(package, _COLUMNS, _COLUMNS_FLAGS_AT, _COLUMNS_HIDDEN)


def comments(package: Package) -> int:
    """How many comments there are."""
    return sum(kind == _COMMENT for kind, _ in _records(package, _COMMENTS))


def _flagged(package: Package, wanted: int, at: int, flag: int) -> int:
    return sum(
        len(body) > at and bool(body[at] & flag)
        for kind, body in _records(package, _SHEETS)
        if kind == wanted
    )


def _records(package: Package, parts: "re.Pattern[str]") -> Iterator[tuple[int, bytes]]:
    for name in package.parts(parts):
        yield from _of(package.read(name))


def _of(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(_MAX_RECORDS):
        kind, at = _number(stream, at, 2)
        size, at = _number(stream, at, 4)
        if at > len(stream):
            return
        yield kind, stream[at : at + size]
        at += size


def _number(stream: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of up to `most` bytes, seven bits each; in record types the marks are part of the number."""
    value = 0
    for place in range(most):
        if at >= len(stream):
            return 0, len(stream) + 1
        value |= (stream[at] & 0x7F) << 7 * place
        at += 1
        if stream[at - 1] < 0x80:  # noqa: PLR2004 - the last byte
            break
    return value, at
