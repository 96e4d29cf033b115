"""Word documents, a thing that people do in each."""

import io
from collections.abc import Callable
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm, Pt

from tests.corpus.generated.prose import LANGUAGES, Prose

Change = Callable[[Any, Prose], None]
_W = nsdecls("w")
_DAY = 'w:author="A Worker" w:date="2026-03-04T09:30:00Z"'


def _add(paragraph: Any, inner: str) -> None:
    for child in parse_xml(f"<w:p {nsdecls('w', 'r', 'wp', 'a')}>{inner}</w:p>"):
        paragraph._p.append(child)


def _run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def _letter(document: Any, prose: Prose) -> None:
    document.add_paragraph(prose.address())
    document.add_heading(prose.sentence(), 1)
    for _ in range(4):
        document.add_paragraph(prose.paragraph())
    document.add_paragraph(f"Yours, {prose.name()}")


def _headers(document: Any, prose: Prose) -> None:
    section = document.sections[0]
    section.different_first_page_header_footer = True
    document.settings.odd_and_even_pages_header_footer = True
    for place in (
        *(section.header, section.footer, section.first_page_header),
        *(section.first_page_footer, section.even_page_header, section.even_page_footer),
    ):
        place.paragraphs[0].text = prose.sentence(words=3)
    for _ in range(4):
        document.add_paragraph(prose.paragraph())
        document.add_page_break()
    document.add_paragraph(prose.paragraph())


