"""Microsoft's own macros, in every format that has them: each writes a file where a program lets it run.

A VBA project is written as MS-OVBA says: section 2.3.4.2 for the directory, 2.4.1 for its compression.
"""

import io
import struct

import olefile

from demo.compound import Path as StreamPath
from demo.compound import compound
from tests.conversion.hostile import _OFFICE, Paper, _zipped
from tests.conversion.macros import writing
from tests.conversion.offices import EXCEL, ROOT, WORD

_PROJECT_KIND = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
_PROJECT_TYPE = "application/vnd.ms-office.vbaProject"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_LETTER = ROOT / "tests/golden/documents/letter.doc"

_OF_DOCUMENTS = ("Document_Open", "Document_New", "Document_Close")
_OF_BOOKS = ("Workbook_Open", "Workbook_Activate", "Workbook_BeforePrint", "Workbook_BeforeClose")
_OF_MODULES = ("AutoOpen", "AutoExec", "AutoNew", "AutoClose", "Auto_Open", "Auto_Close")
_CHUNK = 3600
"""Bytes of code that fit into one chunk though nothing is made shorter."""


def project(code: str, *, book: bool) -> dict[StreamPath, bytes]:
    """The streams of a project that has this code at every event and under every name that runs by itself.

    Args:
        code: one VBA statement a line.
        book: whether it is a workbook's; else a text document's.
    """
    main, events = ("ThisWorkbook", _OF_BOOKS) if book else ("ThisDocument", _OF_DOCUMENTS)
    modules = {main: _module(main, events, code), "Module1": _module("Module1", _OF_MODULES, code)}
    listed = f"Document={main}/&H00000000\r\nModule=Module1\r\n"
    head = 'ID="{00000000-0000-0000-0000-000000000001}"\r\n'
    tail = 'Name="VBAProject"\r\nHelpContextID="0"\r\nVersionCompatible32="393222000"\r\n'
    return {
        ("PROJECT",): (head + listed + tail).encode(),
        ("VBA", "_VBA_PROJECT"): struct.pack("<HHBH", 0x61CC, 0xFFFF, 0, 0),
        ("VBA", "dir"): _compressed(_directory(main)),
        **{("VBA", name): _compressed(text.encode()) for name, text in modules.items()},
    }


def word(writes: str) -> Paper:
    """A .docm."""
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = f"<w:document {names}><w:body><w:p><w:r><w:t>text</w:t></w:r></w:p></w:body></w:document>"
    kind = "application/vnd.ms-word.document.macroEnabled.main+xml"
    parts = _parts("word/document.xml", kind, body, project(writing(writes), book=False))
    return Paper("macro.docm", WORD, _zipped(parts))


def excel(writes: str) -> Paper:
    """An .xlsm."""
    names = f'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{_OFFICE}"'
    book = (
        f'<workbook {names}><workbookPr codeName="ThisWorkbook"/><sheets>'
        '<sheet name="1" sheetId="1" r:id="r2"/></sheets></workbook>'
    )
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>text</t></is></c></row>'
    parts = _parts(
        "xl/workbook.xml",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        book,
        project(writing(writes), book=True),
        more=f'<Relationship Id="r2" Type="{_OFFICE}/worksheet" Target="sheet.xml"/>',
    )
    parts["xl/sheet.xml"] = f"<worksheet {names}><sheetData>{cell}</sheetData></worksheet>"
    return Paper("macro.xlsm", EXCEL, _zipped(parts))


def old_word(writes: str) -> Paper:
    """A .doc: an ordinary one, and the project beside its text."""
    with olefile.OleFileIO(io.BytesIO(_LETTER.read_bytes())) as letter:
        streams = {tuple(path): letter.openstream(path).read() for path in letter.listdir()}
    streams |= {("Macros", *path): body for path, body in project(writing(writes), book=False).items()}
    return Paper("macro.doc", "MS Word 97", compound(streams))


