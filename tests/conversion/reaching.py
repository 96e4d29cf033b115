# ruff: noqa: E501 - markup is plainer in one piece
"""Documents that reach for an address in every further way that their formats know.

Each takes an address, remote or local, and makes a document that would show, or play, or ask what is there.
"""

from xml.sax.saxutils import escape

from tests.conversion.hostile import (
    _OFFICE,
    RTF,
    WRITER,
    Paper,
    _open_document,
    _relations,
    _types,
    _word,
    _zipped,
)
from tests.conversion.offices import EXCEL, WORD

FLAT = "OpenDocument Text Flat XML"
HTML = "HTML (StarWriter)"
POWERPOINT = "Impress MS PowerPoint 2007 XML"
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
_R = f'xmlns:r="{_OFFICE}"'
_FRAME = 'svg:x="1cm" svg:y="1cm" svg:width="9cm" svg:height="9cm"'
_LINK = 'xlink:href="{}" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"'


def _link(address: str) -> str:
    return _LINK.format(escape(address))


def svg_blip_in_word(address: str) -> Paper:
    """A picture whose better version is elsewhere."""
    svg = 'xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main"'
    picture = (
        '<w:drawing><wp:inline><wp:extent cx="900000" cy="900000"/><wp:docPr id="1" name="p"/><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
        '<pic:cNvPr id="1" name="p"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:link="r1"><a:extLst>'
        f'<a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}"><asvg:svgBlip {svg} r:link="r1"/></a:ext>'
        "</a:extLst></a:blip><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>"
        '<a:off x="0" y="0"/><a:ext cx="900000" cy="900000"/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    return Paper("svg-blip.docx", WORD, _word(picture, "image", address))


def vml_picture_in_word(address: str) -> Paper:
    shape = '<w:pict><v:shape style="width:99pt;height:99pt"><v:imagedata r:id="r1" o:title=""/></v:shape></w:pict>'
    return Paper("vml.docx", WORD, _word(shape, "image", address))


def field_in_word(address: str) -> Paper:
    """The old way of including: a field, updated when the document opens."""
    fields = "".join(
        f'</w:r><w:fldSimple w:instr="{escape(code, {chr(34): "&quot;"})}"><w:r><w:t>old</w:t></w:r>'
        "</w:fldSimple><w:r>"
        for code in (
            f'INCLUDEPICTURE "{address}" \\d',
            f'INCLUDETEXT "{address}"',
            f'DDEAUTO c "{address}" A1',
        )
    )
    return Paper("field.docx", WORD, _word(fields, "image", address))


def _odt(body: str, styles: str = "", scripts: str = "") -> bytes:
    automatic = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    return _open_document(f"{scripts}{automatic}<office:body><office:text>{body}</office:text></office:body>")


def bullet_in_open_document(address: str) -> Paper:
    styles = (
        '<text:list-style style:name="L"><text:list-level-style-image text:level="1" '
        f'{_link(address)}><style:list-level-properties fo:width="2cm" fo:height="2cm"/>'
        "</text:list-level-style-image></text:list-style>"
    )
    body = '<text:list text:style-name="L"><text:list-item><text:p>item</text:p></text:list-item></text:list>'
    return Paper("bullet.odt", WRITER, _odt(body, styles))


def background_in_open_document(address: str) -> Paper:
    styles = (
        '<style:style style:name="P" style:family="paragraph"><style:paragraph-properties>'
        f"<style:background-image {_link(address)}/></style:paragraph-properties></style:style>"
    )
    return Paper("background.odt", WRITER, _odt('<text:p text:style-name="P">text</text:p>', styles))


def media_in_open_document(address: str) -> Paper:
    body = f'<text:p><draw:frame {_FRAME}><draw:plugin {_link(address)} draw:mime-type="video/mp4"/></draw:frame></text:p>'
    return Paper("media.odt", WRITER, _odt(body))


def dde_in_open_document(address: str) -> Paper:
    source = f'<office:dde-source office:dde-application="soffice" office:dde-topic="{escape(address)}" office:dde-item="1" office:automatic-update="true"/>'
    return Paper(
        "dde.odt", WRITER, _odt(f'<text:section text:name="s">{source}<text:p>old</text:p></text:section>')
    )


def xforms(address: str) -> Paper:
    """A form whose data are elsewhere."""
    names = 'xmlns:xforms="http://www.w3.org/2002/xforms" xmlns:form="urn:oasis:names:tc:opendocument:xmlns:form:1.0"'
    model = (
        f'<office:forms {names}><xforms:model id="m"><xforms:instance id="i" src="{escape(address)}"/>'
        f'<xforms:submission id="s" action="{escape(address)}" method="get"/></xforms:model></office:forms>'
    )
    return Paper("xforms.odt", WRITER, _odt(f"{model}<text:p>text</text:p>"))


def reload_in_open_document(address: str) -> Paper:
    """The page replaces itself with another one after no time at all."""
    meta = (
        '<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'office:version="1.3"><office:meta><meta:auto-reload {_link(address)} meta:delay="PT0S"/>'
        "</office:meta></office:document-meta>"
    )
    body = "<office:body><office:text><text:p>text</text:p></office:text></office:body>"
    return Paper("reload.odt", WRITER, _open_document(body, **{"meta.xml": meta}))


def entity_in_open_document(address: str) -> Paper:
    """XML that asks its reader to put a file in."""
    body = (
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e SYSTEM "{escape(address)}">]>'
        '<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3" '
        'office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text>'
        "<text:p>text &e;</text:p></office:text></office:body></office:document>"
    )
    return Paper("entity.fodt", FLAT, body.encode())


