"""Every kind of document that is shown, one real sample each, through the running stack to what people see.

A new kind gets a row: its name, how its sample is made, and what of it must be seen.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pikepdf
import pytest

from demo import office
from tests.conversion.offices import text_of
from tests.system.person import Person
from tests.system.stack import Stack
from tests.viewer import samples

pytestmark = pytest.mark.system

TEXT = "Visit on Monday: Ünï £5"
_FIRST_ID = 6001

Maker = Callable[[Path], bytes]
"""Makes a sample, in a folder that it may use."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind.

    Args:
        kind: as the viewer names it.
        make: its sample.
        words: what must be read in it.
        pages: how many it has.
    """

    kind: str
    make: Maker
    words: str = TEXT
    pages: int = 1


def _made(body: bytes) -> Maker:
    return lambda _folder: body


def _converted(extension: str, start: str, body: bytes) -> Maker:
    """LibreOffice's own writing of a modern sample in another format."""

    def make(folder: Path) -> bytes:
        source, target = folder / f"sample.{start}", folder / f"converted.{extension}"
        source.write_bytes(body)
        office.convert(source, target)
        return target.read_bytes()

    return make


def _retyped(document: bytes, old: str, new: str) -> Maker:
    """The same file with the content type of a template, a show or one with macros."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            if name == "[Content_Types].xml":
                assert old.encode() in body
                body = body.replace(old.encode(), new.encode())
            target.writestr(name, body)
    return _made(out.getvalue())


def _sheet() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = TEXT
    book.save(out)
    book.close()
    return out.getvalue()


WORD, EXCEL, SLIDES = samples.word(TEXT), _sheet(), samples.slides(TEXT)
_OPEN = "application/vnd.openxmlformats-officedocument."
_WORD_TYPE = f"{_OPEN}wordprocessingml.document.main+xml"
_EXCEL_TYPE = f"{_OPEN}spreadsheetml.sheet.main+xml"
_SLIDES_TYPE = f"{_OPEN}presentationml.presentation.main+xml"
OFFICE = [
    Row("docx", _made(WORD)),
    Row("docm", _retyped(WORD, _WORD_TYPE, "application/vnd.ms-word.document.macroEnabled.main+xml")),
    Row("dotx", _retyped(WORD, _WORD_TYPE, f"{_OPEN}wordprocessingml.template.main+xml")),
    Row("dotm", _retyped(WORD, _WORD_TYPE, "application/vnd.ms-word.template.macroEnabledTemplate.main+xml")),
    *(Row(kind, _converted(kind, "docx", WORD)) for kind in ("doc", "rtf", "odt", "ott", "fodt")),
    Row("doc", _converted("dot", "docx", WORD)),
    Row("xlsx", _made(EXCEL)),
    Row("xlsm", _retyped(EXCEL, _EXCEL_TYPE, "application/vnd.ms-excel.sheet.macroEnabled.main+xml")),
    Row("xltx", _retyped(EXCEL, _EXCEL_TYPE, f"{_OPEN}spreadsheetml.template.main+xml")),
    Row("xlsb", _made(samples.excel_binary(TEXT))),
    *(Row(kind, _converted(kind, "xlsx", EXCEL)) for kind in ("xls", "ods", "ots", "fods")),
    Row("spreadsheetml", _made(samples.excel_2003(TEXT))),
    Row("pptx", _made(SLIDES)),
    Row(
        "pptm",
        _retyped(SLIDES, _SLIDES_TYPE, "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"),
    ),
    Row("ppsx", _retyped(SLIDES, _SLIDES_TYPE, f"{_OPEN}presentationml.slideshow.main+xml")),
    Row("potx", _retyped(SLIDES, _SLIDES_TYPE, f"{_OPEN}presentationml.template.main+xml")),
    *(Row(kind, _converted(kind, "pptx", SLIDES)) for kind in ("ppt", "odp", "otp", "fodp")),
    Row("ppt", _converted("pps", "pptx", SLIDES)),
    *(Row(kind, _converted(kind, "fodg", samples.drawing(TEXT))) for kind in ("odg", "wmf", "emf")),
    Row("fodg", _made(samples.drawing(TEXT))),
]
ROWS = OFFICE


@pytest.fixture(scope="module")
def worker(running_stack: Stack) -> Person:
    return Person().sign_in()


@pytest.mark.parametrize(
    ("number", "row"), list(enumerate(ROWS, _FIRST_ID)), ids=[f"{row.kind}-{n}" for n, row in enumerate(ROWS)]
)
def test_every_kind_is_shown_with_what_is_in_it(
    stack: Stack, worker: Person, tmp_path: Path, number: int, row: Row
) -> None:
    (stack.documents / f"{number}.bin").write_bytes(row.make(tmp_path))  # the name tells nothing
    opened = worker.open(number)
    assert opened.status_code == 200, opened.headers["X-Error-Code"]
    assert opened.json()["kind"] == row.kind
    pdf = worker.bytes_of(opened).content
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) == row.pages
    assert " ".join(row.words.split()) in " ".join(text_of(pdf).split())
