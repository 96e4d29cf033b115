"""Writes .msg files as Outlook saves them (MS-OXMSG), as far as the samples need it."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import compressed_rtf

from demo.compound import Path, compound

_TEXT, _BINARY, _INTEGER, _FLOAT, _TIME, _OBJECT = 0x1F, 0x102, 0x3, 0x5, 0x40, 0xD
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)

Value = str | bytes | int | float | datetime


@dataclass
class Attached:
    """An attachment: bytes with a name, or another message."""

    name: str
    body: "bytes | OutlookMessage"
    media_type: str = ""
    content_id: str = ""


@dataclass
class OutlookMessage:
    """The content of a .msg file.

    Args:
        sender: name and address.
        to: names and addresses.
        rtf: the body as RTF, which Outlook keeps compressed.
        more: further properties by their number.
        named: further properties by the set that they belong to and their number in it.
    """

    subject: str
    sender: tuple[str, str]
    to: list[tuple[str, str]]
    sent: datetime
    text: str = ""
    html: bytes = b""
    rtf: bytes = b""
    attachments: list[Attached] = field(default_factory=list)
    more: dict[int, Value] = field(default_factory=dict)
    named: dict[tuple[str, int], Value] = field(default_factory=dict)


def msg(message: OutlookMessage) -> bytes:
    """The message as a .msg file."""
    names = list(dict.fromkeys(_names(message)))
    sets = list(dict.fromkeys(of_set for of_set, _ in names))
    entries = b"".join(
        struct.pack("<IHH", number, (sets.index(of_set) + 3) << 1, place)
        for place, (of_set, number) in enumerate(names)
    )
    streams: dict[Path, bytes] = {
        ("__nameid_version1.0", f"__substg1.0_{number:04X}0102"): body
        for number, body in ((2, b"".join(UUID(one).bytes_le for one in sets)), (3, entries), (4, b""))
    }
    _message(message, (), streams, names)
    return compound(streams)


def _names(message: OutlookMessage) -> Iterator[tuple[str, int]]:
    """The named properties of the message and of embedded messages."""
    yield from message.named
    for attached in message.attachments:
        if isinstance(attached.body, OutlookMessage):
            yield from _names(attached.body)


def _message(
    message: OutlookMessage, at: Path, streams: dict[Path, bytes], names: list[tuple[str, int]]
) -> None:
    name, mailbox = message.sender
    properties: dict[int, Value] = {
        0x001A: "IPM.Note", 0x0037: message.subject, 0x0039: message.sent, 0x0C1A: name, 0x0C1E: "SMTP",
        0x0C1F: mailbox, 0x0042: name, 0x0E04: "; ".join(name for name, _ in message.to), 0x3FDE: 65001,
        0x340D: 0x40000,
    }  # fmt: skip
    if message.text:
        properties[0x1000] = message.text
    if message.html:
        properties[0x1013] = message.html
    if message.rtf:
        properties[0x1009] = compressed_rtf.compress(message.rtf)
    properties |= {0x8000 + names.index(name): value for name, value in message.named.items()}
    counts = struct.pack(
        "<8x4I", len(message.to), len(message.attachments), len(message.to), len(message.attachments)
    )
    _storage(properties | message.more, at, counts if at else counts + bytes(8), streams)
    for number, (person, address) in enumerate(message.to):
        recipient: dict[int, Value] = {
            0x0C15: 1,
            0x3001: person,
            0x3002: "SMTP",
            0x3003: address,
            0x39FE: address,
        }
        _storage(recipient, (*at, f"__recip_version1.0_#{number:08X}"), bytes(8), streams)
    for number, attached in enumerate(message.attachments):
        _attachment(attached, (*at, f"__attach_version1.0_#{number:08X}"), streams, names)


def _attachment(
    attached: Attached, at: Path, streams: dict[Path, bytes], names: list[tuple[str, int]]
) -> None:
    embedded = isinstance(attached.body, OutlookMessage)
    properties: dict[int, Value] = {
        0x3705: 5 if embedded else 1,
        0x3707: attached.name,
        0x3001: attached.name,
    }
    if attached.media_type:
        properties[0x370E] = attached.media_type
    if attached.content_id:
        properties[0x3712] = attached.content_id
    if isinstance(attached.body, OutlookMessage):
        _message(attached.body, (*at, "__substg1.0_3701000D"), streams, names)
    else:
        properties[0x3701] = attached.body
    _storage(properties, at, bytes(8), streams)


def _storage(properties: dict[int, Value], at: Path, header: bytes, streams: dict[Path, bytes]) -> None:
    """The properties of one object: short values in its table, others in separate streams."""
    table = header
    for number, value in sorted(properties.items()):
        kind, inline, body = _stored(value)
        if body is not None:
            streams[*at, f"__substg1.0_{number:04X}{kind:04X}"] = body
        table += struct.pack("<HHI8s", kind, number, 6, inline)
    streams[*at, "__properties_version1.0"] = table


def _stored(value: Value) -> tuple[int, bytes, bytes | None]:
    """The type, the value in the table, and the value in a stream."""
    if isinstance(value, str):
        body = value.encode("utf-16-le")
        return _TEXT, struct.pack("<II", len(body) + 2, 0), body
    if isinstance(value, bytes):
        return _BINARY, struct.pack("<II", len(value), 0), value
    if isinstance(value, datetime):
        ticks = int((value - _EPOCH).total_seconds() * 10_000_000)
        return _TIME, struct.pack("<Q", ticks), None
    if isinstance(value, float):
        return _FLOAT, struct.pack("<d", value), None
    return _INTEGER, struct.pack("<q", value), None
