"""Applies the CSS property `white-space`, which LibreOffice does not read."""

import re
from dataclasses import dataclass, field

_MAX_STYLE = 500_000
"""Characters of style sheets that are looked at."""
_SHEET = re.compile(r"<style\b[^>]{0,500}>([^<]*(?:<(?!/style)[^<]*)*)", re.IGNORECASE)
_RULE = re.compile(r"([^{}]{1,200})\{([^{}]{0,4000})\}")
_DECLARED = re.compile(r"white-space\s*:\s*([a-z-]{1,20})", re.IGNORECASE)
_SELECTOR = re.compile(r"([a-z][a-z0-9]{0,20})?(?:\.([\w-]{1,60}))?", re.IGNORECASE)
_BODY = re.compile(r"<body\b[^<>]{0,2000}?white-space\s*:\s*([a-z-]{1,20})", re.IGNORECASE)
_TOKEN = re.compile(r'<(/?)([a-z][a-z0-9]*+)((?:[^>"]|"[^"]*")*+)>|([^<]+)')
_CLASS = re.compile(r' class="([^"]*)"')
_VOID = frozenset({"br", "hr", "img", "col"})
_KEEPS_BLANKS = frozenset({"pre", "pre-wrap", "break-spaces"})
_KEEPS_LINES = _KEEPS_BLANKS | {"pre-line"}
_BLANKS = re.compile(r"^ +| {2,}|\t", re.MULTILINE)
_TAB = 8


@dataclass(frozen=True, slots=True)
class WhiteSpaceRules:
    """The `white-space` rules of a page.

    Args:
        everywhere: the style of the page as a whole.
        styles: by element, class, or both: `("p", "")`, `("", "note")`, `("p", "note")`.
    """

    everywhere: str = ""
    styles: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def classes(self) -> frozenset[str]:
        """The classes that must stay for the rules to be followed."""
        return frozenset(name for _, name in self.styles if name)


def white_space_rules(html: str) -> WhiteSpaceRules:
    """The `white-space` rules of a page's style sheets that have simple selectors."""
    if "white-space" not in html and "WHITE-SPACE" not in html:
        return WhiteSpaceRules()
    styles: dict[tuple[str, str], str] = {}
    left = _MAX_STYLE
    for sheet in _SHEET.finditer(html):
        for rule in _RULE.finditer(sheet[1][:left]):
            said = _DECLARED.search(rule[2])
            for selector in rule[1].split(",") if said else ():
                plain = _SELECTOR.fullmatch(selector.split("*/")[-1].strip())
                if said and plain and (plain[1] or plain[2]):
                    styles[(plain[1] or "").lower(), plain[2] or ""] = said[1].lower()
        left = max(0, left - len(sheet[1]))
    body = _BODY.search(html)
    return WhiteSpaceRules(body[1].lower() if body else styles.get(("body", ""), ""), styles)


def apply_white_space(cleaned: str, rules: WhiteSpaceRules) -> str:
    """The HTML with the line ends and blanks that count as elements of their own.

    Args:
        cleaned: well-formed, with the classes of the rules.
        rules: of the page that it was made from.
    """
    if not rules.everywhere and not rules.styles and not _DECLARED.search(cleaned):
        return cleaned
    stack = [("", rules.everywhere)]
    written: list[str] = []
    for token in _TOKEN.finditer(cleaned):
        closes, name, attributes, text = token.groups()
        if text is not None:
            written.append(_shown(text, stack[-1][1]))
            continue
        if closes:
            if len(stack) > 1 and stack[-1][0] == name:
                stack.pop()
        elif name not in _VOID:
            stack.append((name, _style(name, attributes, rules) or stack[-1][1]))
        classes = _CLASS.search(attributes) if not closes else None
        kept = " ".join(one for one in classes[1].split() if one.startswith("Mso")) if classes else ""
        written.append(_CLASS.sub(f' class="{kept}"' if kept else "", token[0]) if classes else token[0])
    return "".join(written)


def _style(name: str, attributes: str, rules: WhiteSpaceRules) -> str:
    """What holds within an element; none where it says nothing of its own."""
    if name == "pre":
        return "as it is"
    own = _DECLARED.search(attributes)
    if own:
        return own[1].lower()
    found = _CLASS.search(attributes)
    for one in found[1].split() if found else ():
        said = rules.styles.get((name, one)) or rules.styles.get(("", one))
        if said:
            return said
    return rules.styles.get((name, ""), "")


def _shown(text: str, style: str) -> str:
    if style not in _KEEPS_LINES or (not text.strip() and "\n" not in text and style not in _KEEPS_BLANKS):
        return text
    if style in _KEEPS_BLANKS:
        text = _BLANKS.sub(lambda found: "&nbsp;" * (len(found[0]) if found[0] != "\t" else _TAB), text)
    return text.replace("\r\n", "\n").replace("\n", "<br>")
