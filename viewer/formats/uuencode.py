"""Files that old programs wrote into the text of a message (uuencode, POSIX.1)."""

import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

from viewer.formats.charsets import decode_text

_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)
_LINE = re.compile(rb"([^\r\n]{0,80}+)(?:\r?\n|\Z)")
_INVALID = re.compile(rb"[^ -`]")


class UuencodedFile(NamedTuple):
    """A file in a text (uuencode, POSIX.1).

    Args:
        start: where it begins in the text.
        end: where the text goes on.
        name: as written.
        body: its bytes.
        is_complete: whether its end is there.
    """

    start: int
    end: int
    name: str
    body: bytes
    is_complete: bool


def find_uuencoded(text: bytes) -> Iterator[UuencodedFile]:
    """The uuencoded files in a text; a begin line without data behind it is text."""
    at = 0
    while begin := _BEGIN.search(text, at):
        body = bytearray()
        at = begin.end()
        lines = 0
        is_complete = False
        while line := _LINE.match(text, at):
            if line[1].rstrip() == b"end":
                at, is_complete = line.end(), True
                break
            piece = _decode_line(line[1])
            if piece is None:
                break
            body += piece
            lines += 1
            at = line.end()
        if lines:
            yield UuencodedFile(
                begin.start(), at, decode_text(begin[1].strip(), ""), bytes(body), is_complete
            )


def _decode_line(line: bytes) -> bytes | None:
    """The bytes of one line; None where the line is not uuencoded."""
    if not line.strip():
        return b"" if line else None
    count = (line[0] - 32) & 63
    needed = -(-count // 3) * 4
    packed = line[1:].rstrip(b" ") if len(line) - 1 > needed else line[1:]
    if _INVALID.search(line) or len(packed) > needed + 2:  # a check sum may follow, blanks at the end may not
        return None
    try:
        return binascii.a2b_uu(line[:1] + packed[:needed].ljust(needed))
    except binascii.Error:
        return None
