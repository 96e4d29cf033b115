"""Takes the content out of signed and compressed messages (CMS, RFC 5652), and recognises encrypted ones.

Only the few fields on the way to the content are read; certificates and signatures are left alone.
"""

import binascii
import re
import zlib
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from viewer.errors import Corrupt, TooLarge

CMS_START = re.compile(
    rb"\x30(?:\x80|[\x0b-\x7f]|\x81.|\x82..|\x83...|\x84....)\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x02\x03]"
    rb"|\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01[\x09\x17])",
    re.DOTALL,
)
"""The start of a CMS message: a sequence whose first member is the content type (RFC 5652, 3)."""
MAX_CONTENT = 256 * 1024 * 1024
"""The largest signed content, in bytes."""
MAX_DEPTH = 10
"""Levels of nested pieces in one octet string."""
MAX_PIECES = 100_000

_ARMOUR = re.compile(rb"-----BEGIN (?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----")
_ARMOUR_WITHIN = 1024
_LETTERS = re.compile(rb"[A-Za-z0-9+/\s]*+")
_BASE64_START = re.compile(rb"MI[A-Za-z0-9+/]{20}")
_BLANKS = b" \t\n\r\v\f"
_SEQUENCE, _OBJECT, _SET, _INTEGER = 0x30, 0x06, 0x31, 0x02
_OCTETS, _OCTETS_IN_PIECES, _EXPLICIT = 0x04, 0x24, 0xA0


class ContentType(StrEnum):
    """What a content type (RFC 5652, 14) means for the reader of the message."""

    SIGNED = "signed"
    COMPRESSED = "packed"
    ENCRYPTED = "sealed"


_TYPES = {
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02": ContentType.SIGNED,
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03": ContentType.ENCRYPTED,
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09": ContentType.COMPRESSED,
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17": ContentType.ENCRYPTED,
}


class Content(NamedTuple):
    """The content of a CMS message.

    Args:
        content_type: how it is protected.
        content: None where it is encrypted, or where a signature stands alone.
    """

    content_type: ContentType
    content: bytes | None = None


def unwrap(body: bytes) -> Content | None:
    """The type and the content of a CMS message; None where the bytes are not CMS.

    Raises:
        Corrupt: its lengths do not fit, or it ends too early.
        TooLarge: more than `MAX_CONTENT` bytes, or more pieces than `MAX_PIECES`.
    """
    body = plain_bytes(body)
    if not CMS_START.match(body):
        return None
    outer = _Reader(body, 0, len(body)).enter(_SEQUENCE)
    content_type = _TYPES[outer.value(_OBJECT)]
    if content_type is ContentType.ENCRYPTED:
        return Content(content_type)
    data = outer.enter(_EXPLICIT).enter(_SEQUENCE)
    data.value(_INTEGER)
    data.skip()  # the digest algorithms, or the compression
    inside = data.enter(_SEQUENCE)
    inside.value(_OBJECT)
    if not inside.has_more():
        return Content(content_type)
    content = inside.enter(_EXPLICIT).octets()
    return Content(content_type, _inflated(content) if content_type is ContentType.COMPRESSED else content)


def plain_bytes(body: bytes) -> bytes:
    """The bytes, decoded where they are PEM or base64."""
    armour = _ARMOUR.search(body, 0, _ARMOUR_WITHIN)
    if not armour and not _BASE64_START.match(body):
        return body
    found = _LETTERS.match(body, armour.end() if armour else 0)
    letters = found[0].translate(None, _BLANKS) if found else b""
    return binascii.a2b_base64(letters[: -1 if len(letters) % 4 == 1 else None] + b"=" * (-len(letters) % 4))


def _inflated(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(packed, MAX_CONTENT)
    except zlib.error as error:
        raise Corrupt("packed message") from error
    if unpacker.unconsumed_tail:
        raise TooLarge("packed message")
    return content


class _Reader:
    """Reads BER tags, lengths and values (X.690) in order, never beyond the end of the enclosing value."""

    def __init__(self, body: bytes, at: int, end: int, *, is_open: bool = False) -> None:
        """Start at the first member.

        Args:
            body: all bytes.
            at: where the first member begins.
            end: where what holds the members ends at the latest.
            is_open: whether it ends with a mark instead of having a length.
        """
        self._body, self._at, self._end, self._is_open = body, at, end, is_open

    def has_more(self) -> bool:
        """Whether another member follows."""
        if self._is_open and self._body.startswith(b"\0\0", self._at):
            return False
        return self._at < self._end

    def value(self, tag: int) -> bytes:
        """The bytes of the next member, which is primitive."""
        start, size = self._next(tag)
        if size is None:
            raise Corrupt("a value without a length")
        self._at = start + size
        return self._body[start : self._at]

    def enter(self, tag: int) -> "_Reader":
        """A reader of the members of the next member; this one reads on only where that one has a length."""
        start, size = self._next(tag)
        if size is None:
            return _Reader(self._body, start, self._end, is_open=True)
        self._at = start + size
        return _Reader(self._body, start, self._at)

    def skip(self) -> None:
        """Skip the next member."""
        open_ones = 0
        for _ in range(MAX_PIECES):
            if open_ones and self._body.startswith(b"\0\0", self._at):
                self._at += 2
                open_ones -= 1
            else:
                start, size = self._next(None)
                self._at = start + (size or 0)
                open_ones += size is None
            if not open_ones:
                return
        raise TooLarge("pieces of a signed message")

    def octets(self) -> bytes:
        """An octet string, in one piece or in several."""
        tag = self._body[self._at : self._at + 1]
        if tag == bytes((_OCTETS,)):
            return self.value(_OCTETS)
        if tag != bytes((_OCTETS_IN_PIECES,)):  # other than bytes, as versions before CMS allowed
            start, size = self._next(None)
            return self._body[start : start + size] if size is not None else self._body[start : self._end]
        return b"".join(self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        levels = [self.enter(_OCTETS_IN_PIECES)]
        for _ in range(MAX_PIECES):
            inner = levels[-1]
            if not inner.has_more():
                levels.pop()
                if not levels:
                    return
                if inner._is_open:  # noqa: SLF001 - one of its own
                    levels[-1]._at = inner._at + 2  # noqa: SLF001
            elif inner._body[inner._at] == _OCTETS_IN_PIECES:  # noqa: SLF001
                if len(levels) >= MAX_DEPTH:
                    raise TooLarge("pieces within pieces of a signed message")
                levels.append(inner.enter(_OCTETS_IN_PIECES))
            else:
                yield inner.value(_OCTETS)
        raise TooLarge("pieces of a signed message")

    def _next(self, tag: int | None) -> tuple[int, int | None]:
        """Where the next member's value begins, and its length; None where it ends with a mark."""
        head = self._body[self._at : min(self._at + 2, self._end)]
        if len(head) < 2 or (tag is not None and head[0] != tag):  # noqa: PLR2004 - a tag and a length
            raise Corrupt("a signed message that is cut short or odd")
        start, length = self._at + 2, head[1]
        if length == 0x80:  # noqa: PLR2004 - X.690, 8.1.3.6
            return start, None
        if length > 0x80:  # noqa: PLR2004 - X.690, 8.1.3.5
            digits = length & 0x7F
            if digits > 8:  # noqa: PLR2004
                raise Corrupt("a length of a signed message")
            length = int.from_bytes(self._body[start : start + digits], "big")
            start += digits
        if start + length > self._end:
            raise Corrupt("cut short")
        return start, length
