"""Reads web pages and web archives: sanitised, with the pictures in the file and no others."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import unquote, urljoin

from viewer.documents import Printing
from viewer.errors import Corrupt
from viewer.formats.charsets import decode_html
from viewer.formats.document import Document, Read
from viewer.formats.html.kinds import HTML_FILTER, MHT
from viewer.formats.html.markup import fragment, page, pictures_elsewhere, title_of
from viewer.formats.lanes import is_long_file
from viewer.formats.mime import MimePart, parse_message
from viewer.formats.truncation import html_notes

MAX_PAGE_BYTES = 256 * 1024 * 1024
"""Bytes of a saved page with its pictures."""
MAX_FRAMES = 200
"""Pages within one page that are shown."""
TRUNCATED = "The page seems to be cut short: its end is missing."
SEVERAL = "The page is made of several pages; they are shown one after the other."

_LOCATION = "Content-Location"
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_FRAME = re.compile(
    r"<(i?)frame\b(?=[^<>]{0,2000}?\bsrc\s{0,20}=\s{0,20}(?:\"([^\"<>]{1,2000})\"|'([^'<>]{1,2000})'|([^\s\"'<>]{1,2000})))"
    r"([^<>]{0,2000})>",
    re.IGNORECASE,
)
_TINY = re.compile(r"\b(?:width|height)\s*=\s*[\"']?[01]\b", re.IGNORECASE)
_SHEET = re.compile(
    r"<x:Name>([^<]{1,200})</x:Name>[^<]{0,100}<x:WorksheetSource\s{1,20}HRef=\"([^\"]{1,2000})\"",
    re.IGNORECASE,
)
_FRAMESET = re.compile(r"<frameset\b", re.IGNORECASE)
_TABS = "tabstrip."
"""The file with the names of the sheets that Excel saves beside them."""
_NO_FRAMES = re.compile(r"<noframes\b[^>]{0,200}>", re.IGNORECASE)
_START_TAG, _END_TAG = (
    re.compile(r"<(?:html|body)\b", re.IGNORECASE),
    re.compile(r"</(?:html|body)\s*>", re.IGNORECASE),
)
_OPEN_TAG = re.compile(r"<[a-z!/][^<>]{0,2000}\Z", re.IGNORECASE)


def read(document: Document) -> Read:
    """A web page, or a saved one with its pictures and frames, that LibreOffice prints.

    Raises:
        Corrupt: a web archive without a page.
        TooLarge: more HTML than `markup.MAX_MARKUP`.
    """
    original = document.whole(MAX_PAGE_BYTES)
    if document.kind is MHT:
        saved = _read_web_archive(original)
        notes: tuple[str, ...] = (TRUNCATED,) if saved.is_truncated else ()
    else:
        html = page_text(original)
        saved = _SavedPage(html)
        cut = html_notes(original) or ((TRUNCATED,) if _is_truncated(html) else ())
        notes = (*cut, *pictures_elsewhere(original))
    body, more = _combine_pages(saved)
    made = page(body, title_of(saved.html)).encode(errors="replace")
    printing = Printing((HTML_FILTER,), is_long_file(len(made)))
    return document.printed(printing, tuple(dict.fromkeys((*notes, *more)))), made


def page_text(page: bytes) -> str:
    """The HTML, in the encoding that it declares where it is in it, else in the likeliest one."""
    return decode_html(page)


@dataclass(slots=True)
class _SavedPage:
    """A page and what was saved with it.

    Args:
        html: of the page itself.
        pages: further pages, by what the page may call them.
        pictures: likewise.
        is_truncated: whether the archive's end is missing.
    """

    html: str
    pages: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    is_truncated: bool = False


def _combine_pages(saved: _SavedPage) -> tuple[str, tuple[str, ...]]:
    """The page, and the pages within it one after the other; sentences on what is otherwise."""
    sheets = {address: unescape(name) for name, address in _SHEET.findall(saved.html)}
    waiting = [("", saved.html)]
    seen, missing, pieces, notes = {saved.html}, set[str](), list[str](), dict[str, None]()
    for address, html in waiting:
        made = fragment(html, saved.pictures)
        notes |= dict.fromkeys(made.notes)
        if made.has_content:
            title = f"<h1>{escape(sheets[address])}</h1>" if address in sheets else ""
            pieces.append(title + made.html)
        for one in _inner_pages(address, html, saved, sheets):
            inside = next((saved.pages[name] for name in (one, unquote(one)) if name in saved.pages), None)
            if inside is None:
                missing.add(one)
            elif inside not in seen and len(seen) < MAX_FRAMES:
                seen.add(inside)
                waiting.append((one, inside))
    if missing and len(waiting) == 1:
        instead = fragment(_without_frames(saved.html), saved.pictures)
        pieces += [instead.html] if instead.has_content else []
    told = (*((_missing_note(len(missing)),) if missing else ()), *((SEVERAL,) if len(waiting) > 1 else ()))
    if missing and not pieces:
        pieces.append(f"<p>[{_missing_note(len(missing))}]</p>")
    return "<hr>".join(pieces), (*notes, *told)


def _inner_pages(address: str, html: str, saved: _SavedPage, sheets: Iterable[str]) -> list[str]:
    """The addresses of the pages that belong within a page; none is the address of the page itself."""
    frames = _frames(html)
    if address or not _FRAMESET.search(html):
        return frames
    by_page = {page: name for name, page in saved.pages.items()}  # all that was saved with it belongs to it
    return [one for one in (*sheets, *frames, *by_page.values()) if _TABS not in one.lower()]


def _missing_note(number: int) -> str:
    if number == 1:
        return "1 page that belongs inside this page is kept in another file and is not shown."
    return f"{number} pages that belong inside this page are kept in other files and are not shown."


def _frames(html: str) -> list[str]:
    """The addresses of the pages within a page, but of those too small to be seen."""
    found = []
    for frame in _FRAME.finditer(html):
        address = unescape(frame[2] or frame[3] or frame[4] or "").strip()
        if address[:6].lower() not in {"about:", "javasc"} and not (frame[1] and _TINY.search(frame[5])):
            found.append(address.removeprefix("cid:"))
    return list(dict.fromkeys(found))


def _without_frames(html: str) -> str:
    """What a page of frames says to those who see none."""
    begin = _NO_FRAMES.search(html)
    if begin is None:
        return ""
    end = html.lower().find("</noframes", begin.end())
    return html[begin.end() : end] if end >= 0 else html[begin.end() :]


def _is_truncated(html: str) -> bool:
    """Whether the page's end is missing, as far as it can be told."""
    if _OPEN_TAG.search(html[-2100:]):
        return True
    return bool(_START_TAG.search(html[:20_000])) and not _END_TAG.search(html[-200_000:])


