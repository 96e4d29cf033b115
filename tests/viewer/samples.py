"""Small real files, made on the fly."""

import csv
import io
import wave
import zipfile

import docx
import msoffcrypto
import openpyxl
import pikepdf
import pptx
from fpdf import FPDF
from msoffcrypto.format.ooxml import OOXMLFile
from PIL import Image


def pdf(text: str = "A letter about a home visit.", pages: int = 1) -> bytes:
    document = FPDF()
    document.set_font("helvetica", size=12)
    for _ in range(pages):
        document.add_page()
        document.cell(text=text)
    return bytes(document.output())


def locked_pdf(user_password: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="owner", user=user_password))
    return out.getvalue()


def picture(form: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form)
    return out.getvalue()


def word(text: str = "A case note.") -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def locked_word(password: str = "secret") -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(word())).encrypt(password, out)
    assert msoffcrypto.OfficeFile(out).is_encrypted()
    return out.getvalue()


def excel() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = "Name"
    book.save(out)
    book.close()
    return out.getvalue()


def slides() -> bytes:
    deck, out = pptx.Presentation(), io.BytesIO()
    deck.slides.add_slide(deck.slide_layouts[0])
    deck.save(out)
    return out.getvalue()


def zipped(members: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def open_document(kind: str = "text", manifest: str = "<manifest/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", "<office/>")
    return out.getvalue()


def table(delimiter: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows(
        [["Name", "Visit", "Note"], *(["A. Person", f"2026-01-{day:02}", "seen"] for day in range(1, 9))]
    )
    return out.getvalue()


def sound(seconds: float = 0.1) -> bytes:
    """Silence, as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(8000)
        recording.writeframes(bytes(int(16_000 * seconds)))
    return file.getvalue()
