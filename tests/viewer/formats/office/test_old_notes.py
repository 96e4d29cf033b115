"""What old, flat and text formats hold and do not show is told in the same words as for the newer ones."""

import pytest

from demo.compound import compound
from tests.viewer import samples
from tests.viewer.formats.office import binary
from tests.viewer.formats.opening import SHOWN, notes_on_what_is_there, outcome_within_limits
from viewer.formats.office import sentences

_ONE_CHANGE, _ONE_HIDDEN = sentences.CHANGES[0], sentences.HIDDEN_TEXT[0]
_ONE_PICTURE = sentences.LINKED_PICTURES[0]
_ODF = "application/vnd.oasis.opendocument"
_SHEET = f'<office:document xmlns:office="o" office:mimetype="{_ODF}.spreadsheet">'
_TEXT = f'<office:document xmlns:office="o" office:mimetype="{_ODF}.text">'
_SLIDES = f'<office:document xmlns:office="o" office:mimetype="{_ODF}.presentation">'
_WORD_XML = '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml">'


def _style(name: str, properties: str, parent: str = "") -> str:
    based = f' style:parent-style-name="{parent}"' if parent else ""
    return f'<style:style style:name="{name}"{based}>{properties}</style:style>'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (binary.word([()]), ()),
        (binary.word([], comments=2), ("2 comments are not shown.",)),
        (
            binary.word([(), (binary.INSERTED,), (binary.INSERTED, binary.HIDDEN), (), (binary.DELETED,)]),
            (sentences.CHANGES[1].format(n=2), _ONE_HIDDEN),
        ),
        (binary.word([(binary.HIDDEN,), (), (binary.HIDDEN,)]), (sentences.HIDDEN_TEXT[1].format(n=2),)),
        (
            binary.word([()], text='\x13 INCLUDEPICTURE "S:\\photo.jpg" \\d \x14\x15'.encode("utf-16-le")),
            (_ONE_PICTURE,),
        ),
        (binary.word([()], text=b'\x13 INCLUDEPICTURE "S:\\photo.jpg" \x14\x01\x15'), ()),
        (
            compound({("WordDocument",): b"\xdc\xa5\x65\0".ljust(0x44, b"\0") + b"\x09".ljust(600, b"\0")}),
            (sentences.COMMENTS[0],),
        ),
        (binary.excel(), ()),
        (
            binary.excel(rows=2, columns=1, comments=3),
            ("3 comments are not shown.", "2 hidden rows are not shown.", "Hidden columns are not shown."),
        ),
        (binary.excel(more={("Revision Log",): b"x"}), (sentences.CELL_CHANGES[0],)),
        (binary.powerpoint(old_hidden=2), ()),
        (
            binary.powerpoint(hidden=1, noted=2, old_hidden=3),
            ("1 hidden slide is not shown.", "The speaker's notes of 2 slides are not shown."),
        ),
    ],
    ids=[
        "word", "word-comments", "word-changes", "word-hidden", "word-linked-picture", "word-picture",
        "word-95",        "excel", "excel-hidden", "excel-changes", "powerpoint", "powerpoint-hidden",
    ],
)  # fmt: skip
def test_binary_files(body: bytes, said: tuple[str, ...]) -> None:
    assert notes_on_what_is_there(body) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A letter {\\*\\annotation Is it?}", ("1 comment is not shown.",)),
        ("{\\deleted no}{\\revised\\revauth1 yes}", (sentences.CHANGES[1].format(n=2),)),
        ("{\\v secret}{\\v0 open}\\viewkind1", (_ONE_HIDDEN,)),
        ("{\\stylesheet{\\s1\\v Hidden;}{\\s2 a \\} brace;}}text", ()),
        ("a path: C:\\\\v and \\\\deleted", ()),
        ('{\\field{\\*\\fldinst INCLUDEPICTURE "S:\\\\\\\\photo.jpg" \\\\d}}', (_ONE_PICTURE,)),
        ('{\\field{\\*\\fldinst INCLUDEPICTURE "S:\\\\\\\\daily.jpg"}{\\fldrslt{\\pict 00}}}', ()),
    ],
    ids=["comment", "changes", "hidden", "style", "written-out", "linked-picture", "picture"],
)
def test_rich_text(text: str, said: tuple[str, ...]) -> None:
    assert notes_on_what_is_there(b"{\\rtf1\\ansi " + text.encode() + b"}") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            _SHEET + '<table:table-row table:visibility="collapse" table:number-rows-repeated="3"/>'
            '<table:table-column table:visibility="collapse"/><table:table-row table:visibility="visible"/>'
            '<table:table-row table:number-rows-repeated="2" table:visibility="filter"/>',
            ("5 hidden rows are not shown.", "Hidden columns are not shown."),
        ),
        (
            _SHEET + _style("ta1", "") + _style("ta2", '<style:table-properties table:display="false"/>')
            + '<table:table table:style-name="ta1"/><table:table table:name="B" table:style-name="ta2"/>',
            ("This spreadsheet has 1 hidden sheet, which is not shown.",),
        ),
        (
            _TEXT + _style("Secret", '<style:text-properties text:display="none"/>')
            + _style("T1", "", "Secret")
            + '<style:style style:name="T2"/><text:span text:style-name="T1">a</text:span>'
            '<text:span text:style-name="T2">b</text:span><text:section text:name="s" text:display="none">',
            (sentences.HIDDEN_TEXT[1].format(n=2),),
        ),
        (_TEXT + "<text:changed-region><text:deletion/></text:changed-region>", (_ONE_CHANGE,)),
        (
            _TEXT + '<draw:image xlink:href="../photo.jpg"/><draw:image xlink:href="Pictures/1.jpg"/>',
            (_ONE_PICTURE,),
        ),
        (
            _SLIDES + _style("dp1", '<style:drawing-page-properties presentation:visibility="hidden"/>')
            + '<draw:page draw:name="p" draw:style-name="dp1"><presentation:notes><text:p>Say it.</text:p>'
            '</presentation:notes></draw:page><draw:page draw:style-name="dp2"><presentation:notes>'
            "<text:p/></presentation:notes></draw:page><text:p>Not a note</text:p>",
            ("1 hidden slide is not shown.", "The speaker's notes of 1 slide are not shown."),
        ),
        (_SLIDES + '<draw:layer draw:name="a" draw:display="none"/>', (sentences.HIDDEN_LAYERS[0],)),
        (
            _WORD_XML + '<aml:annotation aml:id="1" w:type="Word.Comment"/><w:vanish/>'
            '<aml:annotation aml:id="2" w:type="Word.Deletion"/>',
            ("1 comment is not shown.", sentences.DELETED_TEXT[0], sentences.HIDDEN_TEXT_SHOWN[0]),
        ),
    ],
    ids=["rows", "sheets", "text", "changes", "pictures", "slides", "layers", "word-2003"],
)  # fmt: skip
def test_xml_files(text: str, said: tuple[str, ...]) -> None:
    assert notes_on_what_is_there(f'<?xml version="1.0"?>{text}'.encode()) == said


