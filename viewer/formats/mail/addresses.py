"""Splits lists of addresses, however people write them, without parsing each address."""

import re
from collections.abc import Iterator
from itertools import islice

from viewer.formats.mail.message import one_line
from viewer.formats.mime_headers import decode_words

MAX_ADDRESSES = 5000
"""Addresses of one header that are read."""
_LONGEST = 1000
"""Characters within one pair of quotation marks or angle brackets."""
_SIGN = re.compile(r'\\.|["<>,;]', re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)("?)', re.DOTALL)


def split_addresses(value: str) -> tuple[str, ...]:
    """The addresses in a header's value, with encoded words decoded, one line each."""
    lines = (decode_address(one) for one in islice(_split(value), MAX_ADDRESSES))
    return tuple(line for line in lines if line)


def decode_address(value: str) -> str:
    """One address as people read it: `Müller, Ana <ana@school.test>`."""
    return one_line(_QUOTED.sub(_without_quotes, decode_words(value)))


def format_address(name: str, mailbox: str) -> str:
    """A name and a mailbox as one address; only one of them where both are the same."""
    name, mailbox = one_line(name).strip("'"), one_line(mailbox)
    if not mailbox or mailbox.lower() == name.lower():
        return name
    return f"{name} <{mailbox}>" if name else mailbox


def _split(value: str) -> Iterator[str]:
    """The pieces between commas and semicolons that stand in no quotation marks and no angle brackets.

    A mark that is not closed within `_LONGEST` characters is read as any other character.
    """
    signs = [(match.start(), match[0]) for match in _SIGN.finditer(value)]
    closing = _closing(signs)
    start = free_from = 0
    for number, (at, sign) in enumerate(signs):
        if at < free_from:
            continue
        if sign in {",", ";"}:
            if at > start:
                yield value[start:at]
            start = at + 1
        elif (end := closing[number]) is not None:
            free_from = end + 1
    if start < len(value):
        yield value[start:]


def _closing(signs: list[tuple[int, str]]) -> list[int | None]:
    """The position of the closing mark for each opening mark, or None; found in one pass from the end."""
    found: list[int | None] = []
    quote: int | None = None
    bracket: int | None = None
    for at, sign in reversed(signs):
        end = quote if sign == '"' else bracket if sign == "<" else None
        found.append(end if end is not None and end - at <= _LONGEST + 1 else None)
        if sign == '"':
            quote = at
        elif sign == ">":
            bracket = at
        elif sign == "<":
            bracket = None
    return found[::-1]


def _without_quotes(quoted: re.Match[str]) -> str:
    return quoted[1].replace("\\", "") if quoted[2] else quoted[0]
