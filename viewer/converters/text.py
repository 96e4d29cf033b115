"""Text in whatever encoding: plain text is shown as text, tables are laid out by the office."""

from charset_normalizer import from_bytes

from viewer.converters.table import comma_separated
from viewer.documents import Converter, Kind
from viewer.errors import Corrupt, TooLarge

MAX_TEXT = 10 * 1024 * 1024
"""Bytes of plain text; more than a phone's browser lays out in reasonable time."""
_SAMPLE = 256 * 1024
"""Bytes from which the encoding is guessed where the text is not UTF-8."""
_USUAL = "cp1252"
"""What Windows programs in the UK wrote when they wrote no Unicode."""
_GUESS_FROM = 64
"""Guessing takes a pound sign in a shorter text for Chinese."""
_FOREIGN_SHARE = 0.3
"""Text in Latin letters has fewer bytes beyond ASCII than this; Greek, Cyrillic or Chinese has more."""


class PlainText:
    """Gives the page UTF-8, whatever the file was written in."""

    media_type = "text/plain; charset=utf-8"
    recipe = "plain-1"

    def convert(self, original: bytes, _kind: Kind) -> bytes:
        """See `Converter.convert`."""
        if len(original) > MAX_TEXT:
            raise TooLarge("text")
        return decode(original).encode()


class TableConverter:
    """Gives the office UTF-8 with a byte-order mark, which it reads without guessing."""

    media_type = "application/pdf"

    def __init__(self, office: Converter) -> None:
        self._office = office
        self.recipe = f"table-1-{office.recipe}"

    def convert(self, original: bytes, kind: Kind) -> bytes:
        """See `Converter.convert`."""
        return self._office.convert(b"\xef\xbb\xbf" + comma_separated(decode(original)).encode(), kind)


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
