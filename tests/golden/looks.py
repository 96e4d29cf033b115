"""What a document looks like, page by page, and how two looks differ."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageFilter, ImageStat

EXPECTED = Path(__file__).parent / "expected"
DIFFERENT = Path("build/golden")
"""Where pictures of differing pages are put, side by side."""
_DOTS_PER_INCH = 40
_COLOURS = 32
_BLUR = 2
"""Dots by which letters may be smoothed, or shifted, otherwise."""
_CELL = 6
"""Dots: the side of the squares whose colours are compared."""
MOST_OF_A_CELL = 40
"""Steps of 255 by which one square may differ: more, and something stands elsewhere."""
MOST_OF_A_PAGE = 1.5
"""The same, for all squares on average."""
_GAP = 10


@dataclass(frozen=True)
class Page:
    """A page's text, white space made one, and its picture."""

    text: str
    picture: Image.Image


def pages_of(pdf: bytes) -> list[Page]:
    """Every page of a PDF."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [_page(page) for page in document]


def _page(page: pypdfium2.PdfPage) -> Page:
    text = " ".join(page.get_textpage().get_text_bounded().split())
    return Page(text, page.render(scale=_DOTS_PER_INCH / 72).to_pil().convert("RGB"))


def expected(name: str) -> list[Page]:
    """The pages as they are kept."""
    texts = (EXPECTED / f"{name}.txt").read_text().split("\f")
    pictures = [Image.open(path).convert("RGB") for path in _kept_pictures(name)]
    return [Page(text.strip(), picture) for text, picture in zip(texts, pictures, strict=True)]


def keep(name: str, pages: list[Page]) -> None:
    """Make these pages what is expected."""
    EXPECTED.mkdir(exist_ok=True)
    for old in _kept_pictures(name):
        old.unlink()
    (EXPECTED / f"{name}.txt").write_text("\n\f\n".join(page.text for page in pages) + "\n")
    for number, page in enumerate(pages, 1):
        small = page.picture.quantize(_COLOURS, dither=Image.Dither.NONE)
        small.save(EXPECTED / f"{name}-{number:02}.png", optimize=True)


def _kept_pictures(name: str) -> list[Path]:
    return sorted(EXPECTED.glob(f"{name}-[0-9][0-9].png"))


def differences(name: str, now: list[Page], before: list[Page]) -> Iterator[str]:
    """Say how each page differs, and leave pictures of those that do in `DIFFERENT`."""
    if len(now) != len(before):
        yield f"{name}: {len(now)} pages, not {len(before)}"
    for number, (new, old) in enumerate(zip(now, before, strict=False), 1):
        words = [*_text_difference(new, old), *_picture_difference(new, old)]
        if words:
            _show(f"{name}-{number:02}.png", old.picture, new.picture)
            yield f"{name}, page {number}: {'; '.join(words)}"


def _text_difference(new: Page, old: Page) -> Iterator[str]:
    if new.text != old.text:
        at = next((n for n, (a, b) in enumerate(zip(new.text, old.text, strict=False)) if a != b), 0)
        yield f"text {new.text[at : at + 40]!r}, not {old.text[at : at + 40]!r}"


def _picture_difference(new: Page, old: Page) -> Iterator[str]:
    if new.picture.size != old.picture.size:
        yield f"size {new.picture.size}, not {old.picture.size}"
        return
    difference = ImageChops.difference(_coarse(new.picture), _coarse(old.picture))
    figures = ImageStat.Stat(difference)
    most = max(high for _, high in figures.extrema)
    mean = sum(figures.mean) / len(figures.mean)
    if most > MOST_OF_A_CELL or mean > MOST_OF_A_PAGE:
        yield f"looks different: {mean:.2f} on average, {most} at most"


def _coarse(picture: Image.Image) -> Image.Image:
    """Colours of squares of a blurred page: how letters are smoothed no longer matters."""
    return picture.filter(ImageFilter.GaussianBlur(_BLUR)).reduce(_CELL)


def _show(file: str, old: Image.Image, new: Image.Image) -> None:
    """Before, now, and what differs, side by side."""
    DIFFERENT.mkdir(parents=True, exist_ok=True)
    parts = [old, new, ImageChops.invert(ImageChops.difference(old, new.resize(old.size)))]
    sheet = Image.new("RGB", (sum(part.width + _GAP for part in parts), max(old.height, new.height)), "red")
    left = 0
    for part in parts:
        sheet.paste(part, (left, 0))
        left += part.width + _GAP
    sheet.save(DIFFERENT / file)


def versions() -> str:
    """Of LibreOffice and of the fonts, as Debian names them: the usual reasons for a difference."""
    names = ["libreoffice-core", *_fonts()]
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\\n", *names],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.stdout


def _fonts() -> list[str]:
    lines = Path("deploy/unoserver/fonts.txt").read_text().splitlines()
    return [line for line in lines if line.startswith("fonts-")]
