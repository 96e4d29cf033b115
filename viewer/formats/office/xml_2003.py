"""What the XML files of Word 2003 and Excel 2003 hold that their pages do not show.

LibreOffice draws hidden text and hidden sheets of these, and leaves out all tracked changes; added text is
taken out of its wrapping before (`saved_fields/word_xml.py`), and so is drawn.
"""

import re
from collections.abc import Iterator

from viewer.formats.office import sentences
from viewer.formats.office.sentences import Plural, sentence

CountedPatterns = tuple[tuple[Plural, "re.Pattern[bytes]"], ...]

WORD: CountedPatterns = (
    (sentences.COMMENTS, re.compile(rb'<aml:annotation\s[^<>]*w:type="Word\.Comment"')),
    (sentences.ADDED_TEXT, re.compile(rb'<aml:annotation\s[^<>]*w:type="Word\.Insertion"')),
    (sentences.DELETED_TEXT, re.compile(rb'<aml:annotation\s[^<>]*w:type="Word\.Deletion"')),
    (sentences.HIDDEN_TEXT_SHOWN, re.compile(rb'<w:vanish(?:\s+w:val="on"\s*)?\s*/>')),
    (sentences.LINKED_PICTURES, re.compile(rb'<v:imagedata\s(?!src="wordml:)[^<>]*src="(?!wordml:)[^"]')),
    (sentences.OBJECTS, re.compile(rb"<o:OLEObject\s")),
    (sentences.MACROS, re.compile(rb'<w:wordDocument\s[^<>]*w:macrosPresent="yes"')),
)
EXCEL: CountedPatterns = (
    (sentences.COMMENTS, re.compile(rb"<(?:ss:)?Comment[\s>]")),
    (sentences.HIDDEN_SHEETS_SHOWN, re.compile(rb"<(?:x:)?Visible>\s*Sheet(?:Very)?Hidden\s*<")),
    (sentences.HIDDEN_ROWS, re.compile(rb'<(?:ss:)?Row\s[^<>]*ss:Hidden="1"')),
    (sentences.HIDDEN_COLUMNS, re.compile(rb'<(?:ss:)?Column\s[^<>]*ss:Hidden="1"')),
)


def notes_of(body: bytes, counted: CountedPatterns) -> Iterator[str]:
    """The sentences on a file of one of the two kinds."""
    for words, pattern in counted:
        yield from sentence(words, sum(1 for _ in pattern.finditer(body)))
