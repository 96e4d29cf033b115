"""Puts a frame where a picture is missing: one that is kept elsewhere is never fetched, and leaves no trace.

A note beside the pages counts such pictures; the frame shows where on the page each of them belongs.
"""

from collections.abc import Iterator
from typing import Any

import uno

# isort: split
from com.sun.star.beans import PropertyValue

_MAX_PICTURES = 500
_MAX_SHAPES = 500
"""That are looked at, of all pages together: each costs a tenth of a millisecond."""
_EMPTY = 0
"""com.sun.star.graphic.GraphicType."""
_TEXT = "com.sun.star.text.GenericTextDocument"
_PICTURE = "com.sun.star.drawing.GraphicObjectShape"
_FRAME = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"><rect x="1" y="1" '
    'width="{inner_width}" height="{inner_height}" fill="#f3f2f1" stroke="#505a5f" stroke-width="1"/>'
    '<text x="8" y="{line}" font-family="Carlito" font-size="{letter}" fill="#505a5f">[Picture]</text></svg>'
)
_PER_POINT = 35.28
"""Hundredths of a millimetre."""
_USUAL = (5000, 3000)


def mark_missing_pictures(document: Any, services: Any, context: Any) -> None:
    """Draw a frame for each picture that the document has no bytes of.

    Args:
        document: loaded; a text, a presentation or a drawing.
        services: the office's service manager.
        context: its component context.
    """
    provider = services.createInstanceWithContext("com.sun.star.graphic.GraphicProvider", context)
    for picture in _pictures(document):
        if _is_missing(picture):
            picture.Graphic = _frame(provider, services, context, picture.Size)


def _pictures(document: Any) -> Iterator[Any]:
    """Pictures in a text, or on slides, but for those in groups."""
    if document.supportsService(_TEXT):
        pictures = document.GraphicObjects
        for number in range(min(pictures.Count, _MAX_PICTURES)):
            yield pictures.getByIndex(number)
        return
    pages, left = document.DrawPages, _MAX_SHAPES
    for page in map(pages.getByIndex, range(pages.Count)):
        count = min(page.Count, left)
        for shape in map(page.getByIndex, range(count)):
            if shape.ShapeType == _PICTURE:
                yield shape
        left -= count
        if not left:
            return


def _is_missing(picture: Any) -> bool:
    graphic = picture.Graphic
    return graphic is None or graphic.GraphicType == _EMPTY


def _frame(provider: Any, services: Any, context: Any, size: Any) -> Any:
    width, height = (
        max(20, round((side or usual) / _PER_POINT))
        for side, usual in zip((size.Width, size.Height), _USUAL, strict=True)
    )
    letter = max(4, min(11, height // 2, width // 6))
    svg = _FRAME.format(
        width=width,
        height=height,
        inner_width=width - 2,
        inner_height=height - 2,
        line=letter + 5,
        letter=letter,
    )
    stream = services.createInstanceWithContext("com.sun.star.io.SequenceInputStream", context)
    stream.initialize((uno.ByteSequence(svg.encode()),))
    return provider.queryGraphic((PropertyValue(Name="InputStream", Value=stream),))
