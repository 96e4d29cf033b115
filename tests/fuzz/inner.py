"""Readers that hostile bytes reach only by a long way, as targets of their own.

A part of a zip-based document is fuzzed as it is, since no mutation survives the packing, in a document of
which it is the main part. So are the streams of OLE files.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

from demo.compound import Path, compound
from tests.conversion import dated
from tests.viewer import samples
from tests.viewer.formats.office import binary
from viewer import formats
from viewer.documents import Sink
from viewer.formats import uuencode
from viewer.formats.html import cleaning, table_widths
from viewer.formats.mail import calendar, cms, contacts, content_lines
from viewer.formats.office.saved_fields.excel_97 import BinaryCells

_MB = 1024 * 1024
LIMITS = formats.Limits(50 * _MB, 50 * _MB, 100 * _MB, 50 * _MB)
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_PARTS = {
    "part-of-docx": ("word/document.xml", {}),
    "styles-of-docx": ("word/styles.xml", {"word/document.xml": b"<a/>"}),
    "part-of-odt": ("content.xml", {"mimetype": _OPEN_DOCUMENT + b"text"}),
    "part-of-odp": ("content.xml", {"mimetype": _OPEN_DOCUMENT + b"presentation"}),
    "part-of-ods": ("content.xml", {"mimetype": _OPEN_DOCUMENT + b"spreadsheet"}),
    "manifest-of-odt": (
        "META-INF/manifest.xml",
        {"mimetype": _OPEN_DOCUMENT + b"text", "content.xml": b"<a/>", "Object 1/content.xml": b"<a/>"},
    ),
    "sheet-of-xlsx": ("xl/worksheets/sheet1.xml", {"xl/workbook.xml": b"<a/>"}),
    "styles-of-xlsx": ("xl/styles.xml", {"xl/workbook.xml": b"<a/>"}),
    "sheet-of-xlsb": ("xl/worksheets/sheet1.bin", {"xl/workbook.bin": b"\x83\x01\x00"}),
    "slide-of-pptx": ("ppt/slides/slide1.xml", {"ppt/presentation.xml": b"<a/>"}),
    "relations-of-docx": ("word/_rels/document.xml.rels", {"word/document.xml": b"<a/>"}),
    "object-of-docx": ("word/embeddings/oleObject1.bin", {"word/document.xml": b"<a/>"}),
}
_STREAMS = {
    "table-of-doc": ("1Table", "WordDocument"),
    "stream-of-doc": ("WordDocument", ""),
    "stream-of-xls": ("Workbook", ""),
    "stream-of-ppt": ("PowerPoint Document", ""),
}
_WORD_HEAD = bytearray(1024)
struct.pack_into("<HH", _WORD_HEAD, 0, 0xA5EC, 0xC1)
struct.pack_into("<H", _WORD_HEAD, 10, 0x0200)
struct.pack_into("<II", _WORD_HEAD, 0x9A + 8 * 16, 0, 34)


class Nowhere:
    """A `Sink` that keeps nothing."""

    def write(self, chunk: bytes, /) -> None:
        """See `Sink.write`."""


def read_and_extract(body: bytes) -> None:
    """Read a document, and take out the parts that it is said to have."""
    into: Sink = Nowhere()
    reading, _ = formats.read(io.BytesIO(body), LIMITS)
    for part in reading.parts[:3]:
        formats.extract(io.BytesIO(body), (part.number,), LIMITS, into)


def _in_zip(name: str, others: Mapping[str, bytes], body: bytes) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for each, content in {**others, name: body}.items():
            archive.writestr(zipfile.ZipInfo(each), content)
    read_and_extract(out.getvalue())


def _in_ole(name: str, other: str, body: bytes) -> None:
    streams: dict[Path, bytes] = {(name,): body}
    if other:
        streams[other,] = bytes(_WORD_HEAD)
    if name == "WordDocument":
        streams["1Table",] = bytes(64)
    read_and_extract(compound(streams))


def _of_zip(document: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return archive.read(name)


def _stream(document: bytes, name: str) -> bytes:
    from viewer.formats.ole import OleFile  # noqa: PLC0415 - the fuzzer is to see it loaded

    return OleFile(io.BytesIO(document)).body(name)


def _cells(body: bytes) -> object:
    return BinaryCells(body).transformed()


def _widths(body: bytes) -> object:
    html = body.decode(errors="replace")
    return table_widths.needed_width(html), table_widths.break_long_words(html)


def _calendar(body: bytes) -> object:
    text = body.decode(errors="replace")
    return calendar.read_calendar(text), contacts.read_contacts(text), content_lines.is_truncated(text)


TARGETS: Mapping[str, Callable[[bytes], object]] = {
    **{
        target: lambda body, name=name, others=others: _in_zip(name, others, body)  # type: ignore[misc]
        for target, (name, others) in _PARTS.items()
    },
    **{
        target: lambda body, name=name, other=other: _in_ole(name, other, body)  # type: ignore[misc]
        for target, (name, other) in _STREAMS.items()
    },
    "signed": cms.unwrap,
    "calendar": _calendar,
    "uuencoded": lambda body: list(uuencode.find_uuencoded(body)),
    "widths": _widths,
    "cleaning": lambda body: cleaning.clean(body.decode(errors="replace"), {"a"}),
    "binary-cells": _cells,
}

_FIELDS: dict[str, str | None] = {"DATE": "3 March", "REF a": "x", "FILENAME": None, "PAGE": "1"}
_LETTER, _DECK = dated.letter(_FIELDS), dated.slides()
_ODF = (
    b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    b'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    b'xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0" xmlns:table="t">'
    b'<office:annotation/><text:p><text:date text:fixed="false">3 March</text:date></text:p>'
    b'<presentation:date-time-decl presentation:source="current-date"/>'
    b'<table:table-row table:visibility="collapse" table:number-rows-repeated="3"/>'
    b'<table:table-cell table:formula="of:=TODAY()"/></office:document-content>'
)
_MANIFEST = (
    b'<manifest:manifest><manifest:file-entry manifest:media-type="application/vnd.oasis.opendocument.text" '
    b'manifest:full-path="Object 1/"/></manifest:manifest>'
)
_SHEET = (
    b'<worksheet><cols><col hidden="1"/></cols><sheetData><row hidden="1"><c r="A1"><f t="shared" si="1">'
    b'TODAY()</f><v>1</v></c><c><f t="shared" si="1"/><v>2</v></c></row></sheetData></worksheet>'
)
_STYLES = b'<numFmts><numFmt numFmtId="164" formatCode="m/d/yyyy"/></numFmts><xf numFmtId="164"/>'
_CALENDAR = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\n"
    b"DTSTART:16010101T020000\r\nTZOFFSETTO:-0500\r\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\r\nEND:STANDARD\r\n"
    b"END:VTIMEZONE\r\nBEGIN:VEVENT\r\nSUMMARY:a\\, b\r\nDTSTART;TZID=x:20260304T100000\r\nDURATION:PT1H\r\n"
    b"RRULE:FREQ=WEEKLY;BYDAY=MO,-1TU;UNTIL=20260401\r\n"
    b'ATTENDEE;CN="A; b";PARTSTAT=DECLINED:mailto:a@b.test\r\n'
    b"DESCRIPTION:x\r\n y\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
_CONTACT = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:M=C3=BC=\r\nller;A\r\nTEL;CELL:1\r\n"
    b"ADR;HOME:;;1 High Street;Town\r\nBDAY:20100304\r\nEND:VCARD\r\n"
)
SIGNED = (
    bytes.fromhex("3080 06092a864886f70d010702 a080 3080 020101 3100 3080 06092a864886f70d010701 a080 2480")
    + b"\x04\x18Content-Type: text/html\n\x04\x08\n<p>Hi!\n"
    + bytes(6)
    + b"\x31\x00"
    + bytes(6)
)
MAILBOX = b"".join(
    b"From a@b.test Wed Mar  4 16:05:00 2026\nFrom: a@b.test\nTo: b@b.test\nSubject: x\n\n>From me\n\n"
    for _ in range(3)
)
UUENCODED = b"From: a@b.test\nTo: b@b.test\nSubject: x\n\nHi\nbegin 644 note.txt\n#86)C\n`\nend\nBye\n"
CALENDARS, CONTACTS = [_CALENDAR], [_CONTACT]
RICH_TEXT = (
    b"{\\rtf1{\\stylesheet{\\s1\\v a;}}{\\field\\flddirty{\\*\\fldinst  DATE \\\\@ x}{\\fldrslt 3 March}}"
    b"{\\field{\\*\\fldinst TOC}{\\fldrslt {\\field{\\*\\fldinst PAGEREF a}{\\fldrslt 1}}}}"
    b"{\\*\\annotation x}"
    + binary.rich_text_object("Package", binary.packed_file("a.txt", b"123"))
    + b"\\bin3 {}{ \\v\\deleted x}"
)
OLD_OFFICE = [
    binary.word([(binary.INSERTED,), (binary.HIDDEN,)], comments=2),
    binary.excel(rows=2, columns=1, comments=1),
    binary.powerpoint(hidden=1, noted=1, objects=[compound({("x",): b"y"})]),
]
SEEDS: Mapping[str, list[bytes]] = {
    "part-of-docx": [_of_zip(_LETTER, "word/document.xml")],
    "styles-of-docx": [b'<w:style w:styleId="a"><w:basedOn w:val="b"/><w:rPr><w:vanish/></w:rPr></w:style>'],
    "part-of-odt": [_ODF],
    "part-of-odp": [_ODF],
    "part-of-ods": [_ODF],
    "manifest-of-odt": [_MANIFEST],
    "sheet-of-xlsx": [_SHEET],
    "styles-of-xlsx": [_STYLES],
    "sheet-of-xlsb": [_of_zip(samples.excel_binary(), "xl/worksheets/sheet1.bin")],
    "slide-of-pptx": [_of_zip(_DECK, "ppt/slides/slide1.xml")],
    "relations-of-docx": [_of_zip(_LETTER, "word/_rels/document.xml.rels")],
    "object-of-docx": [compound(binary.native(binary.packed_file("a.txt", b"123", "ä.txt")))],
    "table-of-doc": [bytes(20) + b"\x13\x1f\x14\xff\x15\x80".ljust(14, b"\0")],
    "stream-of-doc": [_stream(OLD_OFFICE[0], "WordDocument")],
    "stream-of-xls": [_stream(OLD_OFFICE[1], "Workbook")],
    "stream-of-ppt": [_stream(OLD_OFFICE[2], "PowerPoint Document")],
    "signed": [SIGNED],
    "calendar": [_CALENDAR, _CONTACT],
    "uuencoded": [UUENCODED],
    "widths": [b'<table cellpadding="3"><tr><td rowspan="2" colspan="3">a<img width="9"></td></tr></table>'],
    "cleaning": [b'<p style="color:red" title="&quot;">&lt;a&amp;<textarea>b</textarea><select><option>c'],
    "binary-cells": [_of_zip(samples.excel_binary(), "xl/worksheets/sheet1.bin")],
}
