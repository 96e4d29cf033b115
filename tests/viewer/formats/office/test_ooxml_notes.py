"""What Office Open XML files hold and do not show, wherever in the file it stands and by whatever means."""

import struct

import pytest

from tests.viewer import samples
from tests.viewer.formats.opening import SHOWN, notes, outcome_within_limits
from viewer.formats.office import sentences

_TYPE = "application/vnd.openxmlformats-officedocument"
_WORD, _EXCEL = f"{_TYPE}.wordprocessingml", f"{_TYPE}.spreadsheetml"
_SLIDES = f"{_TYPE}.presentationml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_VANISH = "<w:rPr><w:vanish/></w:rPr>"
_PICTURE = sentences.LINKED_PICTURES[0]
_MAIN = f"{_WORD}.document.main+xml"
_OF_DOCUMENT = "word/_rels/document.xml.rels"
_BLIP = '<a:blip r:link="rId9"/>'


def _package(main: str, parts: dict[str, str | bytes], types: dict[str, str] | None = None) -> bytes:
    """A package with these parts.

    Args:
        main: the type of the main part, and so of the file.
        parts: by name.
        types: declared ones of some parts.
    """
    named = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>'
        for name, kind in {"main.xml": main, **(types or {})}.items()
    )
    return samples.zipped({"[Content_Types].xml": f"<Types>{named}</Types>", **parts})


def _word(text: str, styles: str = "", name: str = "word/document.xml") -> bytes:
    main = f"{_WORD}.document.main+xml"
    return _package(main, {name: text, "word/styles.xml": styles}, {name: main})


def _relations(kind: str) -> str:
    one = f'<Relationship Id="rId9" Type="{_RELATION}/{kind}" Target="file:///S:/a" TargetMode="External"/>'
    return f"<Relationships>{one}</Relationships>"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (_word(f"<w:r>{_VANISH}</w:r>", name="text/letter.xml"), (sentences.HIDDEN_TEXT[0],)),
        (_word('<w:ins w:id="1"/>', name="word/document2.xml"), (sentences.CHANGES[0],)),
        (_word('<w:r><w:rPr><w:vanish w:val="0"/></w:rPr></w:r>'), ()),
        (_word(f"<w:pPr>{_VANISH}</w:pPr>"), ()),
        (
            _word(
                '<w:p><w:pPr><w:pStyle w:val="Private"/></w:pPr></w:p><w:rStyle w:val="Plain"/>',
                f'<w:style w:styleId="Secret">{_VANISH}</w:style><w:style w:styleId="Plain"/>'
                '<w:style w:styleId="Private"><w:basedOn w:val="Secret"/></w:style>',
            ),
            (sentences.HIDDEN_TEXT[0],),
        ),
        (_word("", f'<w:style w:styleId="Secret">{_VANISH}</w:style>'), ()),
        (_word(_BLIP), (_PICTURE,)),
        (_word('<a:blip r:embed="rId8" r:link="rId9"/>'), ()),
        (
            _word('<v:imagedata r:href="rId9"/><v:imagedata r:id="rId8" r:href="rId9"/>'),
            (_PICTURE,),
        ),
        (_word('<w:instrText xml:space="x"> INCLUDEPICTURE "S:\\a.jpg" \\d </w:instrText>'), (_PICTURE,)),
        (_word('<w:instrText> INCLUDEPICTURE "S:\\daily.jpg" </w:instrText>'), ()),
        (_word('<wp:docPr id="1" name="Note" hidden="1"/>'), (sentences.HIDDEN_OBJECTS[0],)),
        (
            _package(_MAIN, {_OF_DOCUMENT: _relations("subDocument")}),
            (sentences.LINKED_PARTS[0],),
        ),
        (
            _package(_MAIN, {_OF_DOCUMENT: _relations("oleObject")}),
            (sentences.LINKED_OBJECTS[0],),
        ),
        (
            _package(
                f"{_EXCEL}.sheet.main+xml",
                {
                    "sheets/one.xml": '<row r="1" hidden="1"/><col hidden="true"/>',
                    "xl/drawings/drawing1.xml": _BLIP,
                },
                {"sheets/one.xml": f"{_EXCEL}.worksheet+xml"},
            ),
            (sentences.HIDDEN_ROWS[0], sentences.HIDDEN_COLUMNS[0], _PICTURE),
        ),
        (
            _package(
                f"{_SLIDES}.presentation.main+xml",
                {
                    "ppt/notesSlides/notesSlide1.xml": "<a:p><a:r><a:t>Say it.</a:t></a:r></a:p>",
                    "ppt/notesSlides/notesSlide2.xml": '<a:fld type="slidenum"><a:t>2</a:t></a:fld>',
                    "ppt/slides/_rels/slide1.xml.rels": _relations("video"),
                },
            ),
            (sentences.SPEAKERS_NOTES[0], sentences.RECORDINGS[0]),
        ),
    ],
    ids=[
        "main-part-elsewhere", "main-part-of-another-name", "vanish-off", "paragraph-mark", "hidden-by-style",
        "style-not-used", "linked-picture", "linked-and-embedded", "linked-vml", "field-not-saved",
        "field-saved", "hidden-object", "subdocument", "linked-object", "sheet", "slides",
    ],
)  # fmt: skip
def test_hidden_content_of_office_open_xml_is_noted(body: bytes, said: tuple[str, ...]) -> None:
    assert notes(body) == said


def test_hidden_rows_columns_and_comments_of_a_binary_workbook() -> None:
    row = struct.pack("<IIHBB", 1, 0, 300, 0, 0x10).ljust(17, b"\0")
    shown_row = struct.pack("<IIHBB", 2, 0, 300, 0, 0x00).ljust(17, b"\0")
    columns = struct.pack("<IIIIH", 1, 1, 2000, 0, 1)
    sheet = (
        samples.binary_record(60, columns)
        + samples.binary_record(0, row)
        + samples.binary_record(0, shown_row)
    )
    body = _package(
        "application/vnd.ms-excel.sheet.binary.macroEnabled.main",
        {"xl/worksheets/sheet1.bin": sheet, "xl/comments1.bin": samples.binary_record(635) * 2},
    )
    assert notes(body) == (
        "2 comments are not shown.",
        "1 hidden row is not shown.",
        "Hidden columns are not shown.",
    )


@pytest.mark.parametrize("piece", ["<a:blip ", "<w:vanish/>", "<w:style ", "<w:instrText>INCLUDEPICTURE "])
def test_megabytes_of_a_beginning_without_an_end_take_no_time(piece: str) -> None:
    body = _word(piece * (4_000_000 // len(piece)), piece * (4_000_000 // len(piece)))
    assert outcome_within_limits(body, seconds=8) == SHOWN
