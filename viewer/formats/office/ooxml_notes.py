"""What Office Open XML files hold that their pages do not show: Word's, Excel's and PowerPoint's.

Element names: ECMA-376, part 1; binary workbooks: Microsoft, [MS-XLSB].
"""

import re

from viewer.formats.office import sentences, xlsb
from viewer.formats.office.note_rules import Sign, matches, parts_there, parts_with, related, where
from viewer.formats.office.package import Package

_MACROS = parts_there(sentences.MACROS, where(r"(word|xl|ppt)/vbaProject\.bin", r"ms-office\.vbaProject$"))
_LINKED_OBJECTS = related(sentences.LINKED_OBJECTS, frozenset({"oleObject", "package"}), is_external=True)
_LINKED_RECORDINGS = frozenset({"audio", "video", "media"})
_LINKED_PICTURE = (
    r'<(?:\w+:)?(?:blip\s(?![^<>]*r:embed="[^"])[^<>]*r:link="[^"]'
    r'|imagedata\s(?![^<>]*r:id=")[^<>]*(?:r:href|r:link|\ssrc)="[^"])'
)
"""A picture that names a place, and has no copy with it."""
_HIDDEN_OBJECT = r'<(?:\w+:)?(?:cNvPr|docPr)\s[^<>]*\shidden="(?:1|true)"'

_WORD_TEXT = where(
    r"word/(document\d*|footnotes\d*|endnotes\d*|header\d*|footer\d*)\.xml",
    r"word[^/]*main\+xml$|wordprocessingml\.(footnotes|endnotes|header|footer)\+xml$",
)
_WORD_STYLES = where(r"word/styles\d*\.xml", r"wordprocessingml\.styles\+xml$")
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
_MOST_GENERATIONS = 12
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
    for _ in range(_MOST_GENERATIONS):
        hidden |= {name for name, parent in based.items() if parent in hidden}
    return hidden


def _imported_parts(package: Package) -> int:
    """Parts of other formats that Word takes in; LibreOffice draws those in Word's own."""
    return sum(
        one.kind == "aFChunk" and not one.is_external and not one.target.lower().endswith(_DRAWN_PARTS)
        for one in package.relations
    )


WORD = (
    matches(
        sentences.COMMENTS,
        where(r"word/comments\.xml", r"wordprocessingml\.comments\+xml$"),
        r"<(?:\w+:)?comment[\s>]",
    ),
    matches(sentences.CHANGES, _WORD_TEXT, r"<(?:\w+:)?(?:ins|del|moveFrom|moveTo)\s"),
    Sign(sentences.HIDDEN_TEXT, _hidden_text),
    matches(sentences.HIDDEN_OBJECTS, _WORD_TEXT, _HIDDEN_OBJECT),
    matches(
        sentences.LINKED_PICTURES,
        _WORD_TEXT,
        rf"{_LINKED_PICTURE}|<(?:\w+:)?instrText[^<>]*>\s*INCLUDEPICTURE\s[^<>]*\\d\b",
    ),
    _LINKED_OBJECTS,
    related(sentences.LINKED_PARTS, frozenset({"subDocument"}), is_external=True),
    Sign(sentences.IMPORTED_PARTS, _imported_parts),
    related(sentences.RECORDINGS, _LINKED_RECORDINGS, is_external=True),
    _MACROS,
)

_SHEETS = where(r"xl/worksheets/[^/]+\.xml", r"spreadsheetml\.worksheet\+xml$")
_DRAWINGS = where(r"xl/drawings/[^/]+\.xml", r"drawing\+xml$")
_BOOK = where(r"xl/workbook\d*\.xml", r"(spreadsheetml|ms-excel)[^/]*main\+xml$")
EXCEL = (
    matches(sentences.HIDDEN_SHEETS, _BOOK, r"<(?:\w+:)?sheet\s[^<>]*state=[\"'](?:hidden|veryHidden)[\"']"),
    Sign(sentences.HIDDEN_SHEETS, xlsb.hidden_sheets),
    matches(
        sentences.COMMENTS,
        where(r"xl/(comments/)?comments?\d*\.xml", r"spreadsheetml\.comments\+xml$"),
        r"<(?:\w+:)?comment\s",
    ),
    Sign(sentences.COMMENTS, xlsb.comments),
    matches(sentences.HIDDEN_ROWS, _SHEETS, r"<(?:\w+:)?row\s[^<>]*hidden=[\"'](?:1|true)[\"']"),
    Sign(sentences.HIDDEN_ROWS, xlsb.hidden_rows),
    matches(sentences.HIDDEN_COLUMNS, _SHEETS, r"<(?:\w+:)?col\s[^<>]*hidden=[\"'](?:1|true)[\"']"),
    Sign(sentences.HIDDEN_COLUMNS, xlsb.hidden_columns),
    matches(sentences.HIDDEN_OBJECTS, _DRAWINGS, _HIDDEN_OBJECT),
    matches(sentences.LINKED_PICTURES, _DRAWINGS, _LINKED_PICTURE),
    _LINKED_OBJECTS,
    parts_there(sentences.LINKED_FIGURES, where(r"xl/externalLinks/[^/]+\.(xml|bin)")),
    parts_there(sentences.CELL_CHANGES, where(r"xl/revisions/revisionLog\d+\.(xml|bin)")),
    _MACROS,
)

_SLIDES = where(r"ppt/slides/[^/]+\.xml", r"presentationml\.slide\+xml$")
POWERPOINT = (
    matches(sentences.HIDDEN_SLIDES, _SLIDES, r"<(?:\w+:)?sld\s[^<>]*show=[\"'](?:0|false)[\"']"),
    matches(
        sentences.COMMENTS,
        where(r"ppt/comments/[^/]+\.xml", r"(presentationml|ms-powerpoint)\.comments\+xml$"),
        r"<(?:\w+:)?cm\s",
    ),
    parts_with(
        sentences.SPEAKERS_NOTES,
        where(r"ppt/notesSlides/[^/]+\.xml", r"presentationml\.notesSlide\+xml$"),
        r"<(?:\w+:)?r>\s*<(?:\w+:)?(?:rPr|t)[\s/>]",
    ),
    matches(sentences.HIDDEN_OBJECTS, _SLIDES, _HIDDEN_OBJECT),
    matches(sentences.LINKED_PICTURES, _SLIDES, _LINKED_PICTURE),
    _LINKED_OBJECTS,
    parts_there(
        sentences.RECORDINGS, where(r"ppt/media/[^/]+\.(mp4|m4v|mov|avi|wmv|mpg|mpeg|mp3|wav|m4a|wma)")
    ),
    related(sentences.RECORDINGS, _LINKED_RECORDINGS, is_external=True),
    _MACROS,
)