def test_the_xml_of_excel_2003() -> None:
    plain = samples.excel_2003().decode()
    hidden = plain.replace("<Row>", '<Column ss:Hidden="1"/><Row ss:Hidden="1">').replace(
        "</Table>",
        "</Table><WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions>",
    )
    assert notes_on_what_is_there(plain.encode()) == ()
    assert notes_on_what_is_there(hidden.encode()) == (
        sentences.HIDDEN_SHEETS_SHOWN[0],
        "1 hidden row is not shown.",
        "Hidden columns are not shown.",
    )


def test_text_hidden_by_a_named_style_of_open_document_is_noted() -> None:
    body = samples.zipped(
        {
            "mimetype": f"{_ODF}.text",
            "content.xml": '<text:p text:style-name="Secret">a</text:p>',
            "styles.xml": _style("Secret", '<style:text-properties text:display="none"/>'),
        }
    )
    assert notes_on_what_is_there(body) == (_ONE_HIDDEN,)


@pytest.mark.parametrize(
    "piece",
    [
        "<table:table-row ",
        "<style:style ",
        "<draw:image ",
        "<presentation:notes ",
        "<text:span ",
        "<draw:object>",
    ],
)
def test_megabytes_of_a_beginning_without_an_end_take_no_time(piece: str) -> None:
    body = f'<?xml version="1.0"?>{_TEXT}{piece * (4_000_000 // len(piece))}'.encode()
    assert outcome_within_limits(body, seconds=8) == SHOWN


@pytest.mark.parametrize("piece", ["{\\stylesheet", "\\v0", "{\\*\\objdata 0", "INCLUDEPICTURE ", "{"])
def test_megabytes_of_rich_text_take_no_time(piece: str) -> None:
    body = b"{\\rtf1 " + piece.encode() * (4_000_000 // len(piece))
    assert outcome_within_limits(body, seconds=8) == SHOWN
