"""What a rendition does not show, or shows otherwise, as far as the source file itself tells.

Nobody should decide about a family on a partial picture: the page lists these notes and says where the
whole document is. Read from the file's own parts, bounded; a file that cannot be read gives no notes, since
the conversion then fails or stands on its own.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import olefile
import pikepdf

from viewer.documents import Kind

DAMAGED_PDF = "This PDF is damaged: pages, or parts of them, may be missing."

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
_EXCEL = (
    _sign(
        r"xl/workbook\.xml",
        r"<(?:\w+:)?sheet\s[^>]*state=\"(?:hidden|veryHidden)\"",
        "This spreadsheet has 1 hidden sheet, which is not shown.",
        "This spreadsheet has {n} hidden sheets, which are not shown.",
    ),
    _sign(r"xl/(comments/)?comments?\d*\.xml", r"<(?:\w+:)?comment\s", *_COMMENTS),
    _sign(
        r"xl/worksheets/[^/]+\.xml",
        r"<(?:\w+:)?row\s[^>]*hidden=\"(?:1|true)\"",
        "1 hidden row is not shown.",
        "{n} hidden rows are not shown.",
    ),
    _sign(
        r"xl/worksheets/[^/]+\.xml",
        r"<(?:\w+:)?col\s[^>]*hidden=\"(?:1|true)\"",
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
        r"<(?:\w+:)?sld\s[^>]*show=\"(?:0|false)\"",
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
_PREVIEW = "What you see is the preview that was saved with the document: it may be of the first page alone."
_IWORK = (_sign(r"QuickLook/Preview\.pdf", None, _PREVIEW, _PREVIEW),)
_SIGNS = {
    "iwork": _IWORK,
    **dict.fromkeys(("docx", "docm", "dotx"), _WORD),
    **dict.fromkeys(("xlsx", "xlsm"), _EXCEL),
    **dict.fromkeys(("pptx", "ppsx"), _POWERPOINT),
    **dict.fromkeys(("odt", "ods", "odp"), _OPEN_DOCUMENT),
}
_OLE_KINDS = frozenset({"doc", "xls", "ppt"})
_OLE_MACROS = ("Macros", "_VBA_PROJECT_CUR")


def notes_on(file: BinaryIO, kind: Kind) -> tuple[str, ...]:
    """Sentences about what the rendition leaves out, most files giving none.

    Args:
        file: the original, rewound afterwards.
        kind: what it is, as `filetypes.identify` said.
    """
    try:
        return tuple(_notes(file, kind))
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        NotImplementedError,
        EOFError,
        RuntimeError,
        pikepdf.PdfError,
    ):
        return ()
    finally:
        file.seek(0)


_FONT_NAMES = {
    "word/document.xml": re.compile(rb'<w:rFonts[^>]*\sw:ascii="([^"]{1,64})"'),
    "ppt/slides/slide1.xml": re.compile(rb'<a:latin\s[^>]*typeface="([^+"][^"]{0,63})"'),
    "xl/styles.xml": re.compile(rb'<name\s[^>]*val="([^"]{1,64})"'),
}
"""Where Office Open XML names the fonts that the author chose."""
_STAND_INS = frozenset({"arial", "calibri", "cambria", "couriernew", "helvetica", "timesnewroman"})
"""Fonts for which one of the same widths is used: every line breaks as the author saw it."""
_MOST_FONTS = 5


def replaced_fonts(original: bytes, kind: Kind, rendition: bytes) -> tuple[str, ...]:
    """A sentence that names the fonts which were replaced by others of different widths, if any were."""
    if kind.name not in _SIGNS:
        return ()
    try:
        with zipfile.ZipFile(io.BytesIO(original)) as archive, pikepdf.open(io.BytesIO(rendition)) as pdf:
            named = _fonts_named(archive)
            used = _fonts_used(pdf)
    except (zipfile.BadZipFile, pikepdf.PdfError, OSError, ValueError, NotImplementedError, RuntimeError):
        return ()
    missing = sorted(name for key, name in named.items() if key not in _STAND_INS and key not in used)
    if not missing:
        return ()
    return (f"Fonts replaced, so that lines may break elsewhere: {', '.join(missing[:_MOST_FONTS])}.",)


def _fonts_named(archive: zipfile.ZipFile) -> dict[str, str]:
    """The fonts' names, by their form for comparing."""
    read = _bounded_reader(archive)
    found = [
        name.decode(errors="replace")
        for part, pattern in _FONT_NAMES.items()
        if part in archive.namelist()
        for name in pattern.findall(read(part))
    ]
    return {_plain(name): name for name in found}


def _fonts_used(pdf: pikepdf.Pdf) -> str:
    """The names of all the PDF's fonts, run together: an embedded one is called `BAAAAA+Carlito-Bold`."""
    fonts = (item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/BaseFont" in item)
    return " ".join(_plain(str(font["/BaseFont"])) for font in fonts)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _notes(file: BinaryIO, kind: Kind) -> Iterator[str]:
    file.seek(0)
    if kind.name == "pdf":
        yield from _pdf_notes(file)
    elif kind.name in _OLE_KINDS:
        yield from _ole_notes(file)
    elif kind.name in _SIGNS:
        with zipfile.ZipFile(file) as archive:
            parts = _bounded_reader(archive)
            for sign in _SIGNS[kind.name]:
                count = _count(sign, archive.namelist(), parts)
                if count:
                    one, several = sign.words
                    yield one if count == 1 else several.format(n=count)


def _count(sign: _Sign, names: list[str], read: Callable[[str], bytes]) -> int:
    parts = [name for name in names if sign.parts.fullmatch(name)][:_MOST_PARTS]
    if sign.pattern is None:
        return len(parts)
    return sum(len(sign.pattern.findall(read(name))) for name in parts)


def _bounded_reader(archive: zipfile.ZipFile) -> Callable[[str], bytes]:
    """Reads parts, each once, and no more than `_MOST_BYTES` of them all."""
    seen: dict[str, bytes] = {}

    def read(name: str) -> bytes:
        if name not in seen:
            left = _MOST_BYTES - sum(map(len, seen.values()))
            with archive.open(name) as part:
                seen[name] = part.read(max(left, 0))
        return seen[name]

    return read


def _ole_notes(file: BinaryIO) -> Iterator[str]:
    with olefile.OleFileIO(file.read()) as ole:
        if any(ole.exists(storage) for storage in _OLE_MACROS):
            yield _MACROS[0]


def _pdf_notes(file: BinaryIO) -> Iterator[str]:
    with pikepdf.open(file) as pdf:
        len(pdf.pages)
        if any("damaged" in warning or "reconstruct" in warning for warning in map(str, pdf.get_warnings())):
            yield DAMAGED_PDF
