"""Reads winmail.dat: a message in Outlook's own format (MS-OXTNEF)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID

from viewer.errors import Corrupt, TooLarge, UnsupportedType
from viewer.formats.mail import mapi
from viewer.formats.mail.kinds import TNEF_START
from viewer.formats.mail.message import MAX_ATTACHMENTS, Attachment, Message

MAX_PROPERTIES = 20_000
"""Of one object, and objects or attributes of one message."""

_FIRST = 6
"""Bytes before the first attribute: the signature and a key."""
_ATTRIBUTE = struct.Struct("<BII")
_CHECKSUM = 2
_MESSAGE_PROPERTIES, _RECIPIENTS, _ATTACHMENT_PROPERTIES = 0x00069003, 0x00069004, 0x00069005
_ATTACHMENT_BEGINS, _ATTACHMENT_DATA, _ATTACHMENT_TITLE = 0x00069002, 0x0006800F, 0x00018010
_SUBJECT, _BODY, _CODEPAGE = 0x00018004, 0x0002800C, 0x00069007
_SIZES = {2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 2, 0x14: 8, 0x40: 8, 0x48: 16}
"""Bytes of the values that have a fixed length, by type (MS-OXCDATA)."""
_VARIABLE = frozenset({0xD, 0x1E, 0x1F, 0x102})
_MANY, _NAMED = 0x1000, 0x8000
_OBJECT_DATA = 0x3701
_INTERFACE = 16
"""Bytes before an embedded object: which kind it is."""


@dataclass(slots=True)
class _Properties:
    """`items.Properties` of one object."""

    values: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    encoding: str = "cp1252"
    names: dict[tuple[str, int | str], int] = field(default_factory=dict)

    def property_id(self, property_set: str, name: int | str) -> int:
        """See `items.Properties.property_id`."""
        return self.names.get((property_set, name), 0)

    def texts(self, number: int) -> list[str]:
        """See `items.Properties.texts`; only the first one is read."""
        one = self.text(number)
        return [one] if one else []

    def text(self, number: int) -> str:
        """See `items.Properties.text`."""
        kind, value = self.values.get(number, (0x1E, b""))
        if kind not in {0x1E, 0x1F}:
            return ""
        encoding = "utf-16-le" if kind == 0x1F else self.encoding  # noqa: PLR2004 - PtypString
        return value.decode(encoding, errors="replace").rstrip("\0")

    def binary(self, number: int) -> bytes | None:
        """See `items.Properties.binary`."""
        kind, value = self.values.get(number, (0, b""))
        return value if kind in {0xD, 0x102} else None

    def integer(self, number: int) -> int | None:
        """See `items.Properties.integer`."""
        kind, value = self.values.get(number, (0, b""))
        return int.from_bytes(value, "little") if kind in _SIZES else None


@dataclass(slots=True)
class _RawAttachment:
    """The attributes of one attachment, collected while the file is read."""

    properties: _Properties
    title: bytes = b""
    data: bytes | None = None


def read_tnef(original: bytes, *, with_text: bool = True) -> Message:
    """The message in a winmail.dat.

    Args:
        original: its bytes.
        with_text: whether to read the body too, which may have to be unpacked.

    Raises:
        Corrupt: its lengths do not fit the file.
        TooLarge: too many properties, recipients or attachments.
    """
    if not original.startswith(TNEF_START):
        raise Corrupt("no TNEF")
    properties, recipients, attachments = _Properties(), list[_Properties](), list[_RawAttachment]()
    for name, value in _attributes(original):
        if name == _CODEPAGE:
            properties.encoding = (
                mapi.python_encoding(int.from_bytes(value[:4], "little")) or properties.encoding
            )
        elif name == _MESSAGE_PROPERTIES:
            reader = _Reader(value)
            properties.values |= reader.properties()
            properties.names |= reader.names
        elif name == _RECIPIENTS:
            recipients = [_Properties(row, properties.encoding) for row in _Reader(value).rows()]
        elif name in {_SUBJECT, _BODY}:
            properties.values.setdefault(0x0037 if name == _SUBJECT else 0x1000, (0x1E, value))
        elif name == _ATTACHMENT_BEGINS:
            attachments.append(_RawAttachment(_Properties(encoding=properties.encoding)))
        elif attachments:
            _add(attachments[-1], name, value)
        if len(attachments) > MAX_ATTACHMENTS:
            raise TooLarge("attachments")
    message = mapi.read_message(
        properties if with_text else _Properties(), recipients, [_attachment(one) for one in attachments]
    )
    return replace(message, is_truncated=_is_truncated(original))


def _attributes(original: bytes) -> Iterator[tuple[int, bytes]]:
    """The id and value of each attribute; in a truncated file the last value is incomplete."""
    at, read = _FIRST, 0
    while at + _ATTRIBUTE.size <= len(original):
        read += 1
        if read > MAX_PROPERTIES:
            raise TooLarge("attributes")
        level, name, length = _ATTRIBUTE.unpack_from(original, at)
        if level not in {1, 2}:
            raise Corrupt("level")
        at += _ATTRIBUTE.size
        yield name, original[at : at + length]
        at += length + _CHECKSUM


def _is_truncated(original: bytes) -> bool:
    """Whether the last attribute ends beyond the end of the file."""
    at = _FIRST
    while at + _ATTRIBUTE.size <= len(original):
        at += _ATTRIBUTE.size + _ATTRIBUTE.unpack_from(original, at)[2] + _CHECKSUM
    return at != len(original)


def _add(attachment: _RawAttachment, name: int, value: bytes) -> None:
    if name == _ATTACHMENT_DATA:
        attachment.data = value
    elif name == _ATTACHMENT_TITLE:
        attachment.title = value
    elif name == _ATTACHMENT_PROPERTIES:
        attachment.properties.values |= _Reader(value).properties()


def _attachment(attachment: _RawAttachment) -> Attachment:
    properties = attachment.properties
    name, media_type, content_ids = mapi.attachment_names(properties)
    title = attachment.title.decode(properties.encoding, errors="replace").rstrip("\0")
    body = attachment.data
    embedded = properties.binary(_OBJECT_DATA)
    if embedded is not None and embedded[_INTERFACE:].startswith(TNEF_START):
        body, media_type = embedded[_INTERFACE:], "application/ms-tnef"  # a message in the same wrapping

    def read() -> bytes:
        if body is None:
            raise UnsupportedType("attachment that is not in the message")
        return body

    return Attachment(name or title, media_type, len(body or b""), content_ids, read)


class _Reader:
    """Reads properties in order, never beyond the end of the value."""

    def __init__(self, value: bytes) -> None:
        self._value = value
        self._at = 0
        self._left = MAX_PROPERTIES
        self.names: dict[tuple[str, int | str], int] = {}
        """The numbers of the properties that have names of their own."""

    def rows(self) -> Iterator[dict[int, tuple[int, bytes]]]:
        """The properties of each recipient."""
        for _ in self._counted(self._number()):
            yield self.properties()

    def properties(self) -> dict[int, tuple[int, bytes]]:
        """Type and value of each property by its number; names of their own go to `names`.

        Raises:
            Corrupt: it ends too early, or a type is unknown.
            TooLarge: beyond `MAX_PROPERTIES`.
        """
        found = {}
        for _ in range(self._number()):
            self._count()
            kind, number = self._number(2), self._number(2)
            if number & _NAMED:
                self.names[self._name()] = number
            found[number] = (kind & ~_MANY, self._one(kind))
        return found

    def _name(self) -> tuple[str, int | str]:
        property_set = str(UUID(bytes_le=self._take(16)))
        if not self._number():
            return property_set, self._number()
        written = self._take(self._number(), padded=True)
        return property_set, written.decode("utf-16-le", errors="replace").rstrip("\0").lower()

    def _one(self, kind: int) -> bytes:
        """The value of a property; the first value of a multivalued one."""
        base = kind & ~_MANY
        if base not in _VARIABLE and base not in _SIZES:
            raise Corrupt("property type")
        several = bool(kind & _MANY) or base in _VARIABLE
        values = [self._value_of(base) for _ in self._counted(self._number() if several else 1)]
        return values[0] if values else b""

    def _value_of(self, base: int) -> bytes:
        return self._take(self._number() if base in _VARIABLE else _SIZES[base], padded=True)

    def _counted(self, number: int) -> Iterator[None]:
        for _ in range(number):
            self._count()
            yield

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooLarge("properties")

    def _number(self, size: int = 4) -> int:
        return int.from_bytes(self._take(size), "little")

    def _take(self, size: int, *, padded: bool = False) -> bytes:
        taken = self._value[self._at : self._at + size]
        if len(taken) < size:
            raise Corrupt("a length beyond the end")
        self._at += size + (-size % 4 if padded else 0)
        return taken
