"""Fits the columns and rows of a sheet to their content: no text is cut, and no number reads ###.

Columns grow to their numbers and dates, rows to their texts; what the author made larger stays so. A text
that runs over empty cells goes on doing so; one that a filled cell cuts off is wrapped. Each call of the
office costs as much as a hundred cells: what can be told from values and widths alone is told here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

_NUMBERS, _CONTENT = 1 | 2, 1 | 2 | 4 | 16
"""com.sun.star.sheet.CellFlags: values and dates; these, texts and formulas."""
_NUMERIC_RESULTS = 1
"""com.sun.star.sheet.FormulaResult."""
_MAX_CELLS = 400_000
"""That are looked at on one sheet."""
_MAX_COLUMNS = 200
"""Whose widths are asked."""
_MAX_NUMBERS = 4_000
"""Cells whose width is measured exactly; of more, the first rows and each column's extremes."""
_FIRST_ROWS = 100
_EXTRA_WIDTH = 200
"""1/100 mm that a number has around it, as where a person asks for the best width."""
_WIDEST_NUMBER = 15_000
_LETTER = 170
"""1/100 mm that a letter of ten points takes on the whole."""
_WIDE_LETTER = 240
"""As much as a letter of most texts of ten points takes at the most."""
_READABLE = 8_000
"""Width to which a column grows whose texts must be wrapped."""
_MAX_ROWS = 200
"""Whose heights are asked one by one."""
_MAX_ASKED = 500
"""Cells of a column whose alignment or rotation is asked one by one."""
_NOT_FROM_LEFT = ("RIGHT", "CENTER")
"""Names of com.sun.star.table.CellHoriJustify."""
_MAX_FORMATS, _MAX_AREAS, _MAX_AREA_ROWS = 2_000, 1_000, 1_000
"""Formats of a sheet that are looked through for merged cells, these cells, and rows of each."""
_MAX_MERGED = 60
"""Merged cells that are measured."""
_TALLEST, _LINE = 115_000, 450
"""LibreOffice's highest row, and a line of text, in 1/100 mm."""
_WIDEST = 40_000
"""Width to which a column grows whose texts are too long for the highest row."""

Rows = tuple[tuple[Any, ...], ...]
Cell = tuple[int, int]
"""Column and row."""
Box = tuple[int, int, int, int]
"""First column, first row, last column, last row."""


@dataclass(slots=True)
class CellFit:
    """The result of fitting one sheet.

    Args:
        tallest: height of the tallest row that was looked at, in 1/100 mm.
        cut: texts that are still not whole.
        names: cells emptied that showed the name of the converter's own file.
    """

    tallest: int = 0
    cut: int = 0
    names: int = 0


@dataclass(slots=True)
class _Sheet:
    """A sheet, and what was read of it.

    Args:
        document, cells: the UNO objects.
        visible: ranges without hidden rows and columns.
        rows: all its values.
        widths: of its columns, hidden ones too, as far as they were asked.
        merged: the areas of merged cells, by the cell that holds their text.
        owners: for each cell of such an area the one that holds its text.
    """

    document: Any
    cells: Any
    visible: list[Any]
    rows: Rows
    widths: list[int] = field(default_factory=list)
    merged: dict[Cell, Box] = field(default_factory=dict)
    owners: dict[Cell, Cell] = field(default_factory=dict)

    def is_visible(self, cell: Cell) -> bool:
        column, row = cell
        return any(
            one.StartColumn <= column <= one.EndColumn and one.StartRow <= row <= one.EndRow
            for one in self.visible
        )

    def is_filled(self, cell: Cell) -> bool:
        """Whether a text or a number stands in the cell, or in the merged one that it belongs to."""
        column, row = self.owners.get(cell, cell)
        return bool(self.rows[row][column] != "")

    def last_column(self, cell: Cell) -> int:
        """Of the merged area that the cell holds the text of, else its own."""
        return self.merged[cell][2] if cell in self.merged else cell[0]

    def range(self, left: int, top: int, right: int, bottom: int) -> Any:
        return self.cells.getCellRangeByPosition(left, top, right, bottom)

    def widen(self, column: int, width: int) -> None:
        """Make a column wider, never narrower."""
        if width > self.widths[column]:
            self.cells.Columns.getByIndex(column).Width = self.widths[column] = width


