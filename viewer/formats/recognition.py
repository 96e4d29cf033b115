"""What a file is, from its bytes alone, and whether it can be shown: never from its name or a header.

libmagic says the family; for the containers (zip, OLE) their own structure says the rest. One module a
family; `identify` asks them in turn. Nothing is decoded here: a picture or PDF that begins well may still be
damaged, which is found out in a child process (`sandbox/examination.py`).
"""

from io import BytesIO
from typing import BinaryIO

import magic

from viewer.documents import Kind, Original
from viewer.errors import Corrupt, Empty, UnsupportedType
from viewer.formats.archives.kinds import ARCHIVES, GZIP, TAR
from viewer.formats.html.kinds import HTML, MHT, web_page
from viewer.formats.mail import kinds as mail
from viewer.formats.mail.kinds import EML, MSG, TNEF
from viewer.formats.media import MEDIA
from viewer.formats.mending import first_part, mended
from viewer.formats.office import bare
from viewer.formats.office import kinds as office
from viewer.formats.office.bare import RTF
from viewer.formats.pdf.kinds import HEADER, HEADER_WITHIN, PDF
from viewer.formats.pictures.kinds import PICTURE_KINDS, SVG, TIFF, picture
from viewer.formats.text.kinds import CSV, JSON, TEXT, XML, text
from viewer.formats.zips import IWORK, ZIP, ZIP_START, in_zip

__all__ = [
    "CSV",
    "EML",
    "GZIP",
    "HTML",
    "IWORK",
    "JSON",
    "MHT",
    "MSG",
    "OFFICE_KINDS",
    "PDF",
    "PICTURE_KINDS",
    "RTF",
    "SVG",
    "TAR",
    "TEXT",
    "TIFF",
    "TNEF",
    "XML",
    "ZIP",
    "identify",
]

OFFICE_KINDS = office.CONTAINED | bare.KINDS
"""Names of the kinds that the office reads as they are."""
_HEAD = 64 * 1024
"""How many bytes decide the family."""


def identify(original: Original, max_unpacked: int) -> Kind:
    """What the file begins as; zip and OLE files are sure to be whole, unlocked and within limits.

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
    if head.startswith(ZIP_START):
        return _zipped(file, max_unpacked)
    if head.startswith(office.OLE_START):
        return _in_ole(file, max_unpacked)
    by_beginning = bare.bare(head) or web_page(head) or mail.message(head)
    try:
        return by_beginning or _by_family(head, magic.from_buffer(head, mime=True))
    except UnsupportedType:
        if first_part(head) is None:
            raise
        return _behind_junk(file, max_unpacked)


def _by_family(head: bytes, media_type: str) -> Kind:
    if media_type in ARCHIVES:
        return ARCHIVES[media_type]
    if HEADER in head[:HEADER_WITHIN]:  # after what may hold a PDF that near its start
        return PDF
    return picture(head, media_type) or MEDIA.get(media_type) or text(head, media_type)


def _in_ole(file: BinaryIO, max_unpacked: int) -> Kind:
    message = mail.in_ole(file)
    if message:
        return message
    inside = office.opened_by_itself(file)
    return in_zip(inside, max_unpacked) if inside else office.in_ole(file)


def _behind_junk(file: BinaryIO, max_unpacked: int) -> Kind:
    """The office file that can be mended; nothing else that is a zip by its end alone, such as a program.

    Raises:
        UnsupportedType: it is none.
    """
    whole = mended(file.read(), max_unpacked)
    kind = in_zip(BytesIO(whole), max_unpacked) if whole else None
    if kind is None or kind.name not in OFFICE_KINDS:
        raise UnsupportedType
    return kind


def _zipped(file: BinaryIO, max_unpacked: int) -> Kind:
    """What is in a zip; of one that does not open, the office file that can be mended."""
    try:
        return in_zip(file, max_unpacked)
    except Corrupt:
        file.seek(0)
        whole = mended(file.read(), max_unpacked)
        kind = in_zip(BytesIO(whole), max_unpacked) if whole else None
        if kind is None or kind.name not in OFFICE_KINDS:
            raise
        return kind
