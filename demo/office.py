"""The sample office files: modern ones written here, older ones converted from them by LibreOffice."""

import subprocess
import tempfile
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.shared import Cm
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook
from openpyxl.styles import Font
from pptx import Presentation
from pptx.util import Inches

from demo.pictures import png_bytes
from demo.writing import (
    COSTS,
    FAMILY,
    REFERRAL,
    REFERRAL_TITLE,
    SLIDES,
    chronology_entry,
)

LONG_PAGES = 300
PASSWORD = "demo-password"
_MADE = datetime(2026, 3, 4, 9, 30)  # noqa: DTZ001 - office files hold naive times
_CONVERSION_SECONDS = 180


def referral(path: Path) -> None:
    """One page: headings, a table, a picture, an umlaut and a pound sign."""
    document = _document(REFERRAL_TITLE)
    for heading, text in REFERRAL:
        document.add_heading(heading, 2)
        document.add_paragraph(text)
    table = document.add_table(rows=0, cols=3, style="Light Grid Accent 1")
    for row in FAMILY:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.add_picture(BytesIO(png_bytes()), width=Cm(6))
    document.save(str(path))


def chronology(path: Path) -> None:
    """`LONG_PAGES` pages of one entry each."""
    document = _document("Chronology")
    for number in range(1, LONG_PAGES + 1):
        document.add_heading(f"Page {number} of {LONG_PAGES}", 2)
        for line in range(3):
            document.add_paragraph(chronology_entry(3 * number + line - 2))
        if number < LONG_PAGES:
            document.add_page_break()
    document.save(str(path))


def _document(title: str) -> Any:
    document = Document()
    document.core_properties.title = title
    document.core_properties.author = "Demo"
    document.core_properties.created = document.core_properties.modified = _MADE
    document.add_heading(title, 1)
    return document


def costs(path: Path) -> None:
    """A workbook of two sheets with formulas, and column titles in bold."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "Costs"
    for row in COSTS:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    last = len(COSTS)
    sheet.append(("Each week", "", f"=SUM(C2:C{last})", f"=SUMPRODUCT(C2:C{last},D2:D{last})"))
    for column, width in zip("ABCD", (20, 20, 14, 18), strict=True):
        sheet.column_dimensions[column].width = width
    family = workbook.create_sheet("Family")
    for member in FAMILY:
        family.append(member)
    workbook.properties.created = workbook.properties.modified = _MADE
    workbook.save(path)


def slides(path: Path) -> None:
    """Three slides, a picture on the last."""
    presentation = Presentation()
    for title, text in SLIDES:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    slide.shapes.add_picture(BytesIO(png_bytes()), Inches(6), Inches(4.5), width=Inches(3))
    presentation.core_properties.created = presentation.core_properties.modified = _MADE
    presentation.save(str(path))


def locked(plain: Path, path: Path) -> None:
    """The same document, encrypted with `PASSWORD`."""
    with plain.open("rb") as source, path.open("wb") as target:
        OOXMLFile(source).encrypt(PASSWORD, target)


def convert(source: Path, path: Path) -> None:
    """Let LibreOffice write the source in the format that the path's extension names.

    Raises:
        RuntimeError: LibreOffice wrote nothing.
    """
    with tempfile.TemporaryDirectory(prefix="samples-") as folder:
        command = ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{folder}/profile"]
        command += ["--convert-to", path.suffix[1:], "--outdir", folder, str(source)]
        done = subprocess.run(  # noqa: S603 - a fixed command on a file of ours
            command, capture_output=True, text=True, timeout=_CONVERSION_SECONDS, check=False
        )
        made = Path(folder) / f"{source.stem}{path.suffix}"
        if not made.is_file():
            raise RuntimeError(f"LibreOffice made no {path.name}: {done.stdout}{done.stderr}")
        path.write_bytes(made.read_bytes())
