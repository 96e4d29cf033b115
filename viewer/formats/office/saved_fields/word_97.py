"""Fields of Word 97 documents: each becomes one of a type that the office does not compute.

It then shows the result that was saved. Not a byte moves: a field's type is one byte of a table
([MS-DOC] 2.8.25, PlcFld; 2.9.89, Fld; 2.9.90, flt).
"""

import io
import struct

from viewer.formats.office.saved_fields.xml_cuts import UnsupportedXml
from viewer.formats.ole import OleFile

_BASE = 0x9A
"""Where the table of places and lengths begins in the document's head (2.5.5, FibRgFcLcb97)."""
_TABLES = (16, 17, 18, 48, 57, 59)
"""Entries for the fields of the text, headers, footnotes, endnotes, text boxes, and text boxes in headers."""
_OLD_BASE, _OLD_TABLES = 0x58, (16, 17, 18)
"""The same in Word 6 and 95, for the text, headers and footnotes."""
_MARGINS = frozenset({17, 59})
_HEAD = struct.Struct("<HH6xH")
_WORD, _FIRST_OF_WORD_97, _SECOND_TABLE = 0xA5EC, 0xC0, 0x0200
_BEGIN, _SEPARATE, _END = 0x13, 0x14, 0x15
_MARK = 0x1F
"""The bits of a mark that say which of the three it is."""
_UNKNOWN = 2
"""A type that is none."""
_LEFT_ALONE = frozenset(
    (
        *(26, 33, 65, 66),  # NUMPAGES, PAGE, SECTION, SECTIONPAGES
        *(4, 8, 9, 11, 13, 73, 74, 88),  # XE, INDEX, TC, RD, TOC, TOA, TA, HYPERLINK
        *(
            49,
            50,
            51,
            52,
            53,
            54,
            57,
            58,
            84,
            90,
            95,
        ),  # EQ, buttons, numbering, SYMBOL, EMBED, ADVANCE, SHAPE
        *(70, 71, 83, 87, 91),  # forms and controls
    )
)
"""As in `word_xml`: page numbers, links and contents, what its instructions alone draw, and forms."""
_PAGE_REFERENCE, _CONTENTS, _STYLE_REFERENCE = 37, 13, 10
_COMPUTED = frozenset((3, 5, 7, *range(14, 33), 59, 60, 61, 62, 64, 68, 69, 72, 80, 85))
"""What an office computes anew, also where the file holds no result."""


class WordFields:
    """Goes through a document; `left_out` counts what has no saved result."""

    def __init__(self, ole: OleFile, document: bytes) -> None:
        """Nothing is changed yet.

        Args:
            ole: open on the document.
            document: all of it.
        """
        self._ole = ole
        self._document = document
        self.left_out = 0

    def transformed(self) -> bytes:
        """The document with types that the office leaves alone.

        Raises:
            Exception: one of `ole.BROKEN`, or struct.error.
            Corrupt: it is cut short.
        """
        head = self._ole.body("WordDocument")
        identifier, version, flags = _HEAD.unpack_from(head)
        name = "1Table" if flags & _SECOND_TABLE else "0Table"
        if identifier != _WORD or version < _FIRST_OF_WORD_97:
            _require_no_fields(head)
            return self._document
        if not self._ole.exists(name):
            return self._document
        before = self._ole.body(name)
        table = bytearray(before)
        for entry in _TABLES:
            at, length = struct.unpack_from("<II", head, _BASE + 8 * entry)
            if length and at + length <= len(table):
                self._replace_formula(table, at, length, in_margin=entry in _MARGINS)
        return self._with_stream(name, bytes(table)) if table != before else self._document

    def _replace_formula(self, table: bytearray, at: int, length: int, *, in_margin: bool) -> None:
        """Change the types of the fields in one part of the text."""
        count = (length - 4) // 6
        first = at + 4 * (count + 1)
        opened: list[list[int]] = []
        contents = 0
        for mark in range(first, first + 2 * count, 2):
            kind = table[mark] & _MARK
            if kind == _BEGIN:
                opened.append([mark, table[mark + 1], 0])
                contents += table[mark + 1] == _CONTENTS
            elif kind == _SEPARATE and opened:
                opened[-1][2] = 1
            elif kind == _END and opened:
                begin, of, has_result = opened.pop()
                contents -= of == _CONTENTS
                if _is_live(of, in_contents=contents > 0, in_margin=in_margin):
                    continue
                if has_result or of in _COMPUTED:
                    table[begin + 1] = _UNKNOWN
                    self.left_out += not has_result

    def _with_stream(self, name: str, table: bytes) -> bytes:
        """The document with another stream of the same size."""
        out = io.BytesIO(self._document)
        with OleFile(out, write_mode=True) as ole:
            ole.write_stream(name, table)
            return out.getvalue()


def _require_no_fields(head: bytes) -> None:
    """See that a document of Word 6 or 95 has no fields: its tables are others, and nothing is changed in it.

    Raises:
        UnsupportedXml: it has.
    """
    if any(struct.unpack_from("<4xI", head, _OLD_BASE + 8 * entry)[0] for entry in _OLD_TABLES):
        raise UnsupportedXml


def _is_live(of: int, *, in_contents: bool, in_margin: bool) -> bool:
    return (
        of in _LEFT_ALONE or (of == _PAGE_REFERENCE and in_contents) or (of == _STYLE_REFERENCE and in_margin)
    )
