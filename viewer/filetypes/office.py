"""Office files: which import filter must read one, and whether it is locked.

A converter must be told the exact filter, and must never see a locked or bombed file.
"""

import zipfile
from typing import BinaryIO

import msoffcrypto
import olefile

from viewer.documents import Kind
from viewer.errors import Corrupt, PasswordProtected, UnsupportedType

_WORD, _EXCEL, _POWERPOINT = "Word document", "Excel spreadsheet", "PowerPoint presentation"
_MAX_PART = 4 * 1024 * 1024
"""Parts of a zip that are read here, unpacked, in bytes."""

RTF = Kind("rtf", "Rich text document", import_filter="Rich Text Format")
RTF_START = b"{\\rtf"
OLE_START = olefile.MAGIC
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


def in_ole(file: BinaryIO) -> Kind:
    """An old binary Office file, or a newer one in its encrypted wrapping.

    Raises:
        PasswordProtected: it is locked.
        Corrupt: the container does not open.
        UnsupportedType: something else in that container.
    """
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


def in_zip(archive: zipfile.ZipFile) -> Kind | None:
    """An Office Open XML or OpenDocument file; None for any other zip.

    Raises:
        PasswordProtected: it is locked.
    """
    return _ooxml(archive) or _odf(archive)


def _ooxml(archive: zipfile.ZipFile) -> Kind | None:
    types = _part(archive, "[Content_Types].xml")
    return next((kind for marker, kind in _OOXML.items() if marker in types), None)


def _odf(archive: zipfile.ZipFile) -> Kind | None:
    kind = _ODF.get(_part(archive, "mimetype").strip())
    if kind and b"encryption-data" in _part(archive, "META-INF/manifest.xml"):
        raise PasswordProtected
    return kind


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """A part's first bytes, unpacked; none where it is missing."""
    if name not in archive.namelist():
        return b""
    with archive.open(name) as part:
        return part.read(_MAX_PART)
