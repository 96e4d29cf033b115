"""Reads PDFs: one opening for what is said of one, what replaces it, and the files in it."""

from viewer.documents import Sink
from viewer.formats.document import Document, Read
from viewer.formats.pdf import embedded
from viewer.formats.pdf.inspection import inspect
from viewer.formats.pdf.opening import annotations, has_end, open_pdf


def read(document: Document) -> Read:
    """A PDF that opens, mended where it is damaged.

    Raises:
        PasswordProtected: it needs a password.
        Corrupt: it does not open, or has no pages.
    """
    with open_pdf(document.rewound()) as pdf:
        on_pages = list(annotations(pdf))
        found = inspect(pdf, on_pages, has_end=has_end(document.file))
        parts = embedded.list_files(pdf, on_pages)
    return document.shown(found.media_type, found.notes, parts), found.replacement


def extract(document: Document, number: int, into: Sink) -> str:
    """One of the files in a PDF; see `embedded.extract`."""
    with open_pdf(document.rewound()) as pdf:
        return embedded.extract(pdf, number, into)
