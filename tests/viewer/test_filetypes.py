"""What a file is told to be: by its bytes alone, and never anything but a kind or a typed refusal."""

import gzip
import hashlib
import io
import struct
import tarfile
import zipfile
import zlib
from contextlib import suppress

import olefile
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.viewer import samples
from viewer.documents import Kind, Original
from viewer.errors import Corrupt, Empty, PasswordProtected, TooLarge, UnsupportedType, ViewerError
from viewer.filetypes import identify

UNPACKED = 50_000_000


def _identify(body: bytes, max_unpacked: int = UNPACKED) -> Kind:
    digest = hashlib.sha256(body).hexdigest()
    original = Original(io.BytesIO(body), len(body), digest, "misleading.pdf")
    try:
        return identify(original, max_unpacked)
    finally:
        assert original.file.tell() == 0, "the next reader starts at the beginning"


def _png(width: int, height: int) -> bytes:
    """The start of a PNG of this size, with no picture in it."""

    def part(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + part(b"IDAT", zlib.compress(b"")) + part(b"IEND", b"")


def _ooxml(main_type: str) -> bytes:
    return samples.zipped({"[Content_Types].xml": f'<Types><Override ContentType="{main_type}"/></Types>'})


def _with_junk_in_its_stream(archive: bytes) -> bytes:
    """The same zip, its first member's compressed bytes overwritten."""
    start = 30 + len("[Content_Types].xml")
    return archive[:start] + b"\xff" * 8 + archive[start + 8 :]


_MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" + b"\x00" * 400


@pytest.mark.parametrize(
    ("body", "name", "import_filter"),
    [
        (samples.word(), "docx", "MS Word 2007 XML"),
        (samples.excel(), "xlsx", "Calc MS Excel 2007 XML"),
        (samples.slides(), "pptx", "Impress MS PowerPoint 2007 XML"),
        (samples.open_document("text"), "odt", "writer8"),
        (samples.open_document("spreadsheet"), "ods", "calc8"),
        (samples.open_document("presentation"), "odp", "impress8"),
        (_ooxml("application/vnd.ms-word.document.macroEnabled.main+xml"), "docm", "MS Word 2007 XML"),
        (b"{\\rtf1\\ansi A letter.}", "rtf", "Rich Text Format"),
        (samples.table(",").encode(), "csv", "Text - txt - csv (StarCalc)"),
        (b"A note in plain words.\n", "txt", None),
        ("Café: visit at 10, £5 for the bus.\n".encode(), "txt", None),
        ("Café: visit at 10, £5 for the bus.\n".encode("cp1252"), "txt", None),
        ("Café: visit at 10.\n".encode("utf-16"), "txt", None),
        (b'{"a": [1, 2, 3]}\n', "txt", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_office_reads_names_its_import_filter(
    body: bytes, name: str, import_filter: str | None
) -> None:
    kind = _identify(body)
    assert (kind.name, kind.import_filter, kind.media_type) == (name, import_filter, None)


def test_a_table_with_semicolons_is_at_least_text() -> None:
    assert _identify(samples.table(";").encode()).name in {"csv", "txt"}


@pytest.mark.parametrize(
    ("body", "name", "media_type"),
    [
        (samples.pdf(), "pdf", "application/pdf"),
        (b"\r\n\x00junk" * 50 + samples.pdf(), "pdf", "application/pdf"),
        (samples.locked_pdf(user_password=""), "pdf", "application/pdf"),
        (samples.picture("PNG"), "png", "image/png"),
        (samples.picture("JPEG"), "jpg", "image/jpeg"),
        (samples.picture("GIF"), "gif", "image/gif"),
        (samples.picture("WEBP"), "webp", "image/webp"),
        (_MP3, "mp3", "audio/mpeg"),
        (samples.sound(), "wav", "audio/wav"),
    ],
    ids=["pdf", "pdf-after-junk", "pdf-open-to-read", "png", "jpg", "gif", "webp", "mp3", "wav"],
)
def test_what_is_shown_as_it_is_names_its_media_type(body: bytes, name: str, media_type: str) -> None:
    kind = _identify(body)
    assert (kind.name, kind.import_filter, kind.media_type) == (name, None, media_type)


def _tar(name: str, body: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(body)
        archive.addfile(member, io.BytesIO(body))
    return out.getvalue()


def _stored(name: str, body: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (samples.zipped({"a.txt": "x"}), "zip"),
        (samples.zipped({}), "zip"),
        (_stored("a.pdf", samples.pdf()), "zip"),
        (samples.zipped({"mimetype": "application/epub+zip", "a.html": "x"}), "zip"),
        (samples.zipped({"[Content_Types].xml": "<Types/>", "zeros": bytes(20_000_000)}), "zip"),
        (samples.zipped({"QuickLook/Preview.pdf": samples.pdf(), "index.xml": "x"}), "iwork"),
        (_tar("a.pdf", samples.pdf()), "tar"),
        (gzip.compress(b"words"), "gzip"),
    ],
    ids=["zip", "empty", "of-a-pdf", "epub", "large", "pages", "tar-of-a-pdf", "gzip"],
)
def test_an_archive_is_an_archive_whatever_lies_at_its_start(body: bytes, name: str) -> None:
    assert _identify(body).name == name


_ENCRYPTED_MANIFEST = "<manifest><manifest:encryption-data/></manifest>"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param(b"", Empty, id="nothing"),
        pytest.param(b"<!DOCTYPE html><html><body>Hello</body></html>", UnsupportedType, id="html"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", UnsupportedType, id="svg"),
        pytest.param(b"<?xml version='1.0'?><svg xmlns='urn:x'/>", UnsupportedType, id="svg-xml"),
        pytest.param(b"<?xml version='1.0'?><a/>", UnsupportedType, id="xml"),
        pytest.param(b"From: a@b.test\r\nTo: c@d.test\r\nSubject: x\r\n\r\nHi", UnsupportedType, id="eml"),
        pytest.param(
            samples.zipped({"Index.zip": "x", "Metadata/BuildVersionHistory.plist": "x"}),
            UnsupportedType,
            id="pages",
        ),
        pytest.param(b"Rar!\x1a\x07\x01\x00" + bytes(100), UnsupportedType, id="rar"),
        pytest.param(b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(100), UnsupportedType, id="7z"),
        pytest.param(bytes(range(256)) * 8, UnsupportedType, id="junk"),
        pytest.param(b"MZ\x90\x00" + bytes(200), UnsupportedType, id="exe"),
        pytest.param(samples.picture("BMP"), UnsupportedType, id="bmp"),
        pytest.param(samples.picture("TIFF"), UnsupportedType, id="tiff"),
        pytest.param(samples.locked_word(), PasswordProtected, id="docx-locked"),
        pytest.param(samples.locked_pdf("secret"), PasswordProtected, id="pdf-locked"),
        pytest.param(samples.open_document(manifest=_ENCRYPTED_MANIFEST), PasswordProtected, id="odt-locked"),
        pytest.param(samples.pdf()[:200], Corrupt, id="pdf-cut"),
        pytest.param(b"%PDF-1.7\nnothing more", Corrupt, id="pdf-head-only"),
        pytest.param(samples.word()[:2000], Corrupt, id="docx-cut"),
        pytest.param(samples.picture("PNG", (300, 300))[:200], Corrupt, id="png-cut"),
        pytest.param(samples.picture("JPEG", (300, 300))[:700], Corrupt, id="jpg-cut"),
        pytest.param(olefile.MAGIC + b"\x00" * 100, Corrupt, id="ole-cut"),
        pytest.param(olefile.MAGIC + b"\xff" * 2000, Corrupt, id="ole-junk"),
        pytest.param(_png(60_000, 60_000), TooLarge, id="picture-bomb"),
        pytest.param(_png(10_000, 10_000), TooLarge, id="picture-beyond-phones"),
        pytest.param(_with_junk_in_its_stream(_ooxml("x" * 500)), Corrupt, id="zip-junk"),
    ],
)
def test_what_cannot_be_shown_says_why(body: bytes, error: type[ViewerError]) -> None:
    with pytest.raises(error):
        _identify(body)


def test_a_zip_bomb_is_refused_by_what_it_says_it_unpacks_to() -> None:
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    bomb = samples.zipped({"[Content_Types].xml": types, "word/document.xml": b"0" * 1_000_001})
    assert len(bomb) < 10_000
    with pytest.raises(TooLarge):
        _identify(bomb, max_unpacked=1_000_000)


def test_a_zip_of_very_many_members_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(20_001):
            archive.writestr(str(number), b"")
    with pytest.raises(TooLarge):
        _identify(out.getvalue())


def test_a_member_that_needs_a_password_is_a_lock() -> None:
    locked = bytearray(_ooxml("x"))
    for signature, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(signature) + flags_at] |= 1
    with pytest.raises(PasswordProtected):
        _identify(bytes(locked))


def _kind_or_refusal(body: bytes) -> None:
    """Any other exception is a failed promise."""
    with suppress(ViewerError):
        assert isinstance(_identify(body), Kind)


_STARTS = st.sampled_from(
    [
        *(b"", b"%PDF-1.7\n", b"{\\rtf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"GIF89a", b"II*\x00"),
        *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x00\x00\x00\x00WEBPVP8 ", b"PK\x03\x04"),
        olefile.MAGIC,
    ]
)


@given(_STARTS, st.binary(max_size=2000))
@settings(max_examples=150, deadline=None, derandomize=True)
@example(b"", b"\x00")
def test_any_bytes_end_in_a_kind_or_a_typed_refusal(start: bytes, rest: bytes) -> None:
    _kind_or_refusal(start + rest)


_WHOLE = [
    samples.pdf(),
    samples.word(),
    samples.locked_word(),
    samples.open_document(),
    *(samples.picture(form) for form in ("PNG", "JPEG", "GIF", "WEBP")),
]


_DAMAGE = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6)


@given(st.sampled_from(_WHOLE), _DAMAGE, st.sampled_from([1, 1, 1, 0.9, 0.5]))
@settings(max_examples=250, deadline=None, derandomize=True)
def test_a_damaged_file_ends_in_a_kind_or_a_typed_refusal(
    whole: bytes, damage: list[tuple[float, int]], share: float
) -> None:
    damaged = bytearray(whole)
    for where, byte in damage:
        damaged[int(where * len(damaged))] = byte
    _kind_or_refusal(bytes(damaged[: int(share * len(damaged))]))
