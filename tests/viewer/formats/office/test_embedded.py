"""Files in office documents are listed and open, whatever the document and the object are."""

import io
import struct
import zipfile
from base64 import b64encode
from dataclasses import replace

import pytest

from demo.compound import Path, compound
from tests.viewer import samples
from tests.viewer.formats.office import binary
from tests.viewer.formats.opening import LIMITS, extract, notes, parts, read
from viewer.errors import Corrupt, PartNotFound, TooLarge, UnsupportedType

_REPORT = samples.pdf("A school report.")
_PACKED = compound(binary.native(binary.packed_file("school-report.pdf", _REPORT)))
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ODF = "application/vnd.oasis.opendocument"
_FORMULA = compound({("Equation Native",): b"x" * 40, ("\x01Ole",): bytes(20)})
_UNKNOWN = compound({("Data",): b"x" * 40})
_NOT_OPENED = "1 embedded object is shown as a picture: what is in it cannot be opened here."


def _with_members(body: bytes, members: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO(body)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _kinds(body: bytes) -> list[tuple[int, str, str]]:
    """The parts: number, name, and what each opens as."""
    return [(part.number, part.name, read(extract(body, part.number)[1])[0].kind) for part in parts(body)]


@pytest.mark.parametrize(
    ("around", "folder"),
    [(samples.word(), "word"), (samples.excel(), "xl"), (samples.slides(), "ppt")],
    ids=["docx", "xlsx", "pptx"],
)
def test_objects_of_office_open_xml(around: bytes, folder: str) -> None:
    body = _with_members(
        around,
        {
            f"{folder}/embeddings/Microsoft_Excel_Sheet1.xlsx": samples.excel(),
            f"{folder}/embeddings/oleObject10.bin": _PACKED,
            f"{folder}/embeddings/oleObject2.bin": binary.excel(),
            f"{folder}/embeddings/oleObject3.bin": _FORMULA,
            f"{folder}/embeddings/oleObject4.bin": compound({("Package",): samples.word()}),
            f"{folder}/embeddings/oleObject5.bin": compound({("CONTENTS",): _REPORT}),
        },
    )
    assert _kinds(body) == [
        (1, "Microsoft_Excel_Sheet1.xlsx", "xlsx"),
        (2, "object 2.xls", "xls"),
        (4, "object 4.docx", "docx"),
        (5, "object 5.pdf", "pdf"),
        (6, "school-report.pdf", "pdf"),
    ]
    assert notes(body) == ()
    with pytest.raises(UnsupportedType):
        extract(body, 3)
    with pytest.raises(PartNotFound):
        extract(body, 7)


def test_an_object_in_an_unusual_place_is_found_by_its_relation() -> None:
    relation = f'<Relationship Id="a" Type="{_RELATION}/package" Target="../../kept/plan.docx"/>'
    body = _with_members(
        samples.excel(),
        {
            "kept/plan.docx": samples.word(),
            "xl/worksheets/_rels/sheet1.xml.rels": f"<Relationships>{relation}</Relationships>",
        },
    )
    assert _kinds(body) == [(1, "plan.docx", "docx")]


def test_an_imported_part_is_listed_with_a_note_where_it_is_not_drawn() -> None:
    relation = "".join(
        f'<Relationship Id="{name}" Type="{_RELATION}/aFChunk" Target="{name}"/>'
        for name in ("afchunk1.html", "afchunk2.docx")
    )
    body = _with_members(
        samples.word(),
        {
            "word/afchunk1.html": "<html><body><p>Imported</p></body></html>",
            "word/afchunk2.docx": samples.word(),
            "word/_rels/document2.xml.rels": f"<Relationships>{relation}</Relationships>",
        },
    )
    assert _kinds(body) == [(1, "afchunk1.html", "html"), (2, "afchunk2.docx", "docx")]
    assert notes(body) == (
        "1 imported part of this document is not on its pages: it opens from the list of attachments.",
    )


def test_a_film_in_a_presentation_opens_by_itself() -> None:
    body = _with_members(samples.slides(), {"ppt/media/media1.wav": samples.sound()})
    assert _kinds(body) == [(1, "media1.wav", "wav")]
    assert notes(body) == ("1 sound or film is not played.",)


def test_objects_of_a_word_97_document_and_an_excel_97_workbook() -> None:
    inside = binary.within(("ObjectPool", "_1"), {("WordDocument",): bytes(600)})
    inside |= binary.within(
        ("ObjectPool", "_2"), binary.native(binary.packed_file("a.txt", b"A note.", "Şule.txt"))
    )
    body = binary.word([()], more=inside)
    assert [(part.number, part.name) for part in parts(body)] == [(1, "object 1.doc"), (2, "Şule.txt")]
    assert extract(body, 2) == ("Şule.txt", b"A note.")

    word: dict[Path, bytes] = {("WordDocument",): b"\xec\xa5\xc1\0".ljust(600, b"\0"), ("1Table",): bytes(20)}
    body = binary.excel(more=binary.within(("MBD0001",), word))
    assert _kinds(body) == [(1, "object 1.doc", "doc")]


def test_objects_of_a_presentation() -> None:
    body = binary.powerpoint(objects=[_PACKED, binary.excel(), _UNKNOWN, _FORMULA])
    found = _kinds(body)
    assert [kind for _, _, kind in found] == ["pdf", "xls"]
    assert found[0][1] == "school-report.pdf"
    assert notes(body) == (_NOT_OPENED,)


def test_objects_of_an_open_document_file() -> None:
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{_ODF}.{kind}"/>'
        for path, kind in (("/", "text"), ("Object 1/", "spreadsheet"), ("Object 2/", "chart"))
    )
    sheet = "<office:document-content/>"
    body = _with_members(
        samples.open_document("text", f"<manifest:manifest>{entries}</manifest:manifest>"),
        {
            "Object 1/content.xml": sheet,
            "Object 2/content.xml": sheet,
            "Object 3": _PACKED,
            "ObjectReplacements/Object 1": b"x",
            "Obj100": samples.excel(),
        },
    )
    assert _kinds(body) == [
        (1, "object 1.xlsx", "xlsx"),
        (2, "Object 1.ods", "ods"),
        (3, "school-report.pdf", "pdf"),
    ]
    with zipfile.ZipFile(io.BytesIO(extract(body, 2)[1])) as made:
        assert made.read("content.xml").decode() == sheet


