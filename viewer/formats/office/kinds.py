"""Office files in containers (OLE and zip): which import filter must read one, and whether it is locked.

A converter must be told the exact filter, and must never see a locked or bombed file.
"""

import io
import re
import struct
import zipfile
from typing import BinaryIO

import msoffcrypto
import olefile

from viewer.documents import Kind
from viewer.errors import Corrupt, PasswordProtected, UnsupportedType
from viewer.formats.office import biff
from viewer.formats.ole import BROKEN, OleFile

_WORD, _EXCEL, _POWERPOINT = "Word document", "Excel spreadsheet", "PowerPoint presentation"
_VISIO, _TEXT, _SPREADSHEET = "Visio drawing", "Text document", "Spreadsheet"
_PRESENTATION, _DRAWING = "Presentation", "Drawing"
_MAX_PART = 4 * 1024 * 1024
"""Parts of a zip that are read here, unpacked, in bytes."""
MAX_SHEET_PAGES = 1000
"""Longer spreadsheets are shown up to here, with a note."""
_OPENS_BY_ITSELF = "VelvetSweatshop"
"""Excel's own password for workbooks that only protect their structure; it and LibreOffice try it unasked."""
_MAX_SPINS = 200_000
"""Rounds of hashing that a password check may cost; Office writes 100,000."""

OLE_START = olefile.MAGIC


def _word(name: str) -> Kind:
    return Kind(name, _WORD, import_filter="MS Word 2007 XML")


def _excel(name: str) -> Kind:
    return Kind(name, _EXCEL, import_filter="Calc MS Excel 2007 XML", cut_after=MAX_SHEET_PAGES)


def _powerpoint(name: str) -> Kind:
    return Kind(name, _POWERPOINT, import_filter="Impress MS PowerPoint 2007 XML")


WORD_97 = Kind("doc", _WORD, import_filter="MS Word 97", other_filters=("MS Word 95",))
WORD_95 = Kind("doc", _WORD, import_filter="MS Word 95", other_filters=("MS WinWord 6.0", "MS Word 97"))
WORD_2 = Kind("doc", _WORD, import_filter="MS WinWord 5")
EXCEL_97 = Kind(
    "xls", _EXCEL, import_filter="MS Excel 97", other_filters=("MS Excel 95",), cut_after=MAX_SHEET_PAGES
)
EXCEL_95 = Kind(
    "xls", _EXCEL, import_filter="MS Excel 95", other_filters=("MS Excel 97",), cut_after=MAX_SHEET_PAGES
)
EXCEL_4 = Kind(
    "xls", _EXCEL, import_filter="MS Excel 4.0", other_filters=("MS Excel 97",), cut_after=MAX_SHEET_PAGES
)
POWERPOINT_97 = Kind("ppt", _POWERPOINT, import_filter="MS PowerPoint 97", other_filters=("PowerPoint 3",))
POWERPOINT_4 = Kind("ppt", _POWERPOINT, import_filter="PowerPoint 3")
"""PowerPoint 2 to 4. LibreOffice names the filter for the one in the middle; it reads 95 too."""
VISIO = Kind("vsd", _VISIO, import_filter="Visio Document")
PUBLISHER = Kind("pub", "Publisher document", import_filter="Publisher Document")
WORKS = Kind("wps", "Works document", import_filter="MS_Works")
WORDPERFECT = Kind("wpd", "WordPerfect document", import_filter="WordPerfect")
_OLE = {
    "WordDocument": WORD_97,
    "Workbook": EXCEL_97,
    "Book": EXCEL_95,
    "PowerPoint Document": POWERPOINT_97,
    "PP40": POWERPOINT_4,
    "VisioDocument": VISIO,
    "Quill/QuillSub/CONTENTS": PUBLISHER,
    "\x03Internal": PUBLISHER,
    "PerfectOffice_MAIN": WORDPERFECT,
    "MatOST": WORKS,
    "MN0": WORKS,
    "CONTENTS": WORKS,
}
"""By the stream that holds the document."""
_CHECKED = frozenset({"doc", "xls", "ppt"})
"""Kinds whose document must be there in its whole length."""
IWORK = Kind(
    "iwork",
    "Pages, Numbers or Keynote document",
    import_filter="Apple Pages",
    other_filters=("Apple Numbers", "Apple Keynote"),
)
"""Nothing in the containers of the newer ones tells the three apart."""

