"""Which office document a zip is, from the names and types of its parts."""

import zipfile

from viewer.errors import ElectronicBook, PasswordProtected, UnsupportedType, XpsDocument
from viewer.formats.document import Kind
from viewer.formats.office.kinds import BY_MEDIA_TYPE, IWORK, OOXML, OOXML_BY_PART
from viewer.formats.xml_events import local_name, parse
from viewer.formats.zips import METHODS, names_by_normalised_name

PREVIEW = "quicklook/preview.pdf"
"""What Apple's office programs save beside their own format."""
_MAX_PART = 4 * 1024 * 1024
"""Bytes of a part that are read, unpacked."""
_IWORK_PARTS = frozenset({"index/document.iwa", "index.xml", "index.xml.gz", "index.apxl", "index.apxl.gz"})
_OF_MACS = ("__macosx/", ".ds_store")
_XPS_SEQUENCE, _EPUB = ".fdseq", b"application/epub+zip"
"""What every XPS document has (ECMA-388, 10.1), and what every book says that it is (EPUB 3.3, 4.2.2)."""
_TYPES = "[content_types].xml"
_DOCUMENT_PARTS = frozenset({_TYPES, "mimetype", PREVIEW, "buildversionhistory.plist", *_IWORK_PARTS})
_IWORK_HISTORY, _IWORK_INDEX = "buildversionhistory.plist", "index.zip"


def office_kind(archive: zipfile.ZipFile) -> Kind | None:
    """The kind of an Office Open XML, OpenDocument or iWork file; None for any other zip.

    Raises:
        PasswordProtected: it is locked.
        UnsupportedType: a document of another kind, such as an XPS file, and no archive.
        Exception: one of `zips.BROKEN`.
    """
    if not all(member.compress_type in METHODS for member in archive.infolist()):
        return None  # no office program writes such files
    names = names_by_normalised_name(archive)
    kind = _ooxml(archive, names) or _odf(archive, names) or _iwork(names)
    if kind is None:
        _refuse_documents(archive, names)
    return kind


def folder_of_document(archive: zipfile.ZipFile) -> str | None:
    """The one folder that all is in, with a slash behind it, where that folder is an office document itself.

    Macs keep documents of Pages and its kin as folders, and zip them as such.
    """
    names = [name for name in names_by_normalised_name(archive) if not name.startswith(_OF_MACS)]
    folder = names[0].partition("/")[0] + "/" if names else "/"
    if folder == "/" or not all(name.startswith(folder) for name in names):
        return None
    inside = {name.removeprefix(folder) for name in names}
    return folder if inside & _DOCUMENT_PARTS else None


def _refuse_documents(archive: zipfile.ZipFile, names: dict[str, str]) -> None:
    """Raise where the zip is a document that nothing here reads: its parts mean nothing to anybody."""
    if any(name.endswith(_XPS_SEQUENCE) for name in names):
        raise XpsDocument
    media_type = _part(archive, names, "mimetype").strip()
    if media_type == _EPUB or ("meta-inf/container.xml" in names and any(n.endswith(".opf") for n in names)):
        raise ElectronicBook
    if media_type.startswith(b"application/") or _TYPES in names:
        raise UnsupportedType("a document in a zip")


def _ooxml(archive: zipfile.ZipFile, names: dict[str, str]) -> Kind | None:
    types = _part(archive, names, _TYPES).lower()
    named = next((kind for marker, kind in OOXML.items() if marker in types), None)
    return named or next((kind for part, kind in OOXML_BY_PART.items() if part in names), None)


def _odf(archive: zipfile.ZipFile, names: dict[str, str]) -> Kind | None:
    manifest = _part(archive, names, "meta-inf/manifest.xml")
    kind = BY_MEDIA_TYPE.get(_part(archive, names, "mimetype").strip() or _root_of(manifest))
    if kind and b"encryption-data" in manifest:
        raise PasswordProtected
    return kind


def _root_of(manifest: bytes) -> bytes:
    """The media type that the manifest gives the whole (OpenDocument 1.3, part 2, 4.3)."""
    found: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        said = {local_name(key): value for key, value in attributes.items()}
        if local_name(name) == "file-entry" and said.get("full-path") == "/":
            found.append(said.get("media-type", ""))

    parse(manifest.lstrip(), start)
    return found[0].encode() if found else b""


def _iwork(names: dict[str, str]) -> Kind | None:
    """Apple's office files: with a preview as PDF, or of an age that LibreOffice reads."""
    if PREVIEW in names:
        return IWORK
    if not any(name.rsplit("/")[-1] == _IWORK_HISTORY for name in names):
        return None
    if names.keys() & _IWORK_PARTS:
        return IWORK
    if _IWORK_INDEX in names:
        raise UnsupportedType("iWork file that nothing reads")
    return None


def _part(archive: zipfile.ZipFile, names: dict[str, str], name: str) -> bytes:
    """A part's first bytes, unpacked; none where it is missing. Letter case counts as little as in Office."""
    if name not in names:
        return b""
    with archive.open(names[name]) as part:
        return part.read(_MAX_PART)
