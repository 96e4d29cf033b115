"""What a file is, from its bytes alone, and whether it can be shown: never from its name or a header.

libmagic says the family; for the containers (zip, OLE, PDF) their own structure says the rest, because a
converter must be told the exact import filter and must never see a locked or bombed file.
"""

import re
import zipfile
import zlib
from typing import BinaryIO

import magic
import msoffcrypto
import olefile
import pikepdf
from PIL import Image, UnidentifiedImageError

from viewer.documents import Kind, Original
from viewer.errors import Corrupt, Empty, PasswordProtected, TooLarge, UnsupportedType

_HEAD = 64 * 1024
"""How many bytes decide the family."""
_PDF_HEADER_WITHIN = 1024
"""A PDF may start with junk of up to this length (ISO 32000, implementation note 13)."""
_MAX_PART = 4 * 1024 * 1024
"""Parts of a zip that are read here, unpacked, in bytes."""
_MAX_MEMBERS = 20_000
_MAX_PIXELS = 80_000_000
"""An A3 page at 600 dots an inch has 70 million. Checking costs 4 bytes a pixel, and a phone must draw it."""

_WORD, _EXCEL, _POWERPOINT = "Word document", "Excel spreadsheet", "PowerPoint presentation"

PDF = Kind("pdf", "PDF", media_type="application/pdf")
TEXT = Kind("txt", "Plain text")
CSV = Kind("csv", "Table (CSV)", import_filter="Text - txt - csv (StarCalc)")
RTF = Kind("rtf", "Rich text document", import_filter="Rich Text Format")

_IMAGES = {
    "PNG": Kind("png", "Picture", media_type="image/png"),
    "JPEG": Kind("jpg", "Picture", media_type="image/jpeg"),
    "GIF": Kind("gif", "Picture", media_type="image/gif"),
    "WEBP": Kind("webp", "Picture", media_type="image/webp"),
}
_MEDIA = {
    "audio/mpeg": Kind("mp3", "Sound recording", media_type="audio/mpeg"),
    "audio/x-wav": Kind("wav", "Sound recording", media_type="audio/wav"),
    "audio/ogg": Kind("ogg", "Sound recording", media_type="audio/ogg"),
    "audio/x-m4a": Kind("m4a", "Sound recording", media_type="audio/mp4"),
    "audio/mp4": Kind("m4a", "Sound recording", media_type="audio/mp4"),
    "video/mp4": Kind("mp4", "Film", media_type="video/mp4"),
    "video/webm": Kind("webm", "Film", media_type="video/webm"),
    "video/quicktime": Kind("mov", "Film", media_type="video/mp4"),
}
"""Sound and film that browsers play, by libmagic's name; a .mov is played as the .mp4 that it mostly is."""
_OLE = {
    "WordDocument": Kind("doc", _WORD, import_filter="MS Word 97"),
    "Workbook": Kind("xls", _EXCEL, import_filter="MS Excel 97"),
    "Book": Kind("xls", _EXCEL, import_filter="MS Excel 95"),
    "PowerPoint Document": Kind("ppt", _POWERPOINT, import_filter="MS PowerPoint 97"),
}
_OOXML = {
    b"wordprocessingml.document.main+xml": Kind("docx", _WORD, import_filter="MS Word 2007 XML"),
    b"wordprocessingml.template.main+xml": Kind("dotx", _WORD, import_filter="MS Word 2007 XML"),
    b"ms-word.document.macroEnabled.main+xml": Kind("docm", _WORD, import_filter="MS Word 2007 XML"),
    b"spreadsheetml.sheet.main+xml": Kind("xlsx", _EXCEL, import_filter="Calc MS Excel 2007 XML"),
    b"ms-excel.sheet.macroEnabled.main+xml": Kind("xlsm", _EXCEL, import_filter="Calc MS Excel 2007 XML"),
    b"presentationml.presentation.main+xml": Kind(
        "pptx", _POWERPOINT, import_filter="Impress MS PowerPoint 2007 XML"
    ),
    b"presentationml.slideshow.main+xml": Kind(
        "ppsx", _POWERPOINT, import_filter="Impress MS PowerPoint 2007 XML"
    ),
}
_ODF = {
    b"application/vnd.oasis.opendocument.text": Kind("odt", "Text document", import_filter="writer8"),
    b"application/vnd.oasis.opendocument.spreadsheet": Kind("ods", "Spreadsheet", import_filter="calc8"),
    b"application/vnd.oasis.opendocument.presentation": Kind("odp", "Presentation", import_filter="impress8"),
}
OFFICE_KINDS = frozenset(kind.name for kinds in (_OLE, _OOXML, _ODF) for kind in kinds.values()) | {RTF.name}
"""Names of the kinds that the office reads as they are."""

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def identify(original: Original, max_unpacked: int) -> Kind:
    """What the file is, once it is sure to be whole, unlocked and within limits.

    Args:
        original: rewound before and after.
        max_unpacked: bytes that a zip-based file may unpack to.

    Raises:
        Empty: no bytes.
        UnsupportedType: nothing that can be shown.
        PasswordProtected: locked, recognised before any converter sees it.
        Corrupt: it starts as something known and is not.
        TooLarge: it would unpack, or draw, beyond the limits.
    """
    if original.size == 0:
        raise Empty
    original.file.seek(0)
    head = original.file.read(_HEAD)
    original.file.seek(0)
    try:
        return _by_structure(original.file, head, max_unpacked)
    finally:
        original.file.seek(0)


