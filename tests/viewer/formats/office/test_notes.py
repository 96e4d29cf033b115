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
from tests.viewer.formats.opening import notes_on_what_is_there, read
from viewer.documents import MAX_PRINTED_PAGES, Printing
from viewer.errors import ConversionUnavailable, TooLarge
from viewer.formats import inspect_printed
from viewer.formats.office import package, sentences

_MAIL = b"From: a@b.test\r\nTo: c@d.test\r\nContent-Type: text/html\r\n\r\n"
_ODT_TYPE = "application/vnd.oasis.opendocument.text"
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


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
    ("body", "said"),
    [
        (samples.word(), ()),
        (samples.excel(), ()),
        (samples.pdf(), ()),
        (_word(_with_comments), ("2 comments are not shown.",)),
        (_word(_with_a_deletion), (sentences.CHANGES[0],)),
        (_word(_with_hidden_text), ("1 piece of hidden text is not shown.",)),
        (
            _excel(_with_hidden_sheets),
            ("This spreadsheet has 2 hidden sheets, which are not shown.",),
        ),
        (
            _excel(_with_a_comment_and_a_hidden_row),
            ("1 comment is not shown.", "1 hidden row is not shown."),
        ),
        (
            _slides(),
            ("1 hidden slide is not shown.", "The speaker's notes of 2 slides are not shown."),
        ),
        (
            samples.zipped(
                {"mimetype": _ODT_TYPE, "content.xml": "<office:annotation>x", "Basic/script.xml": ""}
            ),
            ("1 comment is not shown.", "Macros in this document were not run."),
        ),
        (
            samples.zipped({"[Content_Types].xml": _WORD_TYPE, "word/vbaProject.bin": "x"}),
            ("Macros in this document were not run.",),
        ),
        (b"<html><img src='cid:a'><img src=data:x>", ()),
        (
            _MAIL + b"<IMG alt='' SRC='https://x.test/1'><img src=//x/2>",
            ("2 pictures that the sender keeps elsewhere were not fetched.",),
        ),
    ],
    ids=[
        "plain-docx", "plain-xlsx", "plain-pdf", "comments", "deletion", "hidden-text", "hidden-sheets",
        "comment-and-row", "slides", "odt", "macros",
        "own-pictures", "pictures-elsewhere",
    ],
)  # fmt: skip
def test_hidden_content_of_each_office_kind_is_noted(body: bytes, said: tuple[str, ...]) -> None:
    assert notes_on_what_is_there(body) == said


def test_no_more_than_the_bound_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_BYTES", 100 + len(_WORD_TYPE))
    body = samples.zipped({"[Content_Types].xml": _WORD_TYPE, "word/comments.xml": "<w:comment >" * 100_000})
    assert notes_on_what_is_there(body) == ("8 comments are not shown.",)


def _in_font(name: str) -> bytes:
    def change(document: Any) -> None:
        document.paragraphs[0].runs[0].font.name = name

    return _word(change)


def _fonts_of(body: bytes) -> tuple[str, ...]:
    printing = read(body)[0].printing
    assert printing
    return printing.fonts


def _inspected(pdf: bytes, cut_after: int | None = None, fonts: tuple[str, ...] = ()) -> tuple[str, ...]:
    return inspect_printed(
        io.BytesIO(pdf), Printing(("writer8",), is_long=False, cut_after=cut_after, fonts=fonts)
    )


@pytest.mark.parametrize("name", ["Arial", "Calibri", "Times New Roman", "Helvetica"])
def test_a_stand_in_of_the_same_widths_is_no_news(name: str) -> None:
    assert _fonts_of(_in_font(name)) == ()


def test_other_fonts_that_were_replaced_are_named() -> None:
    fonts = _fonts_of(_in_font("Comic Neue"))
    assert _inspected(samples.pdf(), fonts=fonts) == (
        "Fonts replaced, so that lines may break elsewhere: Comic Neue.",
    )


def test_hidden_sheets_of_a_binary_workbook_are_told() -> None:
    body = samples.excel_binary(states=(0, 1, 2))
    assert notes_on_what_is_there(body) == ("This spreadsheet has 2 hidden sheets, which are not shown.",)


def _blank(pages: int) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page().Contents = pdf.make_stream(b"q 0 0 100 100 re W* n /S 12 0 0 1 cm Q")
        pdf.save(out)
    return out.getvalue()


def test_a_blank_pdf_is_never_shown_without_a_word() -> None:
    (note,) = _inspected(_blank(2))
    assert "blank" in note
    assert _inspected(samples.pdf()) == ()


def test_a_spreadsheet_that_is_cut_says_so() -> None:
    assert _inspected(samples.pdf(pages=3), cut_after=3) == ("Only the first 3 pages are shown.",)
    assert _inspected(samples.pdf(pages=2), cut_after=3) == ()


def test_a_pdf_of_as_many_pages_as_are_made_at_the_most_may_lack_some() -> None:
    pages = samples.pdf(pages=MAX_PRINTED_PAGES)
    with pytest.raises(TooLarge):
        _inspected(pages)
    assert _inspected(pages, cut_after=MAX_PRINTED_PAGES + 1) == ()


@pytest.mark.parametrize(
    "body", [b"", b"<html>502 Bad Gateway", samples.pdf()[:100], samples.locked_pdf("x")]
)
def test_a_result_that_is_no_pdf_is_an_outage_and_no_verdict(body: bytes) -> None:
    with pytest.raises(ConversionUnavailable):
        _inspected(body)


def test_a_part_that_does_not_unpack_gives_no_notes() -> None:
    body = samples.zipped({"word/document.xml": "<w:p>" * 50})
    start = 30 + len("word/document.xml")
    broken = body[:start] + b"\xff" * 8 + body[start + 8 :]
    assert notes_on_what_is_there(broken) == ()
    assert _fonts_of(broken) == ()


@pytest.mark.parametrize(
    ("part", "piece"),
    [
        ("word/document.xml", "<w:rFonts "),
        ("word/document.xml", "<w:rFonts w:ascii="),
        ("word/comments.xml", "<a:comment"),
        ("xl/workbook.xml", "<sheet "),
        ("xl/worksheets/sheet1.xml", "<row hidden="),
        ("ppt/slides/slide1.xml", "<a:latin "),
        ("ppt/slides/slide1.xml", "<p:sld show="),
        ("xl/styles.xml", "<name "),
    ],
)
def test_megabytes_of_a_beginning_without_an_end_take_no_time(part: str, piece: str) -> None:
    main = {"w": "word/document.xml", "x": "xl/workbook.xml", "p": "ppt/presentation.xml"}[part[0]]
    assert (
        notes_on_what_is_there(samples.zipped({main: "<x/>", part: piece * (8_000_000 // len(piece))})) == ()
    )
