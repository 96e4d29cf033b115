"""What a rendition does not show of an office file, or shows otherwise, as far as the file itself tells.

Nobody should decide about a family on a partial picture: the page lists these notes and says where the
whole document is. Read from the file's own parts, bounded; a file that cannot be read gives no notes, since
the conversion then fails or stands on its own.

Every pattern reads a part once from beginning to end: within a tag none goes beyond the next `<`, which
well-formed XML has nowhere in a tag.
"""

import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from viewer.errors import ViewerError
from viewer.formats.document import Document
from viewer.formats.office import biff
from viewer.formats.office.fonts import fonts_named
from viewer.formats.ole import BROKEN as BROKEN_OLE
from viewer.formats.ole import OleFile
from viewer.formats.zips import BROKEN as BROKEN_ZIP

_MOST_BYTES = 32 * 1024 * 1024
"""Unpacked bytes that are read of one file."""
_MOST_PARTS = 200

Plural = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Sign:
    """Something to look for, and what to tell about it.

    Args:
        parts: names of the parts to look in.
        pattern: each match counts one; None counts the parts themselves.
        words: the sentence for one, and for several with `{n}`.
    """

    parts: re.Pattern[str]
    pattern: re.Pattern[bytes] | None
    words: Plural


def _sign(parts: str, pattern: str | None, one: str, several: str) -> _Sign:
    return _Sign(re.compile(parts), re.compile(pattern.encode()) if pattern else None, (one, several))


_MACROS: Plural = ("Macros in this document were not run.", "Macros in this document were not run.")
_OOXML_MACROS = _sign(r"(word|xl|ppt)/vbaProject\.bin", None, *_MACROS)
_COMMENTS: Plural = ("1 comment is not shown.", "{n} comments are not shown.")
_CHANGES: Plural = (
    "1 tracked change is shown as if it were part of the text, deleted text too.",
    "{n} tracked changes are shown as if they were part of the text, deleted text too.",
)
_WORD = (
    _sign(r"word/comments\.xml", r"<(?:\w+:)?comment[\s>]", *_COMMENTS),
    _sign(
        r"word/(document|footnotes|header\d+|footer\d+)\.xml",
        r"<(?:\w+:)?(?:ins|del|moveFrom|moveTo)\s",
        *_CHANGES,
    ),
    _sign(
        r"word/document\.xml",
        r"<(?:\w+:)?vanish\s*/>",
        "1 piece of hidden text is not shown.",
        "{n} pieces of hidden text are not shown.",
    ),
    _OOXML_MACROS,
)
_HIDDEN_SHEETS: Plural = (
    "This spreadsheet has 1 hidden sheet, which is not shown.",
    "This spreadsheet has {n} hidden sheets, which are not shown.",
)
_EXCEL = (
    _sign(
        r"xl/workbook\.xml",
        r"<(?:\w+:)?sheet\s[^<>]*state=\"(?:hidden|veryHidden)\"",
        *_HIDDEN_SHEETS,
    ),
    _sign(r"xl/workbook\.bin", r"\x9c\x01[\x00-\x7f][\x01\x02]\x00\x00\x00", *_HIDDEN_SHEETS),
    _sign(r"xl/(comments/)?comments?\d*\.xml", r"<(?:\w+:)?comment\s", *_COMMENTS),
    _sign(
        r"xl/worksheets/[^/]+\.xml",
        r"<(?:\w+:)?row\s[^<>]*hidden=\"(?:1|true)\"",
        "1 hidden row is not shown.",
        "{n} hidden rows are not shown.",
    ),
    _sign(
        r"xl/worksheets/[^/]+\.xml",
        r"<(?:\w+:)?col\s[^<>]*hidden=\"(?:1|true)\"",
        "Hidden columns are not shown.",
        "Hidden columns are not shown.",
    ),
    _sign(
        r"xl/externalLinks/[^/]+\.xml",
        None,
        "Figures taken from 1 other file are as they were when it was saved.",
        "Figures taken from {n} other files are as they were when it was saved.",
    ),
    _OOXML_MACROS,
)
_POWERPOINT = (
    _sign(
        r"ppt/slides/[^/]+\.xml",
        r"<(?:\w+:)?sld\s[^<>]*show=\"(?:0|false)\"",
        "1 hidden slide is not shown.",
        "{n} hidden slides are not shown.",
    ),
    _sign(r"ppt/comments/[^/]+\.xml", r"<(?:\w+:)?cm\s", *_COMMENTS),
    _sign(
        r"ppt/notesSlides/[^/]+\.xml",
        None,
        "The speaker's notes of 1 slide are not shown.",
        "The speaker's notes of {n} slides are not shown.",
    ),
    _sign(
        r"ppt/media/[^/]+\.(mp4|m4v|mov|avi|wmv|mp3|wav|m4a|wma)",
        None,
        "1 sound or film is not played.",
        "{n} sounds or films are not played.",
    ),
    _OOXML_MACROS,
)
_OPEN_DOCUMENT = (
    _sign(r"content\.xml", r"<office:annotation[\s>]", *_COMMENTS),
    _sign(r"content\.xml", r"<text:changed-region\s", *_CHANGES),
    _sign(
        r"content\.xml",
        r"table:display=\"false\"",
        "This spreadsheet has hidden sheets, which are not shown.",
        "This spreadsheet has hidden sheets, which are not shown.",
    ),
    _sign(r"(Basic|Scripts)/.+", None, *_MACROS),
)
_SIGNS = {
    **dict.fromkeys(("docx", "docm", "dotx", "dotm"), _WORD),
    **dict.fromkeys(("xlsx", "xlsm", "xltx", "xltm", "xlsb"), _EXCEL),
    **dict.fromkeys(("pptx", "pptm", "ppsx", "ppsm", "potx", "potm"), _POWERPOINT),
    **dict.fromkeys(("odt", "ott", "ods", "ots", "odp", "otp", "odg", "otg"), _OPEN_DOCUMENT),
}
_COMMENTS_LENGTH_AT = 190
_COMMENT_BYTES = 34
"""A position of 4 bytes, and 30 of initials and bookmarks ([MS-DOC] 2.9.10, ATRDPre10)."""
_OLE_MACROS = ("Macros", "_VBA_PROJECT_CUR")


