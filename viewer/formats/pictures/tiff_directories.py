"""Checks the pages and pixels that the directories of a TIFF file declare, before any page is decoded.

Layout: TIFF 6.0, section 2, and BigTIFF, which has wider numbers.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from viewer.errors import TooLarge

MAX_PAGES = 2000
MAX_ALL_PIXELS = 24_000_000_000
"""Of all pages together: 2,000 pages of A4 at 300 dots an inch have 18 thousand million."""
_MAX_TAGS = 256 * 1024 * 1024
"""Bytes of the tags of all pages together, which are read anew at each page."""
_WIDTH, _HEIGHT = 256, 257
_SIZES = dict(zip(range(1, 14), (1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4), strict=True)) | dict.fromkeys(
    (16, 17, 18), 8
)
"""Bytes of one value, by the number of its type."""


class _Layout(NamedTuple):
    """How numbers are written: the first directory's place, a count of tags, a tag, a place."""

    first: int
    counted: struct.Struct
    tag: struct.Struct
    place: struct.Struct


def check(file: BinaryIO) -> None:
    """Add up what the pages have, as far as their directories can be read.

    Args:
        file: the TIFF file, rewound; afterwards it is again.

    Raises:
        TooLarge: more than `MAX_PAGES`, `MAX_ALL_PIXELS`, or bytes of tags.
    """
    pixels = tags = 0
    for number, (page, size) in enumerate(_pages(file), 1):
        pixels += page
        tags += size
        if number > MAX_PAGES:
            raise TooLarge("pages")
        if pixels > MAX_ALL_PIXELS or tags > _MAX_TAGS:
            raise TooLarge("pixels" if pixels > MAX_ALL_PIXELS else "tags")
    file.seek(0)


def _pages(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Pixels and bytes of tags of each page; pages that come round again end there."""
    layout = _layout(file.read(4))
    file.seek(layout.first)
    (place,) = _read(file, layout.place) or (0,)
    seen: set[int] = set()
    while place and place not in seen:
        seen.add(place)
        file.seek(place)
        (count,) = _read(file, layout.counted) or (0,)
        if not 0 < count <= 0xFFFF:  # noqa: PLR2004 - a classic file cannot have more
            return
        body = file.read(count * layout.tag.size)
        yield _summed(body[: len(body) // layout.tag.size * layout.tag.size], layout)
        (place,) = _read(file, layout.place) or (0,)


def _layout(start: bytes) -> _Layout:
    order = ">" if start.startswith(b"MM") else "<"
    if b"+" in start:
        places = struct.Struct(order + "Q")
        return _Layout(8, places, struct.Struct(order + "HHQ8s"), places)
    return _Layout(4, struct.Struct(order + "H"), struct.Struct(order + "HHI4s"), struct.Struct(order + "I"))


def _summed(body: bytes, layout: _Layout) -> tuple[int, int]:
    """Pixels of a page, and the bytes of all its tags."""
    sides, size = {_WIDTH: 0, _HEIGHT: 0}, 0
    order = layout.tag.format[0]
    for tag, kind, count, value in layout.tag.iter_unpack(body):
        size += count * _SIZES.get(kind, 0)
        if tag in sides:
            wide = kind != 3  # noqa: PLR2004 - SHORT
            (sides[tag],) = struct.unpack_from(order + ("I" if wide else "H"), value)
    return sides[_WIDTH] * sides[_HEIGHT], size


def _read(file: BinaryIO, number: struct.Struct) -> tuple[int, ...] | None:
    found = file.read(number.size)
    return number.unpack(found) if len(found) == number.size else None
