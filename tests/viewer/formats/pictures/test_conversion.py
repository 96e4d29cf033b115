"""Pictures: upright, in something that browsers draw, without what the camera adds; bombs are refused."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from demo.pictures import house
from tests.viewer import samples
from tests.viewer.formats.opening import outcome_within_limits
from viewer.errors import Corrupt, Problem, TooLarge
from viewer.formats.pictures.conversion import MISSING, PHOTOGRAPHS, check_shown, convert

PHONE = (Path(__file__).parents[4] / "demo/made/phone.heic").read_bytes()
"""Lies on its side; its turn is said twice, in the container and in EXIF."""
_FORMS = {
    "bmp": "BMP",
    "ico": "ICO",
    "jp2": "JPEG2000",
    "avif": "AVIF",
    "png": "PNG",
    "jpg": "JPEG",
    "webp": "WEBP",
}
ORIENTATION, GPS = 0x0112, 0x8825


def _saved(picture: Image.Image, name: str, orientation: int = 1, place: bool = False) -> bytes:  # noqa: FBT001, FBT002 - plain in the calls
    exif, out = Image.Exif(), io.BytesIO()
    exif[ORIENTATION] = orientation
    if place:
        exif.get_ifd(GPS)[1] = "N"
    picture.save(out, _FORMS[name], **({"exif": exif} if name in {"jpg", "png", "webp", "avif"} else {}))
    return out.getvalue()


def _converted(body: bytes, name: str) -> Image.Image:
    made, media_type = convert(io.BytesIO(body), name)
    assert media_type == ("image/jpeg" if name in PHOTOGRAPHS else "image/png")
    return Image.open(io.BytesIO(made))


def _shown(body: bytes, name: str) -> tuple[tuple[str, ...], bytes | None]:
    return check_shown(io.BytesIO(body), name)


def _top_and_bottom(picture: Image.Image) -> list[str]:
    """Whether the sky is above and the grass below."""
    colours = [picture.convert("RGB").getpixel((12, at)) for at in (40, picture.height - 5)]
    return ["sky" if blue > green else "grass" for _, green, blue in colours]  # type: ignore[misc]


@pytest.mark.parametrize("name", ["bmp", "jp2", "avif"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_other_pictures_become_ones_that_browsers_draw(name: str, mode: str) -> None:
    picture = _converted(_saved(house(200, 150).convert(mode), name), name)
    assert (picture.format, picture.size) == ("JPEG" if name in PHOTOGRAPHS else "PNG", (200, 150))


def test_an_icon_and_a_photoshop_picture_are_drawn() -> None:
    assert _converted(_saved(house(64, 64), "ico"), "ico").size == (64, 64)
    drawn = _converted(samples.photoshop(), "psd")
    assert (drawn.size, drawn.getpixel((0, 0))) == ((4, 3), (255, 0, 0))


def test_a_phones_picture_is_turned_once() -> None:
    picture = _converted(PHONE, "heic")
    assert picture.size == (480, 640)
    assert _top_and_bottom(picture) == ["sky", "grass"]


def test_a_turned_avif_is_upright() -> None:
    lying = house(80, 120).transpose(Image.Transpose.ROTATE_90)
    picture = _converted(_saved(lying, "avif", orientation=6), "avif")
    assert picture.size == (80, 120)


def test_a_converted_picture_holds_no_camera_data() -> None:
    assert b"Invented" in PHONE
    assert not _converted(PHONE, "heic").getexif()


def test_the_transparent_is_white_in_a_photograph() -> None:
    body = _saved(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "avif")
    assert _converted(body, "avif").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("name", ["jpg", "png", "webp"])
def test_a_place_is_said_to_be_there_and_not_which(name: str) -> None:
    ((note,), _) = _shown(_saved(house(60, 40), name, place=True), name)
    assert "where the picture was taken" in note
    assert _shown(_saved(house(60, 40), name), name) == ((), None)


def test_a_webp_that_lies_on_its_side_is_turned_since_browsers_do_not() -> None:
    lying = house(80, 120).transpose(Image.Transpose.ROTATE_90)
    _, replacement = _shown(_saved(lying, "webp", orientation=6), "webp")
    assert replacement
    with Image.open(io.BytesIO(replacement)) as upright:
        assert (upright.format, upright.size, upright.getexif().get(ORIENTATION)) == ("WEBP", (80, 120), None)
    assert _shown(_saved(lying, "webp"), "webp") == ((), None)


@pytest.mark.parametrize("name", ["png", "webp", "gif"])
def test_a_picture_cut_short_is_damaged(name: str) -> None:
    out = io.BytesIO()
    house(300, 300).save(out, {"gif": "GIF"}.get(name) or _FORMS[name])
    whole = out.getvalue()
    assert _shown(whole, name) == ((), None)
    with pytest.raises(Corrupt):
        _shown(whole[: len(whole) // 3], name)


def test_of_a_photograph_cut_short_the_rest_is_shown_with_a_note() -> None:
    whole = _saved(house(300, 300), "jpg")
    notes, body = _shown(whole[: len(whole) // 2], "jpg")
    assert notes == (MISSING,)
    assert body is not None
    with Image.open(io.BytesIO(body)) as drawn:
        drawn.load()
        assert drawn.size == (300, 300)


@pytest.mark.parametrize("left", [1, 2])
def test_a_photograph_without_its_end_mark_is_shown_whole(left: int) -> None:
    whole = _saved(house(300, 300), "jpg")
    assert _shown(whole[:-left], "jpg") == ((), whole)


def _png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of this size with no picture in it."""

    def part(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    middle = b"".join(part(*chunk) for chunk in chunks)
    return b"\x89PNG\r\n\x1a\n" + head + middle + part(b"IDAT", zlib.compress(b"")) + part(b"IEND", b"")


def _resized(body: bytes, name: str, side: int) -> bytes:
    """The same file, its header telling of a picture of this many pixels a side."""
    at, form = {
        "bmp": (18, "<II"),
        "jp2": (body.find(b"ihdr") + 4, ">II"),
        "psd": (14, ">II"),
        "avif": (body.find(b"ispe") + 8, ">II"),
        "heic": (body.find(b"ispe") + 8, ">II"),
        "gif": (6, "<HH"),
    }[name]
    sizes = struct.pack(form, side, side)
    return body[:at] + sizes + body[at + len(sizes) :]


_SMALL = {
    "bmp": _saved(house(16, 16), "bmp"),
    "jp2": _saved(house(32, 32), "jp2"),
    "psd": samples.photoshop(),
    "avif": _saved(house(32, 32), "avif"),
    "heic": PHONE,
}


@pytest.mark.parametrize("name", _SMALL)
def test_a_bomb_of_pixels_is_refused_in_every_form(name: str) -> None:
    bomb = _resized(_SMALL[name], name, 60_000)
    assert outcome_within_limits(bomb) in {TooLarge.code, Corrupt.code}


@pytest.mark.parametrize(
    ("bomb", "name"),
    [
        (_png(60_000, 60_000), "png"),
        (_png(10_000, 10_000), "png"),
        (_resized(samples.picture("GIF"), "gif", 65_535), "gif"),
        (b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01", "jpg"),
    ],
    ids=["png", "png-beyond-phones", "gif", "jpg"],
)
def test_a_bomb_for_browsers_never_reaches_one(bomb: bytes, name: str) -> None:
    with pytest.raises((TooLarge, Corrupt)):
        _shown(bomb, name)


@pytest.mark.parametrize("chunk", [b"zTXt", b"iCCP"])
def test_a_bomb_in_a_pictures_words_does_no_harm(chunk: bytes) -> None:
    bomb = _png(8, 8, (chunk, b"x\x00\x00" + zlib.compress(bytes(200_000_000), 9)))
    assert len(bomb) < 250_000
    assert outcome_within_limits(bomb) in {TooLarge.code, Corrupt.code}


_LOOKS: dict[str, bytes] = _SMALL | {name: _saved(house(24, 24), name, 6) for name in ("png", "jpg", "webp")}


def _look(name: str, body: bytes) -> object:
    return convert(io.BytesIO(body), name) if name in _SMALL else check_shown(io.BytesIO(body), name)


@given(
    st.sampled_from(sorted(_LOOKS)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
    st.sampled_from([1, 1, 0.9, 0.4]),
)
@settings(max_examples=250, deadline=None, derandomize=True)
def test_any_damage_ends_in_a_picture_or_a_typed_refusal(
    name: str, damage: list[tuple[float, int]], share: float
) -> None:
    damaged = bytearray(_LOOKS[name])
    for where, byte in damage:
        damaged[int(where * len(damaged))] = byte
    try:
        _look(name, bytes(damaged[: int(share * len(damaged))]))
    except (Problem, MemoryError):
        return
