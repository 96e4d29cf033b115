"""The converter with real offices: what the pipeline can count on."""

import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openpyxl
import pikepdf
import pytest

from tests.conversion import papers
from tests.conversion.offices import text_of
from tests.running.waiting import wait_until
from tests.viewer import samples
from tests.viewer.offices import WORK_SECONDS, Offices
from viewer.documents import Printing
from viewer.errors import ConversionTimeout, ConversionUnavailable, Corrupt
from viewer.office.converter import OfficeConverter

WORD, RTF = Printing(("MS Word 2007 XML",), is_long=False), Printing(("Rich Text Format",), is_long=False)
LONG_WORD = Printing(("MS Word 2007 XML",), is_long=True)
EXCEL = Printing(("Calc MS Excel 2007 XML",), is_long=False)
RECOVERY_SECONDS = 20


def pdf_of(converter: OfficeConverter, document: bytes, printing: Printing = WORD) -> bytes:
    with io.BytesIO(document) as file, converter.convert(file, printing) as pdf:
        return pdf.read()


@pytest.mark.parametrize(
    ("document", "printing"),
    [(samples.word("Ünï £5"), WORD), (b"{\\rtf1 \\'dcn\\'ef \\'a35}", RTF)],
    ids=["docx", "rtf"],
)
def test_a_document_becomes_a_pdf_with_its_text(
    offices: Offices, document: bytes, printing: Printing
) -> None:
    assert "Ünï £5" in text_of(pdf_of(offices.converter(), document, printing))
    assert offices.outcomes == ["ok"]


def test_the_pdf_is_tagged_for_screen_readers(offices: Offices) -> None:
    with pikepdf.open(io.BytesIO(pdf_of(offices.converter(), samples.word()))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root


@pytest.mark.parametrize("document", [samples.word()[:-3000], b"PK\x03\x04 no zip", samples.locked_word()])
def test_an_unreadable_document_is_corrupt_and_the_next_one_is_printed(
    offices: Offices, document: bytes
) -> None:
    converter = offices.converter()
    with pytest.raises(Corrupt):
        pdf_of(converter, document)
    assert offices.outcomes == ["corrupt"]
    assert pdf_of(converter, samples.word())


def test_a_document_is_printed_although_its_office_was_killed(offices: Offices) -> None:
    with ThreadPoolExecutor() as people:
        waiting = people.submit(pdf_of, offices.converter(), papers.steady(1))
        wait_until(lambda: any(guard.at_work for guard in offices.guards), 10, "at work")
        next(guard for guard in offices.guards if guard.at_work).kill_office()
        assert waiting.result(timeout=RECOVERY_SECONDS + 30)
    assert offices.outcomes[0] == "document_killed_converter"
    assert offices.outcomes[-1] == "ok"


def test_all_offices_killed_at_once_cost_a_few_seconds(offices: Offices) -> None:
    started = time.monotonic()
    for guard in offices.guards:
        guard.kill_office()
    assert "A case note." in text_of(pdf_of(offices.converter(), samples.word()))
    assert time.monotonic() - started < RECOVERY_SECONDS
    assert offices.outcomes.count("document_killed_converter") <= 1, "not blamed for what befell all offices"


def test_many_people_at_once_each_get_their_own_document(offices: Offices) -> None:
    converter = offices.converter()
    with ThreadPoolExecutor(24) as people:
        pdfs = people.map(lambda n: pdf_of(converter, samples.word(f"Note {n}.")), range(24))
        assert all(f"Note {n}." in text_of(pdf) for n, pdf in enumerate(pdfs))


def test_no_document_waits_behind_one_that_hangs(offices: Offices) -> None:
    """Not even those who came while the other office was away: it takes them all when it is back."""
    converter = offices.converter()
    with ThreadPoolExecutor(11) as people:
        hanging = people.submit(pdf_of, converter, papers.endless(), LONG_WORD)
        wait_until(lambda: any(guard.at_work for guard in offices.guards), 10, "at work")
        next(guard for guard in offices.guards if not guard.at_work).kill_office()
        others = [people.submit(pdf_of, converter, samples.word()) for _ in range(10)]
        assert all(text_of(other.result(timeout=WORK_SECONDS)) for other in others)
        assert not hanging.done()
        with pytest.raises((ConversionTimeout, ConversionUnavailable)):  # on an overloaded machine
            hanging.result()


def test_a_long_spreadsheet_is_cut_after_its_page_limit(offices: Offices) -> None:
    printing = Printing(EXCEL.filters, is_long=False, cut_after=3)
    assert _pages(pdf_of(offices.converter(), _book([["x"]] * 1000), printing)) == 3


def test_a_sheet_is_as_wide_as_its_page_and_bears_its_name(offices: Offices) -> None:
    pdf = pdf_of(offices.converter(), _book([[f"column {n}" for n in range(40)]]), EXCEL)
    assert _pages(pdf) == 1
    assert "Costs" in text_of(pdf)
    assert "column 39" in text_of(pdf)


def test_hidden_sheets_and_the_authors_print_range_leave_nothing_else_out(offices: Offices) -> None:
    def change(book: Any) -> None:
        book["Costs"].print_area = "A1:A2"
        book.create_sheet("Old")["A1"] = "unseen"
        book["Old"].sheet_state = "hidden"
        book.create_sheet("Family")["A1"] = "seen too"

    book = _book([["first"], ["second"], ["third"]], change)
    text = text_of(pdf_of(offices.converter(), book, EXCEL))
    assert "third" in text
    assert "seen too" in text
    assert "unseen" not in text


def test_a_cell_far_away_brings_no_empty_pages(offices: Offices) -> None:
    def change(book: Any) -> None:
        book["Costs"]["XFD1048576"] = "far away"

    pdf = pdf_of(offices.converter(), _book([["near"]], change), EXCEL)
    assert _pages(pdf) == 2
    assert "far away" in text_of(pdf)


def test_another_filter_of_the_family_is_tried_where_the_first_cannot_load(offices: Offices) -> None:
    printing = Printing(("writer8", "MS Word 2007 XML"), is_long=False)
    assert "A case note." in text_of(pdf_of(offices.converter(), samples.word(), printing))
    assert [outcome for outcome in offices.outcomes if outcome != "converter_busy"] == ["corrupt", "ok"]


def _book(rows: list[list[str]], change: Callable[[Any], None] = lambda _book: None) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "Costs"
    for row in rows:
        book.active.append(row)
    change(book)
    book.save(out)
    book.close()
    return out.getvalue()


def _pages(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)