_OOXML = {
    b"wordprocessingml.document.main+xml": _word("docx"),
    b"wordprocessingml.template.main+xml": _word("dotx"),
    b"ms-word.document.macroenabled.main+xml": _word("docm"),
    b"ms-word.template.macroenabledtemplate.main+xml": _word("dotm"),
    b"spreadsheetml.sheet.main+xml": _excel("xlsx"),
    b"spreadsheetml.template.main+xml": _excel("xltx"),
    b"ms-excel.sheet.macroenabled.main+xml": _excel("xlsm"),
    b"ms-excel.template.macroenabled.main+xml": _excel("xltm"),
    b"ms-excel.sheet.binary.macroenabled.main": Kind(
        "xlsb", _EXCEL, import_filter="Calc MS Excel 2007 Binary", cut_after=MAX_SHEET_PAGES
    ),
    b"presentationml.presentation.main+xml": _powerpoint("pptx"),
    b"presentationml.slideshow.main+xml": _powerpoint("ppsx"),
    b"presentationml.template.main+xml": _powerpoint("potx"),
    b"ms-powerpoint.presentation.macroenabled.main+xml": _powerpoint("pptm"),
    b"ms-powerpoint.slideshow.macroenabled.main+xml": _powerpoint("ppsm"),
    b"ms-powerpoint.template.macroenabled.main+xml": _powerpoint("potm"),
    b"ms-visio.drawing.main+xml": Kind("vsdx", _VISIO, import_filter="Visio Document"),
    b"ms-visio.drawing.macroenabled.main+xml": Kind("vsdm", _VISIO, import_filter="Visio Document"),
}
"""By the content type of the main part, in lower case, without its beginning."""
_OOXML_BY_PART = {
    "word/document.xml": _word("docx"),
    "xl/workbook.xml": _excel("xlsx"),
    "xl/workbook.bin": _OOXML[b"ms-excel.sheet.binary.macroenabled.main"],
    "ppt/presentation.xml": _powerpoint("pptx"),
    "visio/document.xml": _OOXML[b"ms-visio.drawing.main+xml"],
}
"""By the main part's usual name, where the content types do not tell."""
_ODF_START = b"application/vnd.oasis.opendocument."
_ODF = {
    b"text": Kind("odt", _TEXT, import_filter="writer8"),
    b"text-template": Kind("ott", _TEXT, import_filter="writer8_template", other_filters=("writer8",)),
    b"spreadsheet": Kind("ods", _SPREADSHEET, import_filter="calc8", cut_after=MAX_SHEET_PAGES),
    b"spreadsheet-template": Kind(
        "ots",
        _SPREADSHEET,
        import_filter="calc8_template",
        other_filters=("calc8",),
        cut_after=MAX_SHEET_PAGES,
    ),
    b"presentation": Kind("odp", _PRESENTATION, import_filter="impress8"),
    b"presentation-template": Kind(
        "otp", _PRESENTATION, import_filter="impress8_template", other_filters=("impress8",)
    ),
    b"graphics": Kind("odg", _DRAWING, import_filter="draw8"),
    b"graphics-template": Kind("otg", _DRAWING, import_filter="draw8_template", other_filters=("draw8",)),
}
"""By what follows `_ODF_START` in the part `mimetype`."""
_STAROFFICE_START = b"application/vnd.sun.xml."
_STAROFFICE = {
    b"writer": Kind("sxw", _TEXT, import_filter="StarOffice XML (Writer)"),
    b"calc": Kind("sxc", _SPREADSHEET, import_filter="StarOffice XML (Calc)", cut_after=MAX_SHEET_PAGES),
    b"impress": Kind("sxi", _PRESENTATION, import_filter="StarOffice XML (Impress)"),
    b"draw": Kind("sxd", _DRAWING, import_filter="StarOffice XML (Draw)"),
}
"""What OpenDocument grew from; by what follows `_STAROFFICE_START` in the part `mimetype`."""
_MANIFEST_ROOT = re.compile(
    rb'<[\w:]*file-entry[^>]*?(?:full-path="/"[^>]*?media-type="([^"]+)"|media-type="([^"]+)"[^>]*?full-path="/")'
)
_IWORK_PARTS = frozenset({"index/document.iwa", "index.xml", "index.xml.gz", "index.apxl", "index.apxl.gz"})
_IWORK_HISTORY, _IWORK_PREVIEW = "buildversionhistory.plist", "quicklook/preview.pdf"
CONTAINED = frozenset(
    kind.name
    for kind in (
        *(WORD_97, EXCEL_97, POWERPOINT_97, VISIO, PUBLISHER, WORKS, WORDPERFECT, IWORK),
        *_OOXML.values(),
        *_ODF.values(),
        *_STAROFFICE.values(),
    )
)
"""Names of the kinds that are told apart here."""


def opened_by_itself(file: BinaryIO) -> BinaryIO | None:
    """What is in an encrypted wrapping that programs open without asking; None for other files."""
    try:
        locked = msoffcrypto.OfficeFile(file)
        if locked.format != "ooxml" or locked.type not in {"agile", "standard", "extensible"}:
            return None
        if locked.type == "agile" and locked.info["spinValue"] > _MAX_SPINS:
            return None
        locked.load_key(password=_OPENS_BY_ITSELF, verify_password=True)
        plain = io.BytesIO()
        locked.decrypt(plain)
    except Exception:  # noqa: BLE001 - it raises nearly anything on odd files; then it is locked, or damaged
        return None
    finally:
        file.seek(0)
    plain.seek(0)
    return plain


