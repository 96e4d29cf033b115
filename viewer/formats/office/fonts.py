"""The fonts that the author of an office file chose, and those that were replaced by others."""

import re
from collections.abc import Callable, Sequence

_FONT_NAMES = {
    "word/document.xml": re.compile(rb'<w:rFonts[^<>]*\sw:ascii="([^"]{1,64})"'),
    "ppt/slides/slide1.xml": re.compile(rb'<a:latin\s[^<>]*typeface="([^+"][^"]{0,63})"'),
    "xl/styles.xml": re.compile(rb'<name\s[^<>]*val="([^"]{1,64})"'),
}
"""Where Office Open XML names the fonts that the author chose."""
_STAND_INS = frozenset(
    {"arial", "arialnarrow", "bookantiqua", "bookmanoldstyle", "calibri", "cambria", "centurygothic"}
    | {"centuryschoolbook", "couriernew", "helvetica", "palatinolinotype", "timesnewroman"}
)
"""Fonts for which one of the same widths is used: every line breaks as the author saw it."""
_MAX_FONTS = 5
"""Fonts that a note names."""
_MAX_NAMED = 100
"""Different fonts of one document that are looked for."""


def fonts_named(names: Sequence[str], read: Callable[[str], bytes]) -> tuple[str, ...]:
    """The fonts that an Office Open XML file names, but those that a stand-in replaces without harm.

    Args:
        names: of the file's parts.
        read: gives a part's first bytes.
    """
    found: dict[str, str] = {}
    for part, pattern in _FONT_NAMES.items():
        for match in pattern.finditer(read(part)) if part in names else ():
            name = match[1].decode(errors="replace")
            if len(found) < _MAX_NAMED and _plain(name) not in _STAND_INS:
                found[_plain(name)] = name
    return tuple(found.values())


def replaced(named: Sequence[str], used: Sequence[str]) -> tuple[str, ...]:
    """A sentence on the fonts which were replaced by others of different widths; none where none were.

    Args:
        named: as `fonts_named` gave them.
        used: names of all fonts of the PDF; an embedded one is called `BAAAAA+Carlito-Bold`.
    """
    there = " ".join(map(_plain, used))
    missing = sorted({name for name in named if _plain(name) not in there})
    if not missing:
        return ()
    return (f"Fonts replaced, so that lines may break elsewhere: {', '.join(missing[:_MAX_FONTS])}.",)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
