"""Small real files, made when they are needed."""

import csv
import io
import struct
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


def slides(title: str = "") -> bytes:
    deck, out = pptx.Presentation(), io.BytesIO()
    deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = title
    deck.save(out)
    return out.getvalue()


def binary_record(identifier: int, body: bytes = b"") -> bytes:
    """A record of a binary workbook ([MS-XLSB] 2.1.4)."""
    kind = bytes([identifier]) if identifier < 0x80 else bytes([identifier & 0x7F | 0x80, identifier >> 7])
    assert len(body) < 0x80
    return kind + bytes([len(body)]) + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def excel_binary(text: str = "Name", states: tuple[int, ...] = (0,)) -> bytes:
    """A binary workbook: the text in the first cell of its sheets, one for each state (1 hidden)."""
    numbers = range(1, len(states) + 1)
    sheets = [
        binary_record(156, struct.pack("<II", state, n) + _wide(f"rId{n}") + _wide(f"Sheet {n}"))
        for n, state in zip(numbers, states, strict=True)
    ]
    book = [binary_record(131), binary_record(143), *sheets, binary_record(144), binary_record(132)]
    row = binary_record(0, struct.pack("<IIHHBI", 0, 0, 300, 0, 0, 0))
    cell = binary_record(6, struct.pack("<II", 0, 0) + _wide(text))
    sheet = b"".join(
        [binary_record(129), binary_record(145), row, cell, binary_record(146), binary_record(130)]
    )
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    excel_type, rels_type = "application/vnd.ms-excel", "application/vnd.openxmlformats-package.relationships"
    main = f"{excel_type}.sheet.binary.macroEnabled.main"
    to_book = f'<Relationship Id="rId1" Type="{kinds}/officeDocument" Target="xl/workbook.bin"/>'
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{kinds}/worksheet" Target="worksheets/sheet{n}.bin"/>'
        for n in numbers
    )
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
            f'<Default Extension="rels" ContentType="{rels_type}+xml"/>'
            f'<Default Extension="bin" ContentType="{excel_type}.worksheet"/>'
            f'<Override PartName="/xl/workbook.bin" ContentType="{main}"/>'
            "</Types>",
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships">{to_book}</Relationships>',
            "xl/workbook.bin": b"".join(book),
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{package}/relationships">{relations}'
            "</Relationships>",
            **{f"xl/worksheets/sheet{n}.bin": sheet for n in numbers},
        }
    )


def excel_2003(text: str = "Name") -> bytes:
    """A workbook in the XML of Excel 2003."""
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    cell = f'<Row><Cell><Data ss:Type="String">{text}</Data></Cell></Row>'
    return (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        f'<Workbook xmlns="{name}" xmlns:ss="{name}"><Worksheet ss:Name="Costs"><Table>{cell}</Table>'
        "</Worksheet></Workbook>"
    ).encode()


def drawing(text: str = "A plan.") -> bytes:
    """A drawing as one XML file."""
    names = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (("office", "office"), ("draw", "drawing"), ("text", "text"))
    )
    frame = f"<draw:text-box><text:p>{text}</text:p></draw:text-box>"
    place = 'svg:width="12cm" svg:height="2cm" svg:x="2cm" svg:y="2cm"'
    svg = 'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
    kind = 'office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.graphics"'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {names} {svg} {kind}>'
        f"<office:body><office:drawing><draw:page><draw:frame {place}>{frame}</draw:frame></draw:page>"
        "</office:drawing></office:body></office:document>"
    ).encode()


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


def photoshop(size: tuple[int, int] = (4, 3)) -> bytes:
    """A flattened picture as Photoshop keeps one: red, eight bits, unpacked."""
    width, height = size
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, height, width, 8, 3)
    plane = width * height
    return head + bytes(12) + b"\x00\x00" + b"\xff" * plane + bytes(2 * plane)


Tag = tuple[int, int, int | list[int] | bytes]
"""Number, type (3 short, 4 long, 7 bytes; TIFF 6.0, section 2) and value of a TIFF field."""


def tiff(pages: list[list[Tag]], data: bytes, after_last: int = 0) -> bytes:
    """A TIFF file with these fields on each page; ``data`` stands at offset 8.

    Args:
        pages: fields in order of their numbers.
        data: strips.
        after_last: where the page after the last one is said to be; 0 for none.
    """
    out = bytearray(struct.pack("<2sHI", b"II", 42, 8 + len(data)) + data)
    for number, tags in enumerate(pages, start=1):
        extra, entries = bytearray(), bytearray()
        behind = len(out) + 2 + 12 * len(tags) + 4
        for tag, form, value in tags:
            values = value if isinstance(value, list) else [value]
            body = (
                value
                if isinstance(value, bytes)
                else b"".join(struct.pack("<H" if form == 3 else "<I", item) for item in values)
            )
            count = len(body) // {3: 2, 4: 4, 7: 1}[form]
            if len(body) > 4:
                place = struct.pack("<I", behind + len(extra))
                extra += body
            else:
                place = body.ljust(4, b"\x00")
            entries += struct.pack("<HHI", tag, form, count) + place
        following = behind + len(extra) if number < len(pages) else after_last
        out += struct.pack("<H", len(tags)) + entries + struct.pack("<I", following) + extra
    return bytes(out)
