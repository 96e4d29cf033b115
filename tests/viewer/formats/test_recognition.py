"""What a file is told to be: by its bytes alone, and never anything but a kind or a typed refusal."""

import gzip
import io
import tarfile
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import olefile
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from demo.compound import compound
from demo.outlook import OutlookMessage, msg
from tests.viewer import samples
from tests.viewer.formats.opening import LIMITS, read, recognised
from viewer.errors import Corrupt, Empty, PasswordProtected, Problem, TooLarge, UnsupportedType
from viewer.formats.document import Kind


def _identify(body: bytes, max_unpacked: int = LIMITS.max_unpacked) -> Kind:
    return recognised(body, replace(LIMITS, max_unpacked=max_unpacked))


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
        (samples.table(",").encode(), "csv", None),
        (samples.table(";").encode(), "csv", None),
        (samples.table("\t").encode("utf-16"), "csv", None),
        (b"A note in plain words.\n", "txt", None),
        ("Café: visit at 10, £5 for the bus.\n".encode(), "txt", None),
        ("Café: visit at 10, £5 for the bus.\n".encode("cp1252"), "txt", None),
        ("Café: visit at 10.\n".encode("utf-16"), "txt", None),
        (b'{"a": [1, 2, 3]}\n', "json", None),
        (b"<?xml version='1.0'?><a/>", "xml", None),
        (b"# Heading; with a semicolon\n\nFirst; second\nthird\n", "txt", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_office_kind_names_its_import_filter(body: bytes, name: str, import_filter: str | None) -> None:
    kind = _identify(body)
    assert (kind.name, kind.import_filter, kind.media_type) == (name, import_filter, None)


def _film(brand: bytes, *others: bytes) -> bytes:
    """The beginning of a file in the container of films."""
    brands = brand + bytes(4) + b"".join(others)
    return (8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands + b"\x00\x00\x00\x08mdat"


_MADE = Path(__file__).parents[3] / "demo/made"
_OGG = b"OggS\x00\x02" + bytes(8) + b"\x01\x00\x00\x00" + bytes(8) + b"\x01"
_OTHERS = {
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg", "image/svg+xml"),
    "mp4": ((_MADE / "film.mp4").read_bytes(), "mp4", "video/mp4"),
    "webm": ((_MADE / "film.webm").read_bytes(), "webm", "video/webm"),
    "mov": (_film(b"qt  ", b"qt  "), "mov", "video/mp4"),
    "3gp": (_film(b"3gp6", b"3gp6"), "3gp", "video/mp4"),
    "m4a": (_film(b"M4A ", b"isom"), "m4a", "audio/mp4"),
    "opus": (_OGG + b"\x13OpusHead\x01\x01" + bytes(9), "ogg", "audio/ogg"),
    "vorbis": (_OGG + b"\x1e\x01vorbis" + bytes(23), "ogg", "audio/ogg"),
    "flac": (b"fLaC\x00\x00\x00\x22\x10\x00\x10\x00" + bytes(30), "flac", "audio/flac"),
    "aac": (b"\xff\xf1P@!?\xfc\xde\x02\x00" + bytes(300), "aac", "audio/aac"),
    "mp3-without-tags": (b"\xff\xfbP\xc4" + bytes(400), "mp3", "audio/mpeg"),
}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ((_MADE / "phone.heic").read_bytes(), "heic"),
        (_film(b"mif1", b"mif1", b"heic"), "heic"),
        (_film(b"mif1", b"mif1", b"avif"), "avif"),
        (samples.picture("AVIF"), "avif"),
        (samples.picture("TIFF"), "tif"),
        (b"II+\x00\x08\x00" + bytes(30), "tif"),
        (samples.picture("BMP"), "bmp"),
        (samples.picture("ICO"), "ico"),
        (samples.picture("JPEG2000"), "jp2"),
        (b"\xff\x4f\xff\x51" + bytes(40), "jp2"),
        (samples.photoshop(), "psd"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_pictures_are_known_by_how_they_begin(body: bytes, name: str) -> None:
    kind = _identify(body)
    assert (kind.name, kind.import_filter, kind.media_type) == (name, None, None)


@pytest.mark.parametrize(
    "body",
    [
        b"RIFF\x94\x1e\x00\x00AVI LISTx" + bytes(60),
        bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(60),
        b"#!AMR\n" + bytes(60),
        bytes.fromhex("1a45dfa3a3428681014 2f7810142f2810442f381084282886d6174726f736b61".replace(" ", "")),
    ],
    ids=["avi", "wma-wmv", "amr", "mkv"],
)
def test_recordings_that_browsers_do_not_play_are_of_no_kind(body: bytes) -> None:
    with pytest.raises(UnsupportedType):
        _identify(body)


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
        *_OTHERS.values(),
    ],
    ids=["pdf", "pdf-after-junk", "pdf-open-to-read", "png", "jpg", "gif", "webp", "mp3", "wav", *_OTHERS],
)
def test_each_kind_that_browsers_show_names_its_media_type(body: bytes, name: str, media_type: str) -> None:
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


_SAVED = (
    b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n boundary=b\r\n\r\n"
)
_OUTLOOK = OutlookMessage("Visit", ("A", "a@b.test"), [("C", "c@d.test")], datetime(2026, 3, 4, tzinfo=UTC))


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (samples.zipped({"a.txt": "x"}), "zip"),
        (samples.zipped({}), "zip"),
        (_stored("a.pdf", samples.pdf()), "zip"),
        (samples.zipped({"QuickLook/Preview.pdf": samples.pdf(), "index.xml": "x"}), "iwork"),
        (samples.zipped({"buildVersionHistory.plist": "x", "index.xml": "x"}), "iwork"),
        (_tar("a.pdf", samples.pdf()), "tar"),
        (gzip.compress(b"words"), "gzip"),
    ],
    ids=[
        "zip",
        "empty",
        "of-a-pdf",
        "pages",
        "pages-without-a-preview",
        "tar-of-a-pdf",
        "gzip",
    ],
)
def test_an_archive_is_an_archive_whatever_lies_at_its_start(body: bytes, name: str) -> None:
    assert _identify(body).name == name


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"From: a@b.test\r\nTo: c@d.test\r\nSubject: x\r\n\r\nHi", "eml"),
        (b"\r\nReceived: from x by y\r\n\twith SMTP\r\nSubject: x\r\n\r\nHi", "eml"),
        (b"From a@b.test Mon Mar  2 10:00:00 2026\nFrom: a@b.test\nDate: x\n\nHi", "mbox"),
        (b"\xef\xbb\xbfX-Mailer: M\nMIME-Version: 1.0\nFrom: =?utf-8?q?A?= <a@b.test>\n\n<html>", "eml"),
        (b"From: a@b.test\nContent-Type: multipart/related\nTo: c@d.test\n\nHi", "eml"),
        (msg(_OUTLOOK), "msg"),
        (b"\x78\x9f\x3e\x22\x01\x00", "tnef"),
        (b"<!DOCTYPE html><html><body>Hello</body></html>", "html"),
        (b"\xef\xbb\xbf\r\n<!-- saved --><HTML lang=en>", "html"),
        (b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0'><html xmlns='x'>", "html"),
        ("<html><body>Müller".encode("utf-16"), "html"),
        (_SAVED, "mht"),
        (b"MIME-Version: 1.0\nContent-Location: http://x.test/\nContent-Type: text/html\n\n<p>", "mht"),
        # what only looks like it
        (b"From: mum\nTo: the school\n\nRowan is ill.\n", "txt"),
        (b"From what I heard: nothing.\nSubject: none\n\nA note.\n", "txt"),
        (b"Subject: x\nDate: y\n\nA note.\n", "txt"),
        (b"From: a@b.test is what he wrote\nand no more.\n\nA note.\n", "txt"),
        (b"See <html> for more.\n", "txt"),
        (b"<parent> said that\n", "txt"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_mails_and_web_pages_are_known_by_how_they_begin(body: bytes, name: str) -> None:
    assert _identify(body).name == name


def test_a_document_that_holds_a_message_is_no_message() -> None:
    with pytest.raises(UnsupportedType):
        _identify(compound({("Attached", "__properties_version1.0"): b"x", ("Notes",): b"y"}))


_ENCRYPTED_MANIFEST = "<manifest><manifest:encryption-data/></manifest>"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param(b"", Empty, id="nothing"),
        pytest.param(
            samples.zipped({"Index.zip": "x", "Metadata/BuildVersionHistory.plist": "x"}),
            UnsupportedType,
            id="pages",
        ),
        pytest.param(b"Rar!\x1a\x07\x01\x00" + bytes(100), UnsupportedType, id="rar"),
        pytest.param(b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(100), UnsupportedType, id="7z"),
        pytest.param(bytes(range(256)) * 8, UnsupportedType, id="junk"),
        pytest.param(b"MZ\x90\x00" + bytes(200), UnsupportedType, id="exe"),
        pytest.param(samples.locked_word(), PasswordProtected, id="docx-locked"),
        pytest.param(samples.open_document(manifest=_ENCRYPTED_MANIFEST), PasswordProtected, id="odt-locked"),
        pytest.param(samples.word()[:2000], Corrupt, id="docx-cut"),
        pytest.param(olefile.MAGIC + b"\x00" * 100, Corrupt, id="ole-cut"),
        pytest.param(olefile.MAGIC + b"\xff" * 2000, Corrupt, id="ole-junk"),
        pytest.param(_with_junk_in_its_stream(_ooxml("x" * 500)), Corrupt, id="zip-junk"),
    ],
)
def test_a_file_that_cannot_be_shown_raises_a_typed_refusal(body: bytes, error: type[Problem]) -> None:
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


