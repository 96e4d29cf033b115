"""Sanitises untrusted HTML into one file that fetches nothing; no other module does.

What may stay is listed in `cleaning.py`. Pictures stay only as `data:` addresses that are written here, from
bytes that came with the document and that are pictures by their own bytes. Nothing is rendered here: the
result goes to the office.
"""

import base64
import binascii
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import unquote, unquote_to_bytes

from PIL import Image

from viewer.errors import TooLarge
from viewer.formats.html.cleaning import WIDEST, clean
from viewer.formats.html.form_fields import write_out_fields
from viewer.formats.html.table_widths import (
    LONGEST_WORD,
    WIDEST_PAGE,
    break_long_words,
    needed_width,
    page_size,
)
from viewer.formats.html.white_space import apply_white_space, white_space_rules
from viewer.formats.pictures.conversion import MAX_PIXELS

MAX_MARKUP = 20 * 1024 * 1024
"""Characters of HTML."""
MAX_PAGE = 32 * 1024 * 1024
"""Characters of the result, pictures included; further pictures are left out."""
MAX_DEPTH = 200
"""Elements within elements; what is nested deeper loses its form, not its text."""
MAX_TABLES = 12
"""Tables within tables, likewise: each level doubles the office's work."""
MAX_OPEN = 1000
"""Elements that are opened and not closed, before cleaning, which takes the square of their number."""

MAX_ATTRIBUTES = 1000
"""Of one element: cleaning compares each with all others. What has more is no element, but words."""
MAX_REOPENED = 500_000
"""Bold, coloured and other such elements that are still open where a paragraph begins, summed up over all
paragraphs: cleaning writes each of them anew. Beyond, the text loses its form."""
MAX_PICTURES = 5000
"""Different ones that are looked at; further ones are left out."""

_HIGHEST = 900
"""Pixels down a page."""
_SPACER = 3
"""Pixels; a picture declared this small is there to be fetched or to keep a distance, not to be seen."""
_FORMATS = {"PNG": "png", "JPEG": "jpeg", "GIF": "gif", "WEBP": "webp", "BMP": "bmp"}
_IMAGE = re.compile(r"<img\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*+)", re.IGNORECASE)
_CLASSES = re.compile(r'<(p|li)((?: [a-z]+="[^"]*")*) class="(?:[\w -]+ )?Mso[^"]+"((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTES_OF_ONE = re.compile(
    r"<!--(?s:.*?)(?:-->|\Z)"
    r"|<(script|style|title|textarea|xmp|iframe|noembed|noframes)\b(?s:.*?)(?:</\1|\Z)"
    r"|<[a-z][^\s/>]*+"
    r"((?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+)"
    rf"{{{MAX_ATTRIBUTES}}})?+",
    re.IGNORECASE,
)
"""A comment, an element of words alone, or the beginning of another element with its many attributes."""
_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
"""Elements that go on in the next paragraph where they were not closed (HTML, 13.2.4.3)."""
_VOID = frozenset({"br", "hr", "img", "col"})
_CLOSED_IMPLICITLY = _VOID | frozenset(re.findall(r"\w+", """
    p li dd dt tr td th thead tbody tfoot option meta link input area base embed source param
    wbr"""))  # fmt: skip
"""Elements that end where their like begins, or that hold nothing."""
_SCOPES = frozenset({"table", "object", "applet", "marquee", "template", "select", "svg", "math"})
"""Elements within which nothing ends that began before them."""
_STRUCTURE_TAG = re.compile(
    r"<(?!/?(?:p|br|img|li|h[1-6]|script|style|title|textarea|input|select|option|datalist|iframe|xmp|noembed"
    r"|noframes)\b)"
    r"/?[a-z][^<>]*+>",
    re.IGNORECASE,
)
"""A tag that only gives form; what holds words that are not shown stays, for the cleaner."""
_CELL_END = re.compile(r"</t[dhr]>|<table\b[^<>]*+>", re.IGNORECASE)
_PICTURE_ELSEWHERE = re.compile(
    rb"<img\b[^<>]{0,2000}?\bsrc\s{0,20}=\s{0,20}[\"']?\s{0,20}(?:https?:)?//", re.IGNORECASE
)
_WORDS = re.compile(r"[^\s\xa0\u200b-\u200f\ufeff\u00ad\u034f]")
_PLAIN_WORDS = re.compile(r"(?:^|[\s;])[^\s&;\xa0\u200b-\u200f\ufeff\u00ad\u034f]")
"""A word that begins outside any character reference, as most pages have: they need no decoding to tell."""
_TAG_OR_PLACEHOLDER = re.compile(r'<span style="color:#505a5f">\[Picture[^<]*\]</span>|<[^>]*>')
_FORM_FILLED = "This page holds a form; its fields show what was saved with the page."
_TOO_WIDE = "A table is wider than the widest page: its last columns are not shown."
_STYLE = """@page { size: %s; margin: 1.8cm }
body { font-family: Carlito, Calibri, sans-serif; font-size: 11pt }
h1 { font-family: Carlito, Calibri, sans-serif; font-size: 16pt; margin: 0 0 6pt 0 }
td, th { vertical-align: top }
blockquote { margin-left: 0.4cm; padding-left: 0.3cm; border-left: 2px solid #b1b4b6 }
pre { font-family: "Liberation Mono", monospace; font-size: 9pt }"""


