"""Recognises the kind of a file from its bytes alone, never from its name or an HTTP header.

libmagic says the family; for the containers (zip, OLE) their own structure says the rest. One module a
family; `recognise` asks them in turn, and hands on what had to be opened. Pictures and PDFs are not decoded
here: one that begins well may still be damaged, which its reader finds out.
"""

import io
import re
import struct
import zipfile
from dataclasses import replace
from typing import BinaryIO

import magic

from viewer.errors import Corrupt, Empty, PasswordProtected, Problem, TooLarge, UnsupportedType
from viewer.formats.archives.kinds import ARCHIVES, ZIP
from viewer.formats.document import Document, Kind, Limits, Recognised
from viewer.formats.failures import corrupt_on
from viewer.formats.html.kinds import has_open_comment, web_page_kind
from viewer.formats.mail.kinds import MSG, is_message, message_kind
from viewer.formats.media import MEDIA
from viewer.formats.office import ole_kinds, zip_kinds
from viewer.formats.office.kinds import CONTAINED
from viewer.formats.office.signatures import KINDS as SINGLE_STREAM
from viewer.formats.office.signatures import kind_by_signature
from viewer.formats.ole import BROKEN as BROKEN_OLE
from viewer.formats.ole import OLE_START, OleFile
from viewer.formats.pdf.kinds import HEADER, HEADER_WITHIN, PDF
from viewer.formats.pictures.kinds import picture_kind
from viewer.formats.text.kinds import readable, text_kind
from viewer.formats.zip_repair import MAX_BYTES, first_part, is_sound, out_of_folder, repair
from viewer.formats.zips import BROKEN as BROKEN_ZIP
from viewer.formats.zips import ZIP_START, open_zip

