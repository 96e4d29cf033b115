"""Lays spreadsheets out for reading on a screen: no column cut off, each page under its sheet's name.

What the author set for paper counts less here: print ranges would leave cells out without a word, and a
sheet three pages wide is unreadable. Hidden sheets, rows and columns stay hidden.
"""

from dataclasses import dataclass
from typing import Any

from cell_sizes import CellFit, fit_cells

_PAPERS = (
    *((21_000, 29_700), (29_700, 21_000), (42_000, 29_700)),
    *((59_400, 42_000), (84_100, 59_400), (118_900, 84_100)),
)
"""Width and height in 1/100 mm: A4 upright, then A4 to A0 across. A page is zoomed into, not printed."""
Box = tuple[int, int, int, int]
"""First column, first row, last column, last row."""
_MARGIN = 1000
_AROUND = 2 * _MARGIN + 3000
"""Height of a page besides its rows: margins, head and foot."""
_MAX_SHEETS = 60
"""Whose cells are given room."""
_SMALLEST_SCALE = 0.7
"""Ten points become seven. What is too wide for the largest paper at this scale is several pages wide."""
_CONTENT = 1 | 2 | 4 | 16
"""com.sun.star.sheet.CellFlags: values, dates, texts, formulas."""
_FORMATTED_BEYOND = 2
"""Empty cells with borders or colours count up to so many times the width of the content."""
_FAR_ROWS, _FAR_COLUMNS = 200, 50
"""So many empty ones between two cells, and they are shown on pages of their own."""
_MAX_GROUPS = 100
_USUAL_CELL = (2258, 452)
_LAST_COLUMN, _LAST_ROW = 16_383, 1_048_575
_MAX_SHAPES = 500
"""Pictures and charts that are measured on one sheet."""
_SHEET_NAME = "com.sun.star.text.TextField.SheetName"
_STANDS_FOR_A_NAME = "???"
"""What a field for the sheet's name reads as in a style, which belongs to no sheet."""


def lay_out(document: Any, file_name: str, dispatcher: Any) -> dict[str, int]:
    """Choose paper and scale for every visible sheet, by its width, and write its name above it.

    Args:
        document: loaded, a spreadsheet.
        file_name: without its suffix; a sheet that has no name of its own is called so, and gets none.
        dispatcher: a com.sun.star.frame.DispatchHelper.

    Returns:
        What is not shown as it is: `cells-cut`, texts that are too long for the highest row, and
        `margins-changed`, heads, feet and cells without a date, time or file name that they ask for.
    """
    styles = document.StyleFamilies.getByName("PageStyles")
    visible = _visible(document.Sheets)
    fits = [_fit_sheet(document, sheet, dispatcher, file_name) for sheet in visible[:_MAX_SHEETS]]
    fits += [CellFit()] * (len(visible) - len(fits))
    sheets = [Sheet.measured(sheet, fit.tallest) for sheet, fit in zip(visible, fits, strict=True)]
    _choose_cells(document.Sheets, sheets)
    changed = 0
    for name in {sheet.style for sheet in sheets}:
        own, style = [sheet for sheet in sheets if sheet.style == name], styles.getByName(name)
        _fit(style, max(sheet.width for sheet in own), max(sheet.tallest for sheet in own))
        changed += _name_sheets(document, style, named=all(sheet.name != file_name for sheet in sheets))
    return {
        "cells-cut": sum(fit.cut for fit in fits),
        "margins-changed": changed + sum(fit.names for fit in fits),
    }


def _fit_sheet(document: Any, sheet: Any, dispatcher: Any, file_name: str) -> CellFit:
    """Give a sheet's cells room; one that cannot be is shown as it is."""
    try:
        return fit_cells(document, sheet, dispatcher, file_name)
    except Exception as error:
        if type(error).__name__ == "DisposedException":
            raise
        return CellFit()


@dataclass(frozen=True)
class Sheet:
    """A visible sheet, measured.

    Args:
        cells: the UNO object.
        groups: what stands together on it; several where something is far from the rest.
        width: of what will be on its pages, in 1/100 mm; hidden columns have none.
        tallest: height of its tallest row, or 0 where none is taller than usual.
    """

    cells: Any
    name: str
    style: str
    groups: list[Box]
    width: int
    tallest: int

    @classmethod
    def measured(cls, sheet: Any, tallest: int) -> "Sheet":
        """Measure it."""
        boxes = [_box(address) for address in sheet.queryContentCells(_CONTENT).RangeAddresses]
        pictures = _pictures(sheet)
        groups = group_boxes([*boxes, *(box for box, _ in pictures)])
        if len(groups) > 1:
            width = max(_width(sheet, first, last) for first, _, last, _ in groups)
        else:
            width = _whole_width(sheet, boxes, [right for _, right in pictures])
        return cls(sheet, sheet.Name, sheet.PageStyle, groups, width, tallest)


def _choose_cells(every: Any, sheets: list[Sheet]) -> None:
    """All cells, whatever the author chose for paper; without the emptiness before what is far away.

    LibreOffice prints whole sheets where none in the document has a range, and else those that have one.
    """
    for number in range(every.Count):
        every.getByIndex(number).setPrintAreas(())
    if any(len(sheet.groups) > 1 for sheet in sheets):
        for sheet in sheets:
            sheet.cells.setPrintAreas(tuple(_range(sheet.cells, group) for group in sheet.groups))


