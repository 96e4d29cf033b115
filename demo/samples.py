"""Makes the sample documents: `python -m demo.samples [FOLDER]`. It makes only those that are missing.

The folder is the one that the demo's eDocs serves; by default `demo/documents`, which git ignores.
"""

import csv
import json
import math
import sys
import wave
import zipfile
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path

from fpdf import FPDF

from demo import catalogue, letters, office, pictures, writing
from demo.catalogue import Sample

FOLDER = Path(__file__).parent / "documents"
_MADE = Path(__file__).parent / "made"

_PROGRAM = b"MZ\x90\x00" + bytes(range(256)) * 8
"""The header of a Windows program, without code."""

Maker = Callable[[Path], None]
"""Writes one sample to a path."""


def make_all(folder: Path) -> list[Path]:
    """Make the missing samples, and return their paths.

    Args:
        folder: made when missing.

    Raises:
        RuntimeError: LibreOffice could not convert one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [path for sample, maker in _MAKERS.items() if (path := _make(folder / sample.file_name, maker))]


def _make(path: Path, maker: Maker) -> Path | None:
    if path.exists():
        return None
    unfinished = path.with_name(f"unfinished{path.suffix}")
    maker(unfinished)
    unfinished.rename(path)
    return path


def _converted(sample: Sample) -> Maker:
    return lambda path: office.convert(path.with_name(sample.file_name), path)


def _contacts(path: Path) -> None:
    text = StringIO()
    csv.writer(text).writerows(writing.CONTACT_LIST)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def _call(path: Path) -> None:
    path.write_text(writing.CALL_NOTE, encoding="utf-8")


def _assessment() -> FPDF:
    pdf = FPDF(format="A4")
    pdf.set_title("Assessment")
    for page in (1, 2):
        pdf.add_page()
        pdf.set_font("Helvetica", style="B", size=18)
        pdf.cell(0, 12, f"Assessment, page {page} of 2", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("Helvetica", size=12)
        pdf.multi_cell(0, 7, writing.ASSESSMENT_TEXT, new_x="LMARGIN", new_y="NEXT")
    pdf.image(BytesIO(pictures.png_bytes()), w=80)
    return pdf


def _plain_pdf(path: Path) -> None:
    _assessment().output(str(path))


def _locked_pdf(path: Path) -> None:
    pdf = _assessment()
    pdf.set_encryption(owner_password="demo-owner", user_password=office.PASSWORD)
    pdf.output(str(path))


def _locked(path: Path) -> None:
    office.locked(path.with_name(catalogue.REFERRAL.file_name), path)


def _damaged(path: Path) -> None:
    """The first half of a good document: a zip without its directory."""
    whole = path.with_name(catalogue.REFERRAL.file_name).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(path.with_name(catalogue.PHOTO.file_name), "kitchen.jpg")


def _court_bundle(path: Path) -> None:
    """Folders, a photograph, a letter, a file of an unknown kind, and an archive in the archive."""
    photographs = BytesIO()
    with zipfile.ZipFile(photographs, "w") as inner:
        inner.write(path.with_name(catalogue.PHOTO.file_name), "Kitchen before.jpg")
        inner.write(path.with_name(catalogue.DRAWING.file_name), "Household.png")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("Read me first.txt", writing.CALL_NOTE)
        bundle.write(path.with_name(catalogue.REFERRAL.file_name), "Letters/Referral from the school.docx")
        bundle.write(path.with_name(catalogue.ASSESSMENT.file_name), "Reports/Assessment, signed.pdf")
        bundle.write(path.with_name(catalogue.LOCKED_PDF.file_name), "Reports/Bank statements.pdf")
        bundle.writestr("Exhibits/Photographs.zip", photographs.getvalue())
        bundle.writestr("Exhibits/viewer.exe", _PROGRAM)


def _program(path: Path) -> None:
    path.write_bytes(_PROGRAM)


def _statements(path: Path) -> None:
    """A PDF with two files attached."""
    pdf = _assessment()
    for name, sample in (("Exhibit A.jpg", catalogue.PHOTO), ("Exhibit B.docx", catalogue.REFERRAL)):
        pdf.embed_file(bytes=path.with_name(sample.file_name).read_bytes(), basename=name)
    pdf.output(str(path))


def _recording(path: Path) -> None:
    """Three seconds of a quiet tone."""
    rate = 8000
    with wave.open(str(path), "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(rate)
        tone = (int(6000 * math.sin(2 * math.pi * 440 * at / rate)) for at in range(3 * rate))
        recording.writeframes(b"".join(value.to_bytes(2, "little", signed=True) for value in tone))


def _made_elsewhere(name: str) -> Maker:
    def copy(path: Path) -> None:
        path.write_bytes((_MADE / name).read_bytes())

    return copy


def _broken_pdf(path: Path) -> None:
    """A valid PDF without its last lines, which locate its objects."""
    path.write_bytes(bytes(_assessment().output())[:-300])


def _genogram(path: Path) -> None:
    path.write_text(writing.GENOGRAM, encoding="utf-8")


def _export(path: Path) -> None:
    """JSON on one line, as programs write it."""
    path.write_text(json.dumps(writing.EXPORT, ensure_ascii=False), encoding="utf-8")


def _record(path: Path) -> None:
    path.write_text(writing.RECORD, encoding="utf-8")


def _empty(path: Path) -> None:
    path.touch()


_MAKERS: dict[Sample, Maker] = {
    catalogue.REFERRAL: office.referral,
    catalogue.REFERRAL_DOC: _converted(catalogue.REFERRAL),
    catalogue.BUDGET: office.costs,
    catalogue.BUDGET_XLS: _converted(catalogue.BUDGET),
    catalogue.PLAN: office.slides,
    catalogue.PLAN_PPT: _converted(catalogue.PLAN),
    catalogue.VISIT: _converted(catalogue.REFERRAL),
    catalogue.LETTER: _converted(catalogue.REFERRAL),
    catalogue.CONTACTS: _contacts,
    catalogue.CALL: _call,
    catalogue.ASSESSMENT: _plain_pdf,
    catalogue.DRAWING: pictures.save,
    catalogue.PHOTO: pictures.save,
    catalogue.STAMP: pictures.save,
    catalogue.MAP: pictures.save,
    catalogue.CHRONOLOGY: office.chronology,
    catalogue.LOCKED: _locked,
    catalogue.LOCKED_PDF: _locked_pdf,
    catalogue.DAMAGED: _damaged,
    catalogue.ARCHIVE: _archive,
    catalogue.EMPTY: _empty,
    catalogue.RECORDING: _recording,
    catalogue.COURT_BUNDLE: _court_bundle,
    catalogue.PROGRAM: _program,
    catalogue.STATEMENTS: _statements,
    catalogue.MAIL: letters.mail,
    catalogue.OUTLOOK: letters.outlook,
    catalogue.WEB_PAGE: letters.web_page,
    catalogue.WEB_ARCHIVE: letters.web_archive,
    catalogue.SCAN: pictures.save_scan,
    catalogue.PHONE_PHOTO: _made_elsewhere("phone.heic"),
    catalogue.GENOGRAM: _genogram,
    catalogue.BROKEN_PDF: _broken_pdf,
    catalogue.EXPORT: _export,
    catalogue.FILM: _made_elsewhere("film.mp4"),
    catalogue.FILM_WEBM: _made_elsewhere("film.webm"),
    catalogue.RECORD_XML: _record,
}
"""The samples in the order in which they are made, since some use earlier ones."""


if __name__ == "__main__":
    made = make_all(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
    print(f"sample documents: {len(made)} made, {len(_MAKERS) - len(made)} there already")
