"""Which office document a zip is, from the names and types of its parts."""

import zipfile

from viewer.errors import PasswordProtected, UnsupportedType
from viewer.formats.document import Kind
from viewer.formats.office.kinds import BY_MEDIA_TYPE, IWORK, OOXML, OOXML_BY_PART
from viewer.formats.xml_events import local_name, parse
from viewer.formats.zips import METHODS, names_by_proper

PREVIEW = "quicklook/preview.pdf"
"""What Apple's office programs save beside their own format."""
_MAX_PART = 4 * 1024 * 1024
"""Bytes of a part that are read, unpacked."""
_IWORK_PARTS = frozenset({"index/document.iwa", "index.xml", "index.xml.gz", "index.apxl", "index.apxl.gz"})
_IWORK_HISTORY, _IWORK_INDEX = "buildversionhistory.plist", "index.zip"


def office_kind(archive: zipfile.ZipFile) -> Kind | None:
    """The kind of an Office Open XML, OpenDocument or iWork file; None for any other zip.

    Raises:
        PasswordProtected: it is locked.
        UnsupportedType: an iWork file that nothing reads.
        Exception: one of `zips.BROKEN`.
    """
    if not all(member.compress_type in METHODS for member in archive.infolist()):
        return None  # no office program writes such files
    names = names_by_proper(archive)
    return _ooxml(archive, names) or _odf(archive, names) or _iwork(names)


def _ooxml(archive: zipfile.ZipFile, names: dict[str, str]) -> Kind | None:
    types = _part(archive, names, "[content_types].xml").lower()
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
