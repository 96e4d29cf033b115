"""Inspects the PDF that LibreOffice made: whether it is a PDF, and cut, blank, or in other fonts."""

import re
from typing import BinaryIO

import pikepdf

from viewer.documents import MAX_PRINTED_PAGES, Printing
from viewer.errors import ConversionUnavailable, Corrupt, PasswordProtected, TooLarge
from viewer.formats.office.fonts import replaced
from viewer.formats.pdf.opening import BROKEN, dictionary, open_pdf

_PAINTED = re.compile(rb"(?:^|[\s\])>])(?:Tj|TJ|'|\"|Do|sh|BI|f\*?|F|S|s|B\*?|b\*?)(?=\s|$)")
"""Operators that leave something on a page (ISO 32000-1, annex A)."""
_BLANK = "Every page is blank. If you expect something here, open the original."


def inspect_printed(pdf: BinaryIO, printing: Printing) -> tuple[str, ...]:
    """Notes on a PDF that LibreOffice made.

    Args:
        pdf: seekable.
        printing: what LibreOffice was told of the document.

    Raises:
        TooLarge: it has as many pages as are made at the most, so that more may be missing.
        ConversionUnavailable: it is no PDF, which says nothing about the document.
    """
    pdf.seek(0)
    try:
        with open_pdf(pdf) as made:
            return _notes(made, printing)
    except (Corrupt, PasswordProtected) as error:
        raise ConversionUnavailable("the result is no PDF") from error


def _notes(pdf: pikepdf.Pdf, printing: Printing) -> tuple[str, ...]:
    pages = len(pdf.pages)
    if pages >= MAX_PRINTED_PAGES and not printing.cut_after:
        raise TooLarge("pages")
    notes = replaced(printing.fonts, _fonts_used(pdf)) if printing.fonts else ()
    if printing.cut_after is not None and pages >= printing.cut_after:
        notes += (f"Only the first {printing.cut_after:,} pages are shown.",)
    return notes if any(map(_is_painted, pdf.pages)) else (*notes, _BLANK)


def _fonts_used(pdf: pikepdf.Pdf) -> list[str]:
    """The names of all its fonts."""
    return [str(dictionary(item)["/BaseFont"]) for item in pdf.objects if "/BaseFont" in dictionary(item)]


def _is_painted(page: pikepdf.Page) -> bool:
    contents = page.obj.get("/Contents")
    streams = contents if isinstance(contents, pikepdf.Array) else [contents] if contents is not None else []
    try:
        return any(_PAINTED.search(stream.read_bytes()) for stream in streams)
    except BROKEN:
        return True  # more than is looked at, which no blank page has
