"""Gives the texts of documents and slides room where a fixed size would cut them.

Rows of tables that have an exact height grow to their text, and so do text boxes. On a slide, a text that
reaches over the slide's edge is made smaller until it fits its box. What has room enough stays as it is.
"""

from collections.abc import Iterator
from typing import Any

_TEXT_DOCUMENT = "com.sun.star.text.TextDocument"
_SLIDES = "com.sun.star.presentation.PresentationDocument"
_DRAWINGS = "com.sun.star.drawing.DrawingDocument"
_FIXED, _AT_LEAST = 1, 2
"""com.sun.star.text.SizeType."""
_MOST_ROWS, _MOST_BOXES = 20_000, 2_000
"""That are looked at in one document: each call of the office takes a tenth of a millisecond."""
_NOTICEABLE = 100
"""1/100 mm: what grows by less was not cut."""
_ABOVE = {"TOP": 0.0, "BOTTOM": 1.0}
"""The share of what has no room that stands above a shape, by its TextVerticalAdjust; of others half."""
_DEEPEST = 10
"""Groups within groups."""


def give_texts_room(document: Any) -> dict[str, int]:
    """Let everything grow that would cut a text.

    Args:
        document: loaded; anything but texts, slides and drawings stays as it is.

    Returns:
        `boxes-resized`: how many boxes are larger than their author made them, or have smaller letters.
    """
    if document.supportsService(_TEXT_DOCUMENT):
        _free_rows(document)
        return {"boxes-resized": _grow_frames(document) + _grow_shapes(document.DrawPage)}
    if document.supportsService(_SLIDES) or document.supportsService(_DRAWINGS):
        pages = document.DrawPages
        slides = [pages.getByIndex(number) for number in range(pages.Count)]
        return {"boxes-resized": sum(_fit_slide(slide) for slide in slides)}
    return {}


def _free_rows(document: Any) -> None:
    """Let rows of an exact height grow: it becomes their least height."""
    left = _MOST_ROWS
    for table in _each(document.TextTables):
        rows = table.Rows
        count = min(rows.Count, left)
        left -= count
        for number in range(count):
            row = rows.getByIndex(number)
            if not row.IsAutoHeight:
                row.IsAutoHeight = True


def _grow_frames(document: Any) -> int:
    """Let text frames of a fixed height grow; give the number of those that did."""
    grown = 0
    for frame in _each(document.TextFrames):
        if frame.SizeType == _FIXED:
            before = frame.LayoutSize.Height
            frame.SizeType = _AT_LEAST
            grown += frame.LayoutSize.Height > before + _NOTICEABLE
    return grown


def _grow_shapes(page: Any) -> int:
    """Let shapes with text grow; give the number of those that did."""
    return sum(_grow(shape) for shape in _with_text(page))


def _grow(shape: Any) -> bool:
    if shape.TextAutoGrowHeight:
        return False
    before = shape.Size.Height
    shape.TextAutoGrowHeight = True
    grown: bool = shape.Size.Height > before + _NOTICEABLE
    if not grown:
        shape.TextAutoGrowHeight = False
    return grown


def _fit_slide(slide: Any) -> int:
    """Make the texts smaller that reach over the slide's edge; give their number."""
    return sum(_fit(shape, slide.Width, slide.Height) for shape in _with_text(slide))


def _fit(shape: Any, width: int, height: int) -> bool:
    place, size = shape.Position, shape.Size
    text_width, text_height = _text_size(shape, place, size)
    top = place.Y - max(text_height - size.Height, 0) * _ABOVE.get(shape.TextVerticalAdjust.value, 0.5)
    if top >= 0 and top + max(size.Height, text_height) <= height and place.X + text_width <= width:
        return False
    if place.X + text_width > width:
        shape.TextAutoGrowWidth, shape.TextWordWrap = False, True
        size.Width = max(width - max(place.X, 0), 1)
    if shape.TextAutoGrowHeight:
        shape.TextAutoGrowHeight = False
        size.Height = max(min(size.Height, height - max(place.Y, 0)), 1)
    shape.setSize(size)
    shape.setPosition(place)
    shape.TextFitToSize = _autofit()
    return True


def _text_size(shape: Any, place: Any, size: Any) -> tuple[int, int]:
    """Width and height that the text takes: those of the shape, when it is let grow."""
    grows, fits = shape.TextAutoGrowHeight, shape.TextFitToSize
    if fits.value == "AUTOFIT":
        return size.Width, size.Height
    if not grows:
        shape.TextAutoGrowHeight = True
    needed = shape.Size
    if not grows:
        shape.TextAutoGrowHeight = False
        shape.setSize(size)
        shape.setPosition(place)
    return max(needed.Width, size.Width), needed.Height


def _with_text(page: Any, depth: int = 0) -> Iterator[Any]:
    """The shapes on a page, or in a group, that have a text and can grow."""
    for number in range(min(page.Count, _MOST_BOXES)):
        shape = page.getByIndex(number)
        if shape.supportsService("com.sun.star.drawing.GroupShape"):
            if depth < _DEEPEST:
                yield from _with_text(shape, depth + 1)
        elif hasattr(shape, "TextAutoGrowHeight") and shape.String:
            yield shape


def _each(named: Any) -> Iterator[Any]:
    return (named.getByIndex(number) for number in range(min(named.Count, _MOST_BOXES)))


def _autofit() -> Any:
    from com.sun.star.drawing.TextFitToSizeType import AUTOFIT  # noqa: PLC0415 - only the office's Python has it

    return AUTOFIT
