"""PDFs, opened within limits, and what several readers of them look at."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO

import pikepdf
from pikepdf.settings import set_qpdf_limits

from viewer.errors import PasswordProtected, TooLarge
from viewer.formats.failures import corrupt_on

MAX_PAGES_SEARCHED = 5000
MAX_ANNOTATIONS = 20_000
"""Pages, and annotations of them all, that are looked at."""
_MAX_STREAM = 16 * 1024 * 1024
"""Bytes that one stream may unpack to where qpdf unpacks it: tables of objects, objects, the text of a page.
A byte of objects can take a hundred of memory."""
_MAX_ITEMS = 1_000_000
"""Items of one array or dictionary."""
_MAX_PAGES = 50_000
"""Places in the tree of pages; qpdf copies a page for each further place that it has."""
BROKEN = (
    *(pikepdf.PdfError, zlib.error, OSError, ValueError, TypeError),
    *(LookupError, AttributeError, RuntimeError, ArithmeticError),
)
"""What pikepdf, and what is done with its objects, raises on broken files."""

set_qpdf_limits(
    flate_max_memory=_MAX_STREAM,
    png_max_memory=_MAX_STREAM,
    tiff_max_memory=_MAX_STREAM,
    run_length_max_memory=_MAX_STREAM,
    dct_max_memory=_MAX_STREAM,
    parser_max_container_size=_MAX_ITEMS,
)


@contextmanager
def opened(file: BinaryIO) -> Iterator[pikepdf.Pdf]:
    """The PDF; one with an empty user password opens too, as in browsers.

    Args:
        file: seekable; a real file is read where it is.

    Raises:
        PasswordProtected: it needs a password.
        Corrupt: it does not open, or what is done with it fails.
        TooLarge: more than `_MAX_PAGES`.
    """
    with corrupt_on(*BROKEN):
        try:
            # pages are counted before anything copies them
            pdf = pikepdf.open(file, inherit_page_attributes=False)
        except pikepdf.PasswordError as error:
            raise PasswordProtected from error
        with pdf:
            _check_pages(pdf)
            yield pdf


def _check_pages(pdf: pikepdf.Pdf) -> None:
    """Count the places in the tree of pages, each node once, whichever nodes name it."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [pdf.Root.get("/Pages")]
    places = 0
    while waiting:
        kids = dictionary(waiting.pop()).get("/Kids")
        if not isinstance(kids, pikepdf.Array):
            continue
        places += len(kids)
        if places > _MAX_PAGES:
            raise TooLarge("pages")
        for kid in kids:
            if isinstance(kid, pikepdf.Dictionary) and "/Kids" in kid and kid.objgen not in seen:
                seen.add(kid.objgen)
                waiting.append(kid)


def pages(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Page]:
    """The first pages."""
    return islice(pdf.pages, MAX_PAGES_SEARCHED)


def annotations(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """What lies on the first pages, the first of very many."""
    return islice(_annotations(pdf), MAX_ANNOTATIONS)


def _annotations(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    for page in pages(pdf):
        found = page.obj.get("/Annots")
        for item in found if isinstance(found, pikepdf.Array) else ():
            if isinstance(item, pikepdf.Dictionary):
                yield item


def dictionary(value: Any) -> Any:
    """The value where it is a dictionary, else an empty one."""
    return value if isinstance(value, pikepdf.Dictionary) else pikepdf.Dictionary()
