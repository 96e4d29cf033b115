r"""Fields of RTF: their instructions are taken out, so that what was saved stays.

A field is a group ``{\field{\*\fldinst ...}{\fldrslt ...}}`` (Rich Text Format 1.9.1, "Fields").
"""

import re
from dataclasses import dataclass

from viewer.formats.office.saved_fields.word_xml import COMPUTED, is_live, name_of
from viewer.formats.office.saved_fields.xml_cuts import Cut, without

_TOKEN = re.compile(rb"\\bin(\d{1,9}) ?|\\[a-z]{1,32}-?\d{0,10} ?|\\[^a-z]|[{}]")
"""A run of binary bytes, a control word, a control symbol, or a group's mark."""
_FIELD = re.compile(
    rb"\{\s{0,8}\\field(?![a-z])(?:\s{0,8}\\(?:flddirty|fldedit|fldlock|fldpriv)(?![a-z]) ?){0,8} ?"
)
_INSTRUCTIONS = re.compile(rb"\{\s{0,8}\\\*\s{0,8}\\fldinst(?![a-z]) ?")
_RESULT = re.compile(rb"(\{\s{0,8})\\fldrslt(?![a-z]) ?")
_CONTROL = re.compile(rb"\\[a-z]{1,32}-?\d{0,10} ?|[{}\r\n]|\\\*")
_LONGEST_INSTRUCTION = 4096
"""Bytes of instructions that are looked at."""
_MARGIN = re.compile(rb"\\(?:header|footer)[lrf]?(?![a-z])")
MARKS = (b"\\fldinst",)
"""RTF without it has no fields."""


@dataclass(slots=True)
class _Field:
    """A field whose group is open.

    Args:
        start, end: of what stands before its first group.
        depth: of its group.
    """

    start: int
    end: int
    depth: int
    instruction: str = ""
    instructions: tuple[int, int] | None = None
    result: tuple[int, int, bytes] | None = None


class RtfFields:
    """Goes through a document; `left_out` counts what had no saved result and is left out."""

    def __init__(self, document: bytes) -> None:
        """Nothing is read yet.

        Args:
            document: bounded by the caller.
        """
        self.document = document
        self.left_out = 0
        self._cuts: list[Cut] = []
        self._fields: list[_Field] = []
        self._contents = 0
        """How many of the open fields are tables of contents."""
        self._depth = 0
        self._skipped: tuple[int, int] | None = None
        """Where the instructions begin that are being passed over, and how deep."""
        self._margin = 0
        """The depth of the header or footer that is open; 0 for none."""

    def transformed(self) -> bytes:
        """The document without the instructions of its fields."""
        at, document = 0, self.document
        while match := _TOKEN.search(document, at):
            at = match.end() + int(match[1] or 0)
            token = match[0]
            if token == b"{":
                self._depth += 1
                at = max(at, self._open(match.start()))
            elif token == b"}":
                self._close(match.start())
                self._depth -= 1
            elif not self._margin and _MARGIN.match(token):
                self._margin = self._depth
        return without(document, self._cuts)

    def _open(self, at: int) -> int:
        """Look at a group that begins; say how far it has been read."""
        if self._skipped:
            return at
        if match := _FIELD.match(self.document, at):
            self._fields.append(_Field(at, match.end(), self._depth))
            return match.end()
        if not self._fields or self._depth != self._fields[-1].depth + 1:
            return at
        if match := _INSTRUCTIONS.match(self.document, at):
            self._skipped = (at, self._depth)
            return match.end()
        if match := _RESULT.match(self.document, at):
            self._fields[-1].result = (at, match.end(), match[1])
            return match.end()
        return at

    def _close(self, at: int) -> None:
        """Look at a group that ends."""
        if self._skipped and self._skipped[1] == self._depth:
            start, _ = self._skipped
            self._fields[-1].instructions = (start, at + 1)
            self._contents -= name_of(self._fields[-1].instruction) == "TOC"  # one field may have several
            self._fields[-1].instruction = self._words(start, at)
            self._contents += name_of(self._fields[-1].instruction) == "TOC"
            self._skipped = None
        elif self._fields and self._fields[-1].depth == self._depth and not self._skipped:
            self._end(self._fields.pop(), at)
        if self._margin == self._depth:
            self._margin = 0

    def _end(self, of: _Field, at: int) -> None:
        self._contents -= name_of(of.instruction) == "TOC"
        if of.instructions is None or is_live(
            of.instruction, in_contents=self._contents > 0, in_margin=self._margin > 0
        ):
            return
        if of.result:
            self._cuts += [(of.start, of.end, b"{"), (*of.instructions, b""), of.result]
        elif name_of(of.instruction) in COMPUTED:
            self._cuts.append((of.start, at + 1, b""))
            self.left_out += 1

    def _words(self, start: int, end: int) -> str:
        """Instructions without their formatting."""
        words = _CONTROL.sub(b" ", self.document[start : min(end, start + _LONGEST_INSTRUCTION)])
        return words.decode("latin-1").strip()
