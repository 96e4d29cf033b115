"""Whether a file begins with the headers of a message (RFC 5322)."""

import re

_FIELD = re.compile(rb"([!-9;-~]{1,76}+)[ \t]*+:(.{0,2000})")
_LINE_END = re.compile(rb"\r?\n")
_MAILBOX_FILE = re.compile(rb"From [^\r\n]{1,200}\r?\n")
"""What mailbox files put before each message."""


def headers(head: bytes) -> bytes:
    """The headers that the file begins with; none where its first lines are anything else.

    Args:
        head: the file's first bytes; headers that go beyond them count as far as they are there.
    """
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    before = _MAILBOX_FILE.match(head)
    head = head[before.end() :] if before else head
    found: list[bytes] = []
    for line in _LINE_END.split(head):
        if not line:
            break
        if line[:1] in {b" ", b"\t"} and found:
            found.append(b" " + line.strip())
        elif _FIELD.match(line):
            found.append(b"\n" + line)
        else:
            return b""
    return b"".join(found).removeprefix(b"\n")


def field_names(found: bytes) -> set[bytes]:
    """The names of the headers, lower case."""
    return {field[1].lower() for field in map(_FIELD.match, found.split(b"\n")) if field}


def value_of(found: bytes, name: bytes) -> bytes:
    """The first header of this name; none where it is missing."""
    for field in map(_FIELD.match, found.split(b"\n")):
        if field and field[1].lower() == name:
            return field[2].strip()
    return b""
