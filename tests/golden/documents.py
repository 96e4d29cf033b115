"""Writes the documents: `python -m tests.golden.documents`.

They are kept as files, since a new version of a library, or of LibreOffice's own export, would write others.
Nobody in them exists.
"""

import io
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm, Pt
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font, PatternFill
from PIL import Image, ImageDraw
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

FOLDER = Path(__file__).parent / "documents"
_SECONDS = 120
_WHEN = datetime(2026, 3, 4, 9, 30)  # noqa: DTZ001 - office files hold naive times
_OLD_FORMS = {
    "letter.docx": ("letter.doc", "letter.rtf", "letter.odt"),
    "costs.xlsx": ("costs.xls", "costs.ods"),
    "meeting.pptx": ("meeting.ppt",),
}
_PARAGRAPH = (
    "We visited on Tuesday, 3 March, and again on Thursday. The heating works, the £49 voucher for the meter "
    "was used, and school says that attendance is at 96 per cent. Zoë’s father asks for help with the "
    "landlord. "
)
_FONTS = (
    *("Arial", "Arial Narrow", "Times New Roman", "Courier New", "Calibri", "Cambria", "Georgia", "Verdana"),
    *("Tahoma", "Trebuchet MS", "Segoe UI", "Aptos", "Century Gothic", "Century Schoolbook", "Book Antiqua"),
    *("Bookman Old Style", "Garamond", "Comic Sans MS", "Consolas", "Impact", "A font that nobody has"),
)
_SCRIPTS = (
    ("Polish", "Dziękujemy za zgłoszenie, źdźbło"),
    ("Turkish", "İstanbul’dan gelen ağabey çok iyi"),
    ("Vietnamese", "Cảm ơn bà đã đến thăm gia đình"),
    ("Greek", "Ευχαριστούμε για την επίσκεψη"),
    ("Ukrainian", "Дякуємо за відвідини, ґанок"),
    ("Yoruba", "Ẹ ṣé púpọ̀ fún ìbẹ̀wò náà"),
    ("Arabic", "شكرا لزيارتكم للعائلة"),
    ("Urdu", "خاندان سے ملنے کا شکریہ"),
    ("Hebrew", "תודה על הביקור אצל המשפחה"),
    ("Hindi", "परिवार से मिलने के लिए धन्यवाद"),
    ("Punjabi", "ਪਰਿਵਾਰ ਨੂੰ ਮਿਲਣ ਲਈ ਧੰਨਵਾਦ"),
    ("Gujarati", "પરિવારને મળવા બદલ આભાર"),
    ("Bengali", "পরিবারের সাথে দেখা করার জন্য ধন্যবাদ"),
    ("Tamil", "குடும்பத்தைச் சந்தித்ததற்கு நன்றி"),
    ("Amharic", "ቤተሰቡን ስለጎበኙ እናመሰግናለን"),
    ("Thai", "ขอบคุณที่มาเยี่ยมครอบครัว"),
    ("Chinese", "感谢您来看望这个家庭"),
    ("Japanese", "ご家族を訪問していただき"),
    ("Korean", "가족을 방문해 주셔서 감사합니다"),
    ("Signs", "☎ ✓ ✗ → ½ € № ☐ ☑ ★"),
    ("Emoji", "🙂 👍🏽 🏠 ❤️ 🎉"),
)
_COSTS = (
    ("After-school care", 10, 12.5),
    ("Family support worker", 3, 31.2),
    ("Counselling", 1, 55),
    ("Transport", 2, 24.75),
)


def write_all() -> None:
    """Write every document anew."""
    FOLDER.mkdir(exist_ok=True)
    _letter(FOLDER / "letter.docx")
    _changes(FOLDER / "changes.docx")
    _fonts(FOLDER / "fonts.docx")
    _scripts(FOLDER / "scripts.docx")
    _costs(FOLDER / "costs.xlsx")
    _meeting(FOLDER / "meeting.pptx")
    for name, forms in _OLD_FORMS.items():
        for form in forms:
            _convert(FOLDER / name, FOLDER / form)


