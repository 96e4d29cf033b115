"""Zip, tar and gzip files, and office files in zips."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib

from tests.hostile.cases import KB, MB, checksum, deflated, filled, gzip_bomb, worst

_PART, _DIRECTORY, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/{part}" '
    'ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/></Types>'
)
_WORD, _EXCEL = "wordprocessingml.document.main", "spreadsheetml.sheet.main"
_POWERPOINT = "presentationml.presentation.main"
_PATTERN_SIZE = 4 * MB
_BLOCK = 512


def zipped(members: dict[str, bytes | str]) -> bytes:
    """A zip with these members, compressed as far as zlib can."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, body in members.items():
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _office(part: str, kind: str, members: dict[str, bytes | str]) -> bytes:
    return zipped({"[Content_Types].xml": _TYPES.format(part=part, kind=kind), part: "<x/>", **members})


@worst("zip")
def manifest_without_an_end() -> bytes:
    """A manifest of elements that never close: each of them is searched to the end of the file."""
    return zipped({"META-INF/manifest.xml": filled(b"<file-entry ", 12 * MB)})


@worst("zip")
def manifest_with_paths() -> bytes:
    """The same with an attribute in each element: the search takes the cube of the size."""
    return zipped({"META-INF/manifest.xml": filled(b'<file-entry full-path="/" ', _PATTERN_SIZE)})


@worst("docx")
def content_types_of_blanks() -> bytes:
    """A list of content types that is long and says nothing."""
    return zipped(
        {"[Content_Types].xml": filled(b"<Override PartName=", 32 * MB), "word/document.xml": "<x/>"}
    )


@worst("docx")
def word_with_open_changes() -> bytes:
    """A Word text of tracked changes that never close."""
    return _office("word/document.xml", _WORD, {"word/document.xml": filled(b"<w:ins ", 32 * MB)})


@worst("docx")
def word_with_open_fonts() -> bytes:
    """A Word text of font elements that never close."""
    return _office("word/document.xml", _WORD, {"word/document.xml": filled(b"<w:rFonts ", 32 * MB)})


@worst("xlsx")
def excel_with_open_sheets() -> bytes:
    """A workbook's list of sheets whose elements never close."""
    return _office("xl/workbook.xml", _EXCEL, {"xl/workbook.xml": filled(b"<sheet ", _PATTERN_SIZE)})


@worst("xlsx")
def excel_with_open_rows() -> bytes:
    """A worksheet of rows and columns that never close."""
    body = filled(b"<row <col ", _PATTERN_SIZE)
    return _office("xl/workbook.xml", _EXCEL, {"xl/worksheets/sheet1.xml": body})


@worst("xlsx")
def excel_with_open_fonts() -> bytes:
    """A workbook's styles whose font names never close."""
    return _office("xl/workbook.xml", _EXCEL, {"xl/styles.xml": filled(b"<name ", _PATTERN_SIZE)})


@worst("pptx")
def slides_that_stay_open() -> bytes:
    """Slides whose first element never closes."""
    body = filled(b"<p:sld <a:latin ", _PATTERN_SIZE)
    return _office("ppt/presentation.xml", _POWERPOINT, {"ppt/slides/slide1.xml": body})


@worst("odt")
def open_document_of_notes() -> bytes:
    """OpenDocument content that is one long row of notes and changes."""
    body = filled(b"<office:annotation <text:changed-region ", 32 * MB)
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": body})


@worst("docx")
def many_long_member_names() -> bytes:
    """Twenty thousand empty members with long names that nearly match what is looked for."""
    return zipped(
        {
            "[Content_Types].xml": _TYPES.format(part="word/document.xml", kind=_WORD),
            **{f"ppt/media/{number}{'.' * 2000}": b"" for number in range(19_000)},
        }
    )


@worst("zip")
def members_that_overlap() -> bytes:
    """Five thousand entries for the same ten megabytes (D. Fifield, A better zip bomb, 2019)."""
    body = _deflated(bytes(10 * MB))
    local = _local(b"a", body, 10 * MB, zlib.crc32(bytes(10 * MB)))
    crc = zlib.crc32(bytes(10 * MB))
    entries = b"".join(_entry(b"%04d" % number, len(body), 10 * MB, crc) for number in range(4999))
    end = struct.pack("<4sHHHHIIH", _END, 0, 0, 4999, 4999, len(entries), len(local), 0)
    return local + entries + end


@worst("zip")
def entries_by_the_hundred_thousand() -> bytes:
    """A directory of as many entries as are read at all, and not a byte in them."""
    count = 99_000
    entries = b"".join(_entry(b"%05x" % number, 0, 0, 0) for number in range(count))
    return (
        _local(b"a", b"", 0, 0)
        + entries
        + struct.pack("<4sHHHHIIH", _END, 0, 0, 0xFFFF, 0xFFFF, len(entries), 31, 0)
    )


@worst("docx")
def parts_without_a_directory() -> bytes:
    """Twenty thousand parts, no directory, much behind them: a copy of the rest for each part."""
    parts = b"".join(_local(b"%05d" % number, b"\x03\x00", 0, 0) for number in range(19_000))
    return parts + bytes(48 * MB)


