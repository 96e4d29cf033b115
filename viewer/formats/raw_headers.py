"""Finds the headers at the start of a message (RFC 5322), however programs and people leave them.

Programs put blanks before the headers, and write lines among them that are none: a line that goes on without
being indented, a word before a name. A few of those cost nothing where what is around them can only be a
message.
"""

import re
from typing import NamedTuple

MAX_ODD_LINES = 3
"""Lines among the headers of a message that are not headers and are skipped."""
MAILBOX_LINE = re.compile(rb"From [^\r\n]{1,200}\r?\n")
"""The line that mailbox files put before each message."""

_FIELD = re.compile(rb"([!-9;-~]{1,76}+)[ \t]*+:(.{0,2000})")
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n\f\x00]*+")
_LINE = re.compile(rb"([^\r\n]{0,1000})\r?\n[ \t\r\n]*+")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_ENCODED_WORD = b"=?"
_ODD_LINE_ENDS_WITHIN = 4096
_SURE = frozenset({b"message-id", b"mime-version", b"return-path", b"delivered-to"})
_FEWEST_SURE = 4
"""Headers that must be present, one of `_SURE` among them, before an odd line is skipped."""


class HeaderBlock(NamedTuple):
    """The lines before the body.

    Args:
        lines: headers alone, with their folded lines.
        size: bytes of what was looked at that belong to the head; the body begins behind them.
        odd: lines that are no headers.
    """

    lines: list[bytes]
    size: int
    odd: int


def without_preamble(message: bytes) -> bytes:
    """The message from its first header on, with usual line ends: some programs write lines before it."""
    beginning = message[:_ODD_LINE_ENDS_WITHIN]
    if b"\r\r\n" in beginning:
        message = message.replace(b"\r\r\n", b"\r\n")
    elif b"\r" in beginning and b"\n" not in beginning:
        message = message.replace(b"\r", b"\n")
    start = _start(message)
    return message[start:] if start else message


def find_headers(head: bytes) -> bytes:
    """The headers at the start of a file, one line each; empty where its first lines are anything else.

    Args:
        head: the file's first bytes; headers that go beyond them count as far as they are there.
    """
    head = without_preamble(head)
    end = _BLANK_LINE.search(head)
    block = head[: end.start()] if end else head
    found = take_headers(block, MAX_ODD_LINES)
    if (found.odd or found.size < len(block)) and not _is_sure(found.lines):
        return b""
    unfolded = [line.strip(b"\r\n") for line in found.lines]
    return b"".join(b" " + line.strip() if line[:1] in {b" ", b"\t"} else b"\n" + line for line in unfolded)[
        1:
    ]


def take_headers(block: bytes, max_odd: int) -> HeaderBlock:
    """The headers among the lines before the first blank line.

    Args:
        block: those lines.
        max_odd: lines among them that may be none; the next such line, or one with no header behind it, is
            the body's first.
    """
    lines = block.splitlines(keepends=True)
    fields = (number for number, line in enumerate(lines) if _FIELD.match(line)) if max_odd else ()
    last = max(fields, default=-1)
    kept: list[bytes] = []
    odd = size = 0
    for number, line in enumerate(lines):
        if _FIELD.match(line) or (kept and line[:1] in {b" ", b"\t"}):
            kept.append(line)
        elif kept and line.startswith(_ENCODED_WORD):
            kept.append(b" " + line)
            odd += 1
        elif odd < max_odd and number < last:
            kept += [b" " + line] if kept else []
            odd += 1
        else:
            break
        size += len(line)
    return HeaderBlock(kept, size, odd)


def field_names(found: bytes) -> set[bytes]:
    """The names of the headers, in lower case."""
    return {field[1].lower() for field in map(_FIELD.match, found.split(b"\n")) if field}


def field_value(found: bytes, name: bytes) -> bytes:
    """The value of the first header of this name; empty where it is missing."""
    for field in map(_FIELD.match, found.split(b"\n")):
        if field and field[1].lower() == name:
            return field[2].strip()
    return b""


def is_mailbox(head: bytes) -> bool:
    """Whether what begins with headers has a mailbox file's line before them."""
    before = _BEFORE.match(head)
    return MAILBOX_LINE.match(head, before.end() if before else 0) is not None


def _start(message: bytes) -> int:
    """Where the first header is, as far as can be told."""
    before = _BEFORE.match(message)
    start = before.end() if before else 0
    mailbox = MAILBOX_LINE.match(message, start)
    if mailbox:
        return mailbox.end()
    first = _LINE.match(message, start)
    if first is None or _FIELD.match(first[1]):
        return start
    rest = message[first.end() : first.end() + _ODD_LINE_ENDS_WITHIN]
    end = _BLANK_LINE.search(rest)
    found = take_headers(rest[: end.start()] if end else rest, 0)
    return first.end() if _is_sure(found.lines) else start


def _is_sure(lines: list[bytes]) -> bool:
    names = [field[1].lower() for field in map(_FIELD.match, lines) if field]
    return len(names) >= _FEWEST_SURE and not _SURE.isdisjoint(names)
