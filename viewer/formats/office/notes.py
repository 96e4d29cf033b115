"""What a rendition does not show, or shows otherwise, as far as the source file itself tells.

Nobody should decide about a family on a partial picture: the page lists these notes and says where the
whole document is. Read from the file's own parts, bounded; a file that cannot be read gives no notes, since
the conversion then fails or stands on its own.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import pikepdf

from viewer.documents import Kind
from viewer.errors import ViewerError
from viewer.formats.mail import READERS, Letter
from viewer.formats.office import biff
from viewer.formats.ole import OleFile

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
        r"<(?:\w+:)?sheet\s[^>]*state=\"(?:hidden|veryHidden)\"",
        *_HIDDEN_SHEETS,
    ),
    _sign(r"xl/workbook\.bin", r"\x9c\x01[\x00-\x7f][\x01\x02]\x00\x00\x00", *_HIDDEN_SHEETS),
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
    **dict.fromkeys(("docx", "docm", "dotx", "dotm"), _WORD),
    **dict.fromkeys(("xlsx", "xlsm", "xltx", "xltm", "xlsb"), _EXCEL),
    **dict.fromkeys(("pptx", "pptm", "ppsx", "ppsm", "potx", "potm"), _POWERPOINT),
    **dict.fromkeys(("odt", "ott", "ods", "ots", "odp", "otp", "odg", "otg"), _OPEN_DOCUMENT),
}
_PICTURE_ELSEWHERE = re.compile(rb"<img\b[^>]{0,2000}?\bsrc\s*=\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE)
_ELSEWHERE: Plural = (
    "1 picture that the sender keeps elsewhere was not fetched.",
    "{n} pictures that the sender keeps elsewhere were not fetched.",
)
_OLE_KINDS = frozenset({"doc", "xls", "ppt"})
_COMMENTS_LENGTH_AT = 190
_COMMENT_BYTES = 34
"""A position of 4 bytes, and 30 of initials and bookmarks ([MS-DOC] 2.9.10, ATRDPre10)."""
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
        zlib.error,
        IndexError,
        KeyError,
        pikepdf.PdfError,
        ViewerError,
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
_STAND_INS = frozenset(
    {"arial", "arialnarrow", "bookantiqua", "bookmanoldstyle", "calibri", "cambria", "centurygothic"}
    | {"centuryschoolbook", "couriernew", "helvetica", "palatinolinotype", "timesnewroman"}
)
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
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        pikepdf.PdfError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ):
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
    if kind.name in READERS:
        yield from _mail_notes(READERS[kind.name](file.read(_MOST_BYTES)))
    elif kind.name == "html":
        yield from _pictures_elsewhere(file.read(_MOST_BYTES))
    elif kind.name in _OLE_KINDS:
        yield from _ole_notes(file)
    elif kind.name in _SIGNS:
        with zipfile.ZipFile(file) as archive:
            parts = _bounded_reader(archive)
            for sign in _SIGNS[kind.name]:
                yield from _told(sign.words, _count(sign, archive.namelist(), parts))


def _told(words: Plural, count: int) -> Iterator[str]:
    one, several = words
    if count:
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
    with OleFile(io.BytesIO(file.read())) as ole:
        yield from _told(
            _HIDDEN_SHEETS, sum(biff.hidden_sheets(body) for body in _bodies(ole, "Workbook", "Book"))
        )
        yield from _told(_COMMENTS, sum(_word_comments(body) for body in _bodies(ole, "WordDocument")))
        if any(ole.exists(storage) for storage in _OLE_MACROS):
            yield _MACROS[0]


def _mail_notes(letter: Letter) -> Iterator[str]:
    if letter.sealed:
        yield "The message is signed or encrypted as a whole: its text may be missing."
    yield from _pictures_elsewhere((letter.html or "").encode(errors="replace"))


def _pictures_elsewhere(html: bytes) -> Iterator[str]:
    count = len(_PICTURE_ELSEWHERE.findall(html))
    if count:
        one, several = _ELSEWHERE
        yield one if count == 1 else several.format(n=count)


def _bodies(ole: OleFile, *names: str) -> Iterator[bytes]:
    """The streams' bytes, of the first that is there."""
    found = [name for name in names if ole.exists(name)][:1]
    return (ole.openstream(name).read(_MOST_BYTES) for name in found)


def _word_comments(stream: bytes) -> int:
    """How many comments a Word 97 document has: the length of their table ([MS-DOC] 2.5.6, lcbPlcfandRef)."""
    if len(stream) < _COMMENTS_LENGTH_AT + 4 or stream[:2] != b"\xec\xa5":
        return 0
    (length,) = struct.unpack_from("<I", stream, _COMMENTS_LENGTH_AT)
    return max(0, length - 4) // _COMMENT_BYTES if length < _MOST_BYTES else 0


_PAINTED = re.compile(rb"(?:^|[\s\])>])(?:Tj|TJ|'|\"|Do|sh|BI|f\*?|F|S|s|B\*?|b\*?)(?=\s|$)")
"""Operators that leave something on a page (ISO 32000-1, annex A)."""
_BLANK = "Every page is blank. If you expect something here, open the original."


def made_of(kind: Kind, rendition: bytes) -> tuple[str, ...]:
    """Sentences about a PDF that was made: whether it is cut, or blank."""
    try:
        with pikepdf.open(io.BytesIO(rendition)) as pdf:
            cut = kind.cut_after is not None and len(pdf.pages) >= kind.cut_after
            notes = (f"Only the first {kind.cut_after:,} pages are shown.",) if cut else ()
            return notes if any(map(_is_painted, pdf.pages)) else (*notes, _BLANK)
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def _is_painted(page: pikepdf.Page) -> bool:
    contents = page.obj.get("/Contents")
    streams = contents if isinstance(contents, pikepdf.Array) else [contents] if contents is not None else []
    return any(_PAINTED.search(stream.read_bytes()) for stream in streams)
