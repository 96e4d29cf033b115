"""Office files, old and new."""

import io
import zipfile
from pathlib import Path

import openpyxl

from demo import office
from tests.system.kinds.row import TEXT, Maker, Row, made
from tests.viewer import samples


def converted(extension: str, start: str, body: bytes) -> Maker:
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
    return made(out.getvalue())


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
    Row("docx", made(WORD)),
    Row("docm", _retyped(WORD, _WORD_TYPE, "application/vnd.ms-word.document.macroEnabled.main+xml")),
    Row("dotx", _retyped(WORD, _WORD_TYPE, f"{_OPEN}wordprocessingml.template.main+xml")),
    Row("dotm", _retyped(WORD, _WORD_TYPE, "application/vnd.ms-word.template.macroEnabledTemplate.main+xml")),
    *(Row(kind, converted(kind, "docx", WORD)) for kind in ("doc", "rtf", "odt", "ott", "fodt")),
    Row("doc", converted("dot", "docx", WORD)),
    Row("xlsx", made(EXCEL)),
    Row("xlsm", _retyped(EXCEL, _EXCEL_TYPE, "application/vnd.ms-excel.sheet.macroEnabled.main+xml")),
    Row("xltx", _retyped(EXCEL, _EXCEL_TYPE, f"{_OPEN}spreadsheetml.template.main+xml")),
    Row("xlsb", made(samples.excel_binary(TEXT))),
    *(Row(kind, converted(kind, "xlsx", EXCEL)) for kind in ("xls", "ods", "ots", "fods")),
    Row("spreadsheetml", made(samples.excel_2003(TEXT))),
    Row("pptx", made(SLIDES)),
    Row(
        "pptm",
        _retyped(SLIDES, _SLIDES_TYPE, "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"),
    ),
    Row("ppsx", _retyped(SLIDES, _SLIDES_TYPE, f"{_OPEN}presentationml.slideshow.main+xml")),
    Row("potx", _retyped(SLIDES, _SLIDES_TYPE, f"{_OPEN}presentationml.template.main+xml")),
    *(Row(kind, converted(kind, "pptx", SLIDES)) for kind in ("ppt", "odp", "otp", "fodp")),
    Row("ppt", converted("pps", "pptx", SLIDES)),
    *(Row(kind, converted(kind, "fodg", samples.drawing(TEXT))) for kind in ("odg", "wmf", "emf")),
    Row("fodg", made(samples.drawing(TEXT))),
]
