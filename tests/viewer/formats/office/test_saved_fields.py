"""Fields go and what they last said stays, byte for byte; what must stay alive does."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conversion import dated
from tests.viewer import samples
from tests.viewer.formats.opening import read
from viewer.formats.office.saved_fields.cells import OpenSheetCells, SheetCells
from viewer.formats.office.saved_fields.dates import DateStyles
from viewer.formats.office.saved_fields.open_document import OpenDocumentFields
from viewer.formats.office.saved_fields.rtf import RtfFields
from viewer.formats.office.saved_fields.slides import SlideFields, shows_today
from viewer.formats.office.saved_fields.word_xml import WordFields
from viewer.formats.office.saved_fields.xml_cuts import UnsupportedXml

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _word(inside: str) -> bytes:
    return f'<w:document xmlns:w="{_W}"><w:p>{inside}</w:p></w:document>'.encode()


def _mark(kind: str) -> str:
    return f'<w:r><w:rPr/><w:fldChar w:fldCharType="{kind}"/></w:r>'


def _field(instruction: str, result: str) -> str:
    asked = f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"
    return _mark("begin") + asked + _mark("separate") + result + _mark("end")


def _said(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


_BARE = "<w:r><w:rPr/></w:r>"


def test_a_fields_marks_and_instructions_go() -> None:
    transformed = WordFields(_word(_said("On ") + _field(' DATE \\@ "d"', _said("3 March")))).transformed()
    assert transformed == _word(_said("On ") + _BARE + "<w:r></w:r>" + _BARE + _said("3 March") + _BARE)


def test_a_field_in_instructions_goes_with_them() -> None:
    nested = f"{_mark('begin')}<w:r><w:instrText>MERGEFIELD a</w:instrText></w:r>{_mark('separate')}"
    nested += _said("NOT") + _mark("end")
    inside = _mark("begin") + "<w:r><w:instrText>IF </w:instrText></w:r>" + nested + _mark("separate")
    transformed = WordFields(_word(inside + _said("SAVED") + _mark("end"))).transformed()
    assert b"SAVED" in transformed
    assert b"NOT" not in transformed
    assert b"fldChar" not in transformed


@pytest.mark.parametrize("name", ["PAGE", "NUMPAGES", "SECTIONPAGES", "HYPERLINK x", "TOC \\o", "FORMTEXT"])
def test_fields_that_must_be_computed_stay_fields(name: str) -> None:
    document = _word(_field(name, _said("1")))
    assert WordFields(document).transformed() == document


def test_page_numbers_in_a_table_of_contents_stay_and_others_are_as_saved() -> None:
    reference = _field("PAGEREF _Toc1", _said("7"))
    contents = _word(_field("TOC", reference))
    assert WordFields(contents).transformed() == contents
    assert b"PAGEREF" not in WordFields(_word(reference)).transformed()


def test_a_simple_field_is_unwrapped() -> None:
    simple = '<w:fldSimple w:instr="FILENAME">' + _said("a.docx") + "</w:fldSimple>"
    is_live = '<w:fldSimple w:instr=" PAGE "/>'
    assert WordFields(_word(simple + is_live)).transformed() == _word(_said("a.docx") + is_live)


def test_a_field_without_a_result_is_left_out_and_told() -> None:
    fields = WordFields(_word(_mark("begin") + "<w:r><w:instrText>DATE</w:instrText></w:r>" + _mark("end")))
    assert b"DATE" not in fields.transformed()
    assert fields.left_out == 1
    reading, _ = read(dated.letter({"DATE": None}))
    assert any("left out" in note for note in reading.notes)


def test_marks_without_their_partners_change_nothing() -> None:
    for kinds in (
        ("end",),
        ("separate", "end"),
        ("begin",),
        ("begin", "separate"),
        ("begin", "begin", "end"),
    ):
        document = _word("".join(map(_mark, kinds)))
        assert WordFields(document).transformed() == document


@pytest.mark.parametrize(
    "part", [b"<a", b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "<a/>".encode("utf-16"), b""]
)
def test_xml_that_cannot_be_read_is_refused(part: bytes) -> None:
    with pytest.raises(UnsupportedXml):
        WordFields(part).transformed()


def test_every_other_part_is_as_it_was() -> None:
    document = dated.letter({"DATE": "3 March 2019"})
    _, body = read(document)
    assert body
    with zipfile.ZipFile(io.BytesIO(document)) as before, zipfile.ZipFile(io.BytesIO(body)) as after:
        assert after.testzip() is None
        assert after.namelist() == before.namelist()
        changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
    assert changed == {"word/document.xml"}


def test_a_document_without_fields_is_sent_as_it_is() -> None:
    document = samples.word()
    assert read(document)[1] == document


_RTF_FIELD = rb"{\field\flddirty{\*\fldinst { DATE \\@ d}}{\fldrslt {\b 3 March}}}"


def test_rtf_keeps_results() -> None:
    before = rb"{\rtf1 On " + _RTF_FIELD + rb" and {\field{\*\fldinst PAGE}{\fldrslt 7}}.}"
    assert RtfFields(before).transformed() == (
        rb"{\rtf1 On {{{\b 3 March}}} and {\field{\*\fldinst PAGE}{\fldrslt 7}}.}"
    )


def test_binary_bytes_in_rtf_are_no_groups() -> None:
    before = rb"{\rtf1{\pict\bin3 }}}" + b"}" + _RTF_FIELD + b"}"
    assert b"fldinst" not in RtfFields(before).transformed()


@given(st.text(alphabet="{}\\ bifnedlrst*019", max_size=200))
def test_no_rtf_is_too_odd(text: str) -> None:
    RtfFields(b"{\\rtf1 " + text.encode()).transformed()


def test_open_document_keeps_results() -> None:
    names = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    number = "<text:page-number>7</text:page-number>"
    before = f'<a {names}><text:date text:date-value="x">3 March</text:date>{number}</a>'
    after = f"<a {names}>3 March{number}</a>"
    assert OpenDocumentFields(before.encode()).transformed() == after.encode()


def test_a_slides_date_that_was_not_saved_is_left_out_and_told() -> None:
    names = 'xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0"'
    fields = OpenDocumentFields(
        f'<a {names}><presentation:date-time-decl presentation:source="current-date"/></a>'.encode()
    )
    assert b'source="fixed"' in fields.transformed()
    assert fields.left_out == 1


def test_slides_keep_dates_as_text() -> None:
    names = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    date = '<a:fld id="x" type="datetime1"><a:rPr/><a:pPr><a:x/></a:pPr><a:t>3 March</a:t></a:fld>'
    number = '<a:fld id="y" type="slidenum"><a:t>7</a:t></a:fld>'
    transformed = SlideFields(f"<a:p {names}>{date}{number}</a:p>".encode()).transformed()
    assert transformed == f"<a:p {names}><a:r><a:rPr/><a:t>3 March</a:t></a:r>{number}</a:p>".encode()


@pytest.mark.parametrize(
    ("record", "is_today"),
    [
        ("0000f70f0800000000000000", True),
        ("0000da0f0400000000000300", True),
        ("0000da0f0400000000000500", False),
        ("0000f80f0400000000000000", False),
    ],
    ids=["a date in a text", "today below a slide", "a day below a slide", "a place for a date"],
)
def test_a_binary_presentation_says_whether_it_asks_for_today(record: str, *, is_today: bool) -> None:
    assert shows_today(b"before" + bytes.fromhex(record)) is is_today


def test_cells_that_change_by_themselves_keep_their_values() -> None:
    cell = b'<c r="A1"><f>%s</f><v>43527</v></c>'
    assert SheetCells(cell % b"TODAY( )").transformed() == b'<c r="A1"><v>43527</v></c>'
    assert SheetCells(cell % b"A2+1").transformed() == cell % b"A2+1"
    assert SheetCells(cell % b"MYTODAY()").transformed() == cell % b"MYTODAY()"
    unsaved = b'<c r="A1"><f>TODAY()</f><v></v></c>'
    assert SheetCells(unsaved).transformed() == unsaved
    shared = b'<c><f t="shared" ref="A1:A2" si="0">NOW()</f><v>1</v></c><c><f t="shared" si="0"/><v>2</v></c>'
    assert SheetCells(shared).transformed() == b"<c><v>1</v></c><c><v>2</v></c>"
    assert OpenSheetCells(b'<t:c table:formula="of:=NOW()" x="1"/>').transformed() == b'<t:c x="1"/>'


def test_formats_that_stand_for_the_form_of_the_country_become_it() -> None:
    styles = (
        b'<numFmt numFmtId="165" formatCode="m/d/yyyy"/><numFmt numFmtId="166" formatCode="[$-409]m/d/yyyy"/>'
        b'<xf numFmtId="165" fontId="0"/><xf numFmtId="166"/>'
    )
    assert DateStyles(styles).transformed() == styles.replace(b'<xf numFmtId="165"', b'<xf numFmtId="14"')
