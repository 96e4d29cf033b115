"""Web pages that somebody saved to PDF: sanitised, with no pictures but those that are in the file."""

import re
from collections.abc import Mapping
from urllib.parse import urljoin

from viewer.documents import Printing
from viewer.errors import Corrupt
from viewer.formats.cut_short import html_notes
from viewer.formats.document import Document, Read
from viewer.formats.html.kinds import HTML_FILTER, MHT
from viewer.formats.html.markup import pictures_elsewhere, self_contained
from viewer.formats.lanes import is_long_file
from viewer.formats.mime import Part, parts_of, text_of

MAX_PAGE_BYTES = 256 * 1024 * 1024
"""Bytes of a saved page with its pictures."""

_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE
)
_CHARSET_WITHIN = 4096
_LOCATION = "Content-Location"


def read(document: Document) -> Read:
    """A web page, or a saved one with its pictures, that LibreOffice prints.

    Raises:
        Corrupt: a web archive without a page.
        TooLarge: more HTML than `markup.MAX_MARKUP`.
    """
    original = document.whole(MAX_PAGE_BYTES)
    if document.kind is MHT:
        html, pictures = _unpacked(original)
        notes: tuple[str, ...] = ()
    else:
        html, pictures = page_text(original), {}
        notes = (*html_notes(original), *pictures_elsewhere(original))
    page = self_contained(html, pictures).encode(errors="replace")
    return document.printed(Printing((HTML_FILTER,), is_long_file(len(page))), notes), page


def page_text(page: bytes) -> str:
    """The HTML, in the encoding that it declares where it is in it, else in the likeliest one."""
    declared = _CHARSET.search(page, 0, _CHARSET_WITHIN)
    charset = declared[1].decode() if declared else ""
    return text_of(page, "" if charset.lower().startswith("utf-16") else charset)  # it was read byte by byte


def _unpacked(archive: bytes) -> tuple[str, Mapping[str, bytes]]:
    """The page of a web archive (RFC 2557), and its pictures by what the page may call them."""
    parts = list(parts_of(archive))
    root = next((part for part in parts if part.media_type in {"text/html", "application/xhtml+xml"}), None)
    if root is None:
        raise Corrupt("a web archive without a page")
    base = _address(root, _LOCATION)
    pictures: dict[str, bytes] = {}
    for part in parts:
        if part.media_type.startswith("image/"):
            pictures |= dict.fromkeys(_names(part, base), part.decoded())
    return root.text(), pictures


def _names(part: Part, base: str) -> set[str]:
    """What the page may call a picture: its address, whole or from where the page is, or its Content-ID."""
    location = _address(part, _LOCATION)
    try:
        folder, whole = urljoin(base, "."), urljoin(base, location)
    except ValueError:
        folder, whole = "", location
    names = {location, whole, _address(part, "Content-ID").strip("<>")}
    if folder and whole.startswith(folder):
        names.add(whole.removeprefix(folder))
    return names - {""}


def _address(part: Part, header: str) -> str:
    return "".join(str(part.headers.get(header, "")).split())
