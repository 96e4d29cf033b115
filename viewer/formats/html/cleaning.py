"""Removes everything that acts, fetches or hides from HTML: only what is listed here stays.

No parser of HTML is fast on all input: 500 KB of nested elements keep this one at work for a minute. So
whatever is nested far beyond what anybody writes loses its form before.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from html import unescape

import nh3

WIDEST = 640
"""Pixels across a page; what is declared wider would run off it."""

_TAGS = frozenset(re.findall(r"\w+", """
    a abbr address article aside b big blockquote br caption center cite code col colgroup dd del details
    dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img input ins kbd li main
    mark nav ol option p pre q s samp section select small span strike strong sub summary sup table tbody
    td textarea
    tfoot th thead tr tt u ul var"""))  # fmt: skip
_REMOVED_WITH_CONTENT = frozenset(re.findall(r"\w+", """
    script style title template noscript iframe frameset noframes object embed applet svg math xml datalist
    audio video canvas"""))  # fmt: skip
"""Left out with all that is in them."""
_ATTRIBUTES = {
    "*": {"align", "valign", "bgcolor", "dir", "lang", "style", "width"},
    "a": {"href"},
    "font": {"color", "face", "size"},
    "img": {"src", "alt", "height"},
    "input": {"type", "value", "checked"},
    "option": {"selected", "label"},
    "select": {"multiple", "size"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_CLASSES = {"p": {"MsoNormal", "MsoListParagraph"}, "li": {"MsoNormal"}}
_SCHEMES = {"http", "https", "mailto", "tel", "cid", "data", "file"}
"""Of pictures, all of which `markup.py` replaces; links are looked at below."""
_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s\\]{1,2000}", re.IGNORECASE)
_STYLE = re.compile(
    r"\s*(?:background|background-color|border(?:-[a-z]+)*|color|font(?:-[a-z]+)?|line-height"
    r"|list-style-type|margin(?:-[a-z]+)?|padding(?:-[a-z]+)?|text-align|text-decoration|text-indent"
    r"|vertical-align|white-space)\s*:(?:[\w\s#.,%'\"!-]|rgba?\([\d\s.,%]*\))+",
    re.IGNORECASE,
)
"""A declaration that names no address: no brackets but a colour's, no backslash to hide them."""
_LONGEST_STYLE = 1000
"""Characters of one declaration."""
_SMALL_NUMBER = re.compile(r"[1-9][0-9]{0,2}")

_MOST_COPIED = 10_000_000_000
"""Bytes that the cleaner may copy, which may copy all of a text at each character reference in it."""
_REFERENCE = re.compile(r"&#?\w{0,40};?")
_STAND_INS = {"&": "\ufdd0", "<": "\ufdd1", ">": "\ufdd2", '"': "\ufdd3", "'": "\ufdd4"}
"""Noncharacters (Unicode 16.0, 23.7), which no text has, in the place of HTML's own letters."""
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_IS_STAND_IN = re.compile("[\ufdd0-\ufdd4]")


def clean(html: str, classes: Collection[str] = ()) -> str:
    """What may stay of the HTML, well-formed.

    Args:
        html: anybody's.
        classes: names of classes that stay beside those that are always kept.
    """
    without = _without_references(html)
    cleaned = _clean(without, classes)
    if without is html:
        return cleaned
    for letter, stand_in in _STAND_INS.items():
        cleaned = cleaned.replace(stand_in, _ESCAPED[letter])
    return cleaned


def _without_references(html: str) -> str:
    """The HTML; where it has very many character references, with the letters themselves in their place.

    Five megabytes of them took the cleaner minutes.
    """
    if html.count("&") * len(html) <= _MOST_COPIED:
        return html
    return _REFERENCE.sub(lambda found: _letters(found[0]), _IS_STAND_IN.sub("", html))


@lru_cache(4096)
def _letters(reference: str) -> str:
    """What a character reference stands for, or the words that only look like one."""
    return "".join(_STAND_INS.get(letter, letter) for letter in unescape(reference))


def _clean(html: str, classes: Collection[str]) -> str:
    kept = {tag: set(classes) | _CLASSES.get(tag, set()) for tag in (_TAGS if classes else _CLASSES)}
    return nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=set(_REMOVED_WITH_CONTENT),
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        allowed_classes=kept,
        url_schemes=_SCHEMES,
        link_rel=None,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """The value, or what may stay of it."""
    if name == "style":
        kept = (part for part in value.split(";") if len(part) <= _LONGEST_STYLE and _STYLE.fullmatch(part))
        return ";".join(kept) or None
    if name == "href":
        return value if _LINK.fullmatch(value) else None
    if name == "width" and tag != "img":
        return (
            value
            if value.endswith("%") or (_SMALL_NUMBER.fullmatch(value) and int(value) <= WIDEST)
            else None
        )
    if name in {"colspan", "rowspan", "border", "cellpadding", "cellspacing"}:
        return value if value == "0" or _SMALL_NUMBER.fullmatch(value) else None
    return value
