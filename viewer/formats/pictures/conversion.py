"""Pictures that browsers do not draw become ones that they do; those that they do draw are looked through.

Pillow's readers are held ready, since a child that forks for a picture would load them anew.
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

import pi_heif
from PIL import AvifImagePlugin, ExifTags, Image, ImageCms, ImageOps

from viewer.errors import TooLarge
from viewer.formats.failures import corrupt_on
from viewer.formats.pictures import jpeg_passes

MAX_PIXELS = 80_000_000
"""An A3 page at 600 dots an inch has 70 million. Each costs 4 bytes here, and a phone must draw it."""
MAX_MOVING_PIXELS = 25_000_000
"""Of WebP pictures that move: their decoder holds several at a time."""
_PNG_START = 8
_MAX_PIECES = 200_000
"""Of a PNG picture, which are read one by one; large ones have some ten thousand."""
JPEG_QUALITY = 90
_PNG_EFFORT = 3
"""Of zlib's 9: twice as fast as its usual 6, a few per cent larger."""

_FORMATS = {
    "png": "PNG",
    "jpg": "JPEG",
    "gif": "GIF",
    "webp": "WEBP",
    "heic": "HEIF",
    "avif": "AVIF",
    "bmp": "BMP",
    "ico": "ICO",
    "jp2": "JPEG2000",
    "psd": "PSD",
}
"""Pillow's name of the one format in which a kind is read, by the kind's name."""
PHOTOGRAPHS = frozenset({"heic", "avif", "jp2"})
"""Kinds that were made lossy, so that a JPEG of good quality loses nothing that was there."""
_PLACE = 0x8825
"""The EXIF tag of where a picture was taken (EXIF 2.32, GPS IFD)."""
Image.MAX_IMAGE_PIXELS = None  # the limit is `MAX_PIXELS`, and has one kind of error
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
Image.init()
pi_heif.register_heif_opener(decode_threads=1)
_JPEG_END = b"\xff\xd9"
_GIF_HEAD, _GIF_FLAGS, _GIF_DESCRIPTOR = 13, 10, 10
"""Bytes before the colours of all pictures, where the flags stand in them, and bytes before those of one."""
_GIF_PICTURE, _GIF_EXTENSION, _GIF_TRAILER = b",!;"
MISSING = "Part of this picture is missing: the file was cut short."
MISSING_FRAMES = "This file was cut short: if the picture moves, the end of it is missing."
_WHERE_IT_WAS_TAKEN = "The file also says where the picture was taken. That is not shown."


def check_shown(file: BinaryIO, kind: str) -> tuple[tuple[str, ...], bytes | None]:
    """Notes on a picture that browsers draw as it is, and what is drawn instead where they would err.

    Args:
        file: the picture, rewound.
        kind: the short name of its kind.

    Raises:
        TooLarge: more pixels than `MAX_PIXELS` or `MAX_MOVING_PIXELS`, or passes than allowed.
        Corrupt: it does not decode to its end; of a JPEG nothing is there.
    """
    if kind == "jpg":
        jpeg_passes.check(file)
    if kind == "png":
        _check_pieces(file)
    with open_picture(file, _FORMATS[kind]) as picture:
        if kind == "webp" and getattr(picture, "n_frames", 1) > 1:
            check_size(picture, MAX_MOVING_PIXELS)
        completed = _complete_jpeg(file, picture) if kind == "jpg" else None
        if completed is None:
            picture.load()
        data = picture.getexif()
        notes = (_WHERE_IT_WAS_TAKEN,) if data.get_ifd(_PLACE) else ()
        if completed:
            return ((MISSING, *notes) if completed.is_missing else notes), completed.body
        if kind == "gif" and not _is_whole_gif(_all_of(file)):
            notes = (MISSING_FRAMES, *notes)
        lies = kind == "webp" and data.get(ExifTags.Base.Orientation, 1) != 1
        return notes, _upright(picture) if lies else None


class _CompletedJpeg(NamedTuple):
    """A JPEG with an end.

    Args:
        body: all that is there, and an end mark.
        is_missing: whether some of the picture is not.
    """

    body: bytes
    is_missing: bool


def _complete_jpeg(file: BinaryIO, picture: Image.Image) -> _CompletedJpeg | None:
    """A JPEG that was cut short, with the end mark that it lacks; None where it comes to its end.

    Whether all of the picture is there shows when it is decoded with two different endings: what they change
    is missing (ITU-T T.81, B.2). So are passes that have not begun.
    """
    try:
        picture.load()
    except OSError:
        body = _all_of(file).rstrip(b"\xff")
    else:
        return None
    one, other = (_pixels(body + filling + _JPEG_END) for filling in (b"\x00" * 64, b"\x5a\xa5" * 32))
    return _CompletedJpeg(body + _JPEG_END, one != other or not jpeg_passes.is_refined(body))


