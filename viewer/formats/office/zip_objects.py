"""Objects, imported parts and recordings in zip-based office files.

Layouts: ECMA-376, part 1, 15.2 (embedded objects and packages, alternative format import parts);
OpenDocument 1.3, part 2, 3.16 and part 3, 10.4.6.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import IO

from viewer.documents import Sink
from viewer.formats.copying import copy_stream
from viewer.formats.office.candidates import ObjectCandidate, file_in_ole_bytes
from viewer.formats.office.kinds import BY_MEDIA_TYPE
from viewer.formats.office.objects import EmbeddedFile, file_in_package
from viewer.formats.office.package import Package
from viewer.formats.ole import OLE_START

_RECORDING = r"[^/]+\.(?:mp4|m4v|mov|avi|wmv|mpe?g|mp3|wav|m4a|wma|ogg|ogv|webm|flac|aac)"
_EMBEDDED = re.compile(rf"(?:.*/)?embeddings/[^/]+|(?:word|xl|ppt)/media/{_RECORDING}", re.IGNORECASE)
_EMBEDDED_IN_ODF = re.compile(rf"Obj[^/]+|Media/{_RECORDING}", re.IGNORECASE)
_OBJECT_IN_ODF = re.compile(r"Obj[^/]+")
"""A member that is an object, without a name of its own."""
_OF_OBJECTS = frozenset({"package", "oleObject", "aFChunk"})
_DIGITS = re.compile(r"(\d{1,9})")
_FILE_ENTRY = re.compile(rb"<manifest:file-entry\s[^<>]*>")
_MEDIA_TYPE = re.compile(rb'manifest:media-type="([^"<>]*)"')
_FULL_PATH = re.compile(rb'manifest:full-path="([^"<>/]+)/"')
_MANIFEST = "META-INF/manifest.xml"
_MANIFEST_NAMES = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'


def candidates(archive: zipfile.ZipFile) -> Iterator[ObjectCandidate]:
    """The objects, by name, numbers in names counting as numbers."""
    package = Package(archive)
    related = {one.target for one in package.relations if one.kind in _OF_OBJECTS and not one.is_external}
    is_odf = _MANIFEST in package.names
    named = _EMBEDDED_IN_ODF if is_odf else _EMBEDDED
    folders = _documents_within(package) if is_odf else {}
    found = {name for name in package.names if name in related or named.fullmatch(name)}
    within: dict[str, list[zipfile.ZipInfo]] = {name: [] for name in folders}
    for member in archive.infolist() if folders else ():
        within.get(member.filename.partition("/")[0], []).append(member)
    for name in sorted({*found, *folders}, key=_in_order):
        if name in folders:
            members = within[name]
            size = sum(one.file_size for one in members)
            yield ObjectCandidate(size, partial(_of_folder, archive, name, folders[name], members))
        elif not name.endswith("/"):
            size = archive.getinfo(name).file_size
            yield ObjectCandidate(size, partial(_of_member, archive, name))


def _in_order(name: str) -> tuple[tuple[int, str], ...]:
    pieces = _DIGITS.split(name)
    return tuple((int(piece), "") if place % 2 else (0, piece) for place, piece in enumerate(pieces))


def _of_member(archive: zipfile.ZipFile, name: str, number: int) -> EmbeddedFile | None:
    size = archive.getinfo(name).file_size
    with archive.open(name) as member:
        start = member.read(len(OLE_START))
        if start == OLE_START:
            return file_in_ole_bytes(start + member.read(), number)
        if _OBJECT_IN_ODF.fullmatch(name):
            return file_in_package(start + member.read(), number)
    return EmbeddedFile(name.rpartition("/")[2], size, partial(_write_member, archive, name))


def _write_member(archive: zipfile.ZipFile, name: str, into: Sink) -> None:
    with archive.open(name) as member:
        copy_stream(member, into)


def _documents_within(package: Package) -> dict[str, bytes]:
    """The folders that are OpenDocument files of a kind that is shown, with their media types."""
    found: dict[str, bytes] = {}
    for entry in _FILE_ENTRY.findall(package.read(_MANIFEST)):
        path, media_type = _FULL_PATH.search(entry), _MEDIA_TYPE.search(entry)
        if path and media_type and media_type[1] in BY_MEDIA_TYPE:
            found[path[1].decode(errors="replace")] = media_type[1]
    return found


def _of_folder(
    archive: zipfile.ZipFile, name: str, media_type: bytes, members: list[zipfile.ZipInfo], number: int
) -> EmbeddedFile | None:
    kind = BY_MEDIA_TYPE[media_type].name
    size = sum(member.file_size for member in members)
    write_to = partial(_write_folder, archive, f"{name}/", media_type, members)
    return EmbeddedFile(f"{name.rpartition('/')[2] or number}.{kind}", size, write_to)


def _write_folder(
    archive: zipfile.ZipFile, prefix: str, media_type: bytes, members: list[zipfile.ZipInfo], into: Sink
) -> None:
    """The folder as a file of its own."""
    body = io.BytesIO()
    kind = media_type.decode()
    entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        made.writestr(zipfile.ZipInfo("mimetype"), media_type, zipfile.ZIP_STORED)
        for member in members:
            if not member.is_dir():
                made.writestr(zipfile.ZipInfo(member.filename[len(prefix) :]), archive.read(member))
        made.writestr(_MANIFEST, f"<manifest:manifest {_MANIFEST_NAMES}>{entry}</manifest:manifest>")
    body.seek(0)
    stream: IO[bytes] = body
    copy_stream(stream, into)