@dataclass(slots=True)
class Fragment:
    """HTML that may be put into a page of ours.

    Args:
        html: sanitised and well-formed.
        shown: the names, among those given, of the pictures that are in it.
        notes: sentences on what is shown otherwise than in a browser.
    """

    html: str = ""
    shown: set[str] = field(default_factory=set)
    notes: tuple[str, ...] = ()

    @property
    def has_words(self) -> bool:
        """Whether there is text, besides the placeholders of missing pictures."""
        text = _TAG_OR_PLACEHOLDER.sub(" ", self.html)
        return bool(_PLAIN_WORDS.search(text) or _WORDS.search(unescape(text)))

    @property
    def has_pictures(self) -> bool:
        """Whether there is a picture."""
        return "<img " in self.html

    @property
    def has_content(self) -> bool:
        """Whether there is text, a picture or a placeholder."""
        return self.has_words or self.has_pictures or "[Picture" in self.html


def page(body: str, title: str) -> str:
    """A whole page of sanitised HTML.

    Args:
        body: sanitised.
        title: anybody's text; the PDF's title.
    """
    size = page_size(needed_width(body)) or WIDEST_PAGE
    return (
        f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE % size}</style></head><body>{body}</body></html>"
    )


def fragment(html: str, pictures: Mapping[str, bytes]) -> Fragment:
    """The HTML's body, sanitised: it fetches nothing and does nothing.

    Args:
        html: anybody's.
        pictures: by what the HTML calls them: a Content-ID or an address.

    Raises:
        TooLarge: beyond `MAX_MARKUP`.
    """
    if len(html) > MAX_MARKUP:
        raise TooLarge("HTML")
    encodable = html.encode(errors="replace").decode()
    encodable = _ATTRIBUTES_OF_ONE.sub(_escape_element, encodable)
    white_space = white_space_rules(encodable)
    cleaned = clean(
        _without_structure(encodable) if _has_too_many_open(encodable) else encodable, white_space.classes
    )
    written = write_out_fields(cleaned)
    shallow = apply_white_space(_without_deep_nesting(written), white_space)
    made = _with_pictures(_CLASSES.sub(_with_class_margins, shallow), pictures)
    if needed_width(made.html, LONGEST_WORD * 100) > WIDEST:
        made.html = break_long_words(made.html)
    too_wide = page_size(needed_width(made.html)) is None
    made.notes = (*((_FORM_FILLED,) if written != cleaned else ()), *((_TOO_WIDE,) if too_wide else ()))
    return made


def pictures_elsewhere(html: bytes) -> tuple[str, ...]:
    """A sentence that counts the pictures that are not in the document; none where all are."""
    count = len(_PICTURE_ELSEWHERE.findall(html))
    if count == 1:
        return ("1 picture that the sender keeps elsewhere was not fetched.",)
    return (f"{count} pictures that the sender keeps elsewhere were not fetched.",) if count else ()


def _escape_element(element: re.Match[str]) -> str:
    """An element of very many attributes as the words that it is written in; all others as they are."""
    return element[0].replace("<", "&lt;") if element[2] else element[0]


def _with_class_margins(element: re.Match[str]) -> str:
    """Lines of mails stand close: what the style sheet that was left out says of their class."""
    before, after = element[2], element[3]
    if 'style="' in before + after:
        styled = (before + after).replace(
            'style="', 'style="margin-top:0cm;margin-bottom:0cm;', 1
        )  # its own margins come later and win
        return f"<{element[1]}{styled}>"
    return f'<{element[1]}{before}{after} style="margin-top:0cm; margin-bottom:0cm">'


def _without_deep_nesting(html: str) -> str:
    """The HTML, without most of its form where it is nested too deep."""
    depth = tables = 0
    for tag in _TAG.finditer(html):
        name = tag[2]
        step = 0 if name in _VOID else -1 if tag[1] else 1
        depth += step
        tables += step * (name == "table")
        if depth > MAX_DEPTH or tables > MAX_TABLES:
            return _without_structure(html)
    return html


