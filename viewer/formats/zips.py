"""Opens zip files within limits."""

import struct
import zipfile
import zlib
from typing import BinaryIO

from viewer.errors import TooLarge

ZIP_START = (b"PK\x03\x04", b"PK\x05\x06")
"""The first member, or the end of an empty archive."""
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What zipfile unpacks in bounded steps. Others are rare, and a few kilobytes of them can fill the memory."""
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError),
    *(ValueError, LookupError, ArithmeticError, RuntimeError),
)
"""What zipfile raises on broken files, while opening and reading."""
_MAX_MEMBERS = 20_000
_ENTRY = b"PK\x01\x02"
"""Every entry of a zip's directory starts so."""
_MAX_ENTRIES = 100_000
"""Among the entries counted are those of zips inside; each costs half a kilobyte to read."""
_BLOCK = 1024 * 1024


def open_zip(file: BinaryIO) -> zipfile.ZipFile:
    """Open an archive, after a check that its directory is not too long to read.

    Args:
        file: seekable.

    Raises:
        TooLarge: more members than allowed.
        Exception: one of `BROKEN`.
    """
    if _count_entries(file) > _MAX_ENTRIES:
        raise TooLarge("members")
    archive = zipfile.ZipFile(file)
    if len(archive.filelist) > _MAX_MEMBERS:
        raise TooLarge("members")
    return archive


def normalised_name(name: str) -> str:
    """A member's name as offices compare it: lower case, slashes forward, none in front."""
    return name.lower().replace("\\", "/").lstrip("/")


def names_by_normalised_name(archive: zipfile.ZipFile) -> dict[str, str]:
    """The names of the archive's members, by normalised name."""
    return {normalised_name(name): name for name in archive.namelist()}


def _count_entries(file: BinaryIO) -> int:
    """How many members the directory can have at most, whatever it says of itself."""
    count, before = 0, b""
    file.seek(0)
    while block := file.read(_BLOCK):
        count += (before + block).count(_ENTRY)
        before = block[-len(_ENTRY) + 1 :]
    file.seek(0)
    return count