def _by_structure(file: BinaryIO, head: bytes, max_unpacked: int) -> Kind:
    if b"%PDF-" in head[:_PDF_HEADER_WITHIN]:
        return _pdf(file)
    if head.startswith(b"PK\x03\x04"):
        return _zip(file, max_unpacked)
    if head.startswith(olefile.MAGIC):
        return _ole(file)
    if head.startswith(b"{\\rtf"):
        return RTF
    media_type = magic.from_buffer(head, mime=True)
    if media_type.startswith("image/"):
        return _image(file)
    return _MEDIA.get(media_type) or _text(head, media_type)


def _pdf(file: BinaryIO) -> Kind:
    """A PDF that opens: with an empty user password too, as browsers do."""
    try:
        with pikepdf.open(file) as pdf:
            if not len(pdf.pages):
                raise Corrupt
    except pikepdf.PasswordError as error:
        raise PasswordProtected from error
    except (pikepdf.PdfError, ValueError, RecursionError) as error:
        raise Corrupt from error
    return PDF


def _image(file: BinaryIO) -> Kind:
    """A picture that browsers draw, and that decodes to its end."""
    try:
        with Image.open(file, formats=list(_IMAGES)) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise TooLarge
            image.load()
            return _IMAGES[str(image.format)]
    except UnidentifiedImageError as error:
        raise UnsupportedType from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooLarge from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Corrupt from error


def _text(head: bytes, media_type: str) -> Kind:
    """Text in any encoding; binary junk is not text, and mark-up waits for a sanitiser."""
    if media_type in {"text/html", "text/xml", "application/xml", "image/svg+xml", "message/rfc822"}:
        raise UnsupportedType
    if not head.startswith(_UTF16_BOMS) and _CONTROL.search(head):
        raise UnsupportedType
    if media_type == "text/csv":
        return CSV
    if media_type.startswith("text/") or media_type in {"application/json", "application/x-ndjson"}:
        return TEXT
    raise UnsupportedType


def _ole(file: BinaryIO) -> Kind:
    """An old binary Office file, or a newer one in its encrypted wrapping."""
    try:
        with olefile.OleFileIO(file.read()) as ole:
            if ole.exists("EncryptedPackage"):
                raise PasswordProtected
            kind = next((kind for stream, kind in _OLE.items() if ole.exists(stream)), None)
    except (OSError, ValueError, IndexError, KeyError) as error:
        raise Corrupt from error
    if kind is None:
        raise UnsupportedType
    if _is_encrypted(file):
        raise PasswordProtected
    return kind


def _is_encrypted(file: BinaryIO) -> bool:
    file.seek(0)
    try:
        return bool(msoffcrypto.OfficeFile(file).is_encrypted())
    except Exception:  # noqa: BLE001 - it raises nearly anything on odd files; the converter then decides
        return False


def _zip(file: BinaryIO, max_unpacked: int) -> Kind:
    """An Office Open XML or OpenDocument file, within its limits."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > _MAX_MEMBERS or sum(member.file_size for member in members) > max_unpacked:
                raise TooLarge
            return _ooxml(archive) or _odf(archive) or _unsupported()
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise Corrupt from error
    except RuntimeError as error:  # zipfile's word for a member that needs a password
        raise PasswordProtected from error


def _ooxml(archive: zipfile.ZipFile) -> Kind | None:
    types = _part(archive, "[Content_Types].xml")
    return next((kind for marker, kind in _OOXML.items() if marker in types), None)


def _odf(archive: zipfile.ZipFile) -> Kind | None:
    kind = _ODF.get(_part(archive, "mimetype").strip())
    if kind and b"encryption-data" in _part(archive, "META-INF/manifest.xml"):
        raise PasswordProtected
    return kind


def _unsupported() -> Kind:
    raise UnsupportedType


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """A part's first bytes, unpacked; none where it is missing."""
    if name not in archive.namelist():
        return b""
    with archive.open(name) as part:
        return part.read(_MAX_PART)