def _read_web_archive(archive: bytes) -> _SavedPage:
    """The page of a web archive (RFC 2557), with its pictures and further pages by what it may call them."""
    found = parse_message(archive)
    root = next((part for part in found.parts if part.media_type in _PAGES), None)
    if root is None:
        raise Corrupt("a web archive without a page")
    base = _address(root, _LOCATION)
    pictures: dict[str, bytes] = {}
    pages: dict[str, str] = {}
    for part in found.parts:
        if part.media_type.startswith("image/"):
            pictures |= dict.fromkeys(_names(part, base), part.decoded())
        elif part.media_type in _PAGES and part is not root:
            pages |= dict.fromkeys(_names(part, base), part.text())
    return _SavedPage(root.text(), pages, pictures, found.is_truncated)


def _names(part: MimePart, base: str) -> Sequence[str]:
    """What the page may call a part: its address, whole or from where the page is, or its Content-ID."""
    location = _address(part, _LOCATION)
    try:
        folder, whole = urljoin(base, "."), urljoin(base, location)
    except ValueError:
        folder, whole = "", location
    names = {location, whole, _address(part, "Content-ID").strip("<>")}
    if folder and whole.startswith(folder):
        names.add(whole.removeprefix(folder))
    return sorted(names - {""})


def _address(part: MimePart, header: str) -> str:
    return "".join(str(part.headers.get(header, "")).split())
