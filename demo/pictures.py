"""The sample pictures, which are drawn here, so that no other copyright applies."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

_SKY, _WALL, _ROOF, _GRASS, _INK = "#cfe3f1", "#e8c9a0", "#9c3d2e", "#8fb573", "#20262e"


def house(width: int = 640, height: int = 480) -> Image.Image:
    """Draw a house, as a child might."""
    picture = Image.new("RGB", (width, height), _SKY)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, height * 0.75, width, height), fill=_GRASS)
    left, right, top, bottom = width * 0.3, width * 0.7, height * 0.45, height * 0.85
    draw.rectangle((left, top, right, bottom), fill=_WALL, outline=_INK, width=3)
    roof = ((left - 30, top), (right + 30, top), (width / 2, height * 0.18))
    draw.polygon(roof, fill=_ROOF, outline=_INK)
    draw.rectangle((width * 0.46, height * 0.62, width * 0.54, bottom), fill=_INK)
    draw.text((12, 12), "Our house - invented, for a demonstration", fill=_INK)
    return picture


def png_bytes() -> bytes:
    """A small house to embed in other documents."""
    buffer = BytesIO()
    house(320, 240).save(buffer, "PNG")
    return buffer.getvalue()


def save(path: Path) -> None:
    """Write the house in the format that the file's extension names."""
    picture = house()
    if path.suffix == ".gif":
        picture = picture.quantize(64)
    picture.save(path)


def save_scan(path: Path) -> None:
    """Write three pages in black and white, packed as scanners do: A4, 200 dots an inch, CCITT group 4."""
    pages = [_scanned(number) for number in (1, 2, 3)]
    pages[0].save(path, save_all=True, append_images=pages[1:], compression="group4", dpi=(200, 200))


def _scanned(number: int) -> Image.Image:
    page = Image.new("1", (1654, 2339), 1)
    draw = ImageDraw.Draw(page)
    draw.text((160, 160), f"Tenancy agreement, page {number} of 3", fill=0, font_size=56)
    for line in range(28):
        words = f"{number}.{line + 1}  Invented for a demonstration: the tenant pays the rent on Fridays."
        draw.text((160, 320 + line * 64), words, fill=0, font_size=32)
    return page
