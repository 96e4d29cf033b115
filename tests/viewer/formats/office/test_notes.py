"""What is not shown is told: by real files, each with one thing that a PDF of it leaves out."""

import io
from collections.abc import Callable
from typing import Any

import docx
import openpyxl
import pikepdf
import pptx
import pytest
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from openpyxl.comments import Comment

from tests.viewer import samples
from viewer.documents import Kind
from viewer.formats.office import notes as fidelity
from viewer.formats.office.notes import made_of, notes_on, replaced_fonts

DOCX, XLSX, PPTX, ODT, PDF, EML, HTML = (
    Kind(name, "") for name in ("docx", "xlsx", "pptx", "odt", "pdf", "eml", "html")
)


def _word(change: Callable[[Any], object]) -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph("A case note.")
    change(document)
    document.save(out)
    return out.getvalue()


def _with_comments(document: Any) -> None:
    runs = document.paragraphs[0].runs
    document.add_comment(runs, "Is this right?", "Reviewer")
    document.add_comment(runs, "I think so.", "Author")


def _with_a_deletion(document: Any) -> None:
    deletion = OxmlElement("w:del")
    deletion.set(qn("w:author"), "Reviewer")
    document.paragraphs[0]._p.append(deletion)


def _with_hidden_text(document: Any) -> None:
    document.paragraphs[0].add_run("not for print").font.hidden = True


def _excel(change: Callable[[Any], object]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    change(book)
    book.save(out)
    book.close()
    return out.getvalue()


def _with_hidden_sheets(book: Any) -> None:
    book.create_sheet("Costs").sheet_state = "hidden"
    book.create_sheet("Old").sheet_state = "veryHidden"


def _with_a_comment_and_a_hidden_row(book: Any) -> None:
    book.active["A1"].comment = Comment("Ask first.", "Reviewer")
    book.active["A2"] = 1
    book.active.row_dimensions[2].hidden = True


def _slides() -> bytes:
    deck, out = pptx.Presentation(), io.BytesIO()
    for shown in (True, False):
        slide = deck.slides.add_slide(deck.slide_layouts[0])
        slide.notes_slide.notes_text_frame.text = "Say this slowly."
        if not shown:
            slide._element.set("show", "0")
    deck.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "kind", "notes"),
    [
        (samples.word(), DOCX, ()),
        (samples.excel(), XLSX, ()),
        (samples.pdf(), PDF, ()),
        (_word(_with_comments), DOCX, ("2 comments are not shown.",)),
        (_word(_with_a_deletion), DOCX, (fidelity._CHANGES[0],)),
        (_word(_with_hidden_text), DOCX, ("1 piece of hidden text is not shown.",)),
        (
            _excel(_with_hidden_sheets),
            XLSX,
            ("This spreadsheet has 2 hidden sheets, which are not shown.",),
        ),
        (
            _excel(_with_a_comment_and_a_hidden_row),
            XLSX,
            ("1 comment is not shown.", "1 hidden row is not shown."),
        ),
        (
            _slides(),
            PPTX,
            ("1 hidden slide is not shown.", "The speaker's notes of 2 slides are not shown."),
        ),
        (
            samples.zipped({"content.xml": "<office:annotation>x", "Basic/script.xml": ""}),
            ODT,
            ("1 comment is not shown.", "Macros in this document were not run."),
        ),
        (samples.zipped({"word/vbaProject.bin": "x"}), DOCX, ("Macros in this document were not run.",)),
        (b"PK\x03\x04 cut short", DOCX, ()),
        (b"<html><img src='cid:a'><img src=data:x>", HTML, ()),
        (
            b"Content-Type: text/html\r\n\r\n<IMG alt='' SRC='https://x.test/1'><img src=//x/2>",
            EML,
            ("2 pictures that the sender keeps elsewhere were not fetched.",),
        ),
    ],
    ids=[
        "plain-docx", "plain-xlsx", "plain-pdf", "comments", "deletion", "hidden-text", "hidden-sheets",
        "comment-and-row", "slides", "odt", "macros", "broken-zip",
        "own-pictures", "pictures-elsewhere",
    ],
)  # fmt: skip
def test_what_is_left_out_is_told(body: bytes, kind: Kind, notes: tuple[str, ...]) -> None:
    file = io.BytesIO(body)
    assert notes_on(file, kind) == notes
    assert file.tell() == 0


def test_no_more_than_the_bound_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fidelity, "_MOST_BYTES", 100)
    body = samples.zipped({"word/comments.xml": "<w:comment >" * 100_000})
    assert notes_on(io.BytesIO(body), DOCX) == ("8 comments are not shown.",)


def _in_font(name: str) -> bytes:
    def change(document: Any) -> None:
        document.paragraphs[0].runs[0].font.name = name

    return _word(change)


@pytest.mark.parametrize("name", ["Arial", "Calibri", "Times New Roman", "Helvetica"])
def test_a_stand_in_of_the_same_widths_is_no_news(name: str) -> None:
    assert replaced_fonts(_in_font(name), DOCX, samples.pdf()) == ()


def test_other_fonts_that_were_replaced_are_named() -> None:
    (note,) = replaced_fonts(_in_font("Comic Neue"), DOCX, samples.pdf())
    assert note == "Fonts replaced, so that lines may break elsewhere: Comic Neue."


def test_hidden_sheets_of_a_binary_workbook_are_told() -> None:
    body = samples.excel_binary(states=(0, 1, 2))
    assert notes_on(io.BytesIO(body), Kind("xlsb", "")) == (
        "This spreadsheet has 2 hidden sheets, which are not shown.",
    )


def _blank(pages: int) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page().Contents = pdf.make_stream(b"q 0 0 100 100 re W* n /S 12 0 0 1 cm Q")
        pdf.save(out)
    return out.getvalue()


def test_a_blank_pdf_is_never_shown_without_a_word() -> None:
    (note,) = made_of(DOCX, _blank(2))
    assert "blank" in note
    assert made_of(DOCX, samples.pdf()) == ()


def test_a_spreadsheet_that_is_cut_says_so() -> None:
    assert made_of(Kind("xlsx", "", cut_after=3), samples.pdf(pages=3)) == (
        "Only the first 3 pages are shown.",
    )
    assert made_of(Kind("xlsx", "", cut_after=3), samples.pdf(pages=2)) == ()


def test_a_part_that_does_not_unpack_gives_no_notes() -> None:
    body = samples.zipped({"word/document.xml": "<w:p>" * 50})
    start = 30 + len("word/document.xml")
    broken = body[:start] + b"\xff" * 8 + body[start + 8 :]
    assert notes_on(io.BytesIO(broken), DOCX) == ()
    assert replaced_fonts(broken, DOCX, samples.pdf()) == ()
