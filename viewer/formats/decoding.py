"""Bytes in whatever encoding, as text."""

from charset_normalizer import from_bytes

from viewer.errors import Corrupt

_SAMPLE = 64 * 1024
"""Bytes from which the encoding is guessed where the text is not UTF-8."""
_USUAL = "cp1252"
"""What Windows programs in the UK wrote when they wrote no Unicode."""
_GUESS_FROM = 64
"""Guessing takes a pound sign in a shorter text for Chinese."""
_FOREIGN_SHARE = 0.3
"""Text in Latin letters has fewer bytes beyond ASCII than this; Greek, Cyrillic or Chinese has more."""
_ASCII = bytes(range(0x80))


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
    foreign = len(sample.translate(None, _ASCII)) / len(sample)
    if len(sample) < _GUESS_FROM or foreign < _FOREIGN_SHARE:
        return _USUAL
    guess = from_bytes(sample).best()
    return guess.encoding if guess else _USUAL


def _decode_as(text: bytes, encoding: str) -> str:
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as error:
        raise Corrupt from error
