"""Workbooks whose cells have Excel's built-in formats by number alone, as Excel saves them.

The number stands for a format of the reader's country (ECMA-376 part 1, 18.8.30), so that the file does not
say what it looks like. Layouts: [MS-XLS] 2.4.353 (XF) and 2.4.180 (Number), [MS-XLSB] 2.4.673 (BrtCellReal).
"""

import io
import struct
import zipfile
from datetime import datetime

from demo.compound import compound
from tests.viewer.samples import binary_record, excel_binary

DATES, AMOUNTS = range(14, 23), range(37, 45)
_MOMENT = 43_529 + (14 * 3600 + 5 * 60 + 9) / 86_400
"""5 March 2019, 14:05:09, in days since the end of 1899."""
_AMOUNT = 1234.5
_CODES = {200: "[$-F800]dddd, mmmm dd, yyyy", 201: "[$-F400]h:mm:ss AM/PM", 202: "[$-409]m/d/yyyy"}
"""The system's long date and time ([MS-OI29500] 2.1.742), and a format that names its own country."""
_WRITTEN_OUT = {
    41: '_-* #,##0_-;-* #,##0_-;_-* "-"_-;_-@_-',
    42: '_-"\xa3"* #,##0_-;-"\xa3"* #,##0_-;_-"\xa3"* "-"_-;_-@_-',
    43: '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-',
    44: '_-"\xa3"* #,##0.00_-;-"\xa3"* #,##0.00_-;_-"\xa3"* "-"??_-;_-@_-',
}
"""The formats that Excel writes out in an .xls whatever they are, as it does in the United Kingdom."""
_NUMBERS = (*DATES, *AMOUNTS, *_CODES)
IN_BRITAIN = {
    14: "05/03/2019", 15: "05-Mar-19", 16: "05-Mar", 17: "Mar-19", 18: "2:05 PM", 19: "2:05:09 PM",
    20: "14:05", 21: "14:05:09", 22: "05/03/2019 14:05",
    37: "1,235 -1,235", 38: "1,235 -1,235", 39: "1,234.50 -1,234.50",
    40: "1,234.50 -1,234.50", 41: "1,235 - 1,235", 42: "\xa3 1,235 -\xa3 1,235", 43: "1,234.50 - 1,234.50",
    44: "\xa3 1,234.50 -\xa3 1,234.50", 200: "Tuesday 5 March 2019", 201: "14:05:09", 202: "3/5/2019",
}  # fmt: skip
"""What each format reads there; the last names its own country."""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_2003 = "urn:schemas-microsoft-com:office:spreadsheet"


def _rows() -> list[tuple[int, float, float | None]]:
    """The number of a format, and what stands in the two cells that have it."""
    return [
        (number, _AMOUNT, -_AMOUNT) if number in AMOUNTS else (number, _MOMENT, None) for number in _NUMBERS
    ]


def open_xml() -> bytes:
    """An .xlsx."""
    rows = "".join(
        f'<row r="{at}"><c r="A{at}" t="inlineStr"><is><t>F{number}</t></is></c>'
        f'<c r="B{at}" s="{at}"><v>{first}</v></c>'
        + (f'<c r="C{at}" s="{at}"><v>{second}</v></c>' if second else "")
        + "</row>"
        for at, (number, first, second) in enumerate(_rows(), 1)
    )
    formats = "".join(f'<numFmt numFmtId="{number}" formatCode="{code}"/>' for number, code in _CODES.items())
    used = "".join(f'<xf numFmtId="{number}" applyNumberFormat="1"/>' for number in (0, *_NUMBERS))
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{types}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/></Types>',
        "_rels/.rels": _relations({"officeDocument": "xl/workbook.xml"}),
        "xl/_rels/workbook.xml.rels": _relations(
            {"worksheet": "worksheets/sheet1.xml", "styles": "styles.xml"}
        ),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_KINDS}"><sheets><sheet name="Formats" '
        'sheetId="1" r:id="worksheet"/></sheets></workbook>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(_CODES)}">{formats}</numFmts>'
        f'<cellXfs count="{len(_NUMBERS) + 1}">{used}</cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>',
    }
    return _zipped({name: part.encode() for name, part in parts.items()})


