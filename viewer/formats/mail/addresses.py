"""Lists of addresses as people write them, split without being understood."""

import re

from viewer.formats.mail.letter import one_line
from viewer.formats.mail.mime import words

MAX_ADDRESSES = 5000
"""That are read of one header."""

_ADDRESS = re.compile(r'(?:"(?:[^"\\]|\\.){0,1000}"|<[^<>]{0,1000}>|[^,;])+')
"""Up to a comma or semicolon that stands in no quotation marks and no angle brackets."""
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def addresses(value: str) -> tuple[str, ...]:
    """One line for each address of a header's value, its encoded words read."""
    found = (match[0] for match in _ADDRESS.finditer(value))
    lines = (address(one) for one, _ in zip(found, range(MAX_ADDRESSES), strict=False))
    return tuple(line for line in lines if line)


def address(value: str) -> str:
    """One address as people read it: `Müller, Ana <ana@school.test>`."""
    return one_line(_QUOTED.sub(lambda quoted: quoted[1].replace("\\", ""), words(value)))


def named(name: str, mailbox: str) -> str:
    """A name and a mailbox as one address; neither twice."""
    name, mailbox = one_line(name).strip("'"), one_line(mailbox)
    if not mailbox or mailbox.lower() == name.lower():
        return name
    return f"{name} <{mailbox}>" if name else mailbox
