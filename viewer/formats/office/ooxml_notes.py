"""What Office Open XML files hold that their pages do not show: Word's, Excel's and PowerPoint's.

Element names: ECMA-376, part 1; binary workbooks: Microsoft, [MS-XLSB].
"""

import re

from viewer.formats.office import sentences, xlsb
from viewer.formats.office.note_rules import (
    NoteRule,
    count_matches,
    count_matching_parts,
    count_parts,
    count_relations,
    part_pattern,
)
from viewer.formats.office.package import Package

_MACROS = count_parts(
    sentences.MACROS, part_pattern(r"(word|xl|ppt)/vbaProject\.bin", r"ms-office\.vbaProject$")
)
_LINKED_OBJECTS = count_relations(
    sentences.LINKED_OBJECTS, frozenset({"oleObject", "package"}), is_external=True
)
_LINKED_RECORDINGS = frozenset({"audio", "video", "media"})
_LINKED_PICTURE = (
    r'<(?:\w+:)?(?:blip\s(?![^<>]*r:embed="[^"])[^<>]*r:link="[^"]'
    r'|imagedata\s(?![^<>]*r:id="[^"])[^<>]*(?:r:href|r:link|\ssrc)="[^"])'
)
"""A picture that names a place, and has no copy with it."""
_HIDDEN_OBJECT = r'<(?:\w+:)?(?:cNvPr|docPr)\s[^<>]*\shidden="(?:1|true)"'

_WORD_TEXT = part_pattern(
    r"word/(document\d*|footnotes\d*|endnotes\d*|header\d*|footer\d*)\.xml",
    r"word[^/]*main\+xml$|wordprocessingml\.(footnotes|endnotes|header|footer)\+xml$",
)
_WORD_STYLES = part_pattern(r"word/styles\d*\.xml", r"wordprocessingml\.styles\+xml$")
_HIDDEN = re.compile(
    rb"<(?:\w+:)?vanish(?:\s(?![^<>]*val=\"(?:0|false|off)\")[^<>]*)?/>"
    rb"(?!(?:\s*<[^<>/][^<>]*/>){0,40}\s*</(?:\w+:)?rPr>\s*</(?:\w+:)?pPr>)"
)
"""Of text, not of the mark that ends a paragraph."""
_STYLE = re.compile(rb"<(?:\w+:)?style\s")
_STYLE_NAME = re.compile(rb"""[^<>]{0,400}\bstyleId="([^"<>]{1,255})\"""")
_BASED_ON = re.compile(rb"""<(?:\w+:)?basedOn\s[^<>]*val="([^"<>]{1,255})\"""")
_STYLE_USED = re.compile(rb"""<(?:\w+:)?[rp]Style\s[^<>]*val="([^"<>]{1,255})\"""")
_DRAWN_PARTS = (".docx", ".docm", ".dotx", ".dotm")
_MAX_GENERATIONS = 12
"""Styles based on one another ([MS-OI29500] 2.1.229 gives Word's own limit as 11)."""


def _hidden_text(package: Package) -> int:
    """Pieces of hidden text, by their own properties or by those of their style."""
    texts = [package.read(name) for name in package.parts(_WORD_TEXT.named, _WORD_TEXT.typed)]
    pieces = sum(sum(1 for _ in _HIDDEN.finditer(text)) for text in texts if b"vanish" in text)
    hidden = _hidden_styles(package)
    if not hidden:
        return pieces
    return pieces + sum(match[1] in hidden for text in texts for match in _STYLE_USED.finditer(text))


def _hidden_styles(package: Package) -> set[bytes]:
    styles = b"".join(package.read(name) for name in package.parts(_WORD_STYLES.named, _WORD_STYLES.typed))
    if b"vanish" not in styles:
        return set()
    based: dict[bytes, bytes] = {}
    hidden = set()
    for piece in _STYLE.split(styles)[1:]:
        name = _STYLE_NAME.match(piece)
        if name and (parent := _BASED_ON.search(piece)):
            based[name[1]] = parent[1]
        if name and _HIDDEN.search(piece):
            hidden.add(name[1])
    for _ in range(_MAX_GENERATIONS):
        hidden |= {name for name, parent in based.items() if parent in hidden}
    return hidden


def _imported_parts(package: Package) -> int:
    """Parts of other formats that Word takes in; LibreOffice draws those in Word's own."""
    return sum(
        one.kind == "aFChunk" and not one.is_external and not one.target.lower().endswith(_DRAWN_PARTS)
        for one in package.relations
    )


