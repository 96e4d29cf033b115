"""The list of a document's parts that its page shows."""

from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from flask import url_for

from viewer.documents import DocumentRef, Part
from viewer.sizes import format_size
from viewer.web.request import url_arguments


@dataclass(frozen=True, slots=True)
class ListingEntry:
    """One line of a list of parts.

    Args:
        number: the part's position, from 1.
        folder: the part's folder in an archive, without a `/` at the end; empty for the top level.
        name: the part's name without the folder.
        size: the size for people; empty where it is unknown.
        locked: whether the part needs a password.
        url: the address of the part's page; None where parts so deep cannot be opened.
    """

    number: int
    folder: str
    name: str
    size: str
    locked: bool
    url: str | None


def entries(
    ref: DocumentRef, parts: tuple[Part, ...], endpoint: str = "documents.page"
) -> list[ListingEntry]:
    """The entries for the parts of a document, in the document's order.

    Args:
        ref: the document that contains the parts.
        parts: the parts of its rendition.
        endpoint: the Flask endpoint that opens a part.
    """
    return [_entry(ref, part, endpoint) for part in parts]


def by_folder(listed: list[ListingEntry]) -> list[tuple[str, list[ListingEntry]]]:
    """Group the entries by folder, the top level first."""
    ordered = sorted(listed, key=lambda entry: (entry.folder.casefold(), entry.folder, entry.number))
    return [(folder, list(group)) for folder, group in groupby(ordered, lambda entry: entry.folder)]


def as_json(listed: list[ListingEntry]) -> list[dict[str, Any]]:
    """The entries as JSON for the page's script."""
    return [asdict(entry) for entry in listed]


def _entry(ref: DocumentRef, part: Part, endpoint: str) -> ListingEntry:
    *folders, name = [step for step in part.name.split("/") if step] or [part.name]
    size = "" if part.size is None else format_size(part.size)
    return ListingEntry(
        part.number, "/".join(folders), name, size, part.locked, _url(ref, part.number, endpoint)
    )


def _url(ref: DocumentRef, number: int, endpoint: str) -> str | None:
    try:
        inside = ref.inside(number)
    except ValueError:
        return None
    return url_for(endpoint, **url_arguments(inside))
