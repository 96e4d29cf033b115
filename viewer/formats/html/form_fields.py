"""Writes the fields of HTML forms as text: LibreOffice prints no form fields."""

import re
from html import escape, unescape

_CONTROL = re.compile(
    r'<input\b((?:[^>"]|"[^"]*")*+)>'
    r"|<textarea\b(?:[^>\"]|\"[^\"]*\")*+>([^<]*+)</textarea>"
    r"|<select\b([^>]*)>(.*?)</select>",
    re.DOTALL,
)
_OPTION = re.compile(r'<option\b((?:[^>"]|"[^"]*")*+)>([^<]*+)')
_STRAY_TAG = re.compile(r'</?(?:option|select|textarea)\b(?:[^>"]|"[^"]*")*+>')
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_INVISIBLE_TYPES = frozenset({"hidden", "submit", "reset", "button", "image", "password"})
_TICKED, _UNTICKED = "\u2612", "\u2610"
_CHOSEN, _NOT_CHOSEN = "\u25c9", "\u25cb"
_EMPTY = "________"


def write_out_fields(cleaned: str) -> str:
    """The HTML with each field of a form as what it shows: a text, the chosen entries of a list, a tick.

    Args:
        cleaned: well-formed.
    """
    if not any(tag in cleaned for tag in ("<input", "<textarea", "<select", "<option")):
        return cleaned
    return _STRAY_TAG.sub(" ", _CONTROL.sub(_placeholder, cleaned))


def _placeholder(control: re.Match[str]) -> str:
    if control[1] is not None:
        return _input(dict(_ATTRIBUTE.findall(control[1])))
    if control[2] is not None:
        return _field_html(control[2])
    return _field_html(_chosen(dict(_ATTRIBUTE.findall(control[3])), control[4]))


def _input(attributes: dict[str, str]) -> str:
    kind = attributes.get("type", "text").lower()
    if kind in _INVISIBLE_TYPES:
        return ""
    if kind == "checkbox":
        return f"{_TICKED if 'checked' in attributes else _UNTICKED} "
    if kind == "radio":
        return f"{_CHOSEN if 'checked' in attributes else _NOT_CHOSEN} "
    return _field_html(attributes.get("value", ""))


def _chosen(attributes: dict[str, str], inside: str) -> str:
    """The entries of a list that it shows: the marked ones, else the first where it opens by a click."""
    options = [(dict(_ATTRIBUTE.findall(found[1])), found[2]) for found in _OPTION.finditer(inside)]
    texts = [(text.strip() or given.get("label", ""), "selected" in given) for given, text in options]
    marked = [text for text, is_marked in texts if is_marked]
    opens = "multiple" not in attributes and attributes.get("size", "1") in {"", "0", "1"}
    return "; ".join(marked or ([texts[0][0]] if texts and opens else []))


def _field_html(written: str) -> str:
    """A field with what is in it, escaped already; its lines stay lines."""
    lines = [escape(unescape(line)) for line in written.strip("\r\n").splitlines()]
    says = "<br>".join(lines) if any(line.strip() for line in lines) else _EMPTY
    return f'<span style="background-color:#f3f2f1">{says}</span> '