def _has_too_many_open(html: str) -> bool:
    """Whether HTML that was not cleaned goes beyond `MAX_OPEN` somewhere, or beyond `MAX_REOPENED`."""
    scopes: list[Counter[str]] = [Counter()]
    names = [""]
    depth = reopened = forming = 0
    for tag in _TAG.finditer(html):
        name = tag[2].lower()
        if name not in _FORMATTING and not tag[1]:
            reopened += forming
            if reopened > MAX_REOPENED:
                return True
        if name in _CLOSED_IMPLICITLY:
            continue
        if not tag[1] and name in _SCOPES:
            scopes.append(Counter())
            names.append(name)
            depth += 1
        elif tag[1] and name == names[-1]:
            closed = scopes.pop()
            depth -= closed.total() + 1
            forming -= sum(closed[each] for each in _FORMATTING)
            names.pop()
        elif not tag[1] or scopes[-1][name]:
            step = -1 if tag[1] else 1
            scopes[-1][name] += step
            depth += step
            forming += step * (name in _FORMATTING)
        if depth > MAX_OPEN:
            return True
    return False


def _without_structure(html: str) -> str:
    """The HTML's words, lines and pictures."""
    return _STRUCTURE_TAG.sub("", _CELL_END.sub("<br>", html))


def _with_pictures(html: str, pictures: Mapping[str, bytes]) -> Fragment:
    """Every picture as an address that holds it, or as words."""
    made = Fragment()
    room = MAX_PAGE - len(html)
    seen: dict[str, str | None] = {}

    def picture(match: re.Match[str]) -> str:
        nonlocal room
        element = match[1]
        if element not in seen and len(seen) < MAX_PICTURES:
            attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(element)}
            name, body = _find_picture(attributes.get("src", ""), pictures)
            seen[element] = _image(body, attributes) if body and len(body) * 4 // 3 < room else None
            if name and seen[element]:
                made.shown.add(name)
        image = seen.get(element)
        if image is None or len(image) > room:
            return _placeholder({name: unescape(value) for name, value in _ATTRIBUTE.findall(element)})
        room -= len(image)
        return image

    made.html = _IMAGE.sub(picture, html)
    return made


def _find_picture(address: str, pictures: Mapping[str, bytes]) -> tuple[str, bytes]:
    """The picture of this address, and what it is called among those given."""
    if address[:5].lower() == "data:":
        return "", _decode_data_url(address)
    name = address[4:] if address[:4].lower() == "cid:" else address
    for candidate in (name, unquote(name)):
        if candidate in pictures:
            return candidate, pictures[candidate]
    return "", b""


def _decode_data_url(address: str) -> bytes:
    head, _, body = address.partition(",")
    raw = unquote_to_bytes(body)
    try:
        return binascii.a2b_base64(raw) if head.lower().endswith(";base64") else raw
    except binascii.Error:
        return b""


def _image(body: bytes, attributes: Mapping[str, str]) -> str | None:
    """A picture that fits the page; None where the bytes are none that the office may see."""
    try:
        with Image.open(io.BytesIO(body), formats=list(_FORMATS)) as image:
            kind, natural = _FORMATS[str(image.format)], image.size
    except (MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001 - Pillow raises nearly anything on odd bytes
        return None
    if natural[0] * natural[1] > MAX_PIXELS:
        return None
    width, height = _size(natural, attributes)
    address = f"data:image/{kind};base64,{base64.b64encode(body).decode()}"
    alt = escape(attributes.get("alt", ""))
    return f'<img src="{address}" width="{width}" height="{height}" alt="{alt}">'


def _size(natural: tuple[int, int], attributes: Mapping[str, str]) -> tuple[int, int]:
    """Width and height in pixels: as declared, else its own, and never more than a page."""
    wide, high = natural
    width, height = _pixels(attributes.get("width")), _pixels(attributes.get("height"))
    if width and not height:
        height = max(1, width * high // wide)
    elif height and not width:
        width = max(1, height * wide // high)
    width, height = width or wide, height or high
    scale = min(1, WIDEST / width, _HIGHEST / height)
    return max(1, int(width * scale)), max(1, int(height * scale))


def _pixels(declared: str | None) -> int:
    return int(declared) if declared and declared.isdecimal() and len(declared) <= 5 else 0  # noqa: PLR2004


def _placeholder(attributes: Mapping[str, str]) -> str:
    """What stands where a picture is missing."""
    declared = [_pixels(attributes[name]) for name in ("width", "height") if name in attributes]
    if any(size <= _SPACER for size in declared):
        return ""
    words = " ".join(attributes.get("alt", "").split())
    return f'<span style="color:#505a5f">[Picture{": " + escape(words) if words else ""}]</span>'


def title_of(html: str) -> str:
    """The page's own title."""
    match = re.search(r"<title[^>]{0,200}>([^<]{0,500})</title", html[:100_000], re.IGNORECASE)
    return " ".join(unescape(match[1]).split()) if match else "Web page"