def _visible(sheets: Any) -> list[Any]:
    every = (sheets.getByIndex(number) for number in range(sheets.Count))
    return [sheet for sheet in every if sheet.IsVisible]


def _whole_width(sheet: Any, boxes: list[Box], edges: list[int]) -> int:
    """Of cells and pictures; and of empty cells with a format, unless those go on and on."""
    content = max([_width(sheet, 0, max((last for _, _, last, _ in boxes), default=0)), *edges])
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)  # noqa: FBT003 - UNO knows no names
    formatted = _width(sheet, 0, cursor.RangeAddress.EndColumn)
    return max(content, formatted) if formatted <= content * _FORMATTED_BEYOND else content


def group_boxes(boxes: list[Box]) -> list[Box]:
    """The boxes around what stands together: one, unless something is far below or far to the right."""
    groups: list[Box] = []
    bands = _runs([(top, bottom) for _, top, _, bottom in boxes], _FAR_ROWS)
    for first_row, last_row in bands if len(bands) <= _MAX_GROUPS else []:
        band = [box for box in boxes if first_row <= box[1] <= last_row]
        columns = _runs([(left, right) for left, _, right, _ in band], _FAR_COLUMNS)
        groups += [(first, first_row, last, last_row) for first, last in columns]
    return groups if len(groups) <= _MAX_GROUPS else []


def _runs(spans: list[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """The spans, joined where less than the gap is between them."""
    runs: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if runs and first - runs[-1][1] < gap:
            runs[-1] = (runs[-1][0], max(runs[-1][1], last))
        else:
            runs.append((first, last))
    return runs


def _box(address: Any) -> Box:
    return (address.StartColumn, address.StartRow, address.EndColumn, address.EndRow)


def _range(sheet: Any, box: Box) -> Any:
    left, top, right, bottom = box
    return sheet.getCellRangeByPosition(left, top, right, bottom).RangeAddress


def _width(sheet: Any, first: int, last: int) -> int:
    width: int = sheet.getCellRangeByPosition(first, 0, last, 0).Size.Width
    return width


def _pictures(sheet: Any) -> list[tuple[Box, int]]:
    """About which cells each picture or chart covers, and where its right edge is."""
    page = sheet.DrawPage
    shapes = [page.getByIndex(number) for number in range(min(page.Count, _MAX_SHAPES))]
    return [(_covered(shape), shape.Position.X + shape.Size.Width) for shape in shapes]


def _covered(shape: Any) -> Box:
    """From the cell that it hangs on; the sheet's first one, where it hangs on the page."""
    address = getattr(shape.Anchor, "CellAddress", None)
    column, row = (address.Column, address.Row) if address else (0, 0)
    across, down = shape.Size.Width // _USUAL_CELL[0], shape.Size.Height // _USUAL_CELL[1]
    return (column, row, min(column + across, _LAST_COLUMN), min(row + down, _LAST_ROW))


def _fit(style: Any, width: int, tallest: int) -> None:
    """All columns on one page, on the smallest paper on which they stay legible; and the tallest row."""
    paper = next((paper for paper in _PAPERS if _scale(paper[0], width) >= _SMALLEST_SCALE), _PAPERS[-1])
    style.IsLandscape = paper[0] > paper[1]
    style.Width, style.Height = paper[0], max(paper[1], tallest + _AROUND)
    style.LeftMargin = style.RightMargin = style.TopMargin = style.BottomMargin = _MARGIN
    style.PageScale = 100
    style.ScaleToPages = 0
    style.ScaleToPagesX = max(1, round(_SMALLEST_SCALE / _scale(paper[0], width) + 0.5))
    style.ScaleToPagesY = 0


def _scale(paper_width: int, width: int) -> float:
    return (paper_width - 2 * _MARGIN) / max(width, 1)


def _name_sheets(document: Any, style: Any, *, named: bool) -> bool:
    """The sheet's name above each page, beside what the author wrote there; say whether that was changed."""
    if not style.HeaderIsOn or not named:
        style.HeaderIsOn = named
        style.HeaderIsShared = True
    changed = False
    kept = ("HeaderContent", "FooterContent") if style.FooterIsOn else ("HeaderContent",)
    for where in (f"{side}Page{part}" for part in kept for side in ("Right", "Left")):
        content = getattr(style, where)
        texts = (content.LeftText, content.CenterText, content.RightText)
        for text in texts:
            changed |= _take_out_computed(text)
        if "Header" in where and not any(_STANDS_FOR_A_NAME in text.String for text in texts):
            start = content.LeftText.createTextCursor()
            start.gotoStart(False)  # noqa: FBT003 - as above
            content.LeftText.insertTextContent(start, document.createInstance(_SHEET_NAME), False)  # noqa: FBT003
        setattr(style, where, content)
    return changed


def _take_out_computed(text: Any) -> bool:
    """Take out file names, dates and times, which would be the conversion's; say whether there were any.

    Fields tell what they are by their properties alone.
    """
    found = False
    while field := next((one for one in _fields(text) if _is_computed(one)), None):
        text.removeTextContent(field)
        found = True
    return found


def _fields(text: Any) -> list[Any]:
    return list(text.getTextFields().createEnumeration())


def _is_computed(field: Any) -> bool:
    return any(field.PropertySetInfo.hasPropertyByName(name) for name in ("FileFormat", "IsDate"))
