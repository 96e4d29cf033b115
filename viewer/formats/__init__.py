"""Reads documents; one folder for each family of formats. It runs in the sandbox alone.

The rest of the viewer calls three functions: one reads a document, one extracts a part of it, and one
inspects the PDF that LibreOffice made of it. Each opens a file once.
"""

from contextlib import ExitStack
from typing import BinaryIO

from viewer.documents import Reading, Sink
from viewer.errors import PartNotFound, TooLarge
from viewer.formats.document import Document, Limits
from viewer.formats.printed import inspect_printed
from viewer.formats.recognition import recognise
from viewer.formats.sinks import LimitedSink, memory_file
from viewer.formats.table import TABLE, recipe_of

__all__ = ["KINDS", "RECIPE", "Limits", "extract", "inspect_printed", "read"]

RECIPE = recipe_of(TABLE)
"""Changes whenever the same bytes would be read otherwise."""
KINDS = frozenset(TABLE)
"""The short names of all kinds of documents that are shown."""


def read(document: BinaryIO, limits: Limits) -> tuple[Reading, bytes | None]:
    """Read a document: its kind, notes and parts, and the bytes that are shown or printed in its place.

    Args:
        document: seekable; a real file is read where it is, as far as the libraries allow.
        limits: sizes.

    Returns:
        The reading, and the bytes; None where the document's own are shown, or printed where the reading has
        a `printing`.

    Raises:
        Empty: there is nothing in it.
        UnsupportedType: it is of no kind that is shown.
        PasswordProtected: it needs a password.
        Corrupt: it cannot be read as what it is.
        TooLarge: it is beyond one of the limits.
    """
    found = recognise(document, limits)
    reading, body = TABLE[found.kind.name].read(found)
    if body is not None and len(body) > limits.max_result:
        raise TooLarge("result")
    return reading, body


def extract(document: BinaryIO, numbers: tuple[int, ...], limits: Limits, into: Sink) -> str:
    """Extract a part of a document, or a part of a part.

    Args:
        document: seekable.
        numbers: at least one; the place of each part in what holds it, outermost first, counted from 1.
        limits: sizes.
        into: takes the bytes of the innermost part, in pieces.

    Returns:
        The part's name, fit for showing.

    Raises:
        PartNotFound: there is no such part, or what should hold it holds nothing.
        TooLarge: the part, or all parts on the way together, are beyond the limits.
        Problem: what is on the way cannot be read, and why.
    """
    *outer, last = numbers
    left = limits.max_total_bytes
    with ExitStack() as files:
        for number in outer:
            part = files.enter_context(memory_file())
            counted = LimitedSink(part, min(left, limits.max_part_bytes))
            _extract(recognise(document, limits), number, counted)
            left -= counted.size
            document = part
        return _extract(
            recognise(document, limits), last, LimitedSink(into, min(left, limits.max_part_bytes))
        )


def _extract(document: Document, number: int, into: Sink) -> str:
    row = TABLE[document.kind.name]
    if row.extract is None:
        raise PartNotFound("it holds no parts")
    return row.extract(document, number, into)
