"""PDFs, archives, drawings, old spreadsheets in XML: what no office writes here."""

import gzip
import io
import tarfile
from collections.abc import Callable
from typing import Any

import pikepdf
from fpdf import FPDF

from tests.corpus.generated.prose import Prose
from tests.viewer import samples


def _pdf(prose: Prose, pages: int = 3) -> FPDF:
    document = FPDF()
    document.set_font("helvetica", size=11)
    for _ in range(pages):
        document.add_page()
        for _ in range(6):
            document.multi_cell(0, 7, prose.paragraph(), new_x="LMARGIN", new_y="NEXT")
    return document


def _plain_pdf(prose: Prose) -> bytes:
    return bytes(_pdf(prose).output())


def _table_pdf(prose: Prose) -> bytes:
    document = _pdf(prose, 1)
    with document.table() as table:
        for _ in range(8):
            row = table.row()
            for _ in range(4):
                row.cell(prose.mark())
    return bytes(document.output())


def _saved(prose: Prose, **options: Any) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(_plain_pdf(prose))) as document:
        document.save(out, **options)
    return out.getvalue()


def _packed_pdf(prose: Prose) -> bytes:
    return _saved(prose, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _owned_pdf(prose: Prose) -> bytes:
    return _saved(prose, encryption=pikepdf.Encryption(owner="owner", user=""))


def _pdf_with_files(prose: Prose) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(_plain_pdf(prose))) as document:
        document.attachments["note.txt"] = prose.sentence().encode()
        document.save(out)
    return out.getvalue()


def _pdf_without_directory(prose: Prose) -> bytes:
    body = _plain_pdf(prose)
    return body[: body.rindex(b"startxref")]


def _zip(prose: Prose) -> bytes:
    names = [f"{prose.mark()}/{prose.mark()} źródło.txt" for _ in range(5)]
    return samples.zipped({name: prose.sentence() for name in names})


def _tar(prose: Prose, mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]  # the mode is a word
        for _ in range(4):
            body = prose.sentence().encode()
            member = tarfile.TarInfo(f"{prose.mark()}.txt")
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return out.getvalue()


def _svg(prose: Prose) -> bytes:
    lines = "".join(f'<text x="10" y="{20 + 20 * n}">{prose.sentence(words=3)}</text>' for n in range(5))
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="200">{lines}</svg>'.encode()


OTHERS: dict[str, Callable[[Prose], bytes]] = {
    "plain.pdf": _plain_pdf,
    "table.pdf": _table_pdf,
    "packed.pdf": _packed_pdf,
    "owner-locked.pdf": _owned_pdf,
    "files.pdf": _pdf_with_files,
    "without-directory.pdf": _pdf_without_directory,
    "files.zip": _zip,
    "files.tar": _tar,
    "files.tar.gz": lambda prose: _tar(prose, "w:gz"),
    "note.txt.gz": lambda prose: gzip.compress(prose.paragraph().encode(), mtime=0),
    "drawing.svg": _svg,
    "binary.xlsb": lambda prose: samples.excel_binary(prose.sentence(words=3)),
    "excel-2003.xml": lambda prose: samples.excel_2003(prose.sentence()),
    "drawing.fodg": lambda prose: samples.drawing(prose.sentence()),
}