def _letter(path: Path) -> None:
    """Two pages: header, footer with page number, headings, lists, table, picture, footnote, tab stops."""
    document = _document()
    section = document.sections[0]
    section.header.paragraphs[0].text = "Children’s services\t\tReference 2026/0042"
    footer = section.footer.paragraphs[0]
    footer.add_run("Page ")
    footer._p.append(parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"/>'))
    document.add_heading("Assessment of needs", 1)
    noted = document.add_paragraph(_PARAGRAPH * 2)
    _add_footnote(document, noted, "As the school told us on the telephone.")
    document.add_heading("What was agreed", 2)
    for text in (
        "A visit every second Thursday",
        "Help with a letter to the landlord",
        "A place in the club",
    ):
        document.add_paragraph(text, style="List Bullet")
    for text in ("Write to the landlord", "Telephone the school", "Visit"):
        document.add_paragraph(text, style="List Number")
    document.add_heading("The family", 2)
    table = document.add_table(rows=0, cols=3, style="Light Grid Accent 1")
    people = (("Name", "Born", "Relation"), ("Rowan Sample", "29 February 2016", "child"))
    for row in (*people, ("Zoë Müller-Sample", "17 July 1987", "mother, lives in Köln")):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.add_picture(_plan_of_a_flat(), width=Cm(6))
    document.add_page_break()
    document.add_heading("Appendix", 2)
    for _ in range(4):
        document.add_paragraph(_PARAGRAPH * 2)
    document.save(str(path))


def _changes(path: Path) -> None:
    """Tracked insertions and deletions, a comment, hidden text."""
    document = _document()
    document.add_heading("Minutes with changes", 1)
    paragraph = document.add_paragraph("The review is on ")
    mark = f'{nsdecls("w")} w:id="7" w:author="A. Worker" w:date="2026-03-04T09:30:00Z"'
    paragraph._p.append(parse_xml(f"<w:del {mark}><w:r><w:delText>Monday, 2 March</w:delText></w:r></w:del>"))
    paragraph._p.append(parse_xml(f"<w:ins {mark}><w:r><w:t>Friday, 6 March</w:t></w:r></w:ins>"))
    commented = paragraph.add_run(" in the small room.")
    document.add_comment(commented, text="Is it free?", author="A. Worker", initials="AW")
    hidden = document.add_paragraph("Seen by everybody. ").add_run("Seen by nobody.")
    hidden.font.hidden = True
    document.add_paragraph(_PARAGRAPH)
    document.save(str(path))


def _fonts(path: Path) -> None:
    """A paragraph in each font that staff's documents name: none may run off, none may be dingbats."""
    document = _document()
    for name in _FONTS:
        run = document.add_paragraph().add_run(f"{name}. {_PARAGRAPH}")
        run.font.name = name
        run.font.size = Pt(10)
    document.save(str(path))


def _scripts(path: Path) -> None:
    """A line in each of the scripts that people of a London borough write."""
    document = _document()
    for language, text in _SCRIPTS:
        document.add_paragraph(f"{language}: {text}")
    document.save(str(path))


def _costs(path: Path) -> None:
    """Number formats, colours, a merged title, wrapped text, a chart, a second sheet."""
    book = Workbook()
    book.properties.created = book.properties.modified = _WHEN
    sheet: Any = book.active
    sheet.title = "Costs"
    sheet["A1"] = "Cost of the care plan"
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.merge_cells("A1:D1")
    sheet.append(("Service", "Hours", "Price", "A week"))
    for cell in sheet[2]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1D70B8")
    for row, (service, hours, price) in enumerate(_COSTS, 3):
        sheet.append((service, hours, price, hours * price))
        for column in "CD":
            sheet[f"{column}{row}"].number_format = "£#,##0.00"
    sheet.column_dimensions["A"].width = 24
    chart = BarChart()
    chart.title = "Pounds a week"
    chart.add_data(Reference(sheet, min_col=4, min_row=2, max_row=6), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=3, max_row=6))
    chart.width, chart.height = 14, 7
    sheet.add_chart(chart, "A9")
    notes = book.create_sheet("Notes")
    notes.append((_WHEN.date(), "Agreed on the telephone", True))
    notes["A1"].number_format = "d mmmm yyyy"
    book.save(path)


def _meeting(path: Path) -> None:
    """A title, bullets with a picture, a chart."""
    deck = Presentation()
    deck.core_properties.created = deck.core_properties.modified = _WHEN
    title = deck.slides.add_slide(deck.slide_layouts[0])
    title.shapes.title.text = "Family group conference"
    title.placeholders[1].text = "16 March 2026"
    bullets = deck.slides.add_slide(deck.slide_layouts[1])
    bullets.shapes.title.text = "What is going well"
    bullets.placeholders[1].text = "School\nThe football club\nGrandmother visits on Sundays"
    bullets.shapes.add_picture(_plan_of_a_flat(), Inches(6), Inches(4), width=Inches(2.5))
    chart = deck.slides.add_slide(deck.slide_layouts[5])
    chart.shapes.title.text = "Attendance"
    data: Any = CategoryChartData()
    data.categories = ["January", "February", "March"]
    data.add_series("Per cent", (82, 90, 96))
    box = (Inches(1.5), Inches(2), Inches(7), Inches(4.5))
    chart.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *box, data)
    deck.save(str(path))


def _document() -> Any:
    document = Document()
    document.core_properties.created = document.core_properties.modified = _WHEN
    return document


def _add_footnote(document: Any, paragraph: Any, text: str) -> None:
    """python-docx knows no footnotes: a part of their own, and a reference to the one in it."""
    notes = f"""<w:footnotes {nsdecls("w")}>
      <w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>
      <w:footnote w:type="continuationSeparator" w:id="0">
        <w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>
      <w:footnote w:id="1"><w:p><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>
        <w:r><w:t xml:space="preserve"> {text}</w:t></w:r></w:p></w:footnote></w:footnotes>"""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    raised = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
    paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}>{raised}<w:footnoteReference w:id="1"/></w:r>'))


def _plan_of_a_flat() -> io.BytesIO:
    picture = Image.new("RGB", (240, 160), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((10, 10, 140, 150), outline="black", fill="#cfe8cf", width=4)
    pen.rectangle((140, 10, 230, 80), outline="black", fill="#f4d9c6", width=4)
    pen.ellipse((160, 95, 210, 145), fill="#1d70b8")
    out = io.BytesIO()
    picture.save(out, "PNG")
    out.seek(0)
    return out


def _convert(source: Path, target: Path) -> None:
    """Write the same in an older form, with LibreOffice."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--headless", f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"]
        form = target.suffix[1:]
        command = ["soffice", *options, "--convert-to", form, "--outdir", folder, str(source)]
        subprocess.run(command, check=True, timeout=_SECONDS, stdout=subprocess.DEVNULL)
        target.write_bytes((Path(folder) / target.name).read_bytes())


if __name__ == "__main__":
    write_all()
