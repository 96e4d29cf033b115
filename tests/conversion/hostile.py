"""Documents that try to reach out: to fetch something, to read a local file, to run a macro."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.conversion.offices import EXCEL, WORD

WRITER = "writer8"
RTF = "Rich Text Format"

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument"
_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{path}:1.0"'
    for name, path in {
        "office": "office", "text": "text", "draw": "drawing", "style": "style", "table": "table",
        "svg": "svg-compatible", "fo": "xsl-fo-compatible", "script": "script",
    }.items()
) + (
    ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dom="http://www.w3.org/2001/xml-events"'
    ' xmlns:ooo="http://openoffice.org/2004/office"'
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paper:
    """A document, and the filter that reads it."""

    name: str
    import_filter: str
    body: bytes


def _zipped(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in parts.items():
            archive.writestr(path, text)
    return out.getvalue()


def _word(body: str, kind: str, target: str) -> bytes:
    """A Word document with one external relationship `r1`."""
    names = (
        f'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="{_OFFICE}" '
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
        'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    )
    return _zipped(
        {
            "[Content_Types].xml": _types({"word/document": "wordprocessingml.document.main"}),
            "_rels/.rels": _relations(("officeDocument", "word/document.xml", "Internal")),
            "word/document.xml": f"<w:document {names}><w:body><w:p><w:r>{body}</w:r></w:p></w:body>"
            "</w:document>",
            "word/_rels/document.xml.rels": _relations((kind, target, "External")),
        }
    )


def _types(parts: dict[str, str]) -> str:
    overrides = "".join(
        f'<Override PartName="/{path}.xml" ContentType="{_TYPE}.{kind}+xml"/>' for path, kind in parts.items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>'
    )


def _relations(*relations: tuple[str, str, str]) -> str:
    lines = "".join(
        f'<Relationship Id="r{number}" Type="{_OFFICE}/{kind}" '
        f'Target="{escape(target)}" TargetMode="{mode}"/>'
        for number, (kind, target, mode) in enumerate(relations, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _open_document(body: str, kind: str = "text", **parts: str | bytes) -> bytes:
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    listed = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="text/xml"/>'
        for path in ("content.xml", *parts)
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{media_type}"/>{listed}'
        "</manifest:manifest>"
    )
    content = f'<office:document-content {_ODF} office:version="1.3">{body}</office:document-content>'
    return _zipped(
        {"mimetype": media_type, "META-INF/manifest.xml": manifest, "content.xml": content, **parts}
    )


def _open_text(paragraphs: str) -> bytes:
    return _open_document(f"<office:body><office:text>{paragraphs}</office:text></office:body>")


def linked_picture_in_word(address: str) -> Paper:
    """A picture that is not in the document but elsewhere."""
    picture = (
        '<w:drawing><wp:inline><wp:extent cx="900000" cy="900000"/><wp:docPr id="1" name="p"/><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
        '<pic:cNvPr id="1" name="p"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:link="r1"/>'
        '<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/>'
        '<a:ext cx="900000" cy="900000"/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    return Paper("picture.docx", WORD, _word(picture, "image", address))


def linked_object_in_word(address: str) -> Paper:
    """An embedded object that is only a link (OLE)."""
    link = (
        '<w:object><v:shape id="s" style="width:99pt;height:99pt"/>'
        '<o:OLEObject Type="Link" ProgID="Word.Document.12" ShapeID="s" DrawAspect="Content" r:id="r1" '
        'UpdateMode="Always"/></w:object>'
    )
    return Paper("object.docx", WORD, _word(link, "oleObject", address))


def template_of_word(address: str) -> Paper:
    """A template that is fetched when the document opens: a favourite of attackers."""
    return Paper("template.docx", WORD, _word("<w:t>text</w:t>", "attachedTemplate", address))


def linked_picture_in_open_document(address: str) -> Paper:
    frame = (
        '<text:p><draw:frame svg:width="3cm" svg:height="3cm" text:anchor-type="as-char">'
        f'<draw:image xlink:href="{escape(address)}" xlink:type="simple" xlink:show="embed" '
        'xlink:actuate="onLoad"/>'
        "</draw:frame></text:p>"
    )
    return Paper("picture.odt", WRITER, _open_text(frame))


def linked_section(address: str, import_filter: str = "") -> Paper:
    """A part of the text that is read from elsewhere when the document opens."""
    source = f'<text:section-source xlink:href="{escape(address)}" text:filter-name="{import_filter}"/>'
    section = f'<text:section text:name="s">{source}<text:p>old</text:p></text:section>'
    return Paper("section.odt", WRITER, _open_text(section))


def floating_frame(address: str) -> Paper:
    frame = (
        '<text:p><draw:frame svg:width="9cm" svg:height="9cm" text:anchor-type="as-char">'
        f'<draw:floating-frame xlink:href="{escape(address)}" xlink:type="simple" xlink:show="embed" '
        'xlink:actuate="onLoad"/></draw:frame></text:p>'
    )
    return Paper("frame.odt", WRITER, _open_text(frame))


def linked_object_in_open_document(address: str) -> Paper:
    frame = (
        '<text:p><draw:frame svg:width="9cm" svg:height="9cm" text:anchor-type="as-char">'
        f'<draw:object xlink:href="{escape(address)}" xlink:type="simple" xlink:show="embed" '
        'xlink:actuate="onLoad"/></draw:frame></text:p>'
    )
    return Paper("object.odt", WRITER, _open_text(frame))


def web_service(address: str) -> Paper:
    """A spreadsheet that asks a web service and refers to another file."""
    names = f'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{_OFFICE}"'
    formula = escape(f'_xlfn.WEBSERVICE("{address}")')
    cells = f'<c r="A1"><f>{formula}</f></c><c r="B1"><f>[1]Sheet1!A1</f></c>'
    return Paper(
        "service.xlsx",
        EXCEL,
        _zipped(
            {
                "[Content_Types].xml": _types(
                    {
                        "book": "spreadsheetml.sheet.main",
                        "sheet": "spreadsheetml.worksheet",
                        "link": "spreadsheetml.externalLink",
                    }
                ),
                "_rels/.rels": _relations(("officeDocument", "book.xml", "Internal")),
                "book.xml": f'<workbook {names}><sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets>'
                '<externalReferences><externalReference r:id="r2"/></externalReferences>'
                '<calcPr fullCalcOnLoad="1"/></workbook>',
                "_rels/book.xml.rels": _relations(
                    ("worksheet", "sheet.xml", "Internal"), ("externalLink", "link.xml", "Internal")
                ),
                "sheet.xml": f'<worksheet {names}><sheetData><row r="1">{cells}</row></sheetData>'
                "</worksheet>",
                "link.xml": f'<externalLink {names}><externalBook r:id="r1"><sheetNames>'
                '<sheetName val="Sheet1"/></sheetNames>'
                "</externalBook></externalLink>",
                "_rels/link.xml.rels": _relations(("externalLinkPath", address, "External")),
            }
        ),
    )


def linked_sheet(address: str, import_filter: str = "calc8") -> Paper:
    """A table that is read from elsewhere when the document opens."""
    source = (
        f'<table:table-source xlink:href="{escape(address)}" table:filter-name="{import_filter}" '
        'table:mode="copy-all"/>'
    )
    row = "<table:table-row><table:table-cell><text:p>old</text:p></table:table-cell></table:table-row>"
    table = f'<table:table table:name="s">{source}<table:table-column/>{row}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    return Paper("sheet.ods", "calc8", _open_document(body, "spreadsheet"))


def included_in_rtf(address: str) -> Paper:
    field = '{\\field{\\*\\fldinst %s "%s"}{\\fldrslt old}}'
    both = field % ("INCLUDEPICTURE", address) + field % ("INCLUDETEXT", address)
    return Paper("included.rtf", RTF, ("{\\rtf1 text " + both + "}").encode())


ALL_LINKS = (
    linked_picture_in_word,
    linked_object_in_word,
    template_of_word,
    linked_picture_in_open_document,
    linked_section,
    floating_frame,
    linked_object_in_open_document,
    web_service,
    linked_sheet,
    included_in_rtf,
)
