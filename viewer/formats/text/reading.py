"""Reads plain text, data and tables: UTF-8 for the page, whatever the file was written in."""

from collections.abc import Callable

from viewer.formats import truncation
from viewer.formats.decoding import decoded
from viewer.formats.document import PLAIN_TEXT_TYPE, Document, Read
from viewer.formats.text.kinds import XML
from viewer.formats.text.plain import MAX_TEXT, data
from viewer.formats.text.table import MAX_BYTES, delimiter_of, table


def read_text(document: Document) -> Read:
    """Text and XML, as they are written.

    Raises:
        TooLarge: more than `MAX_TEXT` bytes.
        Corrupt: its mark promises text that is not there.
    """
    is_truncated = truncation.xml if document.kind is XML else None

    def cut_notes(text: str) -> tuple[str, ...]:
        return truncation.text_notes(text, document.size, is_truncated)

    return _read(document, lambda text: text.encode("utf-8", "replace"), MAX_TEXT, PLAIN_TEXT_TYPE, cut_notes)


def read_data(document: Document) -> Read:
    """JSON, in lines. It raises what `read_text` raises."""

    def cut_notes(text: str) -> tuple[str, ...]:
        return truncation.text_notes(text, document.size, truncation.json)

    return _read(
        document, lambda text: data(text).encode("utf-8", "replace"), MAX_TEXT, PLAIN_TEXT_TYPE, cut_notes
    )


def read_table(document: Document) -> Read:
    """A table, in rows and cells.

    Raises:
        TooLarge: more than `MAX_BYTES` bytes.
        Corrupt: it cannot be read as one.
    """

    def cut_notes(text: str) -> tuple[str, ...]:
        return truncation.table_notes(text, document.size, delimiter_of(text))

    return _read(document, table, MAX_BYTES, "application/json", cut_notes)


def _read(
    document: Document,
    make: Callable[[str], bytes],
    most: int,
    media_type: str,
    cut_notes: Callable[[str], tuple[str, ...]],
) -> Read:
    found = decoded(document.whole(most))
    cut = () if found.is_truncated else cut_notes(found.text)
    return document.shown(media_type, (*found.notes, *cut)), make(found.text)
