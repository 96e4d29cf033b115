"""Files in OLE containers: Outlook's messages, old office files, encrypted new ones."""

import struct
from datetime import UTC, datetime

from demo.compound import SECTOR, Path, compound
from demo.outlook import Attached, OutlookMessage, msg
from tests.hostile.cases import MB, filled, worst
from tests.hostile.mails import _rtf

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FREE, _END = 0xFFFFFFFF, 0xFFFFFFFE
_SENT = datetime(2026, 3, 4, 14, 5, tzinfo=UTC)
_MANY = 19_000
_AGILE = struct.pack("<HHI", 4, 4, 0x40)


def _header(fats: int, directory: int, first_difat: int, difats: int, fat: list[int]) -> bytes:
    fields = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        _MAGIC, 0x3E, 3, 0xFFFE, 9, 6, 0, fats, directory, 0, 4096, _END, 0, first_difat, difats,
    )  # fmt: skip
    return fields + struct.pack("<109I", *(fat + [_FREE] * 109)[:109])


@worst("doc")
def container_whose_index_names_itself() -> bytes:
    """Two kilobytes: the index of sectors is continued in itself, and says that it goes on for gigabytes."""
    difats = 33_000_000
    fats = 109 + difats * 127
    index = struct.pack("<128I", *[1] * 127, 0)
    return (
        _header(fats & 0xFFFFFFFF, 0, 0, difats, [1])
        + index
        + struct.pack("<128I", *[_FREE] * 128)
        + bytes(SECTOR * 2)
    )


@worst("doc")
def container_whose_chain_is_a_circle() -> bytes:
    """The directory's sectors come round again, in a file of twelve megabytes."""
    sectors = 13_000
    table = struct.pack("<128I", *([0xFFFFFFFD, 1, 1] + [_FREE] * 125))
    return _header(1, 1, _END, 0, [0]) + table + bytes(SECTOR * sectors)


@worst("doc")
def container_of_nested_folders() -> bytes:
    """Nine thousand folders in one another."""
    entries = b"".join(_entry(f"f{number}", 1 if number else 5, child=number + 1) for number in range(9_000))
    entries += _entry("end", 1)
    return _of_directory(entries)


@worst("doc")
def container_of_a_list() -> bytes:
    """Nineteen thousand entries that are a list instead of a tree."""
    entries = _entry("Root Entry", 5, child=1)
    entries += b"".join(_entry(f"{number:05}", 1, right=number + 1) for number in range(1, _MANY)) + _entry(
        "z", 1
    )
    return _of_directory(entries)


@worst("doc")
def document_of_many_streams() -> bytes:
    """A Word document with nineteen thousand other streams, each compared with all others."""
    word = b"\xec\xa5\xc1\x00".ljust(5000, b"\0")
    return compound({("WordDocument",): word, **{(f"s{number:05}",): b"x" for number in range(_MANY)}})


@worst("msg")
def message_of_many_streams() -> bytes:
    """Nine hundred recipients and eighteen thousand streams beside them: each is looked for among all."""
    streams: dict[Path, bytes] = {("__properties_version1.0",): bytes(32)}
    for number in range(900):
        at = f"__recip_version1.0_#{number:08X}"
        streams[at, "__properties_version1.0"] = bytes(8)
        for name in ("3001001F", "39FE001F", "3003001F"):
            streams[at, f"__substg1.0_{name}"] = "a@b.test".encode("utf-16-le")
    streams |= {(f"__substg1.0_{number:04X}001F",): b"" for number in range(15_000)}
    return compound(streams)


@worst("msg")
def message_of_messages() -> bytes:
    """Five hundred messages in one: the size of each is counted over the streams of all."""
    streams: dict[Path, bytes] = {("__properties_version1.0",): bytes(32), ("__substg1.0_0037001F",): b"x\0"}
    for number in range(490):
        at = f"__attach_version1.0_#{number:08X}"
        streams[at, "__properties_version1.0"] = bytes(8)
        inside = "__substg1.0_3701000D"
        streams[at, inside, "__properties_version1.0"] = bytes(24)
        streams |= {(at, inside, f"__substg1.0_{more:04X}001F"): b"" for more in range(30)}
    return compound(streams)


@worst("msg")
def message_of_addresses() -> bytes:
    """A line of addresses of two million quotation marks behind backslashes."""
    return msg(_outlook(more={0x0E04: filled(b'\\"', 3 * MB).decode()}))


@worst("msg")
def message_of_groups() -> bytes:
    """Compressed RTF that unpacks to twenty megabytes of empty groups."""
    return msg(_outlook(more={0x1009: _rtf(b"{}" * 8, 1_300_000)}))


