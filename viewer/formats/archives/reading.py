"""Lists and extracts files in archives: zip, tar and gzip, read with the standard library.

Members are streamed one at a time into the sink, which stops at its limit, so what an archive unpacks to as a
whole, members that overlap, and sizes that lie cost nothing. Names are never used as paths. Each archive is
one level: what is in an archive in an archive is a part of a part.
"""

import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, TypeVar

from viewer.documents import Part, Reading, Sink
from viewer.errors import Corrupt, Empty, PartNotFound, PasswordProtected, TooLarge, UnsupportedType
from viewer.formats.copying import CHUNK, copy_stream
from viewer.formats.document import PLAIN_TEXT_TYPE, Document, Read
from viewer.formats.failures import corrupt_on
from viewer.formats.truncation import NOTE
from viewer.formats.zips import BROKEN, METHODS

MAX_MEMBERS = 5000
"""Files in one archive that are listed; folders do not count. An archive of more is refused as a whole."""
MAX_ENTRIES = 20_000
"""Entries of a tar file that are looked at, folders and links too."""
MAX_TAR_HEADER = 1024 * 1024
"""Bytes of a header that holds a long name or other properties of a tar file's entry."""
_TAR_BLOCK = tarfile.BLOCKSIZE
"""Bytes of zeros at the least that end a tar file (POSIX.1, pax)."""
_LOCKED = 0x1
"""The bit in a zip member's flags that says that it is encrypted (APPNOTE.TXT, 4.4.4)."""
_UTF8 = 0x800
"""The bit that says that the name is UTF-8; otherwise it is cp437, or whatever the writer took for it."""
_GZIP = 31
"""zlib's `wbits` for a gzip header and a window of any size."""
_HEADER, _FIXED, _HAS_EXTRA, _HAS_NAME = 4096, 10, 0x04, 0x08
_ERRORS = (*BROKEN, tarfile.TarError, zlib.error, struct.error)

Member = TypeVar("Member", zipfile.ZipInfo, tarfile.TarInfo)


def read_zip(document: Document) -> Read:
    """The list of what is in a zip file, or in what is a zip under another name.

    Raises:
        TooLarge: more than `MAX_MEMBERS` files.
        Empty: none.
    """
    with corrupt_on(*_ERRORS):
        members = _numbered(_files(_archive(document)))
        return _listed(document, tuple(_zip_part(number, member) for number, member in members))


def extract_zip(document: Document, number: int, into: Sink) -> str:
    """One file.

    Raises:
        PartNotFound: there is none of this number.
        PasswordProtected: it is locked.
        UnsupportedType: it is packed in a way not known here.
    """
    with corrupt_on(*_ERRORS):
        archive = _archive(document)
        member = _at(number, _files(archive))
        part = _zip_part(number, member)
        if part.locked:
            raise PasswordProtected
        if member.compress_type not in METHODS:
            raise UnsupportedType("compression method")
        with archive.open(member) as stream:
            copy_stream(stream, into)
        return part.name


def read_tar(document: Document) -> Read:
    """The list of what is in a tar file, uncompressed: a compressed one is a tar in a gzip file.

    Raises:
        TooLarge: more than `MAX_MEMBERS` files.
        Empty: none.
    """
    with corrupt_on(*_ERRORS), _tar(document) as archive:
        members = _numbered(_plain_files(archive))
        document.file.seek(archive.offset)
        notes = () if document.file.read(_TAR_BLOCK) == bytes(_TAR_BLOCK) else (NOTE,)
        return _listed(document, tuple(_tar_part(number, member) for number, member in members), notes)


def extract_tar(document: Document, number: int, into: Sink) -> str:
    """One file.

    Raises:
        PartNotFound: there is none of this number.
    """
    with corrupt_on(*_ERRORS), _tar(document) as archive:
        member = _at(number, _plain_files(archive))
        stream = archive.extractfile(member)
        if stream is None:
            raise Corrupt("member without bytes")
        copy_stream(stream, into)
        return _tar_part(number, member).name


def read_gzip(document: Document) -> Read:
    """The one file in a gzip file. Its size is not known before all is unpacked."""
    return _listed(document, (_gzip_part(document),))


def extract_gzip(document: Document, number: int, into: Sink) -> str:
    """The file; of several members, one after the other, all are one file (RFC 1952).

    Raises:
        PartNotFound: the number is not 1.
    """
    if number != 1:
        raise PartNotFound("no part of this number")
    part = _gzip_part(document)
    with corrupt_on(*_ERRORS):
        _unpack(document.rewound(), into)
    return part.name


def _listed(document: Document, parts: tuple[Part, ...], notes: tuple[str, ...] = ()) -> Read:
    """An archive is shown as the list of what is in it; there are no bytes to it."""
    if not parts:
        raise Empty("nothing in it")
    kind = document.kind
    return Reading(kind.name, kind.label, PLAIN_TEXT_TYPE, notes, parts, is_listing=True), b""


def _archive(document: Document) -> zipfile.ZipFile:
    archive = document.found.archive
    if archive is None:
        raise Corrupt("no zip")
    return archive


class _Entry(tarfile.TarInfo):
    """An entry whose headers are read within `MAX_TAR_HEADER`."""

    def _proc_gnulong(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        self._check_header()
        return super()._proc_gnulong(archive)  # type: ignore[misc,no-any-return]  # the library's own hook

    def _proc_pax(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        self._check_header()
        return super()._proc_pax(archive)  # type: ignore[misc,no-any-return]  # the library's own hook

    def _check_header(self) -> None:
        if self.size > MAX_TAR_HEADER:
            raise TooLarge("header")


def _tar(document: Document) -> tarfile.TarFile:
    return tarfile.open(fileobj=document.rewound(), mode="r:", tarinfo=_Entry)


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
        raise PartNotFound("no part of this number")
    return member


def _unpack(file: BinaryIO, into: Sink) -> None:
    """In bounded steps: a small chunk can hold a thousand times its size."""
    packed = b""
    for _ in range(MAX_MEMBERS):
        unpacker = zlib.decompressobj(wbits=_GZIP)
        while not unpacker.eof:
            packed = packed or file.read(CHUNK)
            unpacked = unpacker.decompress(packed, CHUNK)
            if not packed and not unpacked:
                raise Corrupt("cut short")
            into.write(unpacked)
            packed = unpacker.unconsumed_tail
        packed = (unpacker.unused_data or file.read(CHUNK)).lstrip(b"\0")
        if not packed:
            return
    raise TooLarge("members")


def _gzip_part(document: Document) -> Part:
    return Part(1, _gzip_name(document.rewound().read(_HEADER)), None)


def _gzip_name(header: bytes) -> str:
    """The name in the header, where there is one (RFC 1952, section 2.3)."""
    if len(header) < _FIXED or not header[3] & _HAS_NAME:
        return ""
    extra = 2 + int.from_bytes(header[_FIXED : _FIXED + 2], "little") if header[3] & _HAS_EXTRA else 0
    return header[_FIXED + extra :].split(b"\0", 1)[0].decode("latin-1")
