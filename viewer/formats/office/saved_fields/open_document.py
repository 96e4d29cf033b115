"""Fields of OpenDocument and of StarOffice's XML: their tags are taken out, so that what was saved stays.

A field is an element around what it last said (OpenDocument 1.3, part 3, 7). The office computes most of them
anew as it opens the document.
"""

import re

from viewer.formats.office.saved_fields.xml_cuts import Walker

_TEXT = ("urn:oasis:names:tc:opendocument:xmlns:text:1.0", "http://openoffice.org/2000/text")
_PRESENTATION = (
    "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0",
    "http://openoffice.org/2000/presentation",
)
_NAMES = """
    date time file-name template-name author-name author-initials creation-date creation-time
    modification-date modification-time print-date print-time printed-by initial-creator creator
    editing-cycles editing-duration title subject keywords description user-defined sender-firstname
    sender-lastname sender-initials sender-title sender-position sender-email sender-phone-private
    sender-phone-work sender-fax sender-company sender-street sender-city sender-postal-code sender-
    country sender-state-or-province bookmark-ref reference-ref sequence-ref note-ref footnote-ref
    endnote-ref expression variable-get variable-set user-field-get conditional-text database-display
    database-name database-row-number dde-connection
    """
_FIELDS = frozenset(f"{namespace} {name}" for namespace in _TEXT for name in _NAMES.split())
"""Page numbers, counts, chapters and forms are not among them: those must be what the pages shown have."""
_HIDDEN = tuple(f"{namespace} display" for namespace in _TEXT)
_SLIDE_DATES = frozenset(f"{namespace} date-time-decl" for namespace in _PRESENTATION)
_SOURCES = tuple(f"{namespace} source" for namespace in _PRESENTATION)
_TODAY = re.compile(rb"current-date")
MARKS = (
    b":date",
    b":time",
    b"-name",
    b"-date",
    b"-time",
    b"-ref",
    b":variable",
    b":user-",
    b":sender",
    b":author",
    b"creator",
    b":printed",
    b":editing",
    b":title",
    b":subject",
    b":keywords",
    b":description",
    b":expression",
    b":conditional",
    b":database",
    b":dde",
)
"""XML without them has no fields."""


class OpenDocumentFields(Walker):
    """Walks through a part; `left_out` counts dates that were not saved and are left out."""

    def __init__(self, document: bytes) -> None:
        """See `Walker`."""
        super().__init__(document)
        self.left_out = 0
        self._open: list[int] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """See `Walker`."""
        if name in _FIELDS:
            is_hidden = any(attributes.get(key) == "none" for key in _HIDDEN)
            self._open.append(-1 if is_hidden else self.at)
        elif name in _SLIDE_DATES and any(attributes.get(key) == "current-date" for key in _SOURCES):
            self._leave_out_date(self.at)

    def end(self, name: str) -> None:
        """See `Walker`."""
        if name in _FIELDS and (at := self._open.pop()) >= 0:
            self.unwrap(at)

    def _leave_out_date(self, at: int) -> None:
        """The date of a slide's foot that is always today's: the file does not say which it was."""
        tag = self.document[at : self.tag_end(at)]
        self.cuts.append((at, at + len(tag), _TODAY.sub(b"fixed", tag, count=1)))
        self.left_out += 1
