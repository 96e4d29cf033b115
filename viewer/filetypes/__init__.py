"""What a file is, from its bytes alone, and whether it can be shown: never from its name or a header.

libmagic says the family; for the containers (zip, OLE, PDF) their own structure says the rest. One module a
family; `identify` asks them in turn.
"""

from typing import BinaryIO

import magic

from viewer.documents import Kind, Original
from viewer.errors import Empty
from viewer.filetypes.archives import ARCHIVES, GZIP, TAR
from viewer.filetypes.media import MEDIA
from viewer.filetypes.office import OFFICE_KINDS, OLE_START, RTF, RTF_START, in_ole
from viewer.filetypes.pdf import HEADER, HEADER_WITHIN, PDF, pdf
from viewer.filetypes.pictures import picture
from viewer.filetypes.text import CSV, TEXT, text
from viewer.filetypes.zips import IWORK, ZIP, ZIP_START, in_zip

__all__ = ["CSV", "GZIP", "IWORK", "OFFICE_KINDS", "PDF", "RTF", "TAR", "TEXT", "ZIP", "identify"]

_HEAD = 64 * 1024
"""How many bytes decide the family."""


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
    if head.startswith(ZIP_START):
        return in_zip(file, max_unpacked)
    if head.startswith(OLE_START):
        return in_ole(file)
    if head.startswith(RTF_START):
        return RTF
    return _by_family(file, head, magic.from_buffer(head, mime=True))


def _by_family(file: BinaryIO, head: bytes, media_type: str) -> Kind:
    if media_type in ARCHIVES:
        return ARCHIVES[media_type]
    if HEADER in head[:HEADER_WITHIN]:  # after what may hold a PDF that near its start
        return pdf(file)
    if media_type.startswith("image/"):
        return picture(file)
    return MEDIA.get(media_type) or text(head, media_type)
