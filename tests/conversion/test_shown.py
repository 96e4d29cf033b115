"""What a real office draws and leaves out is what the notes say of it."""

import io
import zipfile
from typing import Any

import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from pptx import Presentation
from pptx.util import Inches

from tests.conversion import dated
from tests.conversion.offices import Guard
from tests.conversion.test_saved import printed
from tests.viewer.formats.opening import notes

_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ADDRESS = "http://127.0.0.1:9/x.png"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_NAMES = (
    f'xmlns:a="{_DRAWING}/main" xmlns:pic="{_DRAWING}/picture" xmlns:wp="{_DRAWING}/wordprocessingDrawing" '
    f'xmlns:r="{_KINDS}" xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
_SHAPE = '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
_LINKED = "1 picture is not shown: it is kept in another place, and this document only says where."


def _saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _letter_with_a_linked_picture() -> bytes:
    document = Document()
    relation = document.part.relate_to(_ADDRESS, f"{_KINDS}/image", is_external=True)
    document.add_paragraph("BEFORE")._p.append(
        parse_xml(
            f'<w:r {_NAMES}><w:drawing><wp:inline><wp:extent cx="1800000" cy="900000"/><wp:docPr id="9" '
            f'name="A"/><a:graphic><a:graphicData uri="{_DRAWING}/picture"><pic:pic><pic:nvPicPr>'
            '<pic:cNvPr id="9" name="x"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
            f'<a:blip r:link="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
            f'<a:xfrm><a:off x="0" y="0"/><a:ext cx="1800000" cy="900000"/></a:xfrm>{_SHAPE}</pic:spPr>'
            "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )
    )
    return _saved(document)


def _slide() -> Any:
    deck = Presentation()
    return deck, deck.slides.add_slide(deck.slide_layouts[6])


def _slide_with_a_linked_picture() -> bytes:
    deck, slide = _slide()
    relation = slide.part.relate_to(_ADDRESS, f"{_KINDS}/image", is_external=True)
    slide.shapes._spTree.append(
        parse_xml(
            f'<p:pic {_NAMES}><p:nvPicPr><p:cNvPr id="77" name="x"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr>'
            f'<p:blipFill><a:blip r:link="{relation}"/><a:stretch><a:fillRect/></a:stretch></p:blipFill>'
            '<p:spPr><a:xfrm><a:off x="914400" y="914400"/><a:ext cx="1828800" cy="914400"/></a:xfrm>'
            f"{_SHAPE}</p:spPr></p:pic>"
        )
    )
    return _saved(deck)


def _open_text_with_a_linked_picture() -> bytes:
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in {
            "office": "office",
            "text": "text",
            "draw": "drawing",
            "svg": "svg-compatible",
        }.items()
    )
    return (
        f'<?xml version="1.0"?><office:document{names} xmlns:xlink="http://www.w3.org/1999/xlink" '
        'office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text"><office:body>'
        '<office:text><text:p>BEFORE<draw:frame text:anchor-type="as-char" svg:width="5cm" svg:height="3cm">'
        f'<draw:image xlink:href="{_ADDRESS}"/></draw:frame></text:p></office:text></office:body>'
        "</office:document>"
    ).encode()


@pytest.mark.parametrize("form", ["docx", "doc", "pptx", "fodt"])
def test_a_picture_kept_elsewhere_leaves_a_frame_and_a_note(guard: Guard, form: str) -> None:
    document = {
        "docx": _letter_with_a_linked_picture,
        "doc": lambda: dated.old_forms(_letter_with_a_linked_picture(), "docx", ("doc",))["doc"],
        "pptx": _slide_with_a_linked_picture,
        "fodt": _open_text_with_a_linked_picture,
    }[form]()
    assert _LINKED in notes(document)
    assert "[Picture]" in printed(guard, document)


def test_text_hidden_by_its_style_is_not_drawn(guard: Guard) -> None:
    document = Document()
    for name, kind in (("Secret", WD_STYLE_TYPE.CHARACTER), ("Secrets", WD_STYLE_TYPE.PARAGRAPH)):
        document.styles.add_style(name, kind).font.hidden = True
    document.add_paragraph("SEEN").add_run("UNSEEN1", style="Secret")
    document.add_paragraph("UNSEEN2", style="Secrets")
    body = _saved(document)
    assert "2 pieces of hidden text are not shown." in notes(body)
    assert "UNSEEN" not in printed(guard, body)


def test_a_hidden_object_on_a_slide_is_not_drawn(guard: Guard) -> None:
    deck, slide = _slide()
    for top, name in enumerate(("SEEN", "UNDRAWN")):
        slide.shapes.add_textbox(Inches(1), Inches(top), Inches(4), Inches(1)).text_frame.text = name
    slide.shapes[1]._element.nvSpPr.cNvPr.set("hidden", "1")
    body = _saved(deck)
    assert "1 hidden object is not shown." in notes(body)
    text = printed(guard, body)
    assert "SEEN" in text
    assert "UNDRAWN" not in text


def test_equations_are_drawn(guard: Guard) -> None:
    document = Document()
    parts = "".join(
        f"<m:{part}><m:r><m:t>{word}</m:t></m:r></m:{part}>"
        for part, word in (("num", "DOSE"), ("den", "WEIGHT"))
    )
    document.add_paragraph()._p.append(parse_xml(f"<m:oMath {_NAMES}><m:f>{parts}</m:f></m:oMath>"))
    text = printed(guard, _saved(document))
    assert "DOSE" in text
    assert "WEIGHT" in text


def test_an_imported_part_is_listed_and_noted(guard: Guard) -> None:
    out = io.BytesIO()
    source = _saved(Document())
    with zipfile.ZipFile(io.BytesIO(source)) as before, zipfile.ZipFile(out, "w") as after:
        for member in before.infolist():
            body = before.read(member)
            if member.filename == "word/document.xml":
                body = body.replace(b"<w:sectPr", b'<w:altChunk r:id="alt"/><w:sectPr', 1)
            if member.filename == "word/_rels/document.xml.rels":
                relation = f'<Relationship Id="alt" Type="{_KINDS}/aFChunk" Target="a.html"/></Relationships>'
                body = body.replace(b"</Relationships>", relation.encode())
            after.writestr(member.filename, body)
        after.writestr("word/a.html", "<p>IMPORTED</p>")
    document = out.getvalue()
    assert any("imported part" in note for note in notes(document))
    assert "IMPORTED" not in printed(guard, document)


def test_what_the_files_of_office_2003_hide_or_add_is_drawn_and_what_they_delete_is_not(guard: Guard) -> None:
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    excel = (
        f'<?xml version="1.0"?><Workbook xmlns="{name}" xmlns:ss="{name}" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"><Worksheet ss:Name="Old"><Table><Row><Cell>'
        '<Data ss:Type="String">HIDDENSHEET</Data></Cell></Row></Table><x:WorksheetOptions><x:Visible>'
        "SheetHidden</x:Visible></x:WorksheetOptions></Worksheet></Workbook>"
    ).encode()
    assert notes(excel) == ("1 hidden sheet is shown like any other sheet.",)
    assert "HIDDENSHEET" in printed(guard, excel)
    word = (
        b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument '
        b'xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml" '
        b'xmlns:aml="http://schemas.microsoft.com/aml/2001/core"><w:body><w:p><w:r><w:rPr><w:vanish/></w:rPr>'
        b'<w:t>HIDDENTEXT</w:t></w:r><aml:annotation aml:id="1" w:type="Word.Insertion"><aml:content><w:r>'
        b"<w:t>INSERTED</w:t></w:r></aml:content></aml:annotation>"
        b'<aml:annotation aml:id="2" w:type="Word.Deletion"><aml:content>'
        b"<w:r><w:delText>DELETED</w:delText></w:r></aml:content></aml:annotation></w:p></w:body>"
        b"</w:wordDocument>"
    )
    assert notes(word) == (
        "1 tracked change added text: it is shown like any other text.",
        "1 tracked change deleted text, which is not shown.",
        "1 piece of hidden text is shown like any other text.",
    )
    text = printed(guard, word)
    assert "HIDDENTEXT" in text
    assert "INSERTED" in text
    assert "DELETED" not in text
