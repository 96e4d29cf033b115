"""Small documents of the usual kinds for health checks: an office that cannot convert them is unhealthy."""

import io
import zipfile
from typing import NamedTuple

_HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument"
_TEXT = "Every office can convert this."

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SLIDE = "http://schemas.openxmlformats.org/presentationml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


class Canary(NamedTuple):
    """A document, and LibreOffice's name of the filter that reads it."""

    import_filter: str
    document: bytes


def _relations(**targets: str) -> str:
    """A relationships part; each name is a kind of relationship, its id is the name."""
    relations = "".join(
        f'<Relationship Id="{kind}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for kind, target in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'


def _types(**parts: str) -> str:
    """The part that says what the others are."""
    overrides = "".join(
        f'<Override PartName="/{name}.xml" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in parts.items()
    )
    relations = 'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"'
    return f'<Types xmlns="{_PACKAGE}/content-types"><Default {relations}/>{overrides}</Types>'


def _package(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, xml in parts.items():
            archive.writestr(path, _HEADER + xml)
    return out.getvalue()


def _word() -> bytes:
    paragraph = f"<w:p><w:r><w:t>{_TEXT}</w:t></w:r></w:p>"
    return _package(
        {
            "[Content_Types].xml": _types(document="wordprocessingml.document.main"),
            "_rels/.rels": _relations(officeDocument="document.xml"),
            "document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{paragraph}</w:body></w:document>',
        }
    )


def _excel() -> bytes:
    cell = f'<c r="A1" t="inlineStr"><is><t>{_TEXT}</t></is></c>'
    names = f'xmlns="{_SHEET}" xmlns:r="{_OFFICE}"'
    return _package(
        {
            "[Content_Types].xml": _types(book="spreadsheetml.sheet.main", sheet="spreadsheetml.worksheet"),
            "_rels/.rels": _relations(officeDocument="book.xml"),
            "book.xml": f'<workbook {names}><sheets><sheet name="1" sheetId="1" r:id="worksheet"/>'
            "</sheets></workbook>",
            "_rels/book.xml.rels": _relations(worksheet="sheet.xml"),
            "sheet.xml": f'<worksheet {names}><sheetData><row r="1">{cell}</row></sheetData></worksheet>',
        }
    )


def _powerpoint() -> bytes:
    names = f'xmlns:p="{_SLIDE}" xmlns:a="{_DRAWING}" xmlns:r="{_OFFICE}"'
    empty = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    shape = (
        '<p:sp><p:nvSpPr><p:cNvPr id="2" name="text"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr>'
        '<p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="4000000" cy="1000000"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
        f"<p:txBody><a:bodyPr/><a:p><a:r><a:t>{_TEXT}</a:t></a:r></a:p></p:txBody></p:sp>"
    )
    slides = '<p:sldIdLst><p:sldId id="256" r:id="slide"/></p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/>'
    return _package(
        {
            "[Content_Types].xml": _types(
                show="presentationml.presentation.main", slide="presentationml.slide"
            ),
            "_rels/.rels": _relations(officeDocument="show.xml"),
            "show.xml": f"<p:presentation {names}>{slides}</p:presentation>",
            "_rels/show.xml.rels": _relations(slide="slide.xml"),
            "slide.xml": f"<p:sld {names}><p:cSld><p:spTree>{empty}{shape}</p:spTree></p:cSld></p:sld>",
        }
    )


SMALLEST = Canary("Rich Text Format", b"{\\rtf1 " + _TEXT.encode() + b"}")
ALL = (
    SMALLEST,
    Canary("MS Word 2007 XML", _word()),
    Canary("Calc MS Excel 2007 XML", _excel()),
    Canary("Impress MS PowerPoint 2007 XML", _powerpoint()),
)