@pytest.mark.parametrize(
    "attributes",
    ['full-path="/" ' * 200_000, 'media-type="x" ' * 200_000, "x " * 1_000_000],
    ids=["paths", "types", "words"],
)
def test_a_manifest_of_megabytes_takes_no_time(attributes: str) -> None:
    manifest = f"<manifest:file-entry {attributes}"
    assert _identify(samples.zipped({"META-INF/manifest.xml": manifest})).name == "zip"
    assert (
        _identify(samples.zipped({"META-INF/manifest.xml": "<manifest:file-entry " * 190_000})).name == "zip"
    )


def test_a_member_that_needs_a_password_is_a_lock() -> None:
    locked = bytearray(_ooxml("x"))
    for signature, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(signature) + flags_at] |= 1
    with pytest.raises(PasswordProtected):
        _identify(bytes(locked))


def _kind_or_refusal(body: bytes) -> None:
    """Any other exception is a failed promise."""
    with suppress(Problem, MemoryError, RecursionError):
        assert isinstance(_identify(body), Kind)
    with suppress(Problem, MemoryError, RecursionError):
        assert read(body)[0].kind


_STARTS = st.sampled_from(
    [
        *(b"", b"%PDF-1.7\n", b"{\\rtf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"GIF89a", b"II*\x00"),
        *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x00\x00\x00\x00WEBPVP8 ", b"PK\x03\x04"),
        *(olefile.MAGIC, b"From: a@b.test\r\nTo: ", b"<html", b"\x78\x9f\x3e\x22"),
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
    msg(_OUTLOOK),
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