def excel_97() -> bytes:
    """An .xls."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def text(words: str) -> bytes:
        return struct.pack("<HB", len(words), 0) + words.encode("latin-1")

    font = struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\x05\x00Arial"
    style = struct.pack("<HHH14x", 0, 0, 0xFFF5)
    cells = b"".join(record(0xE0, struct.pack("<HHH14x", 0, number, 1)) for number in (0, *_NUMBERS))
    formats = b"".join(
        record(0x041E, struct.pack("<HHB", number, len(code), 0) + code.encode("latin-1"))
        for number, code in (_WRITTEN_OUT | _CODES).items()
    )
    globals_ = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0)) + record(0x31, font) * 4
    globals_ += formats + record(0xE0, style) + cells
    name = b"Formats"
    sheet_at = len(globals_) + 4 + 8 + len(name) + 4
    globals_ += record(0x85, struct.pack("<IHBB", sheet_at, 0, len(name), 0) + name) + record(0x0A, b"")
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0))
    sheet += record(0x0200, struct.pack("<IIHHH", 0, len(_NUMBERS), 0, 3, 0))
    for row, (number, *values) in enumerate(_rows()):
        sheet += record(0x0204, struct.pack("<HHH", row, 0, 1) + text(f"F{number}"))
        for column, value in enumerate(values, 1):
            if value is not None:
                sheet += record(0x0203, struct.pack("<HHHd", row, column, row + 2, value))
    return compound({("Workbook",): globals_ + sheet + record(0x0A, b"")})


def binary_zip() -> bytes:
    """An .xlsb."""

    def wide(words: str) -> bytes:
        return struct.pack("<I", len(words)) + words.encode("utf-16-le")

    formats = b"".join(
        binary_record(44, struct.pack("<H", number) + wide(code)) for number, code in _CODES.items()
    )

    def cell_format(number: int, parent: int = 0) -> bytes:
        return binary_record(47, struct.pack("<HHHHHBBHH", parent, number, 0, 0, 0, 0, 0, 0, 0))

    count = struct.pack("<I", len(_NUMBERS) + 1)
    styles = binary_record(278) + binary_record(615, struct.pack("<I", len(_CODES))) + formats
    styles += binary_record(616) + binary_record(626, struct.pack("<I", 1)) + cell_format(0, 0xFFFF)
    styles += binary_record(627) + binary_record(617, count)
    styles += b"".join(map(cell_format, (0, *_NUMBERS))) + binary_record(618) + binary_record(279)
    sheet = binary_record(129) + binary_record(145)
    for row, (number, *values) in enumerate(_rows()):
        sheet += binary_record(0, struct.pack("<IIHHBI", row, 0, 300, 0, 0, 0))
        sheet += binary_record(6, struct.pack("<II", 0, 0) + wide(f"F{number}"))
        for column, value in enumerate(values, 1):
            if value is not None:
                sheet += binary_record(5, struct.pack("<IId", column, row + 1, value))
    with zipfile.ZipFile(io.BytesIO(excel_binary())) as archive:
        parts = {member.filename: archive.read(member) for member in archive.infolist()}
    kind = 'ContentType="application/vnd.ms-excel.styles"'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"</Types>", f'<Override PartName="/xl/styles.bin" {kind}/></Types>'.encode()
    )
    relations = "xl/_rels/workbook.bin.rels"
    parts[relations] = parts[relations].replace(
        b"</Relationships>",
        f'<Relationship Id="rId9" Type="{_KINDS}/styles" Target="styles.bin"/></Relationships>'.encode(),
    )
    parts["xl/styles.bin"] = styles
    parts["xl/worksheets/sheet1.bin"] = sheet + binary_record(146) + binary_record(130)
    return _zipped(parts)


NAMED_2003 = {
    "General Date": "05/03/2019 14:05:09",
    "Short Date": "05/03/2019",
    "Medium Date": "5-Mar-19",
    "Long Date": "5 March 2019",
    "Short Time": "14:05",
    "Medium Time": "2:05 PM",
    "Long Time": "2:05:09 PM",
    "Currency": "£1,234.50",
    "Fixed": "1234.50",
    "Standard": "1,234.50",
}
"""Formats that Excel's XML of 2003 has by name, and what they read in the United Kingdom."""


def xml_2003() -> bytes:
    """An XML file of Excel 2003, with a cell in each of `NAMED_2003`."""
    amounts = {"Currency", "Fixed", "Standard"}
    styles = "".join(
        f'<Style ss:ID="s{at}"><NumberFormat ss:Format="{name}"/></Style>'
        for at, name in enumerate(NAMED_2003)
    )
    moment = datetime(2019, 3, 5, 14, 5, 9)  # noqa: DTZ001 - workbooks know no zones
    rows = "".join(
        f'<Row><Cell><Data ss:Type="String">{name}</Data></Cell><Cell ss:StyleID="s{at}">'
        + (
            f'<Data ss:Type="Number">{_AMOUNT}</Data>'
            if name in amounts
            else f'<Data ss:Type="DateTime">{moment.isoformat()}.000</Data>'
        )
        + "</Cell></Row>"
        for at, name in enumerate(NAMED_2003)
    )
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{_2003}" xmlns:ss="{_2003}"><Styles>{styles}</Styles>'
        f'<Worksheet ss:Name="S"><Table><Column ss:Width="120"/><Column ss:Width="120"/>{rows}</Table>'
        "</Worksheet></Workbook>"
    ).encode()


def open_document() -> bytes:
    """A flat .fods: a date of the reader's country, and one that names the United States."""
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in {
            "office": "office", "style": "style", "number": "datastyle", "table": "table", "text": "text",
        }.items()
    )  # fmt: skip
    parts = "<number:month/><number:text>/</number:text><number:day/><number:text>/</number:text>"
    parts += '<number:year number:style="long"/>'
    countries = (
        'number:automatic-order="true" number:format-source="language"',
        'number:language="en" number:country="US"',
    )
    styles = "".join(
        f'<number:date-style style:name="N{n}" {country}>{parts}</number:date-style>'
        f'<style:style style:name="c{n}" style:family="table-cell" style:data-style-name="N{n}"/>'
        for n, country in enumerate(countries)
    )
    cells = "".join(
        f'<table:table-row><table:table-cell table:style-name="c{n}" office:value-type="date" '
        'office:date-value="2019-03-05T14:05:09"/></table:table-row>'
        for n in range(len(countries))
    )
    return (
        f'<?xml version="1.0"?><office:document{names} office:version="1.3" '
        'office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="S">{cells}</table:table></office:spreadsheet></office:body>'
        "</office:document>"
    ).encode()


def _relations(targets: dict[str, str]) -> str:
    relations = "".join(
        f'<Relationship Id="{kind}" Type="{_KINDS}/{kind}" Target="{target}"/>'
        for kind, target in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'


def _zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()
