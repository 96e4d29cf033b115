"""Reads plain text, data and tables: UTF-8 for the page, whatever the file was written in."""

from collections.abc import Callable

from viewer.formats import truncation
from viewer.formats.decoding import decoded
from viewer.formats.document import PLAIN_TEXT_TYPE, Document, Read
from viewer.formats.text.kinds import XML
from viewer.formats.text.plain import MAX_TEXT, data
from viewer.formats.text.table import MAX_BYTES, table


def read_text(document: Document) -> Read:
    """Text and XML, as they are written.

    Raises:
        TooLarge: more than `MAX_TEXT` bytes.
        Corrupt: its mark promises text that is not there.
    """
    is_truncated = truncation.xml if document.kind is XML else None
    return _read(
        document, lambda text: text.encode("utf-8", "replace"), MAX_TEXT, PLAIN_TEXT_TYPE, is_truncated
    )


def read_data(document: Document) -> Read:
    """JSON, in lines. It raises what `read_text` raises."""
    return _read(
        document,
        lambda text: data(text).encode("utf-8", "replace"),
        MAX_TEXT,
        PLAIN_TEXT_TYPE,
        truncation.json,
    )


def read_table(document: Document) -> Read:
    """A table, in rows and cells.

    Raises:
        TooLarge: more than `MAX_BYTES` bytes.
        Corrupt: it cannot be read as one.
    """
    return _read(document, table, MAX_BYTES, "application/json")


def _read(
    document: Document,
    make: Callable[[str], bytes],
    most: int,
    media_type: str,
    is_truncated: Callable[[str], bool] | None = None,
) -> Read:
    found = decoded(document.whole(most))
    cut = () if found.is_truncated else truncation.text_notes(found.text, is_truncated)
    return document.shown(media_type, (*found.notes, *cut)), make(found.text)
