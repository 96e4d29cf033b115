"""Repairs zip-based office files whose container is broken while every part in it is complete.

LibreOffice refuses them: a directory that is cut off or has junk behind it; junk before the first part, such
as the headers of the answer that the file came in; names with backslashes or with a slash in front. Nothing
is made up and nothing left out: where a part does not come to its checksum, or where the directory does not
follow the last part, the file stays damaged.

Layout: PKWARE's APPNOTE.TXT 4.3.7 (local file header) and 4.3.9 (data descriptor).
"""

import io
import struct
import zipfile
import zlib
from typing import BinaryIO

from viewer.formats.zips import BROKEN, METHODS

MAX_BYTES = 50 * 1024 * 1024
"""The largest file in bytes that is repaired."""
_MAX_UNPACKED = 200 * 1024 * 1024
"""Bytes of all parts together, which are held in memory."""
_WINDOW = 16 * 1024
"""Bytes given to the decompressor at once: it copies what it does not use."""
_MAX_PARTS = 20_000
_MAX_BEFORE = 4096
"""Bytes of junk before the first part."""
_PART, _DIRECTORY, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08"
_END, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 0xFFFF
_HEADER = struct.Struct("<4sHHHHHIIIHH")
_ENCRYPTED, _SIZES_FOLLOW = 0x0001, 0x0008
_STORED, _DEFLATED = 0, 8

Parts = dict[str, bytes | bytearray]


class _Broken(Exception):
    """A part is incomplete or may be missing, or there is nothing to repair."""


def repair(document: bytes, max_unpacked: int) -> bytes | None:
    """The same parts, under proper names, in a sound zip; None where that cannot be promised, or it is one.

    Args:
        document: the file as it came.
        max_unpacked: bytes that its parts may have together, within `_MAX_UNPACKED`.
    """
    max_unpacked = min(max_unpacked, _MAX_UNPACKED)
    if len(document) > MAX_BYTES or first_part(document) is None:
        return None
    try:
        parts = _by_directory(document, max_unpacked) or _one_by_one(document, max_unpacked)
    except (_Broken, zlib.error, struct.error, UnicodeDecodeError):
        return None
    proper = {name.replace("\\", "/").lstrip("/"): body for name, body in parts.items()}
    return _zipped(proper) if len(proper) == len(parts) else None


def out_of_folder(archive: zipfile.ZipFile, folder: str) -> bytes:
    """The parts in one folder of a zip as a zip of their own.

    Args:
        archive: whose parts are within the limits.
        folder: lower case, with a slash behind it.
    """
    within = {
        member.filename[len(folder) :]: member
        for member in archive.infolist()
        if member.filename.lower().startswith(folder) and not member.is_dir()
    }
    return _zipped({name: archive.read(member) for name, member in within.items()})


def first_part(document: bytes) -> int | None:
    """Where the first part begins; None where that is not near the beginning.

    Args:
        document: its first bytes are enough.
    """
    at = document.find(_PART, 0, _MAX_BEFORE)
    return None if at < 0 else at


def is_sound(file: BinaryIO, archive: zipfile.ZipFile) -> bool:
    """Whether LibreOffice takes the container as it is, as far as can be told without unpacking anything.

    Args:
        file: seekable.
        archive: open on it.
    """
    file.seek(0)
    begins_well = file.read(len(_PART)) == _PART
    return begins_well and _ends_well(file) and all(_is_proper(file, one) for one in archive.infolist())


def _by_directory(document: bytes, max_unpacked: int) -> Parts | None:
    """The parts that the directory lists; None where it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as archive:
            members = archive.infolist()
            if len(members) > _MAX_PARTS or sum(member.file_size for member in members) > max_unpacked:
                raise _Broken
            if any(member.compress_type not in METHODS for member in members):
                raise _Broken
            if is_sound(io.BytesIO(document), archive):
                raise _Broken
            return {member.orig_filename: archive.read(member) for member in members if not member.is_dir()}
    except BROKEN:
        return None


def _ends_well(file: BinaryIO) -> bool:
    """Whether nothing lies behind the directory's end (4.3.16)."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT))
    tail = file.read()
    end = tail.rfind(_END)
    if end < 0 or end + _END_SIZE > len(tail):
        return False
    (comment,) = struct.unpack_from("<H", tail, end + _END_SIZE - 2)
    return bool(end + _END_SIZE + comment == len(tail))


def _is_proper(file: BinaryIO, member: zipfile.ZipInfo) -> bool:
    """Whether the part has a name that offices take, and both its headers say the same of it."""
    file.seek(member.header_offset)
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return False
    fields = _HEADER.unpack(header)
    agreed = fields[2] & _SIZES_FOLLOW or fields[6] == member.CRC
    return bool(agreed) and "\\" not in member.orig_filename and not member.orig_filename.startswith("/")


def _one_by_one(document: bytes, max_unpacked: int) -> Parts:
    """The parts, read from one to the next up to the directory."""
    parts: Parts = {}
    at, left = first_part(document) or 0, max_unpacked
    while document.startswith(_PART, at):
        name, body, at = _part(document, at, left)
        left -= len(body)
        if name in parts or len(parts) >= _MAX_PARTS:
            raise _Broken
        parts[name] = body
    if not document.startswith(_DIRECTORY, at):
        raise _Broken
    return {name: body for name, body in parts.items() if not name.endswith("/")}


def _part(document: bytes, at: int, most: int) -> tuple[str, bytes | bytearray, int]:
    """A part's name, its bytes, and where the next one begins."""
    fields = _HEADER.unpack_from(document, at)
    flags, method, checksum, size = fields[2], fields[3], fields[6], fields[7]
    name_at = at + _HEADER.size
    body_at = name_at + fields[9] + fields[10]
    if flags & _ENCRYPTED or method not in {_STORED, _DEFLATED}:
        raise _Broken
    body: bytes | bytearray
    if method == _DEFLATED:
        body, end = _inflated(document, body_at, most)
    elif flags & _SIZES_FOLLOW or size > most:
        raise _Broken
    else:
        body, end = document[body_at : body_at + size], body_at + size
    if flags & _SIZES_FOLLOW:
        end += len(_DESCRIPTOR) if document.startswith(_DESCRIPTOR, end) else 0
        (checksum,) = struct.unpack_from("<I", document, end)
        end += 12
    if zlib.crc32(body) != checksum:
        raise _Broken
    return document[name_at : name_at + fields[9]].decode(), body, end


def _inflated(document: bytes, start: int, most: int) -> tuple[bytearray, int]:
    """What is compressed from there on, and where that ends."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    body, at = bytearray(), start
    while at < len(document) and not stream.eof:
        window = document[at : at + _WINDOW]
        body += stream.decompress(window, most + 1 - len(body))
        if len(body) > most:
            raise _Broken
        at += len(window) - len(stream.unconsumed_tail) - len(stream.unused_data)
    if not stream.eof:
        raise _Broken
    return body, at


def _zipped(parts: Parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, body in parts.items():
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()
