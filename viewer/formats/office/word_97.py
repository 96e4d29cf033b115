"""Word 97 to 2003: comments, tracked changes and hidden text, from the tables of the binary format.

Layouts: Microsoft, [MS-DOC] 2.5.1 (FibBase), 2.5.6 (FibRgFcLcb97), 2.8.5 (PlcBteChpx), 2.9.33 (ChpxFkp),
2.2.5.1 (Sprm). Word 6 and 95 count their comments' characters: LibreOffice, sw/source/filter/ww8/ww8scan.hxx.
"""

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from viewer.formats.office import sentences
from viewer.formats.office.picture_fields import count_unsaved_pictures
from viewer.formats.office.sentences import sentence
from viewer.formats.ole import OleFile

_WORD_97, _WORD_6 = 0xA5EC, 0xA5DC
_COMMENTS_AT, _RUNS_AT, _WORD_6_COMMENTS_AT = 0xBE, 0xFA, 0x44
_COMMENT_BYTES = 34
"""A position of 4 bytes, and 30 of initials and bookmarks ([MS-DOC] 2.9.10, ATRDPre10)."""
_MAX_BYTES = 32 * 1024 * 1024
_PAGE = 512
_MAX_PAGES = 20_000
"""Pages of formatted runs that are looked at."""
_SECOND_TABLE = 0x0200
_DELETED, _ADDED, _HIDDEN = 0x0800, 0x0801, 0x083C
_FIELD_END, _NOT_SAVED = re.compile(rb"[\x13-\x15]"), re.compile(rb"\\d(?!\S)")
_OPERANDS = (1, 1, 2, 4, 2, 2, 0, 3)
"""Bytes, by the three highest bits of a property's number; 0 where the first says how many follow."""


class _Run(NamedTuple):
    is_added: bool
    is_deleted: bool
    is_hidden: bool


def notes_of(ole: OleFile) -> Iterator[str]:
    """The sentences on a Word document."""
    stream = ole.body("WordDocument")
    if len(stream) < _RUNS_AT + 8:
        return
    (magic,) = struct.unpack_from("<H", stream)
    if magic == _WORD_6:
        yield from sentence(sentences.COMMENTS, _number(stream, _WORD_6_COMMENTS_AT) > 0)
        return
    if magic != _WORD_97:
        return
    length = _number(stream, _COMMENTS_AT)
    yield from sentence(
        sentences.COMMENTS, max(0, length - 4) // _COMMENT_BYTES if length < _MAX_BYTES else 0
    )
    pictures = count_unsaved_pictures(stream.replace(b"\0", b""), _FIELD_END, _NOT_SAVED)
    yield from sentence(sentences.LINKED_PICTURES, pictures)
    runs = list(_runs(stream, _table(ole, stream)))
    changes = _starts([run.is_added for run in runs]) + _starts([run.is_deleted for run in runs])
    yield from sentence(sentences.CHANGES, changes)
    yield from sentence(sentences.HIDDEN_TEXT, _starts([run.is_hidden for run in runs]))


def _number(stream: bytes, at: int) -> int:
    number: int = struct.unpack_from("<I", stream, at)[0]
    return number


def _table(ole: OleFile, stream: bytes) -> bytes:
    """The numbers of the pages of runs."""
    (flags,) = struct.unpack_from("<H", stream, 10)
    name = "1Table" if flags & _SECOND_TABLE else "0Table"
    start, length = struct.unpack_from("<II", stream, _RUNS_AT)
    return ole.body(name)[start : start + length] if ole.exists(name) else b""


def _runs(stream: bytes, table: bytes) -> Iterator[_Run]:
    count = min(max(0, len(table) - 4) // 8, _MAX_PAGES)
    for number in struct.unpack_from(f"<{count}I", table, (count + 1) * 4) if count else ():
        start = (number & 0x3FFFFF) * _PAGE
        page = stream[start : start + _PAGE]
        if len(page) == _PAGE:
            yield from _runs_of_page(page)


def _runs_of_page(page: bytes) -> Iterator[_Run]:
    count = page[-1]
    offsets = page[(count + 1) * 4 : (count + 1) * 4 + count]
    for offset in offsets:
        at = offset * 2
        length = page[at] if at else 0
        properties = dict(_properties(page[at + 1 : at + 1 + length]))
        yield _Run(
            bool(properties.get(_ADDED)), bool(properties.get(_DELETED)), bool(properties.get(_HIDDEN))
        )


def _properties(body: bytes) -> Iterator[tuple[int, int]]:
    """The numbers of the properties, with the first byte of each one's value."""
    at = 0
    while at + 3 <= len(body):
        (number,) = struct.unpack_from("<H", body, at)
        size = _OPERANDS[number >> 13] or body[at + 2] + 1
        yield number, body[at + 2]
        at += 2 + size


def _starts(flags: list[bool]) -> int:
    """How many unbroken runs there are."""
    return sum(flag and not before for before, flag in zip([False, *flags], flags, strict=False))
