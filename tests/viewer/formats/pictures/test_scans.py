"""TIFF files: every page, every compression, at its own size, small; bombs end in a typed refusal."""

import io
from contextlib import suppress
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageStat

from demo.pictures import house
from tests.viewer import samples
from tests.viewer.formats.opening import outcome_within_limits
from viewer.errors import Corrupt, Problem, TooLarge
from viewer.formats.pictures import scans
from viewer.formats.pictures.scans import as_pdf

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _STRIPS, _SAMPLES, _ROWS, _SIZES, _PLANAR = (
    *(256, 257, 258, 259, 262, 273, 277, 278, 279, 284),
)


def _saved(*pages: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=len(pages) > 1, append_images=list(pages[1:]), **options)
    return out.getvalue()


def _pdf(body: bytes) -> bytes:
    return as_pdf(io.BytesIO(body)).pdf


def _rendered(body: bytes) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(_pdf(body))
    pages = [page.render(scale=160 / page.get_width()).to_pil().convert("RGB") for page in document]
    document.close()
    return pages


def _unlike(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of the two pictures' pixels, of 255."""
    small = [picture.convert("RGB").resize((64, 64)) for picture in (one, other)]
    return float(ImageStat.Stat(ImageChops.difference(*small).convert("L")).mean[0])


def _lines(size: tuple[int, int] = (800, 1000)) -> Image.Image:
    page = Image.new("1", size, 1)
    draw = ImageDraw.Draw(page)
    draw.rectangle((100, 100, 400, 300), fill=0)
    draw.text((100, 500), "A letter", fill=0, font_size=90)
    return page


PHOTO = house(400, 300)


@pytest.mark.parametrize(
    "compression", ["raw", "tiff_ccitt", "group3", "group4", "tiff_lzw", "tiff_adobe_deflate", "packbits"]
)
def test_black_and_white_in_every_packing_looks_as_it_did(compression: str) -> None:
    (page,) = _rendered(_saved(_lines(), compression=compression))
    assert _unlike(page, _lines()) < 4


@pytest.mark.parametrize(
    "compression", ["raw", "tiff_lzw", "tiff_deflate", "packbits", "jpeg", "zstd", "webp"]
)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK", "P", "RGBA", "YCbCr"])
def test_colour_in_every_packing_looks_as_it_did(compression: str, mode: str) -> None:
    picture = PHOTO.convert(mode)
    try:
        body = _saved(picture, compression=compression)
    except (OSError, ValueError, RuntimeError):
        pytest.skip("nothing writes this pair")
    (page,) = _rendered(body)
    assert _unlike(page, picture) < 6


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "F"])
def test_deep_grey_is_shown_in_all_its_range(mode: str) -> None:
    ramp = Image.linear_gradient("L").resize((200, 200))
    deep = (
        ramp.convert("F")
        if mode == "F"
        else ramp.convert("I").point(lambda value: value * 257).convert("I;16")
    )
    (page,) = _rendered(_saved(deep))
    assert _unlike(page, ramp) < 4


def test_planes_one_after_the_other_are_put_together() -> None:
    tags: list[samples.Tag] = [
        *(
            (_WIDTH, 3, 40),
            (_HEIGHT, 3, 30),
            (_BITS, 3, [8, 8, 8]),
            (_COMPRESSION, 3, 1),
            (_PHOTOMETRIC, 3, 2),
        ),
        *((_STRIPS, 4, [8, 1208, 2408]), (_SAMPLES, 3, 3), (_ROWS, 3, 30), (_SIZES, 4, [1200] * 3)),
        (_PLANAR, 3, 2),
    ]
    (page,) = _rendered(samples.tiff([tags], bytes(1200) + b"\xff" * 1200 + bytes(1200)))
    assert _unlike(page, Image.new("RGB", (40, 30), "lime")) < 3


def test_the_old_jpeg_form_is_read() -> None:
    """TIFF 6.0, section 22: compression 6, a whole JPEG file where the tags say."""
    jpeg = samples.picture("JPEG", (48, 32))
    tags: list[samples.Tag] = [
        *(
            (_WIDTH, 3, 48),
            (_HEIGHT, 3, 32),
            (_BITS, 3, [8, 8, 8]),
            (_COMPRESSION, 3, 6),
            (_PHOTOMETRIC, 3, 6),
        ),
        *((_STRIPS, 4, 8), (_SAMPLES, 3, 3), (_ROWS, 3, 32), (_SIZES, 4, len(jpeg)), (_PLANAR, 3, 1)),
        *((513, 4, 8), (514, 4, len(jpeg)), (530, 3, [2, 2])),
    ]
    (page,) = _rendered(samples.tiff([tags], jpeg))
    assert _unlike(page, Image.new("RGB", (48, 32), "teal")) < 8


def test_a_scan_keeps_its_pages_in_order_in_a_pdf_that_is_not_linearised() -> None:
    colours = ["red", "lime", "blue", "white"]
    pdf = _pdf(_saved(*(Image.new("RGB", (50, 40), colour) for colour in colours)))
    assert b"/Linearized" not in pdf
    pages = _rendered(_saved(*(Image.new("RGB", (50, 40), colour) for colour in colours)))
    assert [page.getpixel((80, 60)) for page in pages] == [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
        (255, 255, 255),
    ]


