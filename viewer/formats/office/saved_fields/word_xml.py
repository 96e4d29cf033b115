"""Fields of Word's XML: their instructions are taken out, so that what Word last made of them stays.

A field is a row of runs: a mark that it begins, instructions, a mark that separates them from the result, the
result, a mark that it ends (ECMA-376 part 1, 17.16.18); or one element around its result (17.16.19). Word
2003's XML has the same elements.
"""

import re
from dataclasses import dataclass, field

from viewer.formats.office.saved_fields.xml_cuts import Cut, Walker

_NAMESPACES = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
    "http://schemas.microsoft.com/office/word/2003/wordml",
)
"""Of ECMA-376, of its strict form, and of Word 2003."""
_NAMES = {
    f"{namespace} {name}": name
    for namespace in _NAMESPACES
    for name in ("r", "rPr", "fldChar", "fldSimple", "instrText", "delInstrText", "ffData")
}
_ANNOTATIONS = "http://schemas.microsoft.com/aml/2001/core"
_ANNOTATION, _CONTENT = f"{_ANNOTATIONS} annotation", f"{_ANNOTATIONS} content"
"""Of Word 2003: what was recorded of a piece of text, and the piece. LibreOffice reads none of it."""
_ANNOTATION_TYPE = f"{_NAMESPACES[2]} type"
_TYPE = tuple(f"{namespace} fldCharType" for namespace in _NAMESPACES)
_INSTRUCTION = tuple(f"{namespace} instr" for namespace in _NAMESPACES)
_LONGEST_INSTRUCTION = 200
"""Characters that are looked at."""
MARKS = (b"fldChar", b"fldSimple", b"Word.Insertion")
"""XML without them has no fields."""
COMPUTED = frozenset(
    re.findall(
        r"\w+",
        """
        DATE TIME FILENAME SAVEDATE PRINTDATE CREATEDATE AUTHOR USERNAME USERINITIALS USERADDRESS
        LASTSAVEDBY EDITTIME REVNUM TEMPLATE TITLE SUBJECT KEYWORDS COMMENTS DOCPROPERTY DOCVARIABLE INFO
        FILESIZE NUMCHARS NUMWORDS REF NOTEREF INCLUDETEXT IF COMPARE MERGEFIELD
        """,
    )
)
"""What an office computes anew, also where the file holds no result."""
_LEFT_ALONE = frozenset(
    re.findall(
        r"\w+",
        """
        PAGE NUMPAGES SECTIONPAGES SECTION HYPERLINK TOC TOA INDEX XE TC TA RD FORMTEXT FORMCHECKBOX
        FORMDROPDOWN EQ SYMBOL ADVANCE LISTNUM AUTONUM AUTONUMLGL AUTONUMOUT EMBED CONTROL SHAPE
        MACROBUTTON GOTOBUTTON
        """,
    )
)
"""Page numbers, which must be those of the pages shown; links and forms; tables of contents, which stay as
saved; and what is drawn by its instructions alone."""


def is_live(instruction: str, *, in_contents: bool = False, in_margin: bool = False) -> bool:
    """Whether the office is to see a field as one.

    Args:
        instruction: as it stands in the file.
        in_contents: it stands in a table of contents, where the office keeps page numbers as they are.
        in_margin: it stands in a header or footer, where a heading of each page may be repeated.
    """
    name = name_of(instruction)
    return name in _LEFT_ALONE or (name == "PAGEREF" and in_contents) or (name == "STYLEREF" and in_margin)


def name_of(instruction: str) -> str:
    """What kind of field it is, in capitals; nothing where it says nothing."""
    first, *_ = instruction.split(maxsplit=1) or [""]
    return first.partition("\\")[0].upper()


@dataclass(slots=True)
class _Field:
    """A field, as far as it has been read."""

    instruction: str = ""
    is_form: bool = False
    pieces: list[Cut] = field(default_factory=list)
    """Its marks and what stands before its result."""


