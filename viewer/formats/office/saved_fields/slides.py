"""Dates in PowerPoint's XML: they become plain text, as they were saved (ECMA-376 part 1, 21.1.2.2.4)."""

import re

from viewer.formats.office.saved_fields.xml_cuts import Walker

_NAMESPACES = (
    "http://schemas.openxmlformats.org/drawingml/2006/main",
    "http://purl.oclc.org/ooxml/drawingml/main",
)
_FIELD = frozenset(f"{namespace} fld" for namespace in _NAMESPACES)
_PARAGRAPH = frozenset(f"{namespace} pPr" for namespace in _NAMESPACES)
_TEXT = frozenset(f"{namespace} t" for namespace in _NAMESPACES)
_TODAY = re.compile(rb"\x00\x00(?:\xf7\x0f\x08\x00\x00\x00|\x15\x10\x84\x00\x00\x00)")
_BELOW = re.compile(rb"\x00\x00\xda\x0f\x04\x00\x00\x00..(.)", re.DOTALL)
_IS_TODAY = 0x02
"""In PowerPoint's binary documents: a date in a text ([MS-PPT] 2.9.53, 2.9.57), or one of today in what
stands below a slide (2.4.15.2, HeadersFootersAtom, fHasTodayDate)."""
MARKS = (b"datetime",)
"""XML without them has no dates."""


class SlideFields(Walker):
    """Walks through a slide; `left_out` counts dates that had no saved text and are left out."""

    def __init__(self, document: bytes) -> None:
        """See `Walker`."""
        super().__init__(document)
        self.left_out = 0
        self._date: int | None = None
        self._paragraph: int | None = None
        self._has_text = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """See `Walker`."""
        if name in _FIELD and attributes.get("type", "").startswith("datetime"):
            self._date, self._has_text = self.at, False
        elif self._date is not None:
            self._has_text |= name in _TEXT
            if name in _PARAGRAPH:
                self._paragraph = self.at

    def end(self, name: str) -> None:
        """See `Walker`."""
        if self._date is None:
            return
        if name in _PARAGRAPH and self._paragraph is not None:
            self.cuts.append((self._paragraph, self.end_tag(self._paragraph)[1], b""))
            self._paragraph = None
        elif name in _FIELD:
            self._make_text(self._date)
            self._date = None

    def _make_text(self, at: int) -> None:
        last, end = self.end_tag(at)
        if not self._has_text:
            self.cuts.append((at, end, b""))
            self.left_out += 1
            return
        first = self.tag_end(at)
        prefix = self.document[at + 1 : first].split(b":", maxsplit=1)[0]
        prefix = prefix + b":" if prefix.isalnum() else b""
        self.cuts += [(at, first, b"<" + prefix + b"r>"), (last, end, b"</" + prefix + b"r>")]


def shows_today(presentation: bytes) -> bool:
    """Whether a binary presentation shows the day on which it is opened; it holds no other."""
    below = (found[1][0] for found in _BELOW.finditer(presentation))
    return _TODAY.search(presentation) is not None or any(flags & _IS_TODAY for flags in below)