@dataclass(frozen=True, slots=True)
class Told:
    """What an office file tells of itself.

    Args:
        notes: sentences about what the rendition leaves out, most files giving none.
        fonts: names of the fonts that its author chose.
    """

    notes: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()


def told_by(document: Document) -> Told:
    """What an office file tells of itself; nothing where it cannot be read."""
    found = document.found
    try:
        if found.archive and document.kind.name in _SIGNS:
            return _told_by_archive(found.archive, document.kind.name)
        return Told(tuple(_ole_notes(found.ole))) if found.ole else Told()
    except RecursionError:
        raise
    except (*BROKEN_ZIP, *BROKEN_OLE, ViewerError):
        return Told()


def _told_by_archive(archive: zipfile.ZipFile, kind: str) -> Told:
    names = archive.namelist()
    read = _bounded_reader(archive)
    notes = [note for sign in _SIGNS[kind] for note in _in_words(sign.words, _count(sign, names, read))]
    return Told(tuple(notes), fonts_named(names, read))


def _in_words(words: Plural, count: int) -> Iterator[str]:
    one, several = words
    if count:
        yield one if count == 1 else several.format(n=count)


def _count(sign: _Sign, names: list[str], read: Callable[[str], bytes]) -> int:
    parts = [name for name in names if sign.parts.fullmatch(name)][:_MOST_PARTS]
    if sign.pattern is None:
        return len(parts)
    return sum(sum(1 for _ in sign.pattern.finditer(read(name))) for name in parts)


def _bounded_reader(archive: zipfile.ZipFile) -> Callable[[str], bytes]:
    """Reads parts, each once, and no more than `_MOST_BYTES` of them all."""
    seen: dict[str, bytes] = {}
    left = _MOST_BYTES

    def read(name: str) -> bytes:
        nonlocal left
        if name not in seen:
            with archive.open(name) as part:
                seen[name] = part.read(max(left, 0))
            left -= len(seen[name])
        return seen[name]

    return read


def _ole_notes(ole: OleFile) -> Iterator[str]:
    workbook = next((name for name in ("Workbook", "Book") if ole.exists(name)), None)
    if workbook:
        yield from _in_words(_HIDDEN_SHEETS, biff.hidden_sheets(ole.body(workbook)))
    if ole.exists("WordDocument"):
        yield from _in_words(_COMMENTS, _word_comments(ole.body("WordDocument")))
    if any(ole.exists(storage) for storage in _OLE_MACROS):
        yield _MACROS[0]


def _word_comments(stream: bytes) -> int:
    """How many comments a Word 97 document has: the length of their table ([MS-DOC] 2.5.6, lcbPlcfandRef)."""
    if len(stream) < _COMMENTS_LENGTH_AT + 4 or stream[:2] != b"\xec\xa5":
        return 0
    (length,) = struct.unpack_from("<I", stream, _COMMENTS_LENGTH_AT)
    return max(0, length - 4) // _COMMENT_BYTES if length < _MOST_BYTES else 0
