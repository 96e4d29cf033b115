"""TIFF files, mostly scans and faxes, as PDF: a page a picture, at its own size.

Black and white is packed anew by the same lossless method (CCITT group 4), a JPEG is taken over as it is,
colour is kept lossless where that stays small.
"""

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

import pikepdf
from pikepdf import Dictionary, Name
from PIL import Image, ImageDraw, TiffImagePlugin

from viewer.errors import Corrupt, TooLarge
from viewer.formats.pictures import jpeg_passes, tiff_directories
from viewer.formats.pictures.conversion import (
    JPEG_QUALITY,
    MAX_PIXELS,
    as_eight_bits,
    check_size,
    on_white,
    open_picture,
)
from viewer.formats.pictures.tiff_directories import MAX_PAGES

MAX_LINE_PIXELS = 250_000_000
"""For pages of black and white, which cost a byte a pixel: an A0 plan at 400 dots an inch."""
_USUAL_DPI = 200
"""Of scans that do not say: a fax's fine resolution."""
_LEAST_DPI, _MAX_DPI = 30, 4800
_POINTS = 72
_MIN_POINTS, _MAX_POINTS = 3, 14_400
"""Of a page's side (ISO 32000, annex C)."""
_FEW_COLOURS, _FEW_GREYS = 256, 16
"""Up to so many, a page is drawn rather than photographed, and packs well without loss."""

# TIFF 6.0, and its technical note 2 for JPEG
_WIDTH, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 258, 259, 262
_STRIP_OFFSETS, _ORIENTATION, _SAMPLES, _ROWS_PER_STRIP, _STRIP_SIZES = 273, 274, 277, 278, 279
_PLANAR, _RESOLUTION_UNIT, _TILE_WIDTH, _JPEG_TABLES = 284, 296, 322, 347
_JPEG, _YCBCR, _CENTIMETRES = 7, 6, 3


@dataclass(frozen=True, slots=True)
class _PageImage:
    """A page's picture as a PDF holds it.

    Args:
        body: packed.
        width: in pixels.
        height: in pixels.
        entries: what the image's dictionary says of it.
    """

    body: bytes
    width: int
    height: int
    entries: dict[str, Any]


class ScanPdf(NamedTuple):
    """A scan as PDF.

    Args:
        pdf: a page a picture.
        damaged: how many of them could not be read; each says so in its place.
    """

    pdf: bytes
    damaged: int


def as_pdf(file: BinaryIO) -> ScanPdf:
    """A PDF of all the pictures in a TIFF file. A page that does not decode says so in its place.

    Args:
        file: the TIFF file, rewound.

    Raises:
        Corrupt: it does not open, or no page decodes.
        TooLarge: more than `tiff_directories` allows, or more pixels on a page than the limits.
    """
    tiff_directories.check(file)
    out = io.BytesIO()
    with open_picture(file, "TIFF", MAX_LINE_PIXELS) as scan, pikepdf.new() as pdf:
        readable = [_add(pdf, file, scan) for _ in _frames(scan)]
        if not any(readable):
            raise Corrupt("no page decodes")
        pdf.save(out)
    return ScanPdf(out.getvalue(), readable.count(False))


def damaged_pages(count: int) -> str:
    """The note on pages that could not be read."""
    if count == 1:
        return "1 page of this scan is damaged and cannot be shown."
    return f"{count:,} pages of this scan are damaged and cannot be shown."


def _frames(scan: Image.Image) -> Iterator[int]:
    """Stand on each picture in turn; files whose pictures come round again end there.

    Raises:
        TooLarge: more than `MAX_PAGES`.
    """
    for number in range(MAX_PAGES + 1):
        if number:
            try:
                scan.seek(number)
            except EOFError:
                return
        yield number
    raise TooLarge("pages")


def _add(pdf: pikepdf.Pdf, file: BinaryIO, scan: Image.Image) -> bool:
    """Add the picture that the scan stands on as a page; say whether it could be read."""
    check_size(scan, MAX_LINE_PIXELS if scan.mode == "1" else MAX_PIXELS)
    dpi = _resolution(scan)
    try:
        drawn = _copied_jpeg(file, scan) or _page_image(scan)
    except (MemoryError, RecursionError, TooLarge):
        raise
    except Exception:  # noqa: BLE001 - Pillow's readers raise nearly anything on odd files
        drawn, readable = _flate_image(_damaged_page(scan.size)), False
    else:
        readable = True
    if (drawn.width > drawn.height) != (scan.width > scan.height):
        dpi = dpi[::-1]  # turned upright
    width, height = (
        _points(pixels, dots) for pixels, dots in zip((drawn.width, drawn.height), dpi, strict=True)
    )
    image = pdf.make_stream(
        drawn.body,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=drawn.width,
        Height=drawn.height,
        **drawn.entries,
    )
    page = pdf.add_blank_page(page_size=(width, height))
    page.obj.Resources = Dictionary(XObject=Dictionary(Page=image))
    page.obj.Contents = pdf.make_stream(f"q {width} 0 0 {height} 0 0 cm /Page Do Q".encode())
    return readable


