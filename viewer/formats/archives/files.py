"""Files in archives: zip, tar and gzip, read with the standard library.

Members are streamed one at a time into the sink, which stops at its cap, so what an archive unpacks to as a
whole, members that overlap, and sizes that lie cost nothing. Names are never used as paths. Each archive is
one level: what is in an archive in an archive is a part of a part.
"""

import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import IO, BinaryIO, TypeVar

from viewer.documents import Part, Sink
from viewer.errors import Corrupt, DocumentNotFound, PasswordProtected, TooLarge, UnsupportedType, ViewerError
from viewer.formats.zips import METHODS, opened

MAX_MEMBERS = 5000
"""Files in one archive that are listed; folders do not count. An archive of more is refused as a whole."""
MAX_ENTRIES = 20_000
"""Entries of a tar file that are looked at, folders and links too."""
_CHUNK = 64 * 1024
_LOCKED = 0x1
"""The bit in a zip member's flags that says that it is encrypted (APPNOTE.TXT, 4.4.4)."""
_UTF8 = 0x800
"""The bit that says that the name is UTF-8; otherwise it is cp437, or whatever the writer took for it."""
_GZIP = 31
"""zlib's `wbits` for a gzip header and a window of any size."""
_HEADER, _FIXED, _HAS_EXTRA, _HAS_NAME = 4096, 10, 0x04, 0x08

Member = TypeVar("Member", zipfile.ZipInfo, tarfile.TarInfo)


class ZipArchive:
    """Zip files, and what is a zip under another name."""

    recipe = "zip-1"

    def parts(self, file: BinaryIO) -> tuple[Part, ...]:
        """See `Container.parts`; `TooLarge` above `MAX_MEMBERS`."""
        with _failures(), opened(file) as archive:
            return tuple(_zip_part(number, member) for number, member in _numbered(_files(archive)))

    def extract(self, file: BinaryIO, number: int, into: Sink) -> Part:
        """See `Container.extract`; `UnsupportedType` where the member is packed in a way not known here."""
        with _failures(), opened(file) as archive:
            member = _at(number, _files(archive))
            part = _zip_part(number, member)
            if part.locked:
                raise PasswordProtected
            if member.compress_type not in METHODS:
                raise UnsupportedType("compression method")
            with archive.open(member) as stream:
                _pour(stream, into)
        return part


class TarArchive:
    """Tar files, uncompressed: a compressed one is a tar in a gzip file."""

    recipe = "tar-1"

    def parts(self, file: BinaryIO) -> tuple[Part, ...]:
        """See `Container.parts`; `TooLarge` above `MAX_MEMBERS`."""
        with _failures(), tarfile.open(fileobj=file, mode="r:") as archive:
            return tuple(_tar_part(number, member) for number, member in _numbered(_plain_files(archive)))

    def extract(self, file: BinaryIO, number: int, into: Sink) -> Part:
        """See `Container.extract`."""
        with _failures(), tarfile.open(fileobj=file, mode="r:") as archive:
            member = _at(number, _plain_files(archive))
            stream = archive.extractfile(member)
            if stream is None:
                raise Corrupt
            _pour(stream, into)
        return _tar_part(number, member)


class GzipFile:
    """One file, compressed; what it is called is in its header at most."""

    recipe = "gzip-1"

    def parts(self, file: BinaryIO) -> tuple[Part, ...]:
        """See `Container.parts`. The size is not known before all is unpacked."""
        return (Part(1, _gzip_name(file), None),)

    def extract(self, file: BinaryIO, number: int, into: Sink) -> Part:
        """See `Container.extract`; of several members, one after the other, all are one file (RFC 1952)."""
        if number != 1:
            raise DocumentNotFound
        name = _gzip_name(file)
        file.seek(0)
        with _failures():
            _unpack(file, into)
        return Part(1, name, None)


def _files(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    return (member for member in archive.infolist() if not member.is_dir())


def _zip_part(number: int, member: zipfile.ZipInfo) -> Part:
    name = _decoded(member).replace("\\", "/")
    return Part(number, name, member.file_size, bool(member.flag_bits & _LOCKED))


def _decoded(member: zipfile.ZipInfo) -> str:
    """The name; in UTF-8 where it is that and does not say so, as Macs write it."""
    if member.flag_bits & _UTF8:
        return member.filename
    try:
        return member.filename.encode("cp437").decode()
    except UnicodeError:
        return member.filename


def _plain_files(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Files with bytes of their own: a link leads out of the archive, or to bytes that are listed already."""
    for at, member in enumerate(archive):
        if at >= MAX_ENTRIES:
            raise TooLarge("entries")
        if member.isreg():
            yield member


def _tar_part(number: int, member: tarfile.TarInfo) -> Part:
    return Part(number, member.name.encode("utf-8", "surrogateescape").decode(errors="replace"), member.size)


def _numbered(members: Iterator[Member]) -> list[tuple[int, Member]]:
    first = list(islice(members, MAX_MEMBERS + 1))
    if len(first) > MAX_MEMBERS:
        raise TooLarge("members")
    return list(enumerate(first, 1))


def _at(number: int, members: Iterator[Member]) -> Member:
    member = next(islice(members, number - 1, None), None) if 0 < number <= MAX_MEMBERS else None
    if member is None:
        raise DocumentNotFound
    return member


def _pour(stream: IO[bytes], into: Sink) -> None:
    while chunk := stream.read(_CHUNK):
        into.write(chunk)


def _unpack(file: BinaryIO, into: Sink) -> None:
    """In bounded steps: a small chunk can hold a thousand times its size."""
    packed = b""
    for _ in range(MAX_MEMBERS):
        unpacker = zlib.decompressobj(wbits=_GZIP)
        while not unpacker.eof:
            packed = packed or file.read(_CHUNK)
            unpacked = unpacker.decompress(packed, _CHUNK)
            if not packed and not unpacked:
                raise Corrupt("cut short")
            into.write(unpacked)
            packed = unpacker.unconsumed_tail
        packed = (unpacker.unused_data or file.read(_CHUNK)).lstrip(b"\0")
        if not packed:
            return
    raise TooLarge("members")


def _gzip_name(file: BinaryIO) -> str:
    """The name in the header, where there is one (RFC 1952, section 2.3)."""
    file.seek(0)
    header = file.read(_HEADER)
    if len(header) < _FIXED or not header[3] & _HAS_NAME:
        return ""
    extra = 2 + int.from_bytes(header[_FIXED : _FIXED + 2], "little") if header[3] & _HAS_EXTRA else 0
    return header[_FIXED + extra :].split(b"\0", 1)[0].decode("latin-1")


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what the libraries raise on odd bytes into `Corrupt`."""
    try:
        yield
    except ViewerError:
        raise
    except (
        *(zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error, OSError, EOFError),
        *(ValueError, LookupError, ArithmeticError, RuntimeError),
    ) as error:
        raise Corrupt from error
