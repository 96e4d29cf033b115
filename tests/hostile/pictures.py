"""Pictures and scans of every format that is read."""

import io
import struct
import zlib

from PIL import Image

from tests.hostile.cases import KB, MB, worst, zlib_bomb

_LARGE = 16_000
_SIDE = 8900
"""Pixels each way of a picture that is just within the limit."""


def _saved(picture: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def _png(width: int, height: int, pieces: bytes = b"") -> bytes:
    """A grey PNG of zeros, with these pieces before the pixels."""
    rows = -(-(width + 1) * height // MB)  # the last block is longer than the picture; decoders stop before
    pixels = zlib_bomb(b"\0", rows) if rows > 1 else zlib.compress(bytes((width + 1) * height))
    header = _piece(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + pieces + _piece(b"IDAT", pixels) + _piece(b"IEND", b"")


def _piece(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@worst("png")
def png_beyond_the_limit() -> bytes:
    """Two hundred and fifty million pixels."""
    return _png(_LARGE, _LARGE)


@worst("png")
def png_within_the_limit() -> bytes:
    """As many pixels as are drawn at all."""
    return _png(_SIDE, _SIDE)


@worst("png")
def png_of_texts() -> bytes:
    """Packed texts that unpack to gigabytes together."""
    text = _piece(b"zTXt", b"a\0\0" + zlib.compress(bytes(20 * MB), 9))
    return _png(9, 9, text * 200)


@worst("png")
def png_of_pieces() -> bytes:
    """Three million empty pieces."""
    return _png(9, 9, _piece(b"zZzZ", b"") * (3 * MB))


@worst("gif")
def gif_of_frames() -> bytes:
    """A hundred thousand frames, each as large as the screen of 8,000 by 8,000 dots."""
    head = b"GIF89a" + struct.pack("<HHBBB", 8000, 8000, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 8000, 8000, 0) + b"\x02\x02\x4c\x01\x00"
    return head + frame * 100_000 + b";"


@worst("gif")
def gif_of_comments() -> bytes:
    """A million comments before the first frame."""
    head = b"GIF89a" + struct.pack("<HHBBB", 9, 9, 0x80, 0, 0) + bytes(6)
    return head + b"!\xfe\x01a\x00" * (2 * MB) + b";"


@worst("jpg")
def jpeg_of_padding() -> bytes:
    """Forty megabytes of padding before the first piece."""
    return b"\xff\xd8" + b"\xff" * (40 * MB)


@worst("jpg")
def jpeg_of_scans() -> bytes:
    """A progressive picture of thousands of passes over 64 million dots."""
    whole = _saved(Image.new("L", (8000, 8000)), "JPEG", progressive=True, quality=10)
    scan = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + scan * 2000 + b"\xff\xd9"


@worst("webp")
def webp_of_a_large_canvas() -> bytes:
    """An animation of one dot on the largest canvas."""
    small = _saved(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    side = (16383 - 1).to_bytes(3, "little")
    frame = bytes(6) + bytes(6) + bytes(4) + small
    chunks = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + side * 2
    chunks += b"ANIM" + struct.pack("<I", 6) + bytes(6) + b"ANMF" + struct.pack("<I", len(frame)) + frame
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


@worst("webp")
def webp_of_frames() -> bytes:
    """Fifty thousand frames on a canvas of 8,000 by 8,000 dots."""
    small = _saved(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    side = (8000 - 1).to_bytes(3, "little")
    frame = bytes(12) + bytes(4) + small
    chunks = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + side * 2
    chunks += (
        b"ANIM" + struct.pack("<I", 6) + bytes(6) + (b"ANMF" + struct.pack("<I", len(frame)) + frame) * 50_000
    )
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def _tiff(
    directories: list[list[tuple[int, int, int, int]]], data: bytes = b"", after_last: int = 0
) -> bytes:
    """A TIFF of these directories; the data stands at byte 8."""
    out, at = bytearray(b"II*\0" + struct.pack("<I", 8 + len(data)) + data), 8 + len(data)
    for number, tags in enumerate(directories):
        size = 2 + 12 * len(tags) + 4
        following = at + size if number + 1 < len(directories) else after_last
        out += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
        out += struct.pack("<I", following)
        at += size
    return bytes(out)


def _page(side: int, length: int, *more: tuple[int, int, int, int]) -> list[tuple[int, int, int, int]]:
    tags = [
        (256, 4, 1, side),
        (257, 4, 1, side),
        (258, 3, 1, 1),
        (259, 3, 1, 4),
        (262, 3, 1, 0),
        (273, 4, 1, 8),
    ]
    return sorted([*tags, (278, 4, 1, side), (279, 4, 1, length), *more])


@worst("tif")
def scan_whose_pages_come_round() -> bytes:
    """A page whose next page is itself."""
    return _tiff([_page(100, 4)], b"\0\x10\x01\x00", after_last=12)


@worst("tif")
def scan_of_large_pages() -> bytes:
    """Two thousand pages of 240 million dots, all of the same four bytes."""
    return _tiff([_page(15_500, 4)] * 1999, b"\0\x10\x01\x00")


@worst("tif")
def scan_of_pages() -> bytes:
    """A hundred thousand small pages."""
    return _tiff([_page(8, 4)] * 100_000, b"\0\x10\x01\x00")


@worst("tif")
def scan_of_long_tags() -> bytes:
    """Two thousand pages, each of which reads sixteen megabytes of one tag."""
    return _tiff([_page(8, 4, (700, 1, 16 * MB, 8))] * 1999, bytes(16 * MB))


@worst("tif")
def scan_of_strips() -> bytes:
    """A page of a hundred thousand strips that are all the same."""
    count = 100_000
    offsets = struct.pack(f"<{count}I", *[8 + count * 8] * count) + struct.pack(f"<{count}I", *[4] * count)
    tags = [(256, 4, 1, 100), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    tags += [(273, 4, count, 8), (278, 4, 1, 1), (279, 4, count, 8 + count * 4)]
    return _tiff([tags] * 50, offsets + bytes(100))


@worst("bmp")
def bmp_of_runs() -> bytes:
    """A compressed picture of 80 million dots in a few bytes."""
    head = struct.pack("<2sIHHI", b"BM", 0, 0, 0, 54 + 1024)
    about = struct.pack("<IiiHHIIiiII", 40, _SIDE, _SIDE, 1, 8, 1, 0, 0, 0, 256, 0)
    return head + about + bytes(1024) + b"\xff\x01" * 10 + b"\0\1"


@worst("bmp")
def bmp_of_steps() -> bytes:
    """A compressed picture that only ever steps on: twenty megabytes of nothing."""
    head = struct.pack("<2sIHHI", b"BM", 0, 0, 0, 54 + 1024)
    about = struct.pack("<IiiHHIIiiII", 40, _SIDE, _SIDE, 1, 8, 1, 0, 0, 0, 256, 0)
    return head + about + bytes(1024) + b"\0\2\xff\0" * (5 * MB)


@worst("ico")
def icon_of_a_large_picture() -> bytes:
    """An icon of one dot whose picture has two hundred and fifty million."""
    inside = _png(_LARGE, _LARGE)
    return (
        struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 1, 1, 0, 0, 1, 32, len(inside), 22) + inside
    )


@worst("ico")
def icon_of_many() -> bytes:
    """Sixty thousand pictures in one icon, all the same."""
    inside = _png(256, 256)
    count = 65_535
    entry = struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, len(inside), 6 + 16 * count)
    return struct.pack("<HHH", 0, 1, count) + entry * count + inside


@worst("jp2")
def jp2_of_tiles() -> bytes:
    """A picture of 64 million dots in tiles of one dot."""
    whole = bytearray(_saved(Image.new("L", (64, 64)), "JPEG2000", no_jp2=True))
    at = whole.index(b"\xff\x51") + 4
    struct.pack_into(">HIIIIIIII", whole, at, 0, 8000, 8000, 0, 0, 32, 32, 0, 0)
    return bytes(whole)


@worst("jp2")
def jp2_within_the_limit() -> bytes:
    """As many dots as are drawn at all."""
    return _saved(Image.new("L", (_SIDE, _SIDE)), "JPEG2000")


@worst("psd")
def psd_of_channels() -> bytes:
    """A picture of 80 million dots and four channels, packed as runs."""
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 4, _SIDE, _SIDE, 8, 4)
    return head + struct.pack(">III", 0, 0, 0) + b"\0\1" + bytes(2 * 4 * _SIDE) + b"\x81\0" * MB


@worst("psd")
def psd_of_layers() -> bytes:
    """Thirty thousand layers of the largest size."""
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, 9, 9, 8, 3)
    layer = struct.pack(">iiiiH", 0, 0, 30_000, 30_000, 3) + b"".join(
        struct.pack(">hI", n, 2) for n in range(3)
    )
    layer += b"8BIMnorm" + bytes(4) + struct.pack(">I", 12) + bytes(12)
    layers = struct.pack(">h", 30_000) + layer * 30_000
    section = struct.pack(">I", len(layers)) + layers
    return (
        head
        + struct.pack(">II", 0, 0)
        + struct.pack(">I", len(section) + 4)
        + section
        + b"\0\0"
        + bytes(9 * 9 * 3)
    )


@worst("heic")
def heic_of_items() -> bytes:
    """A picture file whose list of items is megabytes long."""
    item = _box(b"infe", b"\2\0\0\0" + struct.pack(">HH4s", 1, 0, b"hvc1") + b"\0")
    listed = _box(b"iinf", b"\1\0\0\0" + struct.pack(">I", 400_000) + item * 400_000)
    about = b"\0\0\0\0" + _box(b"hdlr", bytes(8) + b"pict" + bytes(13)) + listed
    return _box(b"ftyp", b"heic\0\0\0\0heicmif1") + _box(b"meta", about)


@worst("heic")
def heic_of_boxes() -> bytes:
    """Boxes in one another, thirty thousand deep."""
    depth = 30 * KB
    nested = b"".join(
        struct.pack(">I4s", 8 * (depth - level) + 4 * (level == 0), b"meta") for level in range(depth)
    )
    return _box(b"ftyp", b"heic\0\0\0\0heicmif1") + nested


@worst("avif")
def avif_within_the_limit() -> bytes:
    """As many dots as are drawn at all, of one colour."""
    return _saved(Image.new("RGB", (8000, 8000)), "AVIF", speed=10)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body