def _notes(document: Any, prose: Prose) -> None:
    for kind in ("footnote", "endnote"):
        marks = [f"<w:r><w:{kind}Ref/></w:r>{_run(' ' + prose.sentence())}" for _ in range(3)]
        bodies = "".join(
            f'<w:{kind} w:id="{number}"><w:p>{mark}</w:p></w:{kind}>' for number, mark in enumerate(marks, 2)
        )
        ends = "".join(
            f'<w:{kind} w:type="{name}" w:id="{n}"><w:p><w:r><w:{sign}/></w:r></w:p></w:{kind}>'
            for n, (name, sign) in enumerate(
                (("separator", "separator"), ("continuationSeparator", "continuationSeparator"))
            )
        )
        part = Part(
            PackURI(f"/word/{kind}s.xml"),
            f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}s+xml",
            f"<w:{kind}s {_W}>{ends}{bodies}</w:{kind}s>".encode(),
            document.part.package,
        )
        document.part.relate_to(part, getattr(RELATIONSHIP_TYPE, f"{kind}s".upper()))
        for number in range(2, 5):
            _add(document.add_paragraph(prose.sentence()), f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>')


def _text_boxes(document: Any, prose: Prose) -> None:
    for text in (prose.sentence(), prose.sentence("Polish")):
        box = f"<w:txbxContent><w:p>{_run(text)}</w:p></w:txbxContent>"
        shape = (
            '<w:pict xmlns:v="urn:schemas-microsoft-com:vml"><v:rect style="width:300pt;height:60pt">'
            f"<v:textbox>{box}</v:textbox></v:rect></w:pict>"
        )
        _add(document.add_paragraph(prose.sentence()), f"<w:r>{shape}</w:r>")
    shape_name = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
    drawing = (
        f'<w:r><w:drawing><wp:inline><wp:extent cx="3600000" cy="900000"/><wp:docPr id="9" name="Box"/>'
        f'<a:graphic><a:graphicData uri="{shape_name}"><wps:wsp xmlns:wps="{shape_name}">'
        '<wps:cNvSpPr txBox="1"/>'
        '<wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="3600000" cy="900000"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></wps:spPr><wps:txbx><w:txbxContent>'
        f"<w:p>{_run(prose.sentence())}</w:p></w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp>"
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    _add(document.add_paragraph(), drawing)


def _full_text_box(document: Any, prose: Prose) -> None:
    """More text than its fixed height has room for."""
    box = f"<w:txbxContent><w:p>{_run(prose.paragraph(sentences=8))}</w:p></w:txbxContent>"
    style = "position:absolute;width:150pt;height:40pt;margin-left:20pt;margin-top:20pt"
    shape = (
        f'<w:pict xmlns:v="urn:schemas-microsoft-com:vml"><v:rect style="{style}">'
        f"<v:textbox>{box}</v:textbox></v:rect></w:pict>"
    )
    _add(document.add_paragraph(prose.sentence()), f"<w:r>{shape}</w:r>")


def _comments(document: Any, prose: Prose) -> None:
    for _ in range(3):
        run = document.add_paragraph().add_run(prose.sentence())
        document.add_comment(run, text=prose.sentence(), author=prose.name(), initials="AW")


def _changes(document: Any, prose: Prose) -> None:
    for number in range(3):
        kept, added, gone = prose.sentence(), prose.sentence(words=4), prose.sentence(words=4)
        deleted = f'<w:r><w:delText xml:space="preserve"> {gone} </w:delText></w:r>'
        _add(
            document.add_paragraph(kept),
            f'<w:ins w:id="{number}1" {_DAY}>{_run(" " + added)}</w:ins>'
            f'<w:del w:id="{number}2" {_DAY}>{deleted}</w:del>',
        )
    moved = prose.sentence()
    _add(document.add_paragraph(), f'<w:moveFrom w:id="71" {_DAY}>{_run(moved)}</w:moveFrom>')
    _add(document.add_paragraph(), f'<w:moveTo w:id="72" {_DAY}>{_run(moved)}</w:moveTo>')


def _hidden(document: Any, prose: Prose) -> None:
    _add(document.add_paragraph(prose.sentence()), _run(" " + prose.sentence(), "<w:vanish/>"))
    document.add_paragraph(prose.sentence())


def _tables(document: Any, prose: Prose) -> None:
    table = document.add_table(rows=6, cols=4, style="Table Grid")
    for row in table.rows:
        for cell in row.cells:
            cell.text = prose.sentence(words=3)
    table.cell(0, 0).merge(table.cell(0, 2))
    table.cell(2, 1).merge(table.cell(4, 1))
    inner = table.cell(5, 3).add_table(rows=2, cols=2)
    for cell in inner._cells:
        cell.text = prose.mark()


def _wide_table(document: Any, prose: Prose) -> None:
    """Wider than the page, as tables pasted from a spreadsheet are."""
    table = document.add_table(rows=3, cols=14, style="Table Grid")
    table.autofit = False
    for row in table.rows:
        for cell in row.cells:
            cell.width = Cm(3)
            cell.text = f"{prose.name()} {prose.mark()}"


def _fixed_rows(document: Any, prose: Prose) -> None:
    """Rows of an exact height that cuts their text, as forms have them."""
    table = document.add_table(rows=3, cols=2, style="Table Grid")
    for row in table.rows:
        properties = row._tr.get_or_add_trPr()
        properties.append(parse_xml(f'<w:trHeight {_W} w:val="400" w:hRule="exact"/>'))
        row.cells[0].text = prose.sentence(words=3)
        row.cells[1].text = prose.paragraph(sentences=3)


def _tall_row(document: Any, prose: Prose) -> None:
    """A row that may not break, taller than a page."""
    table = document.add_table(rows=2, cols=2, style="Table Grid")
    for row in table.rows:
        row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {_W}/>"))
        row.cells[0].text = prose.sentence()
        row.cells[1].text = prose.paragraph(sentences=110)


def _fields(document: Any, prose: Prose) -> None:
    for code in ("DATE", "FILENAME", "REF nowhere", "AUTHOR", "MERGEFIELD Name", "SAVEDATE", 'QUOTE "x"'):
        saved = prose.mark()
        _add(
            document.add_paragraph("Field: "),
            f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> {code} </w:instrText></w:r>'
            f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{_run(saved)}'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
        )
    _add(document.add_paragraph(), f'<w:fldSimple w:instr="TITLE">{_run(prose.mark())}</w:fldSimple>')


def _controls(document: Any, prose: Prose) -> None:
    """Content controls: texts, a date, a drop-down, a check box, within lines and around paragraphs."""
    for kind in ("<w:text/>", '<w:date w:fullDate="2019-03-05T00:00:00Z"/>', "<w:richText/>"):
        control = f"<w:sdtPr>{kind}</w:sdtPr><w:sdtContent>{_run(prose.mark())}</w:sdtContent>"
        _add(document.add_paragraph("Answer: "), f"<w:sdt>{control}</w:sdt>")
    entries = "".join(f'<w:listItem w:displayText="{n}" w:value="{n}"/>' for n in ("Yes", "No"))
    chosen = f"<w:sdtPr><w:dropDownList>{entries}</w:dropDownList></w:sdtPr>"
    _add(
        document.add_paragraph("Chosen: "),
        f"<w:sdt>{chosen}<w:sdtContent>{_run('No')}</w:sdtContent></w:sdt>",
    )
    block = parse_xml(f"<w:sdt {_W}><w:sdtContent><w:p>{_run(prose.sentence())}</w:p></w:sdtContent></w:sdt>")
    document.element.body.insert(0, block)


def _old_form(document: Any, prose: Prose) -> None:
    """Form fields of the old kind, filled in."""
    for _ in range(3):
        data = "<w:ffData><w:enabled/><w:textInput/></w:ffData>"
        _add(
            document.add_paragraph("Name: "),
            f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>'
            "<w:r><w:instrText> FORMTEXT </w:instrText></w:r>"
            f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{_run(prose.mark())}'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
        )


def _lists(document: Any, prose: Prose) -> None:
    for style in ("List Bullet", "List Number", "List Bullet 2", "List Number 3", "List Continue"):
        for _ in range(3):
            document.add_paragraph(prose.sentence(words=4), style=style)


def _languages(document: Any, prose: Prose) -> None:
    for language in LANGUAGES:
        document.add_heading(language, 2)
        document.add_paragraph(prose.paragraph(language))


def _signs(document: Any, prose: Prose) -> None:
    """What Word puts between letters: hyphens, blanks, tabs and breaks of all kinds, ligatures, symbols."""
    for sign in ("\u00ad", "\u2011", "\u00a0", "\u200b", "\t", "\ufb01"):
        document.add_paragraph(f"{prose.mark()} inter{sign}val {prose.mark()}")
    symbol = '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'
    _add(document.add_paragraph(), f"{symbol}{_run(prose.sentence())}<w:r><w:br/></w:r>{_run(prose.mark())}")
    _add(document.add_paragraph(), f"<w:r><w:noBreakHyphen/></w:r>{_run(prose.mark(), '<w:caps/>')}")
    _add(document.add_paragraph(), _run(prose.mark(), '<w:smallCaps/><w:position w:val="12"/>'))
    _add(document.add_paragraph(), _run(prose.mark(), '<w:color w:val="FFFFFF"/>'))


def _columns(document: Any, prose: Prose) -> None:
    section = document.add_section(WD_SECTION.CONTINUOUS)
    section._sectPr.append(parse_xml(f'<w:cols {_W} w:num="3" w:space="300"/>'))
    for _ in range(8):
        document.add_paragraph(prose.paragraph())
    wide = document.add_section(WD_SECTION.NEW_PAGE)
    wide.orientation = WD_ORIENT.LANDSCAPE
    wide.page_width, wide.page_height = wide.page_height, wide.page_width
    document.add_paragraph(prose.paragraph())


def _frames(document: Any, prose: Prose) -> None:
    for rule in ('w:w="3000" w:h="600" w:hRule="exact"', 'w:w="2500" w:hSpace="180" w:dropCap="drop"'):
        paragraph = document.add_paragraph(prose.sentence(words=3))
        paragraph._p.get_or_add_pPr().insert(
            0, parse_xml(f'<w:framePr {_W} {rule} w:wrap="around" w:hAnchor="text" w:vAnchor="text"/>')
        )
        document.add_paragraph(prose.paragraph())


def _exact_lines(document: Any, prose: Prose) -> None:
    """Lines of an exact height, indents that reach out of the page, words longer than a line."""
    tight = document.add_paragraph(prose.paragraph())
    tight.paragraph_format.line_spacing = Pt(6)
    out = document.add_paragraph(prose.paragraph())
    out.paragraph_format.left_indent, out.paragraph_format.right_indent = Cm(-2), Cm(-2)
    document.add_paragraph("".join(prose.mark() for _ in range(20)))


def _links(document: Any, prose: Prose) -> None:
    for _ in range(3):
        to = document.part.relate_to(
            "https://school.test/report", RELATIONSHIP_TYPE.HYPERLINK, is_external=True
        )
        _add(
            document.add_paragraph("See "),
            f'<w:hyperlink r:id="{to}">{_run(prose.sentence(words=3))}</w:hyperlink>',
        )
    mark = '<w:bookmarkStart w:id="5" w:name="here"/>'
    _add(document.add_paragraph(), f'{mark}{_run(prose.mark())}<w:bookmarkEnd w:id="5"/>')
    _add(document.add_paragraph(), f"<w:smartTag w:element='name'>{_run(prose.mark())}</w:smartTag>")


def _right_to_left(document: Any, prose: Prose) -> None:
    for text in ("شكرا لزيارتكم للعائلة", "תודה על הביקור אצל המשפחה"):
        paragraph = document.add_paragraph()
        paragraph._p.get_or_add_pPr().append(parse_xml(f"<w:bidi {_W}/>"))
        _add(paragraph, _run(text, "<w:rtl/>"))
    document.add_paragraph(prose.sentence())


def _contents(document: Any, prose: Prose) -> None:
    """A table of contents as it was saved, not as it would be computed."""
    entries = "".join(
        f"<w:p>{_run(prose.sentence(words=3))}<w:r><w:tab/></w:r>{_run('7')}</w:p>" for _ in range(4)
    )
    toc = (
        '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        '<w:sdtContent><w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> TOC \\o '
        f'</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r></w:p>{entries}<w:p><w:r>'
        '<w:fldChar w:fldCharType="end"/></w:r></w:p></w:sdtContent>'
    )
    document.element.body.insert(0, parse_xml(f"<w:sdt {_W}>{toc}</w:sdt>"))
    document.add_heading(prose.sentence(), 1)


def _long_table(document: Any, prose: Prose) -> None:
    """A table of several pages whose first row repeats."""
    table = document.add_table(rows=60, cols=3, style="Light List")
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {_W}/>"))
    for row in table.rows:
        for cell in row.cells:
            cell.text = f"{prose.number()} {prose.mark()}"
    table.rows[30].cells[1].paragraphs[0].runs[0].font.element.get_or_add_rPr().append(
        parse_xml(f'<w:rFonts {_W} w:ascii="Nobody Has This"/>')
    )


SCENES: dict[str, Change] = {
    "letter": _letter,
    "headers-of-all-kinds": _headers,
    "footnotes-and-endnotes": _notes,
    "text-boxes": _text_boxes,
    "text-box-that-is-too-small": _full_text_box,
    "comments": _comments,
    "tracked-changes": _changes,
    "hidden-text": _hidden,
    "tables-merged-and-nested": _tables,
    "table-wider-than-the-page": _wide_table,
    "rows-of-exact-height": _fixed_rows,
    "row-taller-than-a-page": _tall_row,
    "fields": _fields,
    "content-controls": _controls,
    "old-form": _old_form,
    "lists": _lists,
    "languages": _languages,
    "signs": _signs,
    "columns-and-landscape": _columns,
    "frames": _frames,
    "exact-lines": _exact_lines,
    "links": _links,
    "right-to-left": _right_to_left,
    "table-of-contents": _contents,
    "long-table": _long_table,
}


def document(name: str) -> bytes:
    """The .docx of this scene."""
    made, out = Document(), io.BytesIO()
    SCENES[name](made, Prose(f"word {name}"))
    made.save(out)
    return out.getvalue()
