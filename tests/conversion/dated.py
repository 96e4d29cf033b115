"""Documents whose fields and formats an office would compute anew, with what they said when they were saved.

Old forms are written by LibreOffice, which computes the fields as it does so; its results are then replaced
in the bytes by others of the same length.
"""

import io
import re
import struct
import subprocess
import tempfile
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pptx import Presentation
from pptx.util import Inches

_SECONDS = 120
SAVED_DATE = "03 Monthsaved 2019"
_DATE_OF_NOW = "%d %B %Y"
NAME, FORGED_NAME = "case-letter", "SAVEDLETTER"


def field(instruction: str, result: str | None) -> list[Any]:
    """The runs of a field of Word's; without a result where there is none."""
    runs = [
        '<w:fldChar w:fldCharType="begin"/>',
        f'<w:instrText xml:space="preserve"> {instruction} </w:instrText>',
    ]
    if result is not None:
        runs += ['<w:fldChar w:fldCharType="separate"/>', f"<w:t>{result}</w:t>"]
    runs.append('<w:fldChar w:fldCharType="end"/>')
    return [parse_xml(f"<w:r {nsdecls('w')}>{run}</w:r>") for run in runs]


def letter(fields: dict[str, str | None], footer: tuple[str, str] | None = None) -> bytes:
    """A letter with a line for each field, and one in its footer."""
    document = Document()
    for instruction, result in fields.items():
        paragraph = document.add_paragraph(f"{instruction.split()[0]}: ")
        paragraph._p.extend(field(instruction, result))
    if footer:
        document.sections[0].footer.paragraphs[0]._p.extend(field(*footer))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def slides() -> bytes:
    """A slide with a date that follows the calendar, and its number."""
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Dated"
    box = slide.shapes.add_textbox(Inches(1), Inches(2), Inches(6), Inches(1))
    names = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    for number, (kind, text) in enumerate((("datetime1", SAVED_DATE), ("slidenum", "77"))):
        identifier = f"{{B54A1E7C-1B5E-4A57-9D6D-6A0A5C6E8F1{number}}}"
        box.text_frame.paragraphs[0]._p.append(
            parse_xml(
                f'<a:fld {names} id="{identifier}" type="{kind}"><a:rPr lang="en-GB"/><a:pPr/>'
                f"<a:t>{text}</a:t></a:fld>"
            )
        )
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def old_forms(document: bytes, suffix: str, forms: tuple[str, ...]) -> dict[str, bytes]:
    """The same document in other forms, written by LibreOffice."""
    made = {}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{NAME}.{suffix}"
        source.write_bytes(document)
        profile = f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"
        for form in forms:
            command = [
                "soffice",
                "--headless",
                profile,
                "--convert-to",
                form,
                "--outdir",
                folder,
                str(source),
            ]
            subprocess.run(command, check=True, timeout=_SECONDS, stdout=subprocess.DEVNULL)
            made[form] = (Path(folder) / f"{NAME}.{form}").read_bytes()
    return made


def forged(document: bytes, changes: dict[bytes, bytes]) -> bytes:
    """The document with other bytes of the same length in it, in its parts where it is a zip."""
    assert all(len(before) == len(after) for before, after in changes.items())
    if not document.startswith(b"PK"):
        return _changed(document, changes)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as source, zipfile.ZipFile(out, "w") as target:
        for member in source.infolist():
            target.writestr(member, _changed(source.read(member), changes))
    return out.getvalue()


def saved_results() -> dict[bytes, bytes]:
    """What LibreOffice computes today, and what stands in its place; texts of eight and of sixteen bits."""
    today = datetime.now(UTC).strftime(_DATE_OF_NOW)
    changes = {today: SAVED_DATE[: len(today)].ljust(len(today), "x"), NAME: FORGED_NAME}
    return {
        before.encode(encoding): after.encode(encoding)
        for before, after in changes.items()
        for encoding in ("ascii", "utf-16-le")
    }


def forged_cells(workbook: bytes, values: dict[str, str]) -> bytes:
    """A workbook whose formulas have saved values."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(out, "w") as target:
        for member in source.infolist():
            body = source.read(member)
            for cell, value in values.items() if "sheet1" in member.filename else ():
                kind = b"" if value.isdecimal() else b' t="str"'
                formula = rb'(<c r="%s"[^<>]*)(><f>[^<]*</f>)<v(?: ?/>|></v>)' % cell.encode()
                with_value = b"\\1" + kind + b"\\2<v>" + value.replace("\\", "\\\\").encode() + b"</v>"
                body, count = re.subn(formula, with_value, body)
                assert count == 1, cell
            target.writestr(member, body)
    return out.getvalue()


def saved_cells() -> dict[bytes, bytes]:
    """The days that LibreOffice computes today in a workbook, and 3 and 4 March 2019 in their place."""
    start, today = date(1899, 12, 30), datetime.now().astimezone().date()
    changes = {}
    for number, saved in enumerate((date(2019, 3, 3), date(2019, 3, 4))):
        day = today + timedelta(number)
        changes[struct.pack("<d", (day - start).days)] = struct.pack("<d", (saved - start).days)
        changes[f'date-value="{day}"'.encode()] = f'date-value="{saved}"'.encode()
    return changes


def _changed(body: bytes, changes: dict[bytes, bytes]) -> bytes:
    for before, after in changes.items():
        body = body.replace(before, after)
    return body