@worst("msg")
def message_of_dots() -> bytes:
    """HTML of pictures of one dot, each a file of its own, as many as six megabytes hold."""
    dot = b"<img src=data:;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=>"
    return msg(_outlook(html=filled(dot, 6 * MB)))


@worst("msg")
def message_in_messages() -> bytes:
    """Messages in one another, deeper than anybody forwards."""
    inner = _outlook()
    for _ in range(60):
        inner = _outlook(attachments=[Attached("m", inner)])
    return msg(inner)


@worst("docx")
def locked_with_a_long_description() -> bytes:
    """An encrypted document whose description is six megabytes of empty elements."""
    described = _AGILE + b"<encryption>" + b"<a/>" * (3 * MB // 2) + b"</encryption>"
    return compound({("EncryptionInfo",): described, ("EncryptedPackage",): bytes(5000)})


@worst("docx")
def locked_with_entities() -> bytes:
    """An encrypted document whose description is made of entities of entities."""
    tens = b"".join(b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 10))
    described = _AGILE + b'<!DOCTYPE a [<!ENTITY e0 "ha">' + tens + b"]><a>&e9;</a>"
    return compound({("EncryptionInfo",): described, ("EncryptedPackage",): bytes(5000)})


@worst("docx")
def locked_with_many_rounds() -> bytes:
    """An encrypted document whose password takes two thousand million rounds to try."""
    return _locked(2_000_000_000)


@worst("docx")
def locked_with_a_negative_round() -> bytes:
    """The same with a number of rounds below zero, which is less than any limit."""
    return _locked(-5)


@worst("docx")
def locked_within_the_limit() -> bytes:
    """As many rounds as are tried at all."""
    return _locked(199_999)


@worst("xls")
def workbook_of_records() -> bytes:
    """A workbook of three million records of no length."""
    body = b"\x09\x08\x10\x00" + bytes(16) + b"\x01\x00\x00\x00" * (6 * MB // 4)
    return compound({("Workbook",): body})


@worst("ppt")
def slides_that_name_themselves() -> bytes:
    """A presentation whose list of objects names a million for each of its entries."""
    user = struct.pack("<HHIIIIHHBBH", 0, 0x0FF6, 20, 20, 0xF3D1C4DF, 0, 0, 0x03F4, 3, 0, 0).ljust(100, b"\0")
    edit = struct.pack("<HHIIHBBIIII", 0, 0x0FF5, 32, 1, 0, 0, 3, 0, 40, 1, 1).ljust(40, b"\0")
    entries = filled(struct.pack("<I", 0xFFF << 20) + bytes(0xFFF * 4), 6 * MB)
    directory = struct.pack("<HHI", 0, 0x1772, len(entries)) + entries
    return compound({("Current User",): user, ("PowerPoint Document",): edit + directory})


def _locked(rounds: int) -> bytes:
    salt = "AAAAAAAAAAAAAAAAAAAAAA=="
    key = (
        f'saltSize="16" blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" '
        f'cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512" saltValue="{salt}"'
    )
    described = (
        f"<encryption><keyData {key}/><dataIntegrity encryptedHmacKey='{salt}' encryptedHmacValue='{salt}'/>"
        f'<keyEncryptors><keyEncryptor><p:encryptedKey xmlns:p="p" spinCount="{rounds}" {key} '
        f'encryptedVerifierHashInput="{salt}" encryptedVerifierHashValue="{salt}" '
        f'encryptedKeyValue="{salt}"/>'
        "</keyEncryptor></keyEncryptors></encryption>"
    )
    return compound({("EncryptionInfo",): _AGILE + described.encode(), ("EncryptedPackage",): bytes(5000)})


def _outlook(**more: object) -> OutlookMessage:
    return OutlookMessage("x", ("A", "a@b.test"), [("B", "b@b.test")], _SENT, **more)  # type: ignore[arg-type]


def _entry(name: str, kind: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    wide = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII36xIQ", wide, len(wide) + 2, kind, 1, _FREE, right, child, _END, 0,
    )  # fmt: skip


def _of_directory(entries: bytes) -> bytes:
    """A container whose directory is made of these entries and whose streams are empty."""
    entries = entries.ljust(-(-len(entries) // SECTOR) * SECTOR, b"\0")
    count = len(entries) // SECTOR
    chain = [*range(1, count), _END]
    fats = -(-(count + 64) // 128)
    table = struct.pack(f"<{count + fats}I", *chain, *[0xFFFFFFFD] * fats).ljust(fats * SECTOR, b"\xff")
    return _header(fats, 0, _END, 0, [*range(count, count + fats)]) + entries + table
