"""PDFs: whether one opens."""

from typing import BinaryIO

import pikepdf

from viewer.documents import Kind
from viewer.errors import Corrupt, PasswordProtected

PDF = Kind("pdf", "PDF", media_type="application/pdf")
HEADER = b"%PDF-"
HEADER_WITHIN = 1024
"""A PDF may start with junk of up to this length (ISO 32000, implementation note 13)."""


def pdf(file: BinaryIO) -> Kind:
    """A PDF that opens: with an empty user password too, as browsers do.

    Raises:
        PasswordProtected: it needs a password.
        Corrupt: it does not open, or has no pages.
    """
    try:
        with pikepdf.open(file) as document:
            if not len(document.pages):
                raise Corrupt
    except pikepdf.PasswordError as error:
        raise PasswordProtected from error
    except (pikepdf.PdfError, ValueError, RecursionError) as error:
        raise Corrupt from error
    return PDF
