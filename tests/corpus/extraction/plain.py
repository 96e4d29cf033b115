"""Texts, tables and data in text, PDFs, drawings and archives."""

import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pypdf
from lxml import etree
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from tests.corpus.extraction.passage import Passage, shown

_MARKS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
_MANY_ZEROS = 0.2


def text(path: Path) -> Iterator[Passage]:
    """All of it, where it is Unicode; of other encodings the letters that all of them share."""
    body = path.read_bytes()
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            yield Passage(body.decode(encoding, "replace"))
            return
    if body.count(0) > len(body) * _MANY_ZEROS:
        first, second = body[::2].count(0), body[1::2].count(0)
        yield Passage(body.decode("utf-16-be" if first > second else "utf-16-le", "replace"))
        return
    try:
        yield Passage(body.decode())
    except UnicodeDecodeError:
        words = body.split()
        yield from shown(word.decode("ascii") for word in words if word.isascii())


def pdf(path: Path) -> Iterator[Passage]:
    return shown(page.extract_text() for page in pypdf.PdfReader(path).pages)


def svg(path: Path) -> Iterator[Passage]:
    return shown("".join(element.itertext()) for element in etree.parse(path).iter("{*}text"))


def zip_names(path: Path) -> Iterator[Passage]:
    with zipfile.ZipFile(path) as archive:
        yield from shown(name for name in archive.namelist() if not name.endswith("/"))


def tar_names(path: Path) -> Iterator[Passage]:
    with tarfile.open(path) as archive:
        yield from shown(archive.getnames())


def excel_binary(path: Path) -> Iterator[Passage]:
    """Texts in cells; numbers are left out, since their formats are not told."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    for sheet in book.sheets_metadata:
        if sheet.visible == SheetVisibleEnum.Visible:
            for row in book.get_sheet_by_name(sheet.name).to_python():
                yield from shown(cell for cell in row if isinstance(cell, str))


def excel_2003(path: Path) -> Iterator[Passage]:
    """Texts in cells of Excel's XML of 2003."""
    tree = etree.parse(path)
    kind = "{urn:schemas-microsoft-com:office:spreadsheet}Type"
    return shown("".join(data.itertext()) for data in tree.iter("{*}Data") if data.get(kind) == "String")
