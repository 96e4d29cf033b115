"""Web pages that somebody saved to PDF: sanitised, with no pictures but those that are in the file."""

import re
from collections.abc import Mapping
from urllib.parse import urljoin

from viewer.documents import Converter, Kind
from viewer.errors import Corrupt
from viewer.formats.html.markup import be_ready, self_contained
from viewer.formats.mail.mime import Part, parts_of, text_of
from viewer.formats.recognition import HTML, MHT

_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE
)
_CHARSET_WITHIN = 4096
_LOCATION = "Content-Location"


class WebPageConverter:
    """Hands the office one file of HTML without any way out."""

    media_type = "application/pdf"

    def __init__(self, office: Converter) -> None:
        self._office = office
        self.recipe = f"web-1-{office.recipe}"
        be_ready()

    def convert(self, original: bytes, kind: Kind) -> bytes:
        """See `Converter.convert`."""
        html, pictures = _unpacked(original) if kind.name == MHT.name else (page_text(original), {})
        return self._office.convert(self_contained(html, pictures).encode(), HTML)


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