OFFICE_KINDS = CONTAINED | SINGLE_STREAM
"""Names of the kinds that LibreOffice reads as they are."""
_HEAD = 64 * 1024
"""How many bytes decide the family."""
_BLANKS = re.compile(rb"(?:\xef\xbb\xbf)?[\s\0]{1,64}|\xef\xbb\xbf")
_STARTS = (
    *(OLE_START, b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*"),
    *(b"\x1f\x8b\x08", b"RIFF"),
)
"""Of files that nothing opens with blanks before them; others have their own ways with these."""
_LONGEST_COMMENT = 4 * 1024 * 1024
"""Bytes of a comment before what decides."""
_MAGIC = magic.Magic(mime=True)
_MAGIC.from_buffer(b"so that its tables are ready")


def recognise(file: BinaryIO, limits: Limits) -> Document:
    """What the file begins as; zip and OLE files are sure to be whole, unlocked and within limits.

    Raises:
        Empty: no bytes.
        UnsupportedType: nothing that can be shown.
        PasswordProtected: locked, recognised before any converter sees it.
        Corrupt: it starts as something known and is not.
        TooLarge: it would unpack beyond the limits.
    """
    size = file.seek(0, io.SEEK_END)
    if size == 0:
        raise Empty
    file.seek(0)
    head = file.read(_HEAD)
    before = _BLANKS.match(head)
    if before and head.startswith(_STARTS, before.end()):
        return _recognise_after_blanks(file, before.end(), limits)
    if head.lstrip().startswith(b"<!--") and has_open_comment(head):
        head += file.read(_LONGEST_COMMENT)
    return Document(file, size, _by_structure(file, head, limits), limits)


def _recognise_after_blanks(file: BinaryIO, before: int, limits: Limits) -> Document:
    """The document that begins behind some blanks or line ends, as uploads and scripts put them there.

    Raises:
        TooLarge: it is larger than what is mended.
    """
    file.seek(before)
    body = file.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise TooLarge("blanks before it")
    inner = io.BytesIO(body)
    found = _by_structure(inner, body[:_HEAD], limits)
    return Document(inner, len(body), replace(found, repaired=found.repaired or body), limits)


def _by_structure(file: BinaryIO, head: bytes, limits: Limits) -> Recognised:
    if head.startswith(ZIP_START):
        return _recognise_zip(file, limits)
    if head.startswith(OLE_START):
        return _recognise_ole(file, limits)
    try:
        return Recognised(
            kind_by_signature(head) or web_page_kind(head) or message_kind(head) or _by_family(head)
        )
    except UnsupportedType as error:
        if first_part(head) is None:
            raise
        return _repaired(file, limits, error)


def _by_family(head: bytes) -> Kind:
    media_type = _MAGIC.from_buffer(head)
    if media_type in ARCHIVES:
        return ARCHIVES[media_type]
    if HEADER in head[:HEADER_WITHIN]:  # after what may hold a PDF that near its start
        return PDF
    return picture_kind(head, media_type) or MEDIA.get(media_type) or _text_kind(head, media_type)


def _text_kind(head: bytes, media_type: str) -> Kind:
    plain = readable(head)
    if plain is None:
        raise UnsupportedType
    return text_kind(plain, media_type if plain == head else _MAGIC.from_buffer(plain))


def _recognise_ole(file: BinaryIO, limits: Limits) -> Recognised:
    with corrupt_on(*BROKEN_OLE, struct.error):
        ole = OleFile(file)
        if is_message(ole):
            return Recognised(MSG, ole=ole)
        inside = ole_kinds.decrypt_with_default_password(ole, file)
        if inside is None:
            return Recognised(ole_kinds.office_kind(ole, file), ole=ole)
    found = _recognise_zip_content(inside, limits)
    if found.kind.name not in CONTAINED:
        raise UnsupportedType("no document in the wrapping")
    return found


def _recognise_zip(file: BinaryIO, limits: Limits) -> Recognised:
    """What is in a zip; an office file whose container is odd or does not open is mended."""
    try:
        found = _recognise_zip_content(file, limits)
    except Corrupt as error:
        return _repaired(file, limits, error)
    if found.archive is None or found.repaired or found.kind.name not in CONTAINED:
        return found
    if is_sound(file, found.archive):
        return found
    try:
        return _repaired(file, limits, Corrupt("odd container"))
    except Problem:
        return found


def _recognise_zip_content(file: BinaryIO, limits: Limits) -> Recognised:
    """The office document that a zip is, else an archive, of which only the member asked for is unpacked.

    Raises:
        TooLarge: more members than allowed, or a document of more bytes.
        PasswordProtected: a document, and locked.
        Corrupt: it does not open.
        UnsupportedType: a document that nothing here reads.
    """
    with corrupt_on(*BROKEN_ZIP):
        archive = open_zip(file)
        try:
            kind = zip_kinds.office_kind(archive)
        except NotImplementedError:
            raise
        except RuntimeError as error:
            if isinstance(error, RecursionError):
                raise
            raise PasswordProtected from error  # zipfile's word for a member that needs a password
        folder = None if kind else zip_kinds.folder_of_document(archive)
        if (kind or folder) and sum(member.file_size for member in archive.infolist()) > limits.max_unpacked:
            raise TooLarge("unpacked")
        return _recognise_folder(archive, folder) if folder else Recognised(kind or ZIP, archive=archive)


def _recognise_folder(archive: zipfile.ZipFile, folder: str) -> Recognised:
    """The document that a folder in the zip is; an archive where it turns out to be none."""
    whole = out_of_folder(archive, folder)
    inside = open_zip(io.BytesIO(whole))
    kind = zip_kinds.office_kind(inside)
    return Recognised(kind, inside, repaired=whole) if kind else Recognised(ZIP, archive=archive)


def _repaired(file: BinaryIO, limits: Limits, otherwise: Problem) -> Recognised:
    """The office file that can be mended; nothing else that is a zip by its end alone, such as a program.

    Args:
        file: the document.
        limits: sizes.
        otherwise: raised where it cannot be mended, or is none.
    """
    file.seek(0)
    whole = repair(file.read(MAX_BYTES + 1), limits.max_unpacked)
    if whole is None:
        raise otherwise
    found = _recognise_zip_content(io.BytesIO(whole), limits)
    if found.kind.name not in CONTAINED:
        raise otherwise
    return Recognised(found.kind, found.archive, repaired=whole)
