"""Reads plain text, data and tables."""

from collections.abc import Callable

from viewer.formats.document import PLAIN_TEXT_TYPE, Document, Read
from viewer.formats.text.plain import MAX_TEXT, data, plain
from viewer.formats.text.table import MAX_BYTES, table


def read_text(document: Document) -> Read:
    """Text and XML, as they are written."""
    return _read(document, plain, MAX_TEXT, PLAIN_TEXT_TYPE)


def read_data(document: Document) -> Read:
    """JSON, in lines."""
    return _read(document, data, MAX_TEXT, PLAIN_TEXT_TYPE)


def read_table(document: Document) -> Read:
    """A table, in rows and cells."""
    return _read(document, table, MAX_BYTES, "application/json")


def _read(document: Document, make: Callable[[bytes], bytes], most: int, media_type: str) -> Read:
    return document.shown(media_type), make(document.whole(most))