def entity_in_word(address: str) -> Paper:
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    parts = {
        "[Content_Types].xml": _types({"word/document": "wordprocessingml.document.main"}),
        "_rels/.rels": _relations(("officeDocument", "word/document.xml", "Internal")),
        "word/document.xml": f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e SYSTEM "{escape(address)}">]>'
        f"<w:document {names}><w:body><w:p><w:r><w:t>text &e;</w:t></w:r></w:p></w:body></w:document>",
    }
    return Paper("entity.docx", WORD, _zipped(parts))


def _ods(cells: str, more: str = "") -> bytes:
    table = f'<table:table table:name="s">{more}<table:table-column/><table:table-row>{cells}</table:table-row></table:table>'
    return _open_document(
        f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>", "spreadsheet"
    )


def formulas_in_open_sheet(address: str) -> Paper:
    """A web service, another file's cell, and a DDE server, each asked by a formula that has no result yet."""
    formulas = (f'WEBSERVICE("{address}")', f"'{address}'#$Sheet1.A1", f'DDE("soffice";"{address}";"A1")')
    names = 'xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"'
    cells = "".join(
        f'<table:table-cell {names} table:formula="of:={escape(text, {chr(34): "&quot;"})}"/>'
        for text in (formulas[0], f"[{formulas[1]}]", formulas[2])
    )
    return Paper("formulas.ods", "calc8", _ods(cells))


def range_in_open_sheet(address: str) -> Paper:
    source = (
        f'<table:cell-range-source table:name="*" {_link(address)} table:last-column-spanned="3" '
        'table:last-row-spanned="3" table:filter-name="Text - txt - csv (StarCalc)" table:refresh-delay="PT1S"/>'
    )
    return Paper(
        "range.ods", "calc8", _ods(f"<table:table-cell>{source}<text:p>old</text:p></table:table-cell>")
    )


def picture_in_open_sheet(address: str) -> Paper:
    shapes = f"<table:shapes><draw:frame {_FRAME}><draw:image {_link(address)}/></draw:frame></table:shapes>"
    return Paper(
        "picture.ods", "calc8", _ods("<table:table-cell><text:p>1</text:p></table:table-cell>", shapes)
    )


def _slide(inside: str, styles: str = "", page: str = "") -> bytes:
    drawn = f'<draw:page draw:name="1" draw:master-page-name="m" {page}>{inside}</draw:page>'
    body = (
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:presentation>{drawn}"
        "</office:presentation></office:body>"
    )
    return _open_document(body, "presentation")


def picture_in_open_slides(address: str) -> Paper:
    return Paper(
        "picture.odp", "impress8", _slide(f"<draw:frame {_FRAME}><draw:image {_link(address)}/></draw:frame>")
    )


