"""No cell of a spreadsheet is cut, in a real office: rows and columns grow to what is in them."""

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from openpyxl import Workbook
from openpyxl.styles import Alignment

from tests.conversion.offices import EXCEL, Call, Guard, post, text_of

_NOTE = (
    "Home visit. Mother said that the children had been unwell and that she had called the surgery twice. "
)


def _book(fill: Callable[[Any], object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    fill(book.active)
    book.save(out)
    return out.getvalue()


def _words(guard: Guard, fill: Callable[[Any], object]) -> str:
    return " ".join(text_of(guard.answer(_book(fill), EXCEL)).split())


def _fixed_rows(sheet: Any) -> None:
    for row in range(1, 4):
        sheet.append((f"0{row}/03/2019", _NOTE * 5 + f"THEEND{row}", "Jo"))
        sheet[f"B{row}"].alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[row].height = 30
    sheet.column_dimensions["B"].width = 50


def test_rows_grow_to_their_texts(guard: Guard) -> None:
    words = _words(guard, _fixed_rows)
    for word in ("THEEND1", "THEEND2", "THEEND3", "03/03/2019"):
        assert word in words


def test_a_text_that_a_filled_cell_cuts_off_is_wrapped(guard: Guard) -> None:
    assert "THEEND" in _words(guard, lambda sheet: sheet.append((_NOTE + "THEEND", "Jo")))


def test_a_text_runs_on_over_empty_cells(guard: Guard) -> None:
    def fill(sheet: Any) -> None:
        sheet["A1"] = _NOTE + "THEEND"
        sheet["H2"] = "far"

    lines = text_of(guard.answer(_book(fill), EXCEL)).splitlines()
    assert any(_NOTE.strip() in line and "THEEND" in line for line in lines)


def test_columns_grow_to_numbers_and_dates(guard: Guard) -> None:
    def fill(sheet: Any) -> None:
        sheet.append((43_529.604, 1_234_567.89, "=B1*2"))
        sheet["A1"].number_format = "dd mmmm yyyy hh:mm"
        sheet["B1"].number_format = sheet["C1"].number_format = '"£"#,##0.00'
        for column in "ABC":
            sheet.column_dimensions[column].width = 5

    words = _words(guard, fill)
    assert "05 March 2019 14:29" in words
    assert "£1,234,567.89" in words
    assert "£2,469,135.78" in words
    assert "###" not in words


def test_of_many_numbers_the_widest_still_has_room(guard: Guard) -> None:
    def fill(sheet: Any) -> None:
        for row in range(5_000):
            sheet.append((row, 98_765_432.1 if row == 3_000 else row))
            sheet.cell(row + 1, 2).number_format = "#,##0.00"

    words = _words(guard, fill)
    assert "98,765,432.10" in words
    assert "###" not in words


def test_a_row_may_be_taller_than_a_page(guard: Guard) -> None:
    def fill(sheet: Any) -> None:
        sheet.append((_NOTE * 60 + "THEEND", "Jo"))
        sheet["A1"].alignment = Alignment(wrap_text=True)
        sheet.column_dimensions["A"].width = 30
        sheet.row_dimensions[1].height = 409

    assert "THEEND" in _words(guard, fill)


def test_merged_cells_grow_too(guard: Guard) -> None:
    def fill(sheet: Any) -> None:
        sheet.merge_cells("A1:C2")
        sheet["A1"] = _NOTE * 6 + "THEEND"
        sheet["A1"].alignment = Alignment(wrap_text=True, vertical="top")
        sheet["A4"] = "below"

    words = _words(guard, fill)
    assert "THEEND" in words
    assert "room" not in words, "the sheet on which it was measured is gone"


def test_rows_that_are_hidden_stay_so(guard: Guard) -> None:
    def fill(sheet: Any) -> None:
        _fixed_rows(sheet)
        sheet.row_dimensions[2].hidden = True

    words = _words(guard, fill)
    assert "THEEND2" not in words
    assert "THEEND3" in words


def test_rows_that_the_author_made_higher_stay_so(guard: Guard) -> None:
    def height(points: int) -> float:
        def fill(sheet: Any) -> None:
            sheet.append((_NOTE + _NOTE, "Jo"))
            sheet["A1"].alignment = Alignment(wrap_text=True)
            sheet.column_dimensions["A"].width = 60
            sheet.row_dimensions[1].height = points
            sheet["A2"] = "below"

        return _top_of(guard.answer(_book(fill), EXCEL), "below")

    assert height(15) - height(200) > 100


def test_texts_that_cannot_be_drawn_whole_are_counted(guard: Guard) -> None:
    def fill(sheet: Any) -> None:
        sheet["A1"] = "\n".join("line" for _ in range(6_000))
        sheet["A1"].alignment = Alignment(wrap_text=True)
        sheet["A2"] = "below"

    answer = post(guard.port, Call(_book(fill), EXCEL))
    assert answer.headers["x-cells-cut"] == "1"
    assert post(guard.port, Call(_book(_fixed_rows), EXCEL)).headers["x-cells-cut"] == "0"


def _top_of(pdf: bytes, word: str) -> float:
    """How high above the foot of the first page a word stands, in points."""
    with pypdfium2.PdfDocument(pdf) as document:
        text = document[0].get_textpage()
        found = text.search(word).get_next()
        assert found
        return float(text.get_charbox(found[0])[3])


@pytest.mark.parametrize("rows", [1])
def test_an_empty_sheet_is_no_trouble(guard: Guard, rows: int) -> None:
    assert post(guard.port, Call(_book(lambda _: rows), EXCEL)).outcome == "converted"
