"""Fields, dates and embedded objects of office files: in Word's, OpenDocument's and Excel's XML, RTF, OLE."""

import io
import struct
import zipfile

from demo.compound import Path, compound
from tests.hostile.cases import KB, MB, filled, worst

_W = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p>'
_BEGIN, _BETWEEN, _END = (
    b'<w:r><w:fldChar w:fldCharType="%s"/></w:r>' % kind for kind in (b"begin", b"separate", b"end")
)
_ODF = (
    b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    b'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
)


def _zipped(name: str, body: bytes, more: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for each, content in {**(more or {}), name: body}.items():
            archive.writestr(zipfile.ZipInfo(each), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@worst("docx")
def letter_of_nested_fields() -> bytes:
    """Half a million fields, each in the result of the one before."""
    each = _BEGIN + b"<w:r><w:instrText>REF a</w:instrText></w:r>" + _BETWEEN
    return _zipped(
        "word/document.xml", _W + each * 300_000 + _END * 300_000 + b"</w:p></w:body></w:document>"
    )


@worst("docx")
def letter_of_empty_fields() -> bytes:
    """As many fields without a result as sixty megabytes hold."""
    each = _BEGIN + b"<w:r><w:instrText>DATE</w:instrText></w:r>" + _END
    body = _W + each * (50 * MB // len(each)) + b"</w:p></w:body></w:document>"
    return _zipped("word/document.xml", body)


@worst("docx")
def letter_of_long_instructions() -> bytes:
    """The instructions of one field, in five million pieces."""
    piece = b"<w:r><w:instrText>a</w:instrText></w:r>"
    return _zipped("word/document.xml", _W + _BEGIN + piece * (50 * MB // len(piece)))


@worst("odt")
def open_document_of_nested_fields() -> bytes:
    """Two million fields in one another."""
    depth = 1_000_000
    body = _ODF + b"<text:date>" * depth + b"</text:date>" * depth + b"</office:document-content>"
    return _zipped("content.xml", body, {"mimetype": b"application/vnd.oasis.opendocument.text"})


@worst("rtf")
def rich_text_of_nested_fields() -> bytes:
    """Fields in the results of fields, half a million: each asks whether it stands in a table of contents."""
    depth = 500_000
    return b"{\\rtf1 " + b"{\\field{\\*\\fldinst REF a}{\\fldrslt " * depth + b"}}" * depth + b"}"


@worst("rtf")
def rich_text_of_open_fields() -> bytes:
    """Fields that begin and have no group, forty megabytes."""
    return b"{\\rtf1 " + filled(b"{\\field\\flddirty \\fldlock ", 40 * MB)


@worst("rtf")
def rich_text_of_objects() -> bytes:
    """As many objects as twenty megabytes hold, each of a few bytes."""
    return b"{\\rtf1 " + filled(b"{\\object\\objemb{\\*\\objdata 0105000002000000}}", 20 * MB) + b"}"


@worst("rtf")
def rich_text_of_one_object() -> bytes:
    """One object of fifty megabytes of digits, which nearly is one of Windows' packages."""
    return b"{\\rtf1 {\\object\\objemb{\\*\\objdata 01050000 02000000 " + filled(b"0 ", 48 * MB) + b"}}}"


@worst("doc")
def word_97_of_nested_fields() -> bytes:
    """A table of half a million marks, each of which begins a field in the one before."""
    head = bytearray(4 * KB)
    struct.pack_into("<HH", head, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", head, 10, 0x0200)
    marks = 500_000
    table = bytes(4 * (marks + 1)) + b"\x13\x03" * (marks // 2) + b"\x15\x00" * (marks // 2)
    struct.pack_into("<II", head, 0x9A + 8 * 16, 0, len(table))
    return compound({("WordDocument",): bytes(head), ("1Table",): table})


@worst("xls")
def workbook_of_formulas() -> bytes:
    """A workbook of 150,000 formulas that change at each opening, each with a text behind it."""
    begin = struct.pack("<HHHHII", 0x0809, 16, 0x0600, 5, 0, 0) + bytes(4)
    body = bytes(6) + b"\0\0\0\0\0\0\xff\xff" + bytes(8) + b"\x19\x01"
    cell = struct.pack("<HH", 6, len(body)) + body + struct.pack("<HH", 0x0207, 3) + b"\1\0\0"
    return compound({("Workbook",): begin + cell * 150_000})


@worst("xlsx")
def sheet_of_formulas() -> bytes:
    """Formulas without a value behind them, sixty megabytes."""
    cell = b"<c><f>TODAY()" + b" " * 90 + b"</f>"
    sheet = b"<worksheet><sheetData><row>" + cell * (50 * MB // len(cell))
    return _zipped("xl/worksheets/sheet1.xml", sheet, {"xl/workbook.xml": b"<workbook/>"})


@worst("xlsx")
def styles_of_formats() -> bytes:
    """As many formats that follow the country as fifty megabytes hold."""
    each = b'<numFmt numFmtId="%d" formatCode="m/d/yyyy"/>'
    formats = b"".join(each % number for number in range(900_000))
    cells = b'<xf numFmtId="3"/>' * 400_000
    return _zipped("xl/styles.xml", b"<styleSheet>" + formats + cells, {"xl/workbook.xml": b"<workbook/>"})


@worst("xlsb")
def binary_sheet_of_records() -> bytes:
    """Records of no length, sixty million."""
    return _zipped("xl/worksheets/sheet1.bin", b"\x0a\x00" * (30 * MB), {"xl/workbook.bin": b"\x83\x01\x00"})


@worst("pptx")
def slide_of_nested_dates() -> bytes:
    """Dates in one another, a million."""
    names = b'<p:sld xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:p="p">'
    depth = 600_000
    body = names + b'<a:fld type="datetime1"><a:pPr/>' * depth + b"</a:fld>" * depth + b"</p:sld>"
    return _zipped("ppt/slides/slide1.xml", body, {"ppt/presentation.xml": b"<p/>"})


@worst("docx")
def letter_of_objects() -> bytes:
    """Five thousand embedded files, each an OLE container that nothing here reads."""
    each = compound({("x",): b"y"})
    objects = {f"word/embeddings/oleObject{number}.bin": each for number in range(5_000)}
    return _zipped("word/document.xml", _W, objects)


@worst("doc")
def word_97_of_objects() -> bytes:
    """Nine thousand objects in one document: each is looked for in the whole directory."""
    head = bytearray(4 * KB)
    struct.pack_into("<HH", head, 0, 0xA5EC, 0xC1)
    streams: dict[Path, bytes] = {("WordDocument",): bytes(head), ("0Table",): b""}
    for number in range(6_000):
        streams["ObjectPool", f"_{number}", "\x01Ole10Native"] = struct.pack("<I", 4) + b"abcd"
    return compound(streams)


@worst("odt")
def open_document_of_documents() -> bytes:
    """Two thousand documents within one, as folders of its zip."""
    kind = b"application/vnd.oasis.opendocument.text"
    entries = b"".join(
        b'<manifest:file-entry manifest:media-type="%s" manifest:full-path="Object %d/"/>' % (kind, number)
        for number in range(10_000)
    )
    members = {f"Object {number}/content.xml": b"<a/>" for number in range(10_000)}
    more = {"mimetype": kind, "META-INF/manifest.xml": b"<manifest>" + entries + b"</manifest>", **members}
    return _zipped("content.xml", _ODF, more)
