"""PDFs, archives, and documents of Apple's that bring a PDF of their own."""

import gzip
import io
import tarfile
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from tests.system.kinds.row import TEXT, Row, Seen, listing, made, pages, text
from tests.viewer import samples
from tests.viewer.formats.test_containers import pdf_with

_WORDS = "A letter about a home visit."
_FILES = {"note.txt": TEXT, "letters/first.txt": "The first letter.", "letters/second.txt": "The second one."}
_SIZES = {"note.txt": "26 bytes", "first.txt": "17 bytes", "second.txt": "15 bytes"}
_FORM = "The form as it was filled in."


def _changed(change: Callable[[Pdf], None], body: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(body)) as document:
        change(document)
        document.save(out)
    return out.getvalue()


def _cover(document: Pdf) -> None:
    document.Root.Collection = Dictionary(Type=Name.Collection)


def _form(document: Pdf) -> None:
    """Its pages are there; the data is for Adobe's programs."""
    data = document.make_stream(b"<x:datasets xmlns:x='x'/>")
    document.Root.AcroForm = Dictionary(XFA=Array([String("datasets"), data]), Fields=Array())


def _without_table() -> bytes:
    """The end, which says where everything is, points elsewhere."""
    body = samples.pdf(TEXT_IN_PDF, 2)
    return body[: body.rindex(b"startxref")] + b"startxref\n7\n%%EOF\n"


TEXT_IN_PDF = "Two pages about a visit."


def _check_mended(seen: Seen) -> None:
    pages(TEXT_IN_PDF, 2)(seen)
    with pikepdf.open(io.BytesIO(seen.body)) as document:
        assert not document.get_warnings(), "what is shown is sound"
    assert "damaged" in seen.told["notes"][0]


def _check_portfolio(seen: Seen) -> None:
    pages(_WORDS, parts=("note.txt", "report.docx"))(seen)
    assert "portfolio" in seen.told["notes"][0]
    text()(seen.inside("note.txt"))
    pages("A report.")(seen.inside("report.docx"))


def _check_form(seen: Seen) -> None:
    pages(_FORM)(seen)
    assert "Adobe" in seen.told["notes"][0]


def _tar(mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]  # a mode of several
        for name, words in _FILES.items():
            member = tarfile.TarInfo(name)
            member.size = len(words.encode())
            archive.addfile(member, io.BytesIO(words.encode()))
    return bytes(out.getvalue())


def _check_zip_in_zip(seen: Seen) -> None:
    assert [(one["name"], one["folder"]) for one in seen.told["parts"]] == [("inner.zip", "outer")]
    listing(_FILES, _SIZES)(seen.inside("inner.zip"))


def _check_packed(seen: Seen) -> None:
    assert (seen.told["show"], [one["name"] for one in seen.told["parts"]]) == ("listing", ["note.txt"])
    text()(seen.inside("note.txt"))


def _check_preview(seen: Seen) -> None:
    pages(_WORDS)(seen)
    assert "preview" in seen.told["notes"][0]


def _packed() -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile("note.txt", "wb", fileobj=out) as file:
        file.write(TEXT.encode())
    return out.getvalue()


_ZIP = samples.zipped(dict(_FILES))
_PORTFOLIO = pdf_with({"note.txt": TEXT.encode(), "report.docx": samples.word("A report.")})
PDFS = [
    Row("pdf", made(samples.pdf(pages=3)), pages(_WORDS, 3)),
    Row("pdf", made(samples.locked_pdf(user_password="")), pages(_WORDS), "no-password"),
    Row("pdf", made(_without_table()), _check_mended, "broken-table"),
    Row("pdf", made(_changed(_cover, _PORTFOLIO)), _check_portfolio, "portfolio"),
    Row("pdf", made(_changed(_form, samples.pdf(_FORM))), _check_form, "form"),
    Row(
        "iwork",
        made(samples.zipped({"QuickLook/Preview.pdf": samples.pdf(), "Index/Document.iwa": b"\x00"})),
        _check_preview,
    ),
]
ARCHIVES = [
    Row("zip", made(_ZIP), listing(_FILES, _SIZES)),
    Row("zip", made(samples.zipped({"outer/inner.zip": _ZIP})), _check_zip_in_zip, "zip-in-zip"),
    Row("tar", made(_tar()), listing(_FILES, _SIZES)),
    Row("gzip", made(_packed()), _check_packed),
]