WORD = (
    count_matches(
        sentences.COMMENTS,
        part_pattern(r"word/comments\.xml", r"wordprocessingml\.comments\+xml$"),
        r"<(?:\w+:)?comment[\s>]",
    ),
    count_matches(sentences.CHANGES, _WORD_TEXT, r"<(?:\w+:)?(?:ins|del|moveFrom|moveTo)\s"),
    NoteRule(sentences.HIDDEN_TEXT, _hidden_text),
    count_matches(sentences.HIDDEN_OBJECTS, _WORD_TEXT, _HIDDEN_OBJECT),
    count_matches(
        sentences.LINKED_PICTURES,
        _WORD_TEXT,
        rf"{_LINKED_PICTURE}|<(?:\w+:)?instrText[^<>]*>\s*INCLUDEPICTURE\s[^<>]*\\d\b",
    ),
    _LINKED_OBJECTS,
    count_relations(sentences.LINKED_PARTS, frozenset({"subDocument"}), is_external=True),
    NoteRule(sentences.IMPORTED_PARTS, _imported_parts),
    count_relations(sentences.RECORDINGS, _LINKED_RECORDINGS, is_external=True),
    _MACROS,
)

_SHEETS = part_pattern(r"xl/worksheets/[^/]+\.xml", r"spreadsheetml\.worksheet\+xml$")
_DRAWINGS = part_pattern(r"xl/drawings/[^/]+\.xml", r"drawing\+xml$")
_BOOK = part_pattern(r"xl/workbook\d*\.xml", r"(spreadsheetml|ms-excel)[^/]*main\+xml$")
EXCEL = (
    count_matches(
        sentences.HIDDEN_SHEETS, _BOOK, r"<(?:\w+:)?sheet\s[^<>]*state=[\"'](?:hidden|veryHidden)[\"']"
    ),
    NoteRule(sentences.HIDDEN_SHEETS, xlsb.hidden_sheets),
    count_matches(
        sentences.COMMENTS,
        part_pattern(r"xl/(comments/)?comments?\d*\.xml", r"spreadsheetml\.comments\+xml$"),
        r"<(?:\w+:)?comment\s",
    ),
    NoteRule(sentences.COMMENTS, xlsb.comments),
    count_matches(sentences.HIDDEN_ROWS, _SHEETS, r"<(?:\w+:)?row\s[^<>]*hidden=[\"'](?:1|true)[\"']"),
    NoteRule(sentences.HIDDEN_ROWS, xlsb.hidden_rows),
    count_matches(sentences.HIDDEN_COLUMNS, _SHEETS, r"<(?:\w+:)?col\s[^<>]*hidden=[\"'](?:1|true)[\"']"),
    NoteRule(sentences.HIDDEN_COLUMNS, xlsb.hidden_columns),
    count_matches(sentences.HIDDEN_OBJECTS, _DRAWINGS, _HIDDEN_OBJECT),
    count_matches(sentences.LINKED_PICTURES, _DRAWINGS, _LINKED_PICTURE),
    _LINKED_OBJECTS,
    count_parts(sentences.LINKED_FIGURES, part_pattern(r"xl/externalLinks/[^/]+\.(xml|bin)")),
    count_parts(sentences.CELL_CHANGES, part_pattern(r"xl/revisions/revisionLog\d+\.(xml|bin)")),
    _MACROS,
)

_SLIDES = part_pattern(r"ppt/slides/[^/]+\.xml", r"presentationml\.slide\+xml$")
POWERPOINT = (
    count_matches(sentences.HIDDEN_SLIDES, _SLIDES, r"<(?:\w+:)?sld\s[^<>]*show=[\"'](?:0|false)[\"']"),
    count_matches(
        sentences.COMMENTS,
        part_pattern(r"ppt/comments/[^/]+\.xml", r"(presentationml|ms-powerpoint)\.comments\+xml$"),
        r"<(?:\w+:)?cm\s",
    ),
    count_matching_parts(
        sentences.SPEAKERS_NOTES,
        part_pattern(r"ppt/notesSlides/[^/]+\.xml", r"presentationml\.notesSlide\+xml$"),
        r"<(?:\w+:)?r>\s*<(?:\w+:)?(?:rPr|t)[\s/>]",
    ),
    count_matches(sentences.HIDDEN_OBJECTS, _SLIDES, _HIDDEN_OBJECT),
    count_matches(sentences.LINKED_PICTURES, _SLIDES, _LINKED_PICTURE),
    _LINKED_OBJECTS,
    count_parts(
        sentences.RECORDINGS, part_pattern(r"ppt/media/[^/]+\.(mp4|m4v|mov|avi|wmv|mpg|mpeg|mp3|wav|m4a|wma)")
    ),
    count_relations(sentences.RECORDINGS, _LINKED_RECORDINGS, is_external=True),
    _MACROS,
)
