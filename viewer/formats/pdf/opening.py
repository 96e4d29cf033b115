"""Opens PDFs within limits, and finds the pages and annotations that several readers need."""

import io
import re
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
_CERTIFICATE_FILTER = "unsupported encryption filter"
"""qpdf's words where a certificate opens the file rather than a password."""
_MAX_REPAIRED = 50 * 1024 * 1024
_END_WITHIN = 2048
_MAX_DICTIONARY = 4096
"""Bytes between the beginning of a table of objects and its name."""
_OBJECT = re.compile(rb"(?:\A|[\r\n\s])(\d{1,10} \d{1,5} obj)\b")
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
def open_pdf(file: BinaryIO) -> Iterator[pikepdf.Pdf]:
    """The PDF; one with an empty password opens too.

    Args:
        file: seekable; a real file is read where it is.

    Raises:
        PasswordProtected: it needs a password, or a certificate.
        Corrupt: it does not open, or what is done with it fails.
        TooLarge: more than `_MAX_PAGES`.
    """
    with corrupt_on(*BROKEN), _open(file) as pdf:
        _check_pages(pdf)
        yield pdf


def has_end(file: BinaryIO) -> bool:
    """Whether the last lines say where the table of objects is."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END_WITHIN))
    return b"startxref" in file.read()


def _open(file: BinaryIO) -> pikepdf.Pdf:
    """The file, whose pages are counted before anything copies them."""
    try:
        return pikepdf.open(file, inherit_page_attributes=False)
    except pikepdf.PasswordError as error:
        raise PasswordProtected from error
    except pikepdf.PdfError as error:
        if _CERTIFICATE_FILTER in str(error):
            raise PasswordProtected("certificate") from error
        repaired = _with_startxref(file)
        if repaired is None:
            raise
        return pikepdf.open(repaired, inherit_page_attributes=False)


def _with_startxref(file: BinaryIO) -> BinaryIO | None:
    """The same file, whose last lines say where its newest table of objects is; None where it has none.

    Browsers look for the table themselves where those lines are missing (ISO 32000-1, 7.5.5 and 7.5.8); qpdf
    does so only for tables that are not streams.
    """
    file.seek(0)
    body = file.read(_MAX_REPAIRED + 1)
    table = body.rfind(b"/XRef")
    begins = [*_OBJECT.finditer(body, max(table - _MAX_DICTIONARY, 0), max(table, 0))]
    if len(body) > _MAX_REPAIRED or not begins:
        return None
    return io.BytesIO(body + b"\nstartxref\n%d\n%%%%EOF\n" % begins[-1].start(1))


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