@pytest.mark.parametrize(
    ("size", "dpi", "points"),
    [
        ((1654, 2339), (200, 200), (595, 842)),
        ((1728, 1078), (204, 98), (610, 792)),
        ((200, 100), (1, 1), (72, 36)),
        ((200, 100), None, (72, 36)),
    ],
    ids=["a4", "fax", "absurd", "unsaid"],
)
def test_a_page_has_the_size_of_its_paper(
    size: tuple[int, int], dpi: tuple[int, int] | None, points: tuple[int, int]
) -> None:
    body = _saved(_lines(size), compression="group4", **({"dpi": dpi} if dpi else {}))
    with pikepdf.open(io.BytesIO(_pdf(body))) as pdf:
        box = [round(float(side)) for side in pdf.pages[0].mediabox]
    assert box == [0, 0, *points]


def test_a_page_that_lies_on_its_side_is_turned() -> None:
    (page,) = _rendered(_saved(PHOTO, compression="tiff_lzw", tiffinfo={274: 6}, dpi=(100, 50)))
    assert _unlike(page, PHOTO.transpose(Image.Transpose.ROTATE_270)) < 4
    assert page.height > page.width


def test_a_jpeg_page_is_copied_unchanged() -> None:
    body = _saved(PHOTO, compression="jpeg", tiffinfo={278: PHOTO.height})
    with pikepdf.open(io.BytesIO(_pdf(body))) as pdf:
        image = pdf.pages[0].obj.Resources.XObject.Page
        assert image.Filter == pikepdf.Name.DCTDecode
        packed = image.read_raw_bytes()
    assert packed[-400:] in body, "not packed anew"


def test_a_big_scan_stays_small() -> None:
    page = _lines((2480, 3508))
    assert len(_pdf(_saved(*[page] * 20, compression="raw"))) < 20 * 20_000


def test_a_damaged_page_says_so_between_the_others() -> None:
    body = bytearray(_saved(*(house(300, 200 + at) for at in range(3)), compression="tiff_lzw"))
    with Image.open(io.BytesIO(body)) as scan:
        scan.seek(1)
        start, size = scan.tag_v2[273][0], scan.tag_v2[279][0]  # type: ignore[attr-defined]
    body[start : start + size] = b"\xff" * size
    pages = _rendered(bytes(body))
    assert len(pages) == 3
    assert _unlike(pages[0], house(300, 200)) < 4
    assert _unlike(pages[1], Image.new("RGB", (300, 201), "white")) < 20


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_scan_cut_short_is_damaged(share: float) -> None:
    body = _saved(PHOTO, compression="tiff_lzw")
    with pytest.raises(Corrupt):
        _pdf(body[: int(len(body) * share)])


_BLACK: list[samples.Tag] = [
    *((_WIDTH, 3, 8), (_HEIGHT, 3, 1), (_BITS, 3, 1), (_COMPRESSION, 3, 1), (_PHOTOMETRIC, 3, 1)),
    *((_STRIPS, 4, 8), (_ROWS, 3, 1), (_SIZES, 4, 1)),
]


def _bomb(width: int, height: int) -> bytes:
    tags = [(_WIDTH, 4, width), (_HEIGHT, 4, height), *_BLACK[2:]]
    return samples.tiff([tags], b"\x00")


def test_pages_that_come_round_again_end_after_the_first_round() -> None:
    one = samples.tiff([_BLACK], b"\x00")
    assert len(_rendered(samples.tiff([_BLACK], b"\x00", after_last=len(one) - 4 - 2 - 12 * 8))) == 1


def test_more_pages_than_the_limit_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "MAX_PAGES", 3)
    with pytest.raises(TooLarge):
        _pdf(samples.tiff([_BLACK] * 4, b"\x00"))
    assert len(_rendered(samples.tiff([_BLACK] * 3, b"\x00"))) == 3


@pytest.mark.parametrize(
    "bomb",
    [samples.tiff([_BLACK] * 100_000, b"\x00"), _bomb(60_000, 60_000), _bomb(2**31, 2**31)],
    ids=["pages", "pixels", "overflow"],
)
def test_a_bomb_is_refused_within_its_limits(bomb: bytes) -> None:
    assert outcome_within_limits(bomb) in {TooLarge.code, Corrupt.code}


_WHOLE = [
    _saved(_lines((64, 64)), compression="group4"),
    _saved(house(60, 40), compression="jpeg"),
    _saved(house(60, 40), house(40, 60), compression="tiff_lzw"),
    samples.tiff([_BLACK, _BLACK], b"\x00"),
]


@given(
    st.sampled_from(_WHOLE),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_damage_ends_in_pages_or_a_typed_refusal(whole: bytes, damage: list[tuple[float, int]]) -> None:
    damaged = bytearray(whole)
    for where, byte in damage:
        damaged[int(where * len(damaged))] = byte
    with suppress(Problem, MemoryError):
        assert _pdf(bytes(damaged)).startswith(b"%PDF")
