"""Spreadsheets, a thing that people do in each: some by openpyxl, what it cannot write by XlsxWriter."""

import io
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import xlsxwriter
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font

from tests.corpus.generated.prose import LANGUAGES, Prose

FORMATS = (
    *("General", "0", "0.00", "#,##0", "#,##0.00", "0%", "0.00%", "0.00E+00"),
    *("£#,##0.00", '"£"#,##0.00;[Red]-"£"#,##0.00', "[$€-2] #,##0.00", "#,##0.00_);(#,##0.00)", "00000"),
    *("_-£* #,##0.00_-;-£* #,##0.00_-;_-£* -??_-;_-@_-", '0 "hours"', "#,##0.0,"),
)
DATES = (
    "dd/mm/yyyy",
    "d mmmm yyyy",
    "dd-mmm-yy",
    "mmm yyyy",
    "yyyy-mm-dd",
    "dddd d mmmm",
    "dd/mm/yyyy hh:mm",
)


def _people(sheet: Any, prose: Prose) -> None:
    sheet.append(["Name", "Born", "Address", "Cost", "Seen"])
    for _ in range(40):
        day, seen = prose.day(), prose.day()
        sheet.append([prose.name(), date(*day), prose.address(), prose.amount(), date(*seen)])
        sheet.cell(sheet.max_row, 2).number_format = "dd/mm/yyyy"
        sheet.cell(sheet.max_row, 4).number_format = "£#,##0.00"
        sheet.cell(sheet.max_row, 5).number_format = "d mmmm yyyy"


def _formats(sheet: Any, prose: Prose) -> None:
    for form in FORMATS:
        sheet.append([form, *(prose.amount() * sign for sign in (1, -1))])
        for column in (2, 3):
            sheet.cell(sheet.max_row, column).number_format = form
    for form in DATES:
        sheet.append([prose.mark(), datetime(*prose.day(), 14, 5)])  # noqa: DTZ001 - cells hold naive times
        sheet.cell(sheet.max_row, 2).number_format = form
    sheet.append([prose.mark(), time(9, 30)])
    sheet.cell(sheet.max_row, 2).number_format = "hh:mm"
    sheet.append([True, "#N/A", "00123", prose.mark()])


def _long_texts(sheet: Any, prose: Prose) -> None:
    """Notes in cells: wrapped in rows of a fixed height, not wrapped beside filled cells, very long ones."""
    for row in range(1, 6):
        sheet.cell(row, 1, prose.paragraph(sentences=6)).alignment = Alignment(wrap_text=True)
        sheet.row_dimensions[row].height = 15
        sheet.cell(row, 2, prose.paragraph(sentences=2))
        sheet.cell(row, 3, prose.mark())
    sheet.cell(7, 1, prose.paragraph(sentences=40)).alignment = Alignment(wrap_text=True)
    sheet.cell(9, 2, prose.paragraph(sentences=2)).alignment = Alignment(horizontal="right")
    sheet.cell(9, 1, prose.mark())


def _merged(sheet: Any, prose: Prose) -> None:
    for row in range(1, 30, 3):
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=1, end_column=3)
        sheet.cell(row, 1, prose.paragraph(sentences=3)).alignment = Alignment(wrap_text=True)
        sheet.cell(row, 4, prose.sentence())
    sheet.merge_cells("F1:F20")
    sheet["F1"] = prose.paragraph()
    sheet["F1"].alignment = Alignment(text_rotation=90, wrap_text=True)


def _merged_wide(sheet: Any, prose: Prose) -> None:
    """A title over the table's width, and long notes merged over columns without wrapping."""
    sheet.merge_cells("A1:E1")
    sheet["A1"] = prose.paragraph(sentences=2)
    for row in range(2, 8):
        sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=4)
        sheet.cell(row, 1, prose.name())
        sheet.cell(row, 2, prose.paragraph(sentences=2))
        sheet.cell(row, 5, prose.mark())


def _hidden(sheet: Any, prose: Prose) -> None:
    for row in range(1, 11):
        for column in range(1, 6):
            sheet.cell(row, column, prose.mark())
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["C"].hidden = True
    other = sheet.parent.create_sheet("Kept back")
    other["A1"] = prose.sentence()
    other.sheet_state = "hidden"


def _comments(sheet: Any, prose: Prose) -> None:
    for row in range(1, 5):
        sheet.cell(row, 1, prose.sentence(words=4)).comment = Comment(prose.sentence(), prose.name())


def _printed(sheet: Any, prose: Prose) -> None:
    """Headers and footers, a print range that leaves cells out, titles that repeat."""
    sheet.oddHeader.left.text, sheet.oddFooter.center.text = prose.sentence(words=2), prose.sentence(words=2)
    for row in range(1, 80):
        sheet.append([prose.mark(), prose.number(), prose.sentence(words=3)])
        sheet.cell(row, 5, prose.mark())
    sheet.print_area = "A1:B10"
    sheet.print_title_rows = "1:1"


def _sheets(sheet: Any, prose: Prose) -> None:
    for language in LANGUAGES:
        other = sheet.parent.create_sheet(language)
        for row in range(1, 8):
            other.cell(row, 1, prose.sentence(language))
            other.cell(row, 2, prose.amount())


