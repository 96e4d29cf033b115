"""Documents say what they said when they were saved: a real office computes no date, name or cell anew."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime

import pikepdf
import pytest
from openpyxl import Workbook

from tests.conversion import dated, number_formats
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
    linked = str(int(reading.printing.has_linked_pictures))
    pdf = guard.answer(body, reading.printing.filters[0], X_Linked_Pictures=linked)
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


@pytest.mark.parametrize(
    "make",
    [number_formats.open_xml, number_formats.excel_97, number_formats.binary_zip],
    ids=["xlsx", "xls", "xlsb"],
)
def test_excels_built_in_formats_follow_the_locale(guard: Guard, make: Callable[[], bytes]) -> None:
    lines = [line.strip() for line in printed(guard, make()).split("\r\n")]
    for number, reads in number_formats.IN_BRITAIN.items():
        assert f"F{number} {reads}" in lines


def test_named_formats_of_excels_xml_follow_the_locale(guard: Guard) -> None:
    lines = printed(guard, number_formats.xml_2003()).split("\r\n")
    for name, reads in number_formats.NAMED_2003.items():
        assert f"{name} {reads}" in lines


def test_dates_of_open_document_sheets_follow_the_locale_unless_they_name_one(guard: Guard) -> None:
    lines = printed(guard, number_formats.open_document()).split("\r\n")
    assert "05/03/19" in lines
    assert "3/5/2019" in lines


_RICH_TEXT = b"{\\rtf1 D: {\\field{\\*\\fldinst DATE}{\\fldrslt 05/03/2019}}\\par "
_RICH_TEXT += b"T: {\\field{\\*\\fldinst SAVEDATE}{\\fldrslt 05/03/2019 14:05}}}"


def test_a_date_without_a_format_of_its_own_reads_as_it_was_saved(guard: Guard) -> None:
    saved = {"DATE": "05/03/2019", "TIME": "14:05", "SAVEDATE": "05/03/2019 14:05:09", "CREATEDATE": "5.3.19"}
    text = printed(guard, dated.letter(dict(saved)))
    for name, reads in saved.items():
        assert f"{name}: {reads}" in text
    assert "D: 05/03/2019" in printed(guard, _RICH_TEXT)
    assert "T: 05/03/2019 14:05" in printed(guard, _RICH_TEXT)


@pytest.mark.parametrize("form", ["doc", "odt", "rtf"])
def test_so_does_one_in_older_and_open_formats(guard: Guard, form: str) -> None:
    made = dated.old_forms(dated.letter({"DATE": "x"}), "docx", (form,))[form]
    today = datetime.now().astimezone().strftime("%m/%d/%Y")
    shorter = today[:6] + today[8:]
    changes = {today: "05/03/2019", shorter: "05/03/19"}
    text = printed(
        guard,
        dated.forged(
            made,
            {
                before.encode(encoding): after.encode(encoding)
                for before, after in changes.items()
                for encoding in ("ascii", "utf-16-le")
            },
        ),
    )
    assert "DATE: 05/03/" in text
