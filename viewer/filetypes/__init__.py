"""What a file is, from its bytes alone, and whether it can be shown: never from its name or a header.

libmagic says the family; for the containers (zip, OLE, PDF) their own structure says the rest. One module a
family; `identify` asks them in turn.
"""

from io import BytesIO
from typing import BinaryIO

import magic

from viewer.documents import Kind, Original
from viewer.errors import Corrupt, Empty
from viewer.filetypes import bare, office
from viewer.filetypes.bare import RTF
from viewer.filetypes.media import MEDIA
from viewer.filetypes.mending import mended
from viewer.filetypes.pdf import HEADER, HEADER_WITHIN, pdf
from viewer.filetypes.pictures import picture
from viewer.filetypes.text import CSV, TEXT, text
from viewer.filetypes.zips import ZIP_START, in_zip

__all__ = ["CSV", "OFFICE_KINDS", "RTF", "TEXT", "identify"]

OFFICE_KINDS = office.CONTAINED | bare.KINDS
"""Names of the kinds that the office reads as they are."""
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
    if HEADER in head[:HEADER_WITHIN]:
        return pdf(file)
    if head.startswith(ZIP_START):
        return _zipped(file, max_unpacked)
    if head.startswith(office.OLE_START):
        inside = office.opened_by_itself(file)
        return in_zip(inside, max_unpacked) if inside else office.in_ole(file)
    if kind := bare.bare(head):
        return kind
    media_type = magic.from_buffer(head, mime=True)
    if media_type.startswith("image/"):
        return picture(file)
    return MEDIA.get(media_type) or text(head, media_type)


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