class WordFields(Walker):
    """Walks through a part; `left_out` counts what had no saved result and is left out."""

    def __init__(self, document: bytes, *, in_margin: bool = False) -> None:
        """See `Walker` and `is_live`."""
        super().__init__(document)
        self.left_out = 0
        self._in_margin = in_margin
        self._depth = 0
        self._runs: list[int] = []
        self._field: _Field | None = None
        """Whose instructions are being read."""
        self._nested = 0
        """Fields within its instructions."""
        self._results: list[_Field] = []
        """Whose results are being read, outermost first."""
        self._contents = 0
        """How many of them are tables of contents."""
        self._piece: tuple[int, int, _Field] | None = None
        """A piece of a run that belongs to a field's marks or instructions: where, how deep, and to which."""
        self._ended: _Field | None = None
        self._simple: list[tuple[int, str]] = []
        self._annotations: list[tuple[int, bool]] = []
        """Where each annotation and its content begins, and whether it is of added text."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """See `Walker`."""
        self._depth += 1
        known = _NAMES.get(name)
        if self._piece is None and self._runs and self._depth == self._runs[-1] + 1 and known != "rPr":
            self._start_piece(known, attributes)
        if known == "r":
            self._runs.append(self._depth)
        elif known == "fldSimple":
            self._simple.append((self.at, _of(attributes, _INSTRUCTION)))
        elif name == _ANNOTATION:
            self._annotations.append((self.at, attributes.get(_ANNOTATION_TYPE) == "Word.Insertion"))
        elif name == _CONTENT:
            self._annotations.append((self.at, bool(self._annotations) and self._annotations[-1][1]))
        elif known == "ffData" and self._field and not self._nested:
            self._field.is_form = True

    def end(self, name: str) -> None:
        """See `Walker`."""
        known = _NAMES.get(name)
        if self._piece and self._piece[1] == self._depth:
            at, _, of = self._piece
            of.pieces.append((at, self.end_tag(at)[1], b""))
            self._piece = None
            self.listen_to_text(on=False)
            self._finish()
        if known == "r" and self._runs and self._runs[-1] == self._depth:
            self._runs.pop()
        elif known == "fldSimple":
            at, instruction = self._simple.pop()
            if not self._field and not self._is_live(instruction):
                self.unwrap(at)
        elif name in {_ANNOTATION, _CONTENT}:
            at, is_added = self._annotations.pop()
            if is_added and not self._field:
                self.unwrap(at)
        self._depth -= 1

    def text(self, text: str) -> None:
        """See `Walker`."""
        if self._field and not self._nested and len(self._field.instruction) < _LONGEST_INSTRUCTION:
            self._field.instruction += text[:_LONGEST_INSTRUCTION]

    def _start_piece(self, known: str | None, attributes: dict[str, str]) -> None:
        of = self._mark(_of(attributes, _TYPE)) if known == "fldChar" else self._field
        if of:
            self._piece = (self.at, self._depth, of)
            self.listen_to_text(on=known in {"instrText", "delInstrText"})

    def _mark(self, kind: str) -> _Field | None:
        """The field that a mark belongs to, or the one in whose instructions it stands."""
        if self._field is None:
            return self._mark_in_text(kind)
        of = self._field
        if kind == "begin":
            self._nested += 1
        elif self._nested:
            self._nested -= kind == "end"
        elif kind == "separate":
            self._results.append(of)
            self._contents += name_of(of.instruction) == "TOC"
            self._field = None
        elif kind == "end":
            self._field = None
            self.left_out += name_of(of.instruction) in COMPUTED
            self._ended = of if name_of(of.instruction) in COMPUTED else None
        return of

    def _mark_in_text(self, kind: str) -> _Field | None:
        if kind == "begin":
            self._field = _Field()
            return self._field
        if kind == "end" and self._results:
            of = self._results.pop()
            self._contents -= name_of(of.instruction) == "TOC"
            self._ended = None if of.is_form or self._is_live(of.instruction) else of
            return of
        return None

    def _finish(self) -> None:
        if self._ended:
            self.cuts += self._ended.pieces
            self._ended = None

    def _is_live(self, instruction: str) -> bool:
        return is_live(instruction, in_contents=self._contents > 0, in_margin=self._in_margin)


def _of(attributes: dict[str, str], names: tuple[str, ...]) -> str:
    return next((attributes[name] for name in names if name in attributes), "")
