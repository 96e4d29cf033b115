"""A long scan as a scanner writes it: a picture a page, which no compression makes smaller."""

import io

import pikepdf
from PIL import Image

_WIDTH, _HEIGHT = 1240, 1754
"""A4 at 150 dots an inch."""
_QUALITY = 30
"""Of a JPEG of noise: about half a megabyte a page."""


def scan(pages: int, mark: int) -> bytes:
    """A PDF of about half a megabyte a page, not linearised.

    Args:
        pages: how many.
        mark: another one makes other bytes.
    """
    picture = io.BytesIO()
    Image.effect_noise((_WIDTH, _HEIGHT), 40 + mark % 7).save(picture, "JPEG", quality=_QUALITY)
    with pikepdf.new() as pdf:
        for number in range(pages):
            _add_page(pdf, picture.getvalue() + f"{mark}-{number}".encode())
        file = io.BytesIO()
        pdf.save(file)
    return file.getvalue()


def _add_page(pdf: pikepdf.Pdf, jpeg: bytes) -> None:
    page = pdf.add_blank_page(page_size=(595, 842))
    picture = pdf.make_stream(
        jpeg,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=_WIDTH,
        Height=_HEIGHT,
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=picture))
    page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q")