def fit_cells(document: Any, cells: Any, dispatcher: Any, own_name: str) -> CellFit:
    """Fit the columns and rows of a sheet to their content.

    Args:
        document: loaded, a spreadsheet.
        cells: the sheet.
        dispatcher: a com.sun.star.frame.DispatchHelper.
        own_name: of the converter's temporary file, which no cell may show.
    """
    boxes = cells.queryContentCells(_CONTENT).RangeAddresses
    right = max((box.EndColumn for box in boxes), default=-1)
    bottom = max((box.EndRow for box in boxes), default=-1)
    if right < 0:
        return CellFit()
    right = min(right, _MAX_COLUMNS - 1)
    bottom = min(bottom, _MAX_CELLS // (right + 1) - 1)
    rows = cells.getCellRangeByPosition(0, 0, right, bottom).getDataArray()
    sheet = _Sheet(document, cells, list(cells.queryVisibleCells().RangeAddresses), rows)
    sheet.widths = [cells.Columns.getByIndex(column).Width for column in range(right + 1)]
    _find_merged(sheet)
    _widen_columns_to_numbers(sheet, dispatcher)
    fit = _fit_rows_to_texts(sheet)
    fit.names = _clear_file_names(sheet, own_name)
    return fit


def _clear_file_names(sheet: _Sheet, own_name: str) -> int:
    """Empty cells whose formula tells where the file is."""
    found = 0
    for at, row in enumerate(sheet.rows):
        for column, text in enumerate(row):
            if isinstance(text, str) and own_name in text:
                sheet.cells.getCellByPosition(column, at).String = ""
                found += 1
    return found


def _find_merged(sheet: _Sheet) -> None:
    """Find the merged cells: their size is a part of their format, so that few formats tell of them all."""
    formats = sheet.cells.getUniqueCellFormatRanges()
    for number in range(min(formats.Count, _MAX_FORMATS)):
        ranges = formats.getByIndex(number)
        if not ranges.getByIndex(0).getCellByPosition(0, 0).IsMerged:
            continue
        for address in ranges.RangeAddresses:
            for row in range(address.StartRow, min(address.EndRow, len(sheet.rows) - 1) + 1):
                for column in range(address.StartColumn, min(address.EndColumn, len(sheet.widths) - 1) + 1):
                    if len(sheet.merged) < _MAX_AREAS:
                        _note_merged(sheet, (column, row))


def _note_merged(sheet: _Sheet, cell: Cell) -> None:
    cursor = sheet.cells.createCursorByRange(sheet.cells.getCellByPosition(*cell))
    cursor.collapseToMergedArea()
    area = cursor.RangeAddress
    right = min(area.EndColumn, len(sheet.widths) - 1)
    bottom = min(area.EndRow, len(sheet.rows) - 1, area.StartRow + _MAX_AREA_ROWS)
    sheet.merged[cell] = (area.StartColumn, area.StartRow, right, bottom)
    for row in range(area.StartRow, bottom + 1):
        for column in range(area.StartColumn, right + 1):
            sheet.owners[column, row] = cell


def _widen_columns_to_numbers(sheet: _Sheet, dispatcher: Any) -> None:
    """Columns grow to their numbers and dates, by the office's own measure of the best width."""
    every = sheet.cells.queryVisibleCells()
    ranges = [
        box
        for found in (every.queryContentCells(_NUMBERS), every.queryFormulaCells(_NUMERIC_RESULTS))
        for box in found.RangeAddresses
        if box.StartColumn < len(sheet.widths)
    ]
    if sum(_size(box) for box in ranges) > _MAX_NUMBERS:
        ranges = _sampled(sheet, ranges)
    if not ranges:
        return
    selection = sheet.document.createInstance("com.sun.star.sheet.SheetCellRanges")
    selection.addRangeAddresses(tuple(ranges), False)  # noqa: FBT003 - UNO knows no names
    controller = sheet.document.CurrentController
    controller.setActiveSheet(sheet.cells)
    controller.select(selection)
    extra = _property("aExtraWidth", _EXTRA_WIDTH)
    dispatcher.executeDispatch(controller.Frame, ".uno:SetOptimalColumnWidth", "", 0, (extra,))
    changed = {column for box in ranges for column in range(box.StartColumn, box.EndColumn + 1)}
    for column in sorted(changed):
        if column < len(sheet.widths):
            one = sheet.cells.Columns.getByIndex(column)
            best, before = one.Width, sheet.widths[column]
            sheet.widths[column] = max(before, min(best, _WIDEST_NUMBER))
            if sheet.widths[column] != best:
                one.Width = sheet.widths[column]


def _sampled(sheet: _Sheet, ranges: list[Any]) -> list[Any]:
    """The first rows of all these cells, and the least and the greatest of each column."""
    sampled = [
        sheet.range(box.StartColumn, box.StartRow, box.EndColumn, min(box.EndRow, _FIRST_ROWS)).RangeAddress
        for box in ranges
        if box.StartRow <= _FIRST_ROWS
    ]
    for column in range(len(sheet.widths)):
        numbers = [(row[column], at) for at, row in enumerate(sheet.rows) if isinstance(row[column], float)]
        found = {extreme(numbers)[1] for extreme in (min, max) if numbers}
        found |= {max(numbers, key=lambda one: len(repr(one[0])))[1]} if numbers else set()
        cells = [(column, row) for row in found if sheet.is_visible((column, row))]
        sampled += [sheet.range(*cell, *cell).RangeAddress for cell in cells]
    return sampled


def _fit_rows_to_texts(sheet: _Sheet) -> CellFit:
    """Rows grow to their texts, where these may not fit."""
    seen = [(cell, text) for cell, text in _long_texts(sheet) if sheet.is_visible(cell)]
    turned = _those_that(sheet, [cell for cell, _ in seen], "RotateAngle", bool)
    long = [(cell, text) for cell, text in seen if cell not in turned]
    at_left = [cell for cell, text in long if _is_near_left_end(sheet, cell, text)]
    begins_left = _those_that(sheet, at_left, "HoriJustify", lambda value: value.value in _NOT_FROM_LEFT)
    cut_off = [(cell, text) for cell, text in long if cell in begins_left or _is_cut_off(sheet, cell, text)]
    for (column, _), text in ((cell, text) for cell, text in cut_off if cell not in sheet.merged):
        sheet.widen(column, min(_READABLE, _EXTRA_WIDTH + _longest(text) * _WIDE_LETTER))
    _wrap(sheet, [cell for cell, _ in cut_off])
    for (column, _), text in long:
        if _lines(text, sheet.widths[column]) * _LINE > _TALLEST:
            sheet.widen(
                column,
                min(_WIDEST, sheet.widths[column] * _lines(text, sheet.widths[column]) * _LINE // _TALLEST),
            )
    fit = CellFit()
    _fit_rows(sheet, [row for (_, row), _ in seen], fit)
    _fit_merged(sheet, [(cell, text) for cell, text in long if cell in sheet.merged], fit)
    return fit


def _long_texts(sheet: _Sheet) -> Iterator[tuple[Cell, str]]:
    """Texts that may be wider than their column, or have lines."""
    for at, row in enumerate(sheet.rows):
        for column, text in enumerate(row):
            if (
                isinstance(text, str)
                and text
                and (len(text) * _LETTER > sheet.widths[column] or "\n" in text)
            ):
                yield (column, at), text


def _is_cut_off(sheet: _Sheet, cell: Cell, text: str) -> bool:
    """Whether a filled cell stands where the text would go on to the right."""
    column, at = cell
    last = sheet.last_column(cell)
    left = _width(text) - sum(sheet.widths[column : last + 1])
    for other in range(last + 1, len(sheet.rows[at])):
        if left <= 0:
            return False
        if sheet.is_filled((other, at)):
            return True
        left -= sheet.widths[other]
    return False


def _is_near_left_end(sheet: _Sheet, cell: Cell, text: str) -> bool:
    """Whether a filled cell, or the sheet's edge, stands where the text would go on to the left."""
    column, at = cell
    left = _width(text) - sum(sheet.widths[column : sheet.last_column(cell) + 1])
    for other in range(column - 1, -1, -1):
        if left <= 0 or sheet.is_filled((other, at)):
            break
        left -= sheet.widths[other]
    return left > 0


def _those_that(sheet: _Sheet, cells: list[Cell], name: str, is_so: Callable[[Any], bool]) -> set[Cell]:
    """Those of the cells whose format is so; a column that is the same all over is asked once.

    Args:
        sheet: theirs.
        cells: those that are asked.
        name: the format's property.
        is_so: tells it of the property's value.
    """
    found: set[Cell] = set()
    rows: dict[int, list[int]] = {}
    for column, row in cells:
        rows.setdefault(column, []).append(row)
    for column, own in rows.items():
        every = sheet.range(column, min(own), column, max(own))
        if every.getPropertyState(name).value != "AMBIGUOUS_VALUE":
            found |= {(column, row) for row in own if is_so(every.getPropertyValue(name))}
            continue
        found |= {
            (column, row)
            for row in own[:_MAX_ASKED]
            if is_so(sheet.cells.getCellByPosition(column, row).getPropertyValue(name))
        }
    return found


def _wrap(sheet: _Sheet, cells: list[Cell]) -> None:
    if cells:
        ranges = sheet.document.createInstance("com.sun.star.sheet.SheetCellRanges")
        ranges.addRangeAddresses(tuple(sheet.range(*cell, *cell).RangeAddress for cell in cells), False)  # noqa: FBT003
        ranges.IsTextWrapped = True


def _fit_rows(sheet: _Sheet, rows: list[int], fit: CellFit) -> None:
    """Give rows their best height, unless they are higher; where they are many, the best height it is."""
    every = sheet.cells.Rows
    numbers = sorted(set(rows))
    asked = numbers if len(numbers) <= _MAX_ROWS else []
    before = {row: every.getByIndex(row).Height for row in asked}
    for first, last in runs(numbers):
        sheet.range(0, first, 0, last).Rows.OptimalHeight = True
    for row, height in before.items():
        one = every.getByIndex(row)
        if (best := one.Height) < height:
            one.Height = height
        fit.tallest = max(fit.tallest, best, height)
        fit.cut += best >= _TALLEST
    if not asked:
        for row in _tallest(sheet, numbers):
            best = every.getByIndex(row).Height
            fit.tallest = max(fit.tallest, best)
            fit.cut += best >= _TALLEST


def _tallest(sheet: _Sheet, rows: list[int]) -> list[int]:
    """Those with the most lines, of rows that are too many to ask."""

    def lines(row: int) -> int:
        texts = ((column, text) for column, text in enumerate(sheet.rows[row]) if isinstance(text, str))
        return max(_lines(text, sheet.widths[column]) for column, text in texts)

    return sorted(rows, key=lines)[-20:]


def _fit_merged(sheet: _Sheet, texts: list[tuple[Cell, str]], fit: CellFit) -> None:
    """Rows of merged cells grow too, which the office does not do by itself."""
    for cell, text in texts[:_MAX_MERGED]:
        _fit_area(sheet, sheet.cells.getCellByPosition(*cell), text, fit)


def _fit_area(sheet: _Sheet, cell: Any, text: str, fit: CellFit) -> None:
    cursor = sheet.cells.createCursorByRange(cell)
    cursor.collapseToMergedArea()
    size, address = cursor.Size, cursor.RangeAddress
    if _width(text) <= size.Width and "\n" not in text:
        return
    cell.IsTextWrapped = True
    needed = _measured(sheet, cell, size.Width)
    if needed > size.Height:
        last = sheet.cells.Rows.getByIndex(address.EndRow)
        wanted = last.Height + needed - size.Height + _LINE  # lines break otherwise in the merged width
        last.Height = min(wanted, _TALLEST)
        fit.cut += wanted > _TALLEST
    fit.tallest = max(fit.tallest, needed)


def _measured(sheet: _Sheet, cell: Any, width: int) -> int:
    """The height of a cell's text in a column of this width: tried on a sheet that is taken away again."""
    sheets = sheet.document.Sheets
    name = _unused(set(sheets.ElementNames))
    sheets.insertNewByName(name, sheets.Count)
    try:
        spare = sheets.getByName(name)
        copy = spare.getCellByPosition(0, 0)
        spare.copyRange(copy.CellAddress, cell.RangeAddress)
        copy.merge(False)  # noqa: FBT003
        spare.getCellRangeByPosition(0, 0, 0, 0).merge(False)  # noqa: FBT003
        spare.Columns.getByIndex(0).Width = width
        spare.Rows.getByIndex(0).OptimalHeight = True
        height: int = spare.Rows.getByIndex(0).Height
    finally:
        sheets.removeByName(name)
    return height


def _unused(names: set[str]) -> str:
    return next(f"room {number}" for number in range(len(names) + 1) if f"room {number}" not in names)


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of numbers that follow each other; they must be sorted."""
    first = last = None
    for number in numbers:
        if last is not None and number != last + 1:
            yield first or 0, last
            first = None
        first = number if first is None else first
        last = number
    if last is not None:
        yield first or 0, last


def _lines(text: str, width: int) -> int:
    """About how many lines a text takes, rather more than it does."""
    return sum(1 + len(line) * _LETTER // max(width, 1) for line in text.split("\n"))


def _width(text: str) -> int:
    return _longest(text) * _LETTER


def _longest(text: str) -> int:
    return max(len(line) for line in text.split("\n"))


def _size(box: Any) -> int:
    count: int = (box.EndColumn - box.StartColumn + 1) * (box.EndRow - box.StartRow + 1)
    return count


def _property(name: str, value: Any) -> Any:
    from com.sun.star.beans import PropertyValue  # noqa: PLC0415 - where there is no office, tests load this file

    return PropertyValue(Name=name, Value=value)
