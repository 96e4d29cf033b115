"""Text in whatever encoding, as text."""

import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from viewer.documents import Kind
from viewer.errors import Corrupt, TooLarge

MAX_TEXT = 10 * 1024 * 1024
"""Bytes of plain text; more than a phone's browser lays out in reasonable time."""
_LONG_LINE = 500
"""Characters; longer ones were written for machines."""
_MAX_INDENTED = 2 * 1024 * 1024
_DEEPEST = 40
"""Levels that are indented; deeper ones stand below one another."""
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"?|[{}\[\],:]|[^\s{}\[\],:"]+')
_SAMPLE = 256 * 1024
"""Bytes from which the encoding is guessed where the text is not UTF-8."""
_USUAL = "cp1252"
"""What Windows programs in the UK wrote when they wrote no Unicode."""
_GUESS_FROM = 64
"""Guessing takes a pound sign in a shorter text for Chinese."""
_FOREIGN_SHARE = 0.3
"""Text in Latin letters has fewer bytes beyond ASCII than this; Greek, Cyrillic or Chinese has more."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """Gives the page UTF-8, whatever the file was written in."""

    media_type = "text/plain; charset=utf-8"
    recipe = "plain-1"

    def convert(self, original: bytes, _kind: Kind) -> bytes:
        """See `Converter.convert`."""
        if len(original) > MAX_TEXT:
            raise TooLarge("text")
        return decode(original).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class DataText:
    """JSON as it is written; where that is one long line, a line an entry. No figure, no key is touched."""

    media_type = PlainText.media_type
    recipe = "data-1"

    def convert(self, original: bytes, kind: Kind) -> bytes:
        """See `Converter.convert`."""
        text = PlainText().convert(original, kind)
        long = max(map(len, text.splitlines()), default=0) > _LONG_LINE
        return broken_into_lines(text.decode()).encode() if long and len(text) <= _MAX_INDENTED else text


def broken_into_lines(json: str) -> str:
    """The same JSON with line breaks and indentation between its entries, and nothing else changed."""
    lines = [""]
    depth = 0
    for piece in _TOKEN.findall(json):
        if piece in "}]":
            depth = max(depth - 1, 0)
            lines += [_indent(depth) + piece]
        elif piece in "{[":
            depth += 1
            lines[-1] += piece
            lines += [_indent(depth)]
        else:
            lines[-1] += ": " if piece == ":" else piece
            lines += [_indent(depth)] if piece == "," else []
    return "\n".join(line for line in lines if line.strip())


def _indent(depth: int) -> str:
    return "  " * min(depth, _DEEPEST)


def decode(text: bytes) -> str:
    """The text: by its byte-order mark, as UTF-8 where it is valid, else by the likeliest encoding.

    For Latin letters that is Windows' own, so Western European.

    Raises:
        Corrupt: a byte-order mark promises an encoding that the bytes are not in.
    """
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if text.startswith(mark):
            return _decode_as(text, encoding)
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode(_likeliest(text[:_SAMPLE]), errors="replace")


def _likeliest(sample: bytes) -> str:
    foreign = sum(byte > 0x7F for byte in sample) / len(sample)  # noqa: PLR2004 - the last of ASCII
    if len(sample) < _GUESS_FROM or foreign < _FOREIGN_SHARE:
        return _USUAL
    guess = from_bytes(sample).best()
    return guess.encoding if guess else _USUAL


def _decode_as(text: bytes, encoding: str) -> str:
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as error:
        raise Corrupt from error
