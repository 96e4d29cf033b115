"""What is inside a document, as its page lists it."""

from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from flask import url_for

from viewer.documents import DocumentRef, Part
from viewer.sizes import in_words
from viewer.web.request import arguments


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a listing.

    Args:
        number: the part's, counted from 1.
        folder: where an archive has it, without a `/` at the end; empty for the top.
        name: without the folder.
        size: in words; empty where it is not known.
        locked: whether it needs a password.
        url: of its own page; None where nothing is opened that deep.
    """

    number: int
    folder: str
    name: str
    size: str
    locked: bool
    url: str | None


def entries(ref: DocumentRef, parts: tuple[Part, ...], endpoint: str = "documents.page") -> list[Entry]:
    """The parts of a document, in its own order.

    Args:
        ref: of the document that they are in.
        parts: as its rendition names them.
        endpoint: of the view that opens one.
    """
    return [_entry(ref, part, endpoint) for part in parts]


def by_folder(listed: list[Entry]) -> list[tuple[str, list[Entry]]]:
    """The entries under their folders, those at the top first."""
    ordered = sorted(listed, key=lambda entry: (entry.folder.casefold(), entry.folder, entry.number))
    return [(folder, list(group)) for folder, group in groupby(ordered, lambda entry: entry.folder)]


def as_json(listed: list[Entry]) -> list[dict[str, Any]]:
    """For the page's script."""
    return [asdict(entry) for entry in listed]


def _entry(ref: DocumentRef, part: Part, endpoint: str) -> Entry:
    *folders, name = [step for step in part.name.split("/") if step] or [part.name]
    size = "" if part.size is None else in_words(part.size)
    return Entry(part.number, "/".join(folders), name, size, part.locked, _url(ref, part.number, endpoint))


def _url(ref: DocumentRef, number: int, endpoint: str) -> str | None:
    try:
        inside = ref.inside(number)
    except ValueError:
        return None
    return url_for(endpoint, **arguments(inside))
