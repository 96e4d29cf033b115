"""OpenDocument and its forerunner, packed or as one XML file: by the XML itself."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from tests.corpus.extraction.passage import (
    Passage,
    comments,
    hidden_rows,
    hidden_slides,
    hidden_text,
    speakers_notes,
)

_LEFT_OUT = {
    "tracked-changes",
    "settings",
    "font-face-decls",
    "meta",
    "scripts",
    "forms",
    "automatic-styles",
    "styles",
}
_BLANKS = {"tab", "line-break", "s", "tab-stop"}
_COMPUTED = {"page-number", "page-count", "sheet-name", "date", "time", "title", "file-name"}
"""Fields that stand in every new document's headers, with what they say on the page that prints them."""
_MOST_REPEATS = 1000


def open_document(path: Path) -> Iterator[Passage]:
    """The texts of all paragraphs: the body's, headers' and footers', and those of charts within."""
    trees = list(_trees(path))
    if any(tree.find(".//{*}spreadsheet") is not None for tree in trees):
        _leave_unused_pages_out(trees)
    for tree in trees:
        hidden = _hidden_styles(tree)
        yield from _walk(tree, hidden, Passage(""))


def _leave_unused_pages_out(trees: list[Any]) -> None:
    """Take out the pages that no sheet uses: every workbook has two, with a header and a footer."""
    used = {_value(style, "master-page-name") for tree in trees for style in tree.iter("{*}style")} - {""}
    for page in [page for tree in trees for page in tree.iter("{*}master-page")]:
        if used and _value(page, "name") not in used:
            page.getparent().remove(page)


def _trees(path: Path) -> Iterator[Any]:
    if not zipfile.is_zipfile(path):
        yield etree.fromstring(path.read_bytes(), etree.XMLParser(huge_tree=True))
        return
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if name in {"content.xml", "styles.xml"} or (
                name.startswith("Object ") and name.endswith("/content.xml")
            ):
                yield etree.fromstring(package.read(name))


def _local(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _value(element: Any, name: str) -> str:
    return next((value for key, value in element.attrib.items() if etree.QName(key).localname == name), "")


def _hidden_styles(tree: Any) -> set[str]:
    """Names of text styles that hide, and of the drawing pages that are not shown."""
    found = set()
    for style in tree.iter("{*}style"):
        for properties in style:
            if (
                _value(properties, "display") in {"none", "false"}
                or _value(properties, "visibility") == "hidden"
            ):
                found.add(_value(style, "name"))
    return found


def _walk(element: Any, hidden: set[str], place: Passage) -> Iterator[Passage]:
    name = _local(element)
    if name in _LEFT_OUT or not name or _value(element, "name") == "local-table":
        return
    if name.startswith(("header", "footer")) and _value(element, "display") == "false":
        return
    if name == "master-page" and any("drawing:1.0" in str(child.tag) for child in element):
        return  # the places that a master of slides keeps free are not seen
    if name in {"p", "h"}:
        text, concealed, inner = _text(element, hidden)
        yield Passage(text, place.where, place.note)
        if concealed:
            yield hidden_text(concealed)
        for child in inner:
            yield from _walk(child, hidden, place)
        return
    place = _place(element, name, hidden) or place
    columns = _hidden_columns(element) if name == "table" else ()
    for child in element:
        if columns and _local(child) == "table-row":
            yield from _row(child, hidden, columns, place)
        else:
            yield from _walk(child, hidden, place)


def _hidden_columns(table: Any) -> tuple[bool, ...]:
    """For each column whether it is hidden; empty where none is."""
    found: list[bool] = []
    for column in table.iter("{*}table-column"):
        is_hidden = _value(column, "visibility") in {"collapse", "filter"}
        found += [is_hidden] * min(int(_value(column, "number-columns-repeated") or 1), _MOST_REPEATS)
    return tuple(found) if any(found) else ()


def _row(row: Any, hidden: set[str], columns: tuple[bool, ...], place: Passage) -> Iterator[Passage]:
    at = 0
    place = _place(row, "table-row", hidden) or place
    for cell in row:
        is_hidden = at < len(columns) and columns[at]
        yield from _walk(cell, hidden, hidden_rows("") if is_hidden else place)
        at += int(_value(cell, "number-columns-repeated") or 1)


def _place(element: Any, name: str, hidden: set[str]) -> Passage | None:
    """Where the texts in the element stand, if it is one that programs do not show."""
    if name == "annotation":
        return comments("")
    if name == "notes" and "presentation" in str(element.tag):
        return speakers_notes("")
    if name == "page" and _value(element, "style-name") in hidden:
        return hidden_slides("")
    if name in {"table-row", "table-row-group"} and _value(element, "visibility") in {"collapse", "filter"}:
        return hidden_rows("")
    if name == "table" and _value(element, "style-name") in hidden:
        return hidden_rows("")
    return None


def _text(paragraph: Any, hidden: set[str]) -> tuple[str, str, list[Any]]:
    """What the paragraph says, what is hidden in it, and what stands in it and has paragraphs of its own."""
    said: list[str] = []
    concealed: list[str] = []
    inner: list[Any] = []

    def visit(element: Any, *, is_hidden: bool) -> None:
        into = concealed if is_hidden else said
        into.append(element.text or "")
        for child in element:
            name = _local(child)
            if name in _COMPUTED:
                pass
            elif name in {"annotation", "note", "frame", "custom-shape", "g", "rect"}:
                inner.append(child)
            elif name in _BLANKS:
                into.append(" ")
            elif name:
                visit(
                    child,
                    is_hidden=is_hidden or _value(child, "style-name") in hidden or name == "hidden-text",
                )
            into.append(child.tail or "")

    visit(paragraph, is_hidden=_value(paragraph, "style-name") in hidden)
    return "".join(said), "".join(concealed), inner