def in_ole(file: BinaryIO) -> Kind:
    """An old binary Office file, or a newer one in its encrypted wrapping.

    Raises:
        PasswordProtected: it is locked.
        Corrupt: the container does not open, or is cut short.
        TooLarge: more streams than any document has.
        UnsupportedType: something else in that container.
    """
    try:
        with OleFile(io.BytesIO(file.read())) as ole:
            if ole.exists("EncryptedPackage") or ole.exists("\tDRMContent"):
                raise PasswordProtected
            kind = _ole_kind(ole)
    except (*BROKEN, struct.error) as error:
        raise Corrupt from error
    if kind is None:
        raise UnsupportedType
    if _is_encrypted(file):
        raise PasswordProtected
    return kind


def _ole_kind(ole: OleFile) -> Kind | None:
    name, kind = next(((name, kind) for name, kind in _OLE.items() if ole.exists(name)), ("", None))
    if kind is not None and kind.name in _CHECKED:
        body = _stream(ole, name)
        if kind is EXCEL_95 and biff.is_locked(body):
            raise PasswordProtected
        return _word_kind(body) if kind is WORD_97 else kind
    return kind


def _stream(ole: OleFile, name: str) -> bytes:
    """A stream's bytes.

    Raises:
        Corrupt: fewer than its directory says: the file was cut short.
    """
    body: bytes = ole.openstream(name).read()
    if len(body) < ole.get_size(name):
        raise Corrupt
    return body


def _word_kind(stream: bytes) -> Kind:
    """By the version in the first bytes ([MS-DOC] 2.5.1, FibBase)."""
    if len(stream) < 12:  # noqa: PLR2004 - the flags end there
        raise Corrupt
    identifier, version = struct.unpack_from("<HH", stream)
    (flags,) = struct.unpack_from("<H", stream, 10)
    if flags & 0x0100:
        raise PasswordProtected
    return WORD_95 if identifier == 0xA5DC or version < 0xC0 else WORD_97  # noqa: PLR2004 - Word 6 and 95


def _is_encrypted(file: BinaryIO) -> bool:
    file.seek(0)
    try:
        locked = msoffcrypto.OfficeFile(file)
        if not locked.is_encrypted():
            return False
    except Exception:  # noqa: BLE001 - it raises nearly anything on odd files; the converter then decides
        return False
    try:
        locked.load_key(password=_OPENS_BY_ITSELF, verify_password=True)
    except Exception:  # noqa: BLE001 - another password
        return True
    return str(locked.format) != "xls97"


def in_zip(archive: zipfile.ZipFile) -> Kind | None:
    """An Office Open XML, OpenDocument or iWork file; None for any other zip.

    Raises:
        PasswordProtected: it is locked.
    """
    return _ooxml(archive) or _odf(archive) or _iwork(archive)


def _ooxml(archive: zipfile.ZipFile) -> Kind | None:
    types = _part(archive, "[Content_Types].xml").lower()
    named = next((kind for marker, kind in _OOXML.items() if marker in types), None)
    if named:
        return named
    names = {name.lower().replace("\\", "/").lstrip("/") for name in archive.namelist()}
    return next((kind for part, kind in _OOXML_BY_PART.items() if part in names), None)


def _odf(archive: zipfile.ZipFile) -> Kind | None:
    manifest = _part(archive, "META-INF/manifest.xml")
    media_type = _part(archive, "mimetype").strip() or _root_of(manifest)
    kinds = {
        **{_ODF_START + name: kind for name, kind in _ODF.items()},
        **{_STAROFFICE_START + name: kind for name, kind in _STAROFFICE.items()},
    }
    kind = kinds.get(media_type)
    if kind and b"encryption-data" in manifest:
        raise PasswordProtected
    return kind


def _root_of(manifest: bytes) -> bytes:
    """What the manifest says that the whole is."""
    match = _MANIFEST_ROOT.search(manifest)
    return (match[1] or match[2]) if match else b""


def _iwork(archive: zipfile.ZipFile) -> Kind | None:
    """Apple's office files; those with a preview of their own as PDF are better shown by that."""
    names = {name.lower() for name in archive.namelist()}
    is_apples = any(name.rsplit("/")[-1] == _IWORK_HISTORY for name in names)
    return IWORK if is_apples and _IWORK_PREVIEW not in names and names & _IWORK_PARTS else None


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """A part's first bytes, unpacked; none where it is missing. Letter case counts as little as in Office."""
    names = {member.lower().replace("\\", "/").lstrip("/"): member for member in archive.namelist()}
    if name.lower() not in names:
        return b""
    with archive.open(names[name.lower()]) as part:
        return part.read(_MAX_PART)