def _points(pixels: int, dots: float) -> float:
    return round(min(max(pixels / dots * _POINTS, _MIN_POINTS), _MAX_POINTS), 2)


def _resolution(scan: Image.Image) -> tuple[float, float]:
    """Dots an inch, across and down: a fax has other numbers for the two."""
    tags = getattr(scan, "tag_v2", {})
    try:
        across, down = float(tags[282]), float(tags[283])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return _USUAL_DPI, _USUAL_DPI
    factor = 2.54 if tags.get(_RESOLUTION_UNIT) == _CENTIMETRES else 1.0
    across, down = across * factor, down * factor
    if all(_LEAST_DPI <= dots <= _MAX_DPI for dots in (across, down)):
        return across, down
    return _USUAL_DPI, _USUAL_DPI


def _copied_jpeg(file: BinaryIO, scan: Image.Image) -> _PageImage | None:
    """A page that is one JPEG, as it is; None for any other."""
    tags: Any = getattr(scan, "tag_v2", {})
    offsets, sizes = tags.get(_STRIP_OFFSETS, ()), tags.get(_STRIP_SIZES, ())
    samples = tags.get(_SAMPLES, 1)
    plain = (
        tags.get(_COMPRESSION) == _JPEG
        and len(offsets) == len(sizes) == 1
        and _TILE_WIDTH not in tags
        and set(tags.get(_BITS, ())) == {8}
        and samples in {1, 3}
        and tags.get(_PLANAR, 1) == tags.get(_ORIENTATION, 1) == 1
    )
    if not plain:
        return None
    picture = _bytes_at(file, offsets[0], sizes[0])
    tables = tags.get(_JPEG_TABLES, b"")
    whole = tables[:-2] + picture[2:] if tables else picture
    jpeg_passes.check(io.BytesIO(whole))
    with Image.open(io.BytesIO(whole), formats=["JPEG"]) as check:
        check.load()
        if check.size != scan.size:
            return None
    return _PageImage(
        whole,
        *scan.size,
        {
            "ColorSpace": Name.DeviceRGB if samples == 3 else Name.DeviceGray,  # noqa: PLR2004 - red, green, blue
            "BitsPerComponent": 8,
            "Filter": Name.DCTDecode,
            "DecodeParms": Dictionary(ColorTransform=int(tags.get(_PHOTOMETRIC) == _YCBCR)),
        },
    )


def _bytes_at(file: BinaryIO, start: int, size: int) -> bytes:
    """Some bytes of the file; Pillow finds it at the position where it left it."""
    before = file.tell()
    file.seek(start)
    found = file.read(size)
    file.seek(before)
    return found


def _page_image(scan: Image.Image) -> _PageImage:
    scan.load()
    if scan.mode == "1":
        return _fax_image(scan)
    page = on_white(as_eight_bits(scan))
    few = _FEW_GREYS if page.mode == "L" else _FEW_COLOURS
    return _flate_image(page) if page.getcolors(few) else _jpeg_image(page)


def _fax_image(page: Image.Image) -> _PageImage:
    """Black and white, as faxes pack it (ITU-T T.6)."""
    file = io.BytesIO()
    whole = TiffImagePlugin.ImageFileDirectory_v2()
    whole[_ROWS_PER_STRIP] = page.height
    page.save(file, "TIFF", compression="group4", tiffinfo=whole)
    with Image.open(file, formats=["TIFF"]) as packed:
        tags: Any = getattr(packed, "tag_v2", {})
        (start,), (size,) = tags[_STRIP_OFFSETS], tags[_STRIP_SIZES]
    return _PageImage(
        file.getvalue()[start : start + size],
        *page.size,
        {
            "ColorSpace": Name.DeviceGray,
            "BitsPerComponent": 1,
            "Filter": Name.CCITTFaxDecode,
            "DecodeParms": Dictionary(K=-1, Columns=page.width, Rows=page.height, BlackIs1=True),
        },
    )


def _flate_image(page: Image.Image) -> _PageImage:
    colours = Name.DeviceGray if page.mode == "L" else Name.DeviceRGB
    entries = {"ColorSpace": colours, "BitsPerComponent": 8, "Filter": Name.FlateDecode}
    return _PageImage(zlib.compress(page.tobytes()), *page.size, entries)


def _jpeg_image(page: Image.Image) -> _PageImage:
    out = io.BytesIO()
    page.save(out, "JPEG", quality=JPEG_QUALITY)
    colours = Name.DeviceGray if page.mode == "L" else Name.DeviceRGB
    entries = {"ColorSpace": colours, "BitsPerComponent": 8, "Filter": Name.DCTDecode}
    return _PageImage(out.getvalue(), *page.size, entries)


def _damaged_page(size: tuple[int, int]) -> Image.Image:
    """What stands in the place of a page that cannot be read, in its proportions."""
    width = 1000
    height = min(max(round(width * size[1] / max(size[0], 1)), 200), 3000)
    page = Image.new("L", (width, height), "white")
    words = "This page of the scan is damaged and cannot be shown."
    ImageDraw.Draw(page).text((60, 60), words, fill=0, font_size=32)
    return page
