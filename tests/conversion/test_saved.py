"""Documents say what they said when they were saved: a real office computes no date, name or cell anew."""

import io
import re
import zipfile
from datetime import UTC, date, datetime

import pikepdf
import pytest
from openpyxl import Workbook

from tests.conversion import dated
from tests.conversion.offices import Guard, text_of
from viewer.documents import Reading
from viewer.formats import Limits, read

_MB = 1024 * 1024
_LIMITS = Limits(500 * _MB, 200 * _MB, 500 * _MB, 200 * _MB)
_FIELDS: dict[str, str | None] = {
    "FILENAME": "Smith-Assessment-v3.docx",
    "FILENAME \\p \\* MERGEFORMAT": "S:\\Smith-Assessment-v3.docx",
    'DATE \\@ "d MMMM yyyy"': "3 March 2019",
    'TIME \\@ "HH:mm"': "14:05",
    'SAVEDATE \\@ "d MMMM yyyy"': "4 April 2018",
    "PRINTDATE": "5 May 2017",
    "AUTHOR": "Priya Example",
    "REF Nowhere \\h": "REFRESULT",
    'INCLUDETEXT "S:\\\\other.docx"': "INCLUDED",
    "SEQ Figure": "7",
}
_OLD_FIELDS: dict[str, str | None] = {
    'DATE \\@ "dd MMMM yyyy"': "x",
    "FILENAME": "y",
    "REF Nowhere": "REFRESULT",
}


def _read(document: bytes) -> tuple[Reading, bytes]:
    reading, body = read(io.BytesIO(document), _LIMITS)
    return reading, document if body is None else body


def printed(guard: Guard, document: bytes) -> str:
    """All that a reader can read of a document, read as the viewer reads it."""
    reading, body = _read(document)
    assert reading.printing, reading
    pdf = guard.answer(body, reading.printing.filters[0])
    with pikepdf.open(io.BytesIO(pdf)) as made:
        assert "tmp" not in str(dict(made.docinfo))
    return text_of(pdf)


def test_a_letters_fields_say_what_was_saved(guard: Guard) -> None:
    text = printed(guard, dated.letter(_FIELDS, footer=("FILENAME", "Jones-Chronology.docx")))
    for result in (*_FIELDS.values(), "Jones-Chronology.docx"):
        assert str(result) in text
    assert "Error" not in text
    assert "/tmp" not in text


def test_page_numbers_are_those_of_the_pages_shown(guard: Guard) -> None:
    assert "PAGE: 1" in printed(guard, dated.letter({"PAGE": "77"}, footer=("NUMPAGES", "88")))


@pytest.fixture(scope="module")
def old_letters() -> dict[str, bytes]:
    return dated.old_forms(dated.letter(_OLD_FIELDS), "docx", ("doc", "rtf", "odt"))


@pytest.mark.parametrize("form", ["doc", "rtf", "odt"])
def test_so_do_those_of_older_and_open_formats(
    guard: Guard, old_letters: dict[str, bytes], form: str
) -> None:
    text = printed(guard, dated.forged(old_letters[form], dated.saved_results()))
    assert f"DATE: {dated.SAVED_DATE[:12]}" in text
    assert f"FILENAME: {dated.FORGED_NAME}" in text
    assert datetime.now(UTC).strftime("%B %Y") not in text
    assert "tmp" not in text


def test_dates_on_slides_do_and_slides_keep_their_numbers(guard: Guard) -> None:
    deck = dated.slides()
    assert f"{dated.SAVED_DATE}1" in printed(guard, deck)
    odp = dated.old_forms(deck, "pptx", ("odp",))["odp"]
    with zipfile.ZipFile(io.BytesIO(odp)) as archive:
        found = re.search(rb"<text:date[^<>]*>([^<]*)</text:date>", archive.read("content.xml"))
    assert found
    assert "SAVED" in printed(guard, dated.forged(odp, {found[1]: b"SAVED".ljust(len(found[1]), b".")}))


def _workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    sheet["A1"] = "=TODAY()"
    sheet["A1"].number_format = "d mmmm yyyy"
    sheet["A2"] = '=CELL("filename")'
    sheet["A3"] = "=A1+1"
    sheet["A3"].number_format = "d mmmm yyyy"
    out = io.BytesIO()
    book.save(out)
    return dated.forged_cells(out.getvalue(), {"A1": "43527", "A2": "S:\\[SAVED.xlsx]", "A3": "43528"})


def test_cells_that_change_by_themselves_do(guard: Guard) -> None:
    text = printed(guard, _workbook())
    assert "3 March 2019" in text
    assert "4 March 2019" in text
    assert "SAVED.xlsx" in text


@pytest.mark.parametrize("form", ["xls", "ods"])
def test_so_do_those_of_other_workbooks(guard: Guard, form: str) -> None:
    made = dated.old_forms(_workbook(), "xlsx", (form,))[form]
    text = printed(guard, dated.forged(made, dated.saved_cells()))
    assert "3 March 2019" in text
    assert "4 March 2019" in text
    assert "/tmp/unoserver" not in text
    assert dated.NAME in text


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_heads_and_feet_of_sheets_show_nothing_of_the_conversion(guard: Guard, form: str) -> None:
    book = Workbook()
    sheet = book.active
    sheet["A1"] = "A cell"
    sheet.oddHeader.left.text, sheet.oddHeader.center.text = "&D &T", "&Z&F &F"
    sheet.oddFooter.center.text = "Page &P of &N"
    out = io.BytesIO()
    book.save(out)
    document = out.getvalue() if form == "xlsx" else dated.old_forms(out.getvalue(), "xlsx", (form,))[form]
    reading, body = _read(document)
    assert reading.printing
    text = text_of(guard.answer(body, reading.printing.filters[0]))
    assert "Page 1 of 1" in text
    assert "tmp" not in text
    assert str(date.today().year) not in text  # noqa: DTZ011 - as the office reckons


@pytest.mark.parametrize("form", ["xlsx", "xls"])
def test_dates_that_follow_the_country_are_in_its_form(guard: Guard, form: str) -> None:
    book = Workbook()
    sheet = book.active
    formats = ("mm-dd-yy", "m/d/yy h:mm", "m/d/yyyy", "[$-409]m/d/yyyy", "[$-F800]dddd, mmmm dd, yyyy")
    for row, code in enumerate(formats, 1):
        sheet[f"A{row}"] = datetime(2019, 3, 5, 14, 30)  # noqa: DTZ001 - workbooks know no zones
        sheet[f"A{row}"].number_format = code
    out = io.BytesIO()
    book.save(out)
    document = out.getvalue()
    if form != "xlsx":
        document = dated.old_forms(document, "xlsx", (form,))[form]
    lines = printed(guard, document).split("\r\n")
    assert "05/03/2019" in lines
    assert "05/03/2019 14:30" in lines
    assert lines.count("3/5/2019") == 1, "the one that names its country"
    assert any("5 March 2019" in line for line in lines)


def test_named_formats_of_excels_xml_are_in_the_form_of_this_country(guard: Guard) -> None:
    document = b"""<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
      xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles><Style ss:ID="s1"><NumberFormat
      ss:Format="Short Date"/></Style></Styles><Worksheet ss:Name="S"><Table><Column ss:Width="120"/><Row>
      <Cell ss:StyleID="s1"><Data ss:Type="DateTime">2019-03-05T00:00:00.000</Data></Cell></Row></Table>
      </Worksheet></Workbook>"""
    assert "05/03/2019" in printed(guard, document)
