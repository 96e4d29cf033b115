"""Pictures: whether one decodes to its end, within what a phone can draw."""

from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from viewer.documents import Kind
from viewer.errors import Corrupt, TooLarge, UnsupportedType

MAX_PIXELS = 80_000_000
"""An A3 page at 600 dots an inch has 70 million. Checking costs 4 bytes a pixel, and a phone must draw it."""

_SHOWN_AS_THEY_ARE = {
    "PNG": Kind("png", "Picture", media_type="image/png"),
    "JPEG": Kind("jpg", "Picture", media_type="image/jpeg"),
    "GIF": Kind("gif", "Picture", media_type="image/gif"),
    "WEBP": Kind("webp", "Picture", media_type="image/webp"),
}
"""By Pillow's name of the format."""


def picture(file: BinaryIO) -> Kind:
    """A picture that browsers draw, and that decodes to its end.

    Raises:
        UnsupportedType: not a picture that is known here.
        TooLarge: more pixels than `MAX_PIXELS`.
        Corrupt: it does not decode.
    """
    try:
        with Image.open(file, formats=list(_SHOWN_AS_THEY_ARE)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise TooLarge
            image.load()
            return _SHOWN_AS_THEY_ARE[str(image.format)]
    except UnidentifiedImageError as error:
        raise UnsupportedType from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooLarge from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Corrupt from error