def picture_in_slides(address: str) -> Paper:
    """Linked as a picture and as the background."""
    blip = '<a:blip r:link="r1"/><a:stretch><a:fillRect/></a:stretch>'
    picture = (
        '<p:pic><p:nvPicPr><p:cNvPr id="2" name="p"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr>'
        f'<p:blipFill>{blip}</p:blipFill><p:spPr><a:xfrm><a:off x="9" y="9"/><a:ext cx="900000" cy="900000"/></a:xfrm>'
        '<a:prstGeom prst="rect"/></p:spPr></p:pic>'
    )
    background = f"<p:bg><p:bgPr><a:blipFill>{blip}</a:blipFill></p:bgPr></p:bg>"
    empty = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    parts = {
        "[Content_Types].xml": _types({"show": "presentationml.presentation.main", "slide": "presentationml.slide"}),
        "_rels/.rels": _relations(("officeDocument", "show.xml", "Internal")),
        "show.xml": f'<p:presentation {_P} {_R}><p:sldIdLst><p:sldId id="256" r:id="r1"/></p:sldIdLst>'
        '<p:sldSz cx="9144000" cy="6858000"/></p:presentation>',
        "_rels/show.xml.rels": _relations(("slide", "slide.xml", "Internal")),
        "slide.xml": f"<p:sld {_P} {_A} {_R}><p:cSld>{background}<p:spTree>{empty}{picture}</p:spTree></p:cSld></p:sld>",
        "_rels/slide.xml.rels": _relations(("image", address, "External")),
    }  # fmt: skip
    return Paper("picture.pptx", POWERPOINT, _zipped(parts))


def picture_in_sheet(address: str) -> Paper:
    draw = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
    names = f'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" {_R}'
    corner = "<{0}><x:col>{1}</x:col><x:colOff>0</x:colOff><x:row>{1}</x:row><x:rowOff>0</x:rowOff></{0}>"
    picture = (
        f'<x:wsDr xmlns:x="{draw}" {_A} {_R}><x:twoCellAnchor>{corner.format("x:from", 1)}{corner.format("x:to", 6)}'
        '<x:pic><x:nvPicPr><x:cNvPr id="1" name="p"/><x:cNvPicPr/></x:nvPicPr><x:blipFill><a:blip r:link="r1"/>'
        '<a:stretch><a:fillRect/></a:stretch></x:blipFill><x:spPr><a:prstGeom prst="rect"/></x:spPr></x:pic>'
        "<x:clientData/></x:twoCellAnchor></x:wsDr>"
    )
    kinds = {"book": "spreadsheetml.sheet.main", "sheet": "spreadsheetml.worksheet"}
    types = _types(kinds).replace(
        "</Types>",
        '<Override PartName="/d.xml" ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/></Types>',
    )
    parts = {
        "[Content_Types].xml": types,
        "_rels/.rels": _relations(("officeDocument", "book.xml", "Internal")),
        "book.xml": f'<workbook {names}><sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "_rels/book.xml.rels": _relations(("worksheet", "sheet.xml", "Internal")),
        "sheet.xml": f'<worksheet {names}><sheetData/><drawing r:id="r1"/></worksheet>',
        "_rels/sheet.xml.rels": _relations(("drawing", "d.xml", "Internal")),
        "d.xml": picture,
        "_rels/d.xml.rels": _relations(("image", address, "External")),
    }
    return Paper("picture.xlsx", EXCEL, _zipped(parts))


def template_of_rtf(address: str) -> Paper:
    return Paper("template.rtf", RTF, ("{\\rtf1{\\*\\template " + address + "}text}").encode())


def web_page(address: str) -> Paper:
    """Pictures, style, frame, object, background and refresh, all at once."""
    at = escape(address, {'"': "&quot;"})
    page = (
        f'<html><head><meta http-equiv="refresh" content="0;url={at}"><link rel="stylesheet" href="{at}">'
        f'</head><body background="{at}"><p>text</p><img src="{at}" width="200" height="200">'
        f'<iframe src="{at}"></iframe><object data="{at}"></object></body></html>'
    )
    return Paper("page.html", HTML, page.encode())


MORE_LINKS = (
    svg_blip_in_word,
    vml_picture_in_word,
    field_in_word,
    bullet_in_open_document,
    background_in_open_document,
    media_in_open_document,
    dde_in_open_document,
    xforms,
    reload_in_open_document,
    entity_in_open_document,
    entity_in_word,
    formulas_in_open_sheet,
    range_in_open_sheet,
    picture_in_open_sheet,
    picture_in_open_slides,
    picture_in_slides,
    picture_in_sheet,
    template_of_rtf,
    web_page,
)