def _wide(sheet: Any, prose: Prose) -> None:
    for _ in range(12):
        sheet.append([f"{prose.name()} {prose.mark()}" for _ in range(60)])


def _far(sheet: Any, prose: Prose) -> None:
    for row, column in ((1, 1), (2, 90), (900, 2), (3000, 40)):
        sheet.cell(row, column, prose.sentence())


def _shaped(sheet: Any, prose: Prose) -> None:
    """Letters of many sizes, turned, shrunk, indented, in rows of the usual height and narrow columns."""
    looks = (
        *(Alignment(text_rotation=turn) for turn in (45, 90, 180, 255)),
        *(Alignment(shrink_to_fit=True), Alignment(indent=8), Alignment(horizontal="centerContinuous")),
        *(Alignment(horizontal="fill"), Alignment(horizontal="justify"), Alignment(horizontal="distributed")),
        *(Alignment(vertical="top", wrap_text=True), Alignment(horizontal="right", indent=3)),
    )
    for row, look in enumerate(looks, 1):
        sheet.row_dimensions[row].height = 15
        cell = sheet.cell(row, 1, prose.sentence(words=5))
        cell.alignment, cell.font = look, Font(size=8 + row * 2, bold=row % 2 == 0)
        sheet.cell(row, 2, prose.mark())
    sheet.column_dimensions["A"].width = 12


def _chart(sheet: Any, prose: Prose) -> None:
    sheet.append(["Month", prose.mark()])
    for month in ("January", "February", "March"):
        sheet.append([month, prose.number(50)])
    chart = BarChart()
    chart.title = prose.mark()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=4), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=4))
    sheet.add_chart(chart, "D2")


def _rich(sheet: Any, prose: Prose) -> None:
    for row in range(1, 6):
        bold = TextBlock(InlineFont(b=True, sz=20), prose.mark())
        sheet.cell(row, 1).value = CellRichText(prose.mark() + " ", bold, " " + prose.mark())
        sheet.cell(row, 2, prose.mark()).hyperlink = "https://school.test/"
        sheet.cell(row, 3, f"{prose.mark()}\n{prose.mark()}\n{prose.mark()}")
        sheet.row_dimensions[row].height = 12


def _filtered(sheet: Any, prose: Prose) -> None:
    sheet.append(["Name", "Team"])
    for row in range(2, 30):
        sheet.append([prose.mark(), "North" if row % 2 else "South"])
        sheet.row_dimensions[row].hidden = row % 2 == 0
    sheet.auto_filter.ref = "A1:B29"
    sheet.auto_filter.add_filter_column(1, ["North"])


def _right_to_left(sheet: Any, prose: Prose) -> None:
    sheet.sheet_view.rightToLeft = True
    for row in range(1, 8):
        sheet.cell(row, 1, prose.sentence())
        sheet.cell(row, 2, "شكرا لزيارتكم")


SCENES: dict[str, Callable[[Any, Prose], None]] = {
    "people": _people,
    "number-formats": _formats,
    "long-texts": _long_texts,
    "merged-cells": _merged,
    "merged-without-wrapping": _merged_wide,
    "hidden-rows-columns-sheets": _hidden,
    "comments": _comments,
    "headers-and-print-range": _printed,
    "languages": _sheets,
    "sixty-columns": _wide,
    "cells-far-away": _far,
    "letters-of-many-sizes": _shaped,
    "chart": _chart,
    "rich-texts-in-low-rows": _rich,
    "filtered": _filtered,
    "right-to-left": _right_to_left,
}


def workbook(name: str) -> bytes:
    """The .xlsx of this scene."""
    book, out = Workbook(), io.BytesIO()
    SCENES[name](book.active, Prose(f"excel {name}"))
    book.save(out)
    book.close()
    return out.getvalue()


def workbook_with_shapes() -> bytes:
    """Text boxes, formulas with what they came to, notes beside filled cells, a chart with titles."""
    prose, out = Prose("excel shapes"), io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Shapes")
    money, day = book.add_format({"num_format": "£#,##0.00"}), book.add_format({"num_format": "dd/mm/yyyy"})
    for row in range(12):
        sheet.write(row, 0, prose.sentence(words=6))
        sheet.write(row, 1, prose.amount(), money)
        sheet.write_datetime(row, 2, datetime(*prose.day()), day)  # noqa: DTZ001 - cells hold naive times
    sheet.write_formula(12, 1, "=SUM(B1:B12)", money, 4321.09)
    sheet.write_formula(13, 0, '=CONCATENATE("a","b")', None, prose.mark())
    for row in (15, 20):
        sheet.insert_textbox(row, 0, prose.paragraph(sentences=2), {"width": 400, "height": 80})
    sheet.set_header(f"&L{prose.mark()}&C{prose.mark()}")
    sheet.set_footer(f"&R{prose.mark()} &P")
    chart = book.add_chart({"type": "line"})
    chart.add_series({"name": prose.mark(), "values": "=Shapes!$B$1:$B$12"})
    chart.set_title({"name": prose.mark()})
    chart.set_x_axis({"name": prose.mark()})
    sheet.insert_chart("F2", chart)
    book.close()
    return out.getvalue()
