# ruff: noqa: E501 - markup is plainer in one piece
"""Small documents that unpack, or grow, into something no machine is made for."""

import io
import struct
import zipfile
import zlib

from tests.conversion.hostile import WRITER, Paper, _open_document, _types, _zipped
from tests.conversion.offices import EXCEL, WORD
from tests.viewer import samples

_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_MB = 1024 * 1024
_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _replaced(original: bytes, name: str, parts: list[tuple[bytes, int]]) -> bytes:
    """A copy of a zip in which one member consists of these pieces, each repeated; never whole in memory."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(original)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for member in source.namelist():
            if member != name:
                target.writestr(member, source.read(member))
        with target.open(name, "w", force_zip64=True) as stream:
            for piece, times in parts:
                block = piece * max(1, min(times, _MB // max(1, len(piece))))
                whole, rest = divmod(times, len(block) // len(piece))
                for _ in range(whole):
                    stream.write(block)
                stream.write(piece * rest)
    return out.getvalue()


def _word_around(piece: bytes, times: int) -> bytes:
    original = samples.word("PLACE")
    with zipfile.ZipFile(io.BytesIO(original)) as archive:
        before, after = archive.read("word/document.xml").split(b"PLACE")
    return _replaced(original, "word/document.xml", [(before, 1), (piece, times), (after, 1)])


def long_paragraph(megabytes: int = 300) -> Paper:
    return Paper("paragraph.docx", WORD, _word_around(b"word ", megabytes * _MB // 5))


def white_space(megabytes: int = 1024) -> Paper:
    return Paper("space.docx", WORD, _word_around(b"</w:t><w:t>" + b" " * 8181, megabytes * _MB // 8192))


def _workbook(row: bytes, times: int, after: bytes = b"") -> bytes:
    names = f'xmlns="{_SHEET}" xmlns:r="{_LINK}"'
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    book = _zipped(
        {
            "[Content_Types].xml": _types({"book": "spreadsheetml.sheet.main", "sheet": "spreadsheetml.worksheet"}),
            "_rels/.rels": f'{relations}<Relationship Id="r1" Type="{_LINK}/officeDocument" Target="book.xml"/>'
            "</Relationships>",
            "book.xml": f'<workbook {names}><sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>',
            "_rels/book.xml.rels": f'{relations}<Relationship Id="r1" Type="{_LINK}/worksheet" Target="sheet.xml"/>'
            "</Relationships>",
            "sheet.xml": "",
        }
    )  # fmt: skip
    before = f"<worksheet {names}><sheetData>".encode()
    return _replaced(book, "sheet.xml", [(before, 1), (row, times), (after + b"</sheetData></worksheet>", 1)])


def rows(count: int) -> Paper:
    return Paper("rows.xlsx", EXCEL, _workbook(b"<row><c><v>1</v></c><c><v>2</v></c></row>", count))


def million_rows() -> Paper:
    return rows(1_000_000)


def hundred_thousand_rows() -> Paper:
    return rows(100_000)


def far_end_row() -> Paper:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return Paper("far.xlsx", EXCEL, _workbook(b'<row r="1"><c r="A1"><v>1</v></c></row>', 1, far))


def _huge_png(side: int) -> bytes:
    """One grey picture of so many pixels each way; it packs to a thousandth."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    line = bytes(1 + side * 3)
    pixels = b"".join([*(packer.compress(line) for _ in range(side)), packer.flush()])
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _with_picture(name: str, picture: bytes) -> bytes:
    frame = (
        '<office:body><office:text><text:p><draw:frame svg:width="9cm" svg:height="9cm" '
        f'text:anchor-type="as-char"><draw:image xlink:href="Pictures/{name}" xlink:type="simple" '
        'xlink:show="embed" xlink:actuate="onLoad"/></draw:frame></text:p></office:text></office:body>'
    )
    return _open_document(frame, "text", **{f"Pictures/{name}": picture})


def huge_picture() -> Paper:
    return Paper("picture.odt", WRITER, _with_picture("p.png", _huge_png(20_000)))


def svg_nest() -> Paper:
    """Each group shows the one before ten times."""
    uses = [f'<use href="#g{n}" x="1"/>' * 10 for n in range(9)]
    nest = "".join(f'<g id="g{n}">{ten}</g>' for n, ten in enumerate(uses, 1))
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><defs>'
        f'<g id="g0"><rect width="9" height="9"/></g>{nest}</defs><use href="#g9"/></svg>'
    )
    return Paper("nest.odt", WRITER, _with_picture("p.svg", svg.encode()))


def _laughs() -> str:
    tens = [f"&e{n};" * 10 for n in range(9)]
    return '<!ENTITY e0 "ha">' + "".join(f'<!ENTITY e{n} "{ten}">' for n, ten in enumerate(tens, 1))


def svg_entities() -> Paper:
    svg = (
        f'<?xml version="1.0"?><!DOCTYPE svg [{_laughs()}]><svg xmlns="http://www.w3.org/2000/svg" '
        'width="99" height="99"><text y="9">&e9;</text></svg>'
    )
    return Paper("entities-svg.odt", WRITER, _with_picture("p.svg", svg.encode()))


def entities() -> Paper:
    original = samples.word("&e9;".replace("&", "PLACE"))
    with zipfile.ZipFile(io.BytesIO(original)) as archive:
        body = archive.read("word/document.xml").replace(b"PLACEe9;", b"&e9;")
    head, _, rest = body.partition(b"<w:document")
    bomb = head + f"<!DOCTYPE w [{_laughs()}]>".encode() + b"<w:document" + rest
    return Paper("entities.docx", WORD, _replaced(original, "word/document.xml", [(bomb, 1)]))


ALL = (
    long_paragraph,
    white_space,
    million_rows,
    hundred_thousand_rows,
    far_end_row,
    huge_picture,
    svg_nest,
    svg_entities,
    entities,
)