@worst("docx")
def bomb_without_a_directory() -> bytes:
    """A part of 450 megabytes of zeros in a zip that has lost its directory."""
    body = deflated(b"\0", 450)
    return _local(b"word/document.xml", body, 450 * MB, checksum(b"\0", 450)) + _DIRECTORY


@worst("zip")
def zip_behind_zips() -> bytes:
    """A zip whose only member is a zip that holds ten megabytes of zips, and so on, ten levels."""
    inside = b"end"
    for level in range(10):
        inside = zipped({f"{level}-{number}.zip": inside for number in range(10)})
    return inside


@worst("docx")
def document_of_zeros() -> bytes:
    """A Word document of 400 megabytes of zeros."""
    return _office("word/document.xml", _WORD, {"word/document.xml": bytes(400 * MB)})


@worst("pages")
def preview_of_zeros() -> bytes:
    """An Apple document whose preview unpacks to 400 megabytes."""
    return zipped({"QuickLook/Preview.pdf": bytes(400 * MB), "Index/Document.iwa": b""})


@worst("tar")
def tar_of_digits() -> bytes:
    """An extended header of nothing but digits: the library looks for a word behind each of them."""
    return _with_extended_header(b"1" * MB)


@worst("tar")
def tar_of_sparse_digits() -> bytes:
    """The same, where the library looks for the parts of a sparse file."""
    return _with_extended_header(b"22 GNU.sparse.size=10\n" + b"1" * MB)


@worst("tar")
def tar_that_stays_sparse() -> bytes:
    """A sparse file whose list of pieces goes on for 30 megabytes."""
    header = bytearray(_tar_header("a", 0, b"S"))
    header[482] = 1
    piece = (b"%011o\0" % 1 + b"%011o\0" % 0) * 21
    more = (piece + b"\x01").ljust(_BLOCK, b"\0")
    return bytes(_summed(header)) + more * (30 * MB // _BLOCK)


@worst("tar")
def tar_that_is_nearly_nothing() -> bytes:
    """A sparse file of a terabyte that has no piece at all."""
    header = bytearray(_tar_header("a", 0, b"S"))
    header[483:495] = b"\x80" + (1 << 40).to_bytes(11, "big")
    return bytes(_summed(header)) + bytes(2 * _BLOCK)


@worst("tar")
def tar_that_goes_back() -> bytes:
    """A member of a negative size, so that the next one is the same again."""
    header = bytearray(_tar_header("a", 0, b"0"))
    header[124:136] = b"\xff" + ((1 << 88) - 2 * _BLOCK).to_bytes(11, "big")
    return bytes(_summed(header)) * 2 + bytes(2 * _BLOCK)


@worst("tar")
def tar_of_long_names() -> bytes:
    """Headers that only announce the next header, each read by the one before."""
    name = _tar_header("././@LongLink", 2, b"L") + b"a\0".ljust(_BLOCK, b"\0")
    return name * 20_000 + _tar_header("a", 0, b"0") + bytes(2 * _BLOCK)


@worst("tar")
def tar_of_a_hundred_thousand_links() -> bytes:
    """Entries that are no files, as many as 50 megabytes hold."""
    return _tar_header("a", 0, b"2") * 100_000 + bytes(2 * _BLOCK)


@worst("gz")
def gzip_members_by_the_hundred_thousand() -> bytes:
    """Empty gzip members, one after the other."""
    return gzip.compress(b"", mtime=0) * 100_000


@worst("gz")
def gzip_of_gigabytes() -> bytes:
    """Two gigabytes of zeros in two megabytes."""
    return gzip_bomb(b"\0", 2 * KB)


def _deflated(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


def _local(name: bytes, body: bytes, size: int, crc: int) -> bytes:
    method = 8 if body else 0
    return (
        struct.pack("<4sHHHHHIIIHH", _PART, 20, 0, method, 0, 0, crc, len(body), size, len(name), 0)
        + name
        + body
    )


def _entry(name: bytes, packed: int, size: int, crc: int) -> bytes:
    method = 8 if packed else 0
    head = struct.pack(
        "<4sHHHHHHIIIHHHHHII",
        _DIRECTORY,
        20,
        20,
        0,
        method,
        0,
        0,
        crc,
        packed,
        size,
        len(name),
        0,
        0,
        0,
        0,
        0,
        0,
    )
    return head + name


def _tar_header(name: str, size: int, kind: bytes) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.GNU_FORMAT)


def _summed(header: bytearray) -> bytearray:
    """The header with the right sum of its bytes, and the GNU mark."""
    header[257:265] = b"ustar  \0"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return header


def _with_extended_header(body: bytes) -> bytes:
    padded = body.ljust(-(-len(body) // _BLOCK) * _BLOCK, b"\0")
    return _tar_header("x", len(body), b"x") + padded + _tar_header("a", 0, b"0") + bytes(2 * _BLOCK)
