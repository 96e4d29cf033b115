"""Office files by their bytes: each names its import filter, and locks of every family are recognised."""

import io
import random
import struct
import zipfile

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from demo.compound import compound
from tests.viewer import samples
from tests.viewer.formats.opening import LIMITS, read, recognised
from viewer.errors import Corrupt, PasswordProtected, TooLarge
from viewer.formats.office import biff


def _typed(main_type: str) -> bytes:
    return samples.zipped({"[Content_Types].xml": f"<Types><Override ContentType='{main_type}'/></Types>"})


def _records(*records: tuple[int, bytes]) -> bytes:
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in records)


BOF_4 = (0x0409, struct.pack("<HHH", 0, 0x0010, 0))
BOF_8 = (0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
END = (0x000A, b"")
_WORD_TYPE, _EXCEL_TYPE = "application/vnd.ms-word", "application/vnd.ms-excel"
_SHOW_TYPE = "application/vnd.ms-powerpoint"


@pytest.mark.parametrize(
    ("body", "name", "import_filter"),
    [
        (_typed(f"{_WORD_TYPE}.template.macroEnabledTemplate.main+xml"), "dotm", "MS Word 2007 XML"),
        (_typed(f"{_EXCEL_TYPE}.template.macroEnabled.main+xml"), "xltm", "Calc MS Excel 2007 XML"),
        (_typed(f"{_SHOW_TYPE}.slideshow.macroEnabled.main+xml"), "ppsm", "Impress MS PowerPoint 2007 XML"),
        (_typed("application/vnd.ms-visio.drawing.main+xml"), "vsdx", "Visio Document"),
        (samples.excel_binary(), "xlsb", "Calc MS Excel 2007 Binary"),
        (samples.zipped({"word\\document.xml": "<w/>"}), "docx", "MS Word 2007 XML"),
        (samples.open_document("text-template"), "ott", "writer8_template"),
        (samples.open_document("graphics"), "odg", "draw8"),
        (_records(BOF_4, END), "xls", "MS Excel 4.0"),
        (b"\xdb\xa5\x2d\x00" + bytes(60), "doc", "MS WinWord 5"),
        (b"\xed\xde\xad\x0b\x03\x00" + bytes(60), "ppt", "PowerPoint 3"),
        (compound({("PP40",): bytes(5000)}), "ppt", "PowerPoint 3"),
        (compound({("\x03Internal",): b"x", ("Contents",): b"x"}), "pub", "Publisher Document"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + samples.word(), "docx", "MS Word 2007 XML"),
        (b"\xffWPC\x10\x00\x00\x00\x01\x0a\x02\x01" + bytes(60), "wpd", "WordPerfect"),
        (
            b"\xd7\xcd\xc6\x9a" + bytes(18) + b"\x01\x00\x09\x00" + bytes(60),
            "wmf",
            "WMF - MS Windows Metafile",
        ),
        (struct.pack("<II32x4s44xII", 1, 88, b" EMF", 14, 20), "emf", "EMF - MS Windows Metafile"),
        (samples.excel_2003(), "spreadsheetml", "MS Excel 2003 XML Orcus"),
        (samples.drawing(), "fodg", "OpenDocument Drawing Flat XML"),
        (b"\xef\xbb\xbf\r\n{\\rtf1 A letter.}", "rtf", "Rich Text Format"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_kind_names_its_import_filter(body: bytes, name: str, import_filter: str) -> None:
    kind = recognised(body)
    assert (kind.name, kind.import_filter) == (name, import_filter)


def test_an_odf_file_without_its_first_part_is_known_by_its_manifest() -> None:
    root = '<manifest:file-entry manifest:full-path="/" manifest:media-type="{}"/>'
    manifest = root.format("application/vnd.oasis.opendocument.text")
    assert recognised(samples.zipped({"META-INF/manifest.xml": manifest})).name == "odt"


def _wrapped(document: bytes, password: str) -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(document)).encrypt(password, out)
    return out.getvalue()


@pytest.mark.parametrize(
    "beginning",
    [
        b"{\\rtf1\\ansi ",
        b"\xdb\xa5\x2d\x00",
        b"\xd7\xcd\xc6\x9a",
        b"\x01\x00\x00\x00\x58" + bytes(35) + b" EMF",
        bytes.fromhex("0904060000001000"),
    ],
    ids=["rtf", "word 2", "wmf", "emf", "excel 4"],
)
def test_junk_that_begins_as_a_document_is_damaged(beginning: bytes) -> None:
    with pytest.raises(Corrupt):
        recognised(beginning + random.Random(7).randbytes(40_000))


def test_rtf_with_binary_data_is_rtf() -> None:
    picture = random.Random(7).randbytes(40_000)
    assert recognised(b"{\\rtf1 {\\pict\\bin40000 " + picture + b"}}").name == "rtf"


def test_a_workbook_with_excels_own_password_is_no_locked_one() -> None:
    assert recognised(_wrapped(samples.excel(), "VelvetSweatshop")).name == "xlsx"
    with pytest.raises(PasswordProtected):
        recognised(_wrapped(samples.excel(), "another"))


def test_a_password_check_that_would_take_long_is_not_made() -> None:
    body = _wrapped(samples.excel(), "VelvetSweatshop")
    assert body.count(b'spinCount="100000"') == 1
    with pytest.raises(PasswordProtected):
        recognised(body.replace(b'spinCount="100000"', b'spinCount="999999"'))


def test_a_bomb_in_an_encrypted_wrapping_is_measured_too() -> None:
    out = io.BytesIO(samples.excel())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/large.bmp", bytes(LIMITS.max_unpacked))
    bomb = out.getvalue()
    with pytest.raises(TooLarge):
        recognised(_wrapped(bomb, "VelvetSweatshop"))


@pytest.mark.parametrize(
    "manifest",
    [
        "<manifest><manifest:encryption-data/></manifest>",
        '<manifest><file-entry full-path="encrypted-package"><encryption-data/></file-entry></manifest>',
    ],
    ids=["part by part", "as a whole"],
)
def test_locked_odf_files_are_recognised(manifest: str) -> None:
    with pytest.raises(PasswordProtected):
        recognised(samples.open_document(manifest=manifest))


def test_a_locked_workbook_without_a_container_is_recognised() -> None:
    with pytest.raises(PasswordProtected):
        recognised(_records(BOF_4, (0x002F, bytes(4)), END))


def test_protection_against_changes_is_no_lock() -> None:
    assert not biff.is_locked(_records(BOF_8, (0x0012, b"\1\0"), (0x0013, b"\1\2"), (0x005B, b"\1\0"), END))
    assert biff.is_locked(_records(BOF_8, (0x002F, bytes(6)), END))


def test_hidden_sheets_are_counted_and_sheets_of_later_streams_are_not() -> None:
    shown, hidden, very_hidden = (
        (0x0085, struct.pack("<IBB", 0, state, 0) + b"\1\0a") for state in (0, 1, 2)
    )
    assert biff.hidden_sheets(_records(BOF_8, shown, hidden, very_hidden, END, hidden)) == 2


@pytest.mark.parametrize(
    "stream", [b"", b"\x09", b"\x09\x08\xff\xff", bytes(500), b"\x85\x00\x02\x00\x01\x02"]
)
def test_odd_streams_hide_nothing_and_lock_nothing(stream: bytes) -> None:
    assert not biff.is_locked(stream)
    assert biff.hidden_sheets(stream) == 0


def test_a_workbook_in_excels_own_wrapping_is_read_like_any_other() -> None:
    found, body = read(_wrapped(samples.excel(), "VelvetSweatshop"))
    assert (found.kind, found.printing and found.printing.cut_after) == ("xlsx", 1000)
    assert body.startswith(b"\xd0\xcf"), "LibreOffice opens the wrapping itself"


@pytest.mark.parametrize(("mark", "length"), [(0xF3D1C4DF, 0x1C), (0xE391C05F, 0x20)])
def test_a_locked_presentation_is_recognised(mark: int, length: int) -> None:
    user = struct.pack("<8xIII", 0x14, mark, 64) + bytes(40)
    body = bytes(64) + struct.pack("<HHI", 0, 0x0FF5, length) + bytes(5000)
    with pytest.raises(PasswordProtected):
        recognised(compound({("PowerPoint Document",): body, ("Current User",): user}))


def test_a_container_that_libreoffice_refuses_is_mended_before_it_sees_it() -> None:
    word = samples.word("A case note.")
    assert read(word)[1] == word
    for odd in (b"HTTP/1.1 200 OK\r\n\r\n" + word, word + b"\r\n--boundary--"):
        found, body = read(odd)
        assert found.kind == "docx"
        assert body != odd
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            assert "word/document.xml" in archive.namelist()


def test_a_document_is_long_by_its_text_not_by_its_pictures() -> None:
    def is_long(body: bytes) -> bool:
        printing = read(body)[0].printing
        assert printing
        return printing.is_long

    types = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts = {"[Content_Types].xml": types, "word/document.xml": "x" * 500_000}
    assert not is_long(samples.zipped({**parts, "word/media/a.bmp": bytes(5_000_000)}))
    assert is_long(samples.zipped({**parts, "word/comments.xml": "x"}))
    assert not is_long(b"{\\rtf1 " + b"x" * 499_000)
    assert is_long(b"{\\rtf1 " + b"x" * 500_000)