def test_objects_of_rich_text() -> None:
    objects = [
        binary.rich_text_object("Package", binary.packed_file("school-report.pdf", _REPORT)),
        binary.rich_text_object("Excel.Sheet.8", binary.excel()),
    ]
    body = b"{\\rtf1\\ansi A letter.\\par " + b"".join(objects) + b"}"
    assert _kinds(body) == [(1, "school-report.pdf", "pdf"), (2, "object 2.xls", "xls")]


def test_objects_of_a_flat_open_document_file() -> None:
    inner = f'<office:document xmlns:office="o" office:mimetype="{_ODF}.spreadsheet"><x/></office:document>'
    outer = (
        f'<office:document xmlns:office="o" office:mimetype="{_ODF}.text"><draw:object>{inner}</draw:object>'
        f"<draw:object-ole><office:binary-data>{b64encode(_PACKED).decode()}</office:binary-data></draw:object-ole>"
        "</office:document>"
    )
    assert _kinds(f'<?xml version="1.0"?>{outer}'.encode()) == [
        (1, "school-report.pdf", "pdf"),
        (2, "object 2.fods", "fods"),
    ]


def test_a_part_of_an_object_has_an_address_of_its_own() -> None:
    inner = _with_members(samples.word(), {"word/embeddings/oleObject1.bin": _PACKED})
    body = _with_members(samples.excel(), {"xl/embeddings/plan.docx": inner})
    assert extract(body, 1, 1) == ("school-report.pdf", _REPORT)


@pytest.mark.parametrize(
    "data",
    [
        b"\x02\x00name without an end",
        b"\x02\x00a\0b\0" + struct.pack("<HHI", 0, 3, 0xFFFFFFFF),
        b"\x02\x00a\0b\0" + struct.pack("<HHI", 0, 1, 0),
        b"",
        b"no file",
    ],
    ids=["name", "path", "link", "empty", "unknown"],
)
def test_an_object_that_cannot_be_read_is_told_and_harms_nothing_else(data: bytes) -> None:
    body = _with_members(
        samples.word(),
        {
            "word/embeddings/oleObject1.bin": compound(binary.native(data)),
            "word/embeddings/oleObject2.bin": _PACKED,
            "word/embeddings/oleObject3.bin": _PACKED[:600],
        },
    )
    assert [part.number for part in parts(body)] == [2]
    assert "embedded object" in notes(body)[0]
    with pytest.raises((UnsupportedType, Corrupt)):
        extract(body, 1)


def test_an_object_beyond_the_limit_is_refused() -> None:
    body = _with_members(samples.word(), {"word/embeddings/oleObject1.bin": _PACKED})
    with pytest.raises(TooLarge):
        extract(body, 1, limits=replace(LIMITS, max_part_bytes=100))


def test_a_packed_object_that_lies_about_its_size_is_not_unpacked() -> None:
    bomb = binary.powerpoint(objects=[b"\0" * 5_000_000])
    at = bomb.index(struct.pack("<I", 5_000_000))
    lying = bomb[:at] + struct.pack("<I", 1000) + bomb[at + 4 :]
    assert parts(lying) == ()
    with pytest.raises(TooLarge):
        extract(lying, 1)
