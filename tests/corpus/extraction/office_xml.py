"""Office Open XML: by python-docx, openpyxl and python-pptx, and by the XML itself where they read less."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
from docx.opc.package import OpcPackage
from docx.oxml.ns import qn
from lxml import etree
from openpyxl.utils import get_column_letter

from tests.corpus.extraction.cells import displayed
from tests.corpus.extraction.passage import (
    Passage,
    comments,
    hidden_rows,
    hidden_slides,
    hidden_text,
    speakers_notes,
)

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT_PARTS = ("header", "footer", "footnotes", "endnotes")
_WORD_BREAKS = {qn("w:tab"), qn("w:br"), qn("w:cr"), qn("w:ptab")}
_MAIN_TYPES = {
    "word": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "ppt": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
}


def word(path: Path) -> Iterator[Passage]:
    """A Word document: body, headers, footers, notes, text boxes, tracked changes; comments, hidden text."""
    package = docx.package.Package.open(str(path))
    main = package.main_document_part
    yield from _paragraphs(etree.fromstring(main.blob))
    for relation in main.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if relation.is_external:
            continue
        if kind in _TEXT_PARTS:
            yield from _paragraphs(etree.fromstring(relation.target_part.blob))
        elif kind == "comments":
            for passage in _paragraphs(etree.fromstring(relation.target_part.blob)):
                yield comments(passage.text)
        elif kind == "chart":
            yield from _drawn(etree.fromstring(relation.target_part.blob))


def _paragraphs(tree: Any) -> Iterator[Passage]:
    for fallback in list(tree.iter(_FALLBACK)):
        fallback.getparent().remove(fallback)
    for paragraph in tree.iter(qn("w:p")):
        yield Passage("".join(_pieces(paragraph, paragraph, hidden=False)))
        if concealed := "".join(_pieces(paragraph, paragraph, hidden=True)):
            yield hidden_text(concealed)


def _pieces(paragraph: Any, element: Any, *, hidden: bool) -> Iterator[str]:
    """Texts of a paragraph's runs, without those of paragraphs within it (text boxes have their own)."""
    for child in element:
        if child.tag == qn("w:p") or child.tag == qn("w:moveFrom"):
            continue
        if child.tag == qn("w:r") and hidden != _is_hidden(child):
            continue
        if child.tag in {qn("w:t"), qn("w:delText")}:
            yield child.text or ""
        elif child.tag == qn("w:noBreakHyphen"):
            yield "-"
        elif child.tag in _WORD_BREAKS:
            yield " "
        else:
            yield from _pieces(paragraph, child, hidden=hidden)


def _is_hidden(run: Any) -> bool:
    vanish = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return vanish is not None and vanish.get(qn("w:val")) not in {"0", "false", "off"}


def _drawn(tree: Any) -> Iterator[Passage]:
    """Texts in a drawing or a chart, a paragraph each; names of series and categories too."""
    for paragraph in tree.iter(f"{_DRAWING}p"):
        yield Passage("".join(text.text or "" for text in paragraph.iter(f"{_DRAWING}t")))
    chart = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
    for cache in tree.iter(f"{chart}strCache"):
        yield from (Passage(value.text or "") for value in cache.iter(f"{chart}v"))


def excel(path: Path) -> Iterator[Passage]:
    """A workbook: cells as they are displayed, headers, footers, shapes, charts; comments, what is hidden."""
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
    try:
        for sheet in book.worksheets:
            yield from _sheet(sheet)
    finally:
        book.close()
    yield from _sheet_drawings(path)


def _sheet(sheet: Any) -> Iterator[Passage]:
    is_hidden = sheet.sheet_state != "visible"
    rows = {number for number, row in sheet.row_dimensions.items() if row.hidden}
    columns = _hidden_columns(sheet)
    if not is_hidden and sheet.dimensions != "A1:A1":
        yield Passage(sheet.title)
        for part in (sheet.oddHeader, sheet.oddFooter):
            yield from (
                Passage(piece.text) for piece in (part.left, part.center, part.right)
                if piece.text and "&" not in piece.text
            )  # fmt: skip
    for row in sheet.iter_rows():
        for cell in row:
            if cell.comment:
                yield comments(cell.comment.text)
            if cell.value is None:
                continue
            text = displayed(cell.value, cell.number_format)
            concealed = is_hidden or cell.row in rows or get_column_letter(cell.column) in columns
            yield hidden_rows(text) if concealed else Passage(text)


def _hidden_columns(sheet: Any) -> set[str]:
    hidden = set()
    for column in sheet.column_dimensions.values():
        if column.hidden:
            hidden |= {get_column_letter(number) for number in range(column.min or 1, (column.max or 1) + 1)}
    return hidden


def _sheet_drawings(path: Path) -> Iterator[Passage]:
    """Shapes and charts, which openpyxl leaves out."""
    package = OpcPackage.open(str(path))
    for part in package.iter_parts():
        name = str(part.partname)
        if name.startswith(("/xl/drawings/drawing", "/xl/charts/chart")):
            yield from _drawn(etree.fromstring(part.blob))


def powerpoint(path: Path) -> Iterator[Passage]:
    """A presentation: shapes, tables, charts, groups; speaker's notes, hidden slides."""
    deck = pptx.Presentation(io.BytesIO(_as_presentation(path)))
    for slide in deck.slides:
        concealed = slide._element.get("show") == "0"
        for passage in _shapes(slide):
            yield hidden_slides(passage.text) if concealed else passage
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            yield speakers_notes(slide.notes_slide.notes_text_frame.text)


def _shapes(slide: Any) -> Iterator[Passage]:
    yield from _drawn(slide._element)
    for relation in slide.part.rels.values():
        if relation.reltype.endswith("/chart"):
            yield from _drawn(etree.fromstring(relation.target_part.blob))


def _as_presentation(path: Path) -> bytes:
    """The bytes, with the content type that python-pptx asks for: it opens no shows and no templates."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            if name == "[Content_Types].xml":
                tree = etree.fromstring(body)
                for override in tree.iter("{*}Override"):
                    if override.get("PartName") == "/ppt/presentation.xml":
                        override.set("ContentType", _MAIN_TYPES["ppt"])
                body = etree.tostring(tree)
            target.writestr(name, body)
    return out.getvalue()