def _all_of(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def _pixels(jpeg: bytes) -> bytes:
    """A digest of the picture.

    Raises:
        OSError: it does not decode even so.
    """
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        return hashlib.sha256(picture.tobytes()).digest()


def _is_whole_gif(gif: bytes) -> bool:
    """Whether the blocks of all its pictures are there, up to the trailer (GIF89a, 27)."""
    at = _GIF_HEAD + _colours(gif[_GIF_FLAGS])
    try:
        while gif[at] != _GIF_TRAILER:
            if gif[at] == _GIF_PICTURE:
                at += _GIF_DESCRIPTOR + _colours(gif[at + _GIF_DESCRIPTOR - 1]) + 1
            elif gif[at] == _GIF_EXTENSION:
                at += 2
            else:
                return True  # junk, which decoders end at too
            while gif[at]:
                at += gif[at] + 1
            at += 1
    except IndexError:
        return False
    return True


def _colours(flags: int) -> int:
    """Bytes of the table of colours, where these flags announce one."""
    return 3 << ((flags & 0b111) + 1) if flags & 0x80 else 0


def convert(file: BinaryIO, kind: str) -> tuple[bytes, str]:
    """A picture drawn anew, upright, without the data that a camera adds; and its media type.

    Args:
        file: the picture, rewound.
        kind: the short name of its kind.

    Raises:
        TooLarge: more pixels than `MAX_PIXELS`.
        Corrupt: it does not decode.
    """
    with open_picture(file, _FORMATS[kind]) as picture:
        upright = ImageOps.exif_transpose(picture)
        profile = upright.info.get("icc_profile") if upright.mode in {"RGB", "L", "RGBA"} else None
        drawn = as_eight_bits(upright)
        out = io.BytesIO()
        if kind in PHOTOGRAPHS:
            on_white(drawn).save(out, "JPEG", quality=JPEG_QUALITY, icc_profile=profile)
            return out.getvalue(), "image/jpeg"
        drawn.save(out, "PNG", compress_level=_PNG_EFFORT, icc_profile=profile)
        return out.getvalue(), "image/png"


def _upright(picture: Image.Image) -> bytes:
    """The WebP picture turned as its camera was held: browsers turn the other forms, not WebP."""
    out = io.BytesIO()
    ImageOps.exif_transpose(picture).save(out, "WEBP", quality=JPEG_QUALITY, exif=b"")
    return out.getvalue()


def _check_pieces(file: BinaryIO) -> None:
    """Refuse a PNG picture of more than `_MAX_PIECES` (PNG, 5.3); afterwards the file is rewound."""
    file.seek(_PNG_START)
    for _ in range(_MAX_PIECES):
        head = file.read(8)
        if len(head) < 8:  # noqa: PLR2004 - a length and a kind
            break
        file.seek(int.from_bytes(head[:4], "big") + 4, io.SEEK_CUR)
    else:
        raise TooLarge("pieces")
    file.seek(0)


@contextmanager
def open_picture(file: BinaryIO, form: str, most: int = MAX_PIXELS) -> Iterator[Image.Image]:
    """The picture, its size checked, not yet decoded; whatever a decoder raises becomes `Corrupt`.

    Args:
        file: the picture, rewound.
        form: Pillow's name of the only format that it may be read as.
        most: pixels that it may have.

    Raises:
        TooLarge: more pixels than that.
        Corrupt: it cannot be read.
    """
    with corrupt_on(Exception), Image.open(file, formats=[form]) as picture:
        check_size(picture, most)
        yield picture


def check_size(picture: Image.Image, most: int) -> None:
    """Refuse what has more pixels.

    Raises:
        TooLarge: it has.
    """
    if picture.width * picture.height > most:
        raise TooLarge("pixels")


def as_eight_bits(picture: Image.Image) -> Image.Image:
    """The picture in grey or RGB, with or without transparency, eight bits a channel."""
    if picture.mode in {"1", "L", "P", "RGB", "RGBA", "LA", "PA"}:
        return picture.convert("RGBA") if picture.mode in {"LA", "PA"} else picture
    if picture.mode.startswith("I"):
        deep = picture.convert("I")
        return deep.point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode == "F":
        least, most = picture.getextrema()
        span = (float(str(most)) - float(str(least))) or 1.0
        return picture.point(lambda value: value * (255 / span) - float(str(least)) * 255 / span).convert("L")
    if picture.mode in {"CMYK", "LAB"}:
        return _by_profile(picture)
    return picture.convert("RGB")


def on_white(picture: Image.Image) -> Image.Image:
    """Without transparency: as it looks on paper."""
    if picture.mode in {"L", "RGB"} and "transparency" not in picture.info:
        return picture
    if picture.mode == "1":
        return picture.convert("L")
    clear = picture.convert("RGBA")
    paper = Image.new("RGBA", clear.size, "white")
    paper.alpha_composite(clear)
    return paper.convert("RGB")


def _by_profile(picture: Image.Image) -> Image.Image:
    """Colours of print by the profile that the file brings, or plainly."""
    own = picture.info.get("icc_profile")
    try:
        source = (
            ImageCms.createProfile("LAB")
            if picture.mode == "LAB"
            else ImageCms.ImageCmsProfile(io.BytesIO(own))
            if own
            else None
        )
        made = source and ImageCms.profileToProfile(
            picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        made = None
    return made or picture.convert("RGB")
