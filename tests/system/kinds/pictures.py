"""Scans and photographs: all of them a black square in the upper left quarter of a white sheet."""

import io
from pathlib import Path

from PIL import Image, ImageDraw

from demo import samples as demo_samples
from tests.system.kinds.row import TEXT, Check, Row, Seen, drawing, made, picture, scan

_SIZE = (160, 120)
_JPEG, _PNG = "image/jpeg", "image/png"


def _sheet(mode: str = "RGB") -> Image.Image:
    sheet = Image.new("RGB", _SIZE, "white")
    ImageDraw.Draw(sheet).rectangle((0, 0, _SIZE[0] // 2 - 1, _SIZE[1] // 2 - 1), fill="black")
    return sheet.convert(mode)


def saved(form: str, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    _sheet(mode).save(out, form, **options)
    return out.getvalue()


def scanned(compression: str, mode: str, count: int = 3) -> bytes:
    others = [_sheet(mode)] * (count - 1)
    return saved("TIFF", mode, compression=compression, save_all=True, append_images=others, dpi=(72, 72))


def _phone(_folder: Path) -> bytes:
    return (Path(demo_samples.__file__).parent / "made/phone.heic").read_bytes()


def _photoshop() -> bytes:
    """Flattened, unpacked, three channels one after the other."""
    width, height = _SIZE
    head = b"8BPS\x00\x01" + bytes(6) + b"\x00\x03" + height.to_bytes(4, "big") + width.to_bytes(4, "big")
    return head + b"\x00\x08\x00\x03" + bytes(14) + _sheet("L").tobytes() * 3


def _upright(seen: Seen) -> None:
    """The sample from a phone: only its size is known here."""
    assert seen.told["show"] == "image"
    with Image.open(io.BytesIO(seen.body)) as shown:
        assert shown.size == (480, 640)
        assert shown.convert("L").getextrema() != (255, 255)


_DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60" onload="run()">'
    f"<script>run()</script><text y='20'>{TEXT}</text></svg>"
)


def _square(media_type: str) -> Check:
    return picture(_SIZE, media_type)


PICTURES = [
    *(
        Row("tif", made(scanned(compression, mode)), scan(3), f"{compression}-{mode}")
        for compression, mode in (
            *(("raw", mode) for mode in ("1", "L", "RGB")),
            *((packed, "1") for packed in ("group3", "group4", "packbits")),
            *((packed, "RGB") for packed in ("tiff_lzw", "tiff_adobe_deflate", "jpeg")),
        )
    ),
    Row("jpg", made(saved("JPEG")), _square(_JPEG)),
    Row("png", made(saved("PNG")), _square(_PNG)),
    Row("gif", made(saved("GIF", "P")), _square("image/gif")),
    Row("webp", made(saved("WEBP")), _square("image/webp")),
    Row("bmp", made(saved("BMP")), _square(_PNG)),
    Row("ico", made(saved("ICO", "RGBA", sizes=[(160, 120)])), _square(_PNG)),
    Row("psd", made(_photoshop()), _square(_PNG)),
    Row("jp2", made(saved("JPEG2000")), _square(_JPEG)),
    Row("avif", made(saved("AVIF")), _square(_JPEG)),
    Row("heic", _phone, _upright),
    Row("svg", made(_DRAWING.encode()), drawing(TEXT)),
]
