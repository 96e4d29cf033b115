"""Zip files within their limits, and what is in them."""

import zipfile
import zlib
from typing import BinaryIO

from viewer.documents import Kind
from viewer.errors import Corrupt, PasswordProtected, TooLarge, UnsupportedType
from viewer.formats.office import kinds as office

ZIP_START = (b"PK\x03\x04", b"PK\x05\x06")
"""The first member, or the end of an empty archive."""
ZIP = Kind("zip", "Archive (zip)")
IWORK = Kind("iwork", "Pages, Numbers or Keynote document")
PREVIEW = "QuickLook/Preview.pdf"
"""What Apple's office programs save beside their own format, which nothing else reads."""
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What zipfile unpacks in bounded steps. Others are rare, and a few kilobytes of them can fill the memory."""
_MAX_MEMBERS = 20_000
_ENTRY = b"PK\x01\x02"
"""Every entry of a zip's directory starts so."""
_MAX_ENTRIES = 100_000
"""Among the entries counted are those of zips inside; each costs half a kilobyte to read."""
_BLOCK = 1024 * 1024
_IWORK_MARKS = ("Index/Document.iwa", "Index.zip", "index.xml", "index.apxl", "buildVersionHistory.plist")


def opened(file: BinaryIO) -> zipfile.ZipFile:
    """The archive, once it is sure that reading its directory ends soon.

    Args:
        file: seekable.

    Raises:
        TooLarge: more members than allowed.
        zipfile.BadZipFile: it does not open; and whatever else zipfile raises.
    """
    if _entries(file) > _MAX_ENTRIES:
        raise TooLarge("members")
    archive = zipfile.ZipFile(file)
    if len(archive.filelist) > _MAX_MEMBERS:
        raise TooLarge("members")
    return archive


def in_zip(file: BinaryIO, max_unpacked: int) -> Kind:
    """What kind of zip-based file it is; an archive where it is none that is known.

    Args:
        file: rewound.
        max_unpacked: bytes that a document may unpack to, by its own directory. Of an archive only the member
            that is asked for is unpacked.

    Raises:
        TooLarge: more members or bytes than allowed.
        PasswordProtected: it is a document, and locked.
        Corrupt: the archive does not open.
        UnsupportedType: a document that nothing here reads.
    """
    try:
        with opened(file) as archive:
            kind = _document(archive)
            if kind and sum(member.file_size for member in archive.infolist()) > max_unpacked:
                raise TooLarge
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise Corrupt from error
    except RuntimeError as error:  # zipfile's word for a member that needs a password
        raise PasswordProtected from error
    return kind or ZIP


def _document(archive: zipfile.ZipFile) -> Kind | None:
    if not all(member.compress_type in METHODS for member in archive.infolist()):
        return None  # no office program writes such files
    return office.in_zip(archive) or _iwork(archive)


def _iwork(archive: zipfile.ZipFile) -> Kind | None:
    names = frozenset(archive.namelist())
    if PREVIEW in names:
        return IWORK
    if "Metadata/BuildVersionHistory.plist" in names and names & frozenset(_IWORK_MARKS):
        raise UnsupportedType("iwork without a preview")
    return None


def _entries(file: BinaryIO) -> int:
    """How many members the directory can have at most, whatever it says of itself."""
    count, before = 0, b""
    file.seek(0)
    while block := file.read(_BLOCK):
        count += (before + block).count(_ENTRY)
        before = block[-len(_ENTRY) + 1 :]
    file.seek(0)
    return count
