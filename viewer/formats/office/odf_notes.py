"""What OpenDocument files hold that their pages do not show, in a zip or as one flat XML file.

Element names: OpenDocument 1.3, part 3. StarOffice's files, from which it grew, mostly have the same.
"""

import re
from collections.abc import Iterator

from viewer.formats.office import sentences
from viewer.formats.office.note_rules import count_parts, part_pattern
from viewer.formats.office.package import Package
from viewer.formats.office.sentences import Plural, sentence

_ELSEWHERE = rb'xlink:href="(?:\w+:|\.\./|/)[^"]'
_COUNTED: tuple[tuple[Plural, "re.Pattern[bytes]"], ...] = (
    (sentences.COMMENTS, re.compile(rb"<office:annotation[\s>]")),
    (sentences.CHANGES, re.compile(rb"<text:changed-region[\s>]")),
    (
        sentences.CELL_CHANGES,
        re.compile(rb"<table:(?:cell-content-change|insertion|deletion|movement)\s"),
    ),
    (sentences.HIDDEN_LAYERS, re.compile(rb'<draw:layer\s[^<>]*draw:display="(?:none|screen)"')),
    (sentences.LINKED_PICTURES, re.compile(rb"<draw:image\s[^<>]*" + _ELSEWHERE)),
    (sentences.LINKED_OBJECTS, re.compile(rb"<draw:object(?:-ole)?\s[^<>]*" + _ELSEWHERE)),
    (sentences.RECORDINGS, re.compile(rb"<draw:plugin[\s>]")),
)
_HIDDEN_ROW = re.compile(rb'<table:table-row\s(?=[^<>]*table:visibility="(?:collapse|filter)")[^<>]*>')
_HIDDEN_COLUMN = re.compile(rb'<table:table-column\s[^<>]*table:visibility="(?:collapse|filter)"')
_REPEATED = re.compile(rb'table:number-rows-repeated="(\d{1,7})"')
_MAX_REPEATED = 100_000
"""Rows; a run of more is the empty rest of a sheet, and counts as one."""
_HIDDEN_PLACE = re.compile(
    rb'<text:(?:section|hidden-text|hidden-paragraph)\s[^<>]*text:(?:display="none"|is-hidden="true")'
)
_NOTES = re.compile(rb"<presentation:notes[\s>]")
_SAID = re.compile(rb"<text:(?:p|span)(?:\s[^<>]*)?>\s*[^<\s]")

_STYLE = re.compile(rb"<style:style\s")
_STYLE_NAME = re.compile(rb'[^<>]*style:name="([^"<>]*)"')
_PARENT = re.compile(rb'[^<>]*style:parent-style-name="([^"<>]*)"')
_MAX_GENERATIONS = 12
_BY_STYLE: tuple[tuple[Plural, bytes, "re.Pattern[bytes]"], ...] = (
    (
        sentences.HIDDEN_SHEETS,
        b'table:display="false"',
        re.compile(rb'<table:table\s[^<>]*table:style-name="([^"<>]*)"'),
    ),
    (
        sentences.HIDDEN_SLIDES,
        b'presentation:visibility="hidden"',
        re.compile(rb'<draw:page\s[^<>]*draw:style-name="([^"<>]*)"'),
    ),
    (
        sentences.HIDDEN_TEXT,
        b'text:display="none"',
        re.compile(rb'<text:(?:span|p|h)\s[^<>]*text:style-name="([^"<>]*)"'),
    ),
)
"""What is hidden by the style that it has: the property, and where the style is used."""
_MACROS = count_parts(sentences.MACROS, part_pattern(r"(Basic|Scripts)/.+"))


def notes_of_package(package: Package) -> Iterator[str]:
    """The sentences on an OpenDocument file in a zip."""
    parts = [package.read(name) if name in package.names else b"" for name in ("content.xml", "styles.xml")]
    yield from notes_of_text(*parts)
    yield from sentence(_MACROS.words, _MACROS.count(package))


def notes_of_text(content: bytes, styles: bytes = b"") -> Iterator[str]:
    """The sentences on what stands in the file.

    Args:
        content: the XML of the document, or all of a flat file.
        styles: the XML of the named styles, where it is apart.
    """
    for words, pattern in _COUNTED:
        within = content + styles if words is sentences.HIDDEN_LAYERS else content
        yield from sentence(words, sum(1 for _ in pattern.finditer(within)))
    yield from sentence(sentences.HIDDEN_ROWS, sum(map(_rows, _HIDDEN_ROW.finditer(content))))
    yield from sentence(sentences.HIDDEN_COLUMNS, sum(1 for _ in _HIDDEN_COLUMN.finditer(content)))
    for words, mark, used in _BY_STYLE:
        hidden = _styles_with(mark, content, styles)
        count = sum(match[1] in hidden for match in used.finditer(content)) if hidden else 0
        if words is sentences.HIDDEN_TEXT:
            count += sum(1 for _ in _HIDDEN_PLACE.finditer(content))
        yield from sentence(words, count)
    yield from sentence(sentences.SPEAKERS_NOTES, sum(map(_is_said, _NOTES.split(content)[1:])))


def _rows(match: "re.Match[bytes]") -> int:
    repeated = _REPEATED.search(match[0])
    count = int(repeated[1]) if repeated else 1
    return count if count <= _MAX_REPEATED else 1


def _is_said(piece: bytes) -> bool:
    return _SAID.search(piece.partition(b"</presentation:notes>")[0]) is not None


def _styles_with(mark: bytes, *parts: bytes) -> set[bytes]:
    """Names of the styles that have a property, or are based on one that has it."""
    if not any(mark in part for part in parts):
        return set()
    based: dict[bytes, bytes] = {}
    found = set()
    for part in parts:
        for piece in _STYLE.split(part)[1:]:
            style = piece.partition(b"</style:style>")[0]
            end = style.find(b">")
            style = style[:end] if style[end - 1 : end] == b"/" else style
            name, parent = _STYLE_NAME.match(style), _PARENT.match(style)
            if name and parent:
                based[name[1]] = parent[1]
            if name and mark in style:
                found.add(name[1])
    for _ in range(_MAX_GENERATIONS):
        found |= {name for name, parent in based.items() if parent in found}
    return found