def old_excel(writes: str) -> Paper:
    """An .xls: the records that a workbook needs at least (MS-XLS, section 2.4), and the project."""
    end = _record(0xA, b"")
    cell = _record(0x204, struct.pack("<HHHHB", 0, 0, 15, 4, 0) + b"text")
    name = struct.pack("<HB", len("ThisWorkbook"), 0) + b"ThisWorkbook"
    before = _start(0x0005) + _record(0xD3, b"") + _record(0x1BA, name)
    sheet_at = len(before) + len(_record(0x85, bytes(9))) + len(end)
    book = before + _record(0x85, struct.pack("<IHBB", sheet_at, 0, 1, 0) + b"1") + end
    book += _start(0x0010) + cell + end
    streams = {
        ("_VBA_PROJECT_CUR", *path): body for path, body in project(writing(writes), book=True).items()
    }
    return Paper("macro.xls", "MS Excel 97", compound({("Workbook",): book.ljust(4096, b"\0"), **streams}))


ALL = (word, excel, old_word, old_excel)


def _parts(
    main: str, kind: str, body: str, streams: dict[StreamPath, bytes], more: str = ""
) -> dict[str, str | bytes]:
    """The parts of a package whose main part has a project."""
    folder, name = main.split("/")
    relations = f'<Relationships xmlns="{_PACKAGE}/relationships">%s</Relationships>'
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        f'<Default Extension="bin" ContentType="{_PROJECT_TYPE}"/>'
        f'<Override PartName="/{main}" ContentType="{kind}"/></Types>',
        "_rels/.rels": relations % f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="{main}"/>',
        main: body,
        f"{folder}/_rels/{name}.rels": relations
        % f'<Relationship Id="r1" Type="{_PROJECT_KIND}" Target="vbaProject.bin"/>{more}',
        f"{folder}/vbaProject.bin": compound(streams),
    }


def _module(name: str, subs: tuple[str, ...], code: str) -> str:
    head = f'Attribute VB_Name = "{name}"\r\n'
    lines = code.replace("\n", "\r\n")
    # some events hand something over, which nothing here uses
    takes = {"Workbook_BeforePrint": "Cancel As Boolean", "Workbook_BeforeClose": "Cancel As Boolean"}
    return head + "".join(f"Sub {sub}({takes.get(sub, '')})\r\n{lines}\r\nEnd Sub\r\n" for sub in subs)


def _directory(main: str) -> bytes:
    """The list of the project's modules."""
    head = [
        (0x01, struct.pack("<I", 1)), (0x02, struct.pack("<I", 0x409)), (0x14, struct.pack("<I", 0x409)),
        (0x03, struct.pack("<H", 1252)), (0x04, b"VBAProject"), (0x05, b""), (0x40, b""), (0x06, b""),
        (0x3D, b""), (0x07, bytes(4)), (0x08, bytes(4)),
    ]  # fmt: skip
    out = b"".join(_entry(*entry) for entry in head)
    out += struct.pack("<HIIH", 0x09, 4, 1, 1)  # the version; its size does not count the minor one
    out += (
        _entry(0x0C, b"") + _entry(0x3C, b"") + _entry(0x0F, struct.pack("<H", 2)) + _entry(0x13, b"\xff\xff")
    )
    for name, kind in ((main, 0x22), ("Module1", 0x21)):
        short, wide = name.encode(), name.encode("utf-16-le")
        module = [
            (0x19, short), (0x47, wide), (0x1A, short), (0x32, wide), (0x1C, b""), (0x48, b""),
            (0x31, bytes(4)), (0x1E, bytes(4)), (0x2C, b"\xff\xff"), (kind, b""), (0x2B, b""),
        ]  # fmt: skip
        out += b"".join(_entry(*entry) for entry in module)
    return out + _entry(0x10, b"")


def _entry(kind: int, body: bytes) -> bytes:
    return struct.pack("<HI", kind, len(body)) + body


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _start(kind: int) -> bytes:
    """The record with which a workbook or a sheet begins."""
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x7CC, 0, 6))


def _compressed(body: bytes) -> bytes:
    """A container as long as before: each byte stands for itself."""
    if len(body) > _CHUNK:
        raise ValueError("too long for this writer")
    tokens = b"".join(b"\0" + body[at : at + 8] for at in range(0, len(body), 8))
    return b"\x01" + struct.pack("<H", 0xB000 | (len(tokens) - 1)) + tokens
