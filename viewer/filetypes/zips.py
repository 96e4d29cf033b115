"""Zip files within their limits, and what is in them."""

import zipfile
import zlib
from typing import BinaryIO

from viewer.documents import Kind
from viewer.errors import Corrupt, PasswordProtected, TooLarge, UnsupportedType
from viewer.filetypes import office

ZIP_START = b"PK\x03\x04"
_MAX_MEMBERS = 20_000


def in_zip(file: BinaryIO, max_unpacked: int) -> Kind:
    """What kind of zip-based file it is.

    Args:
        file: rewound.
        max_unpacked: bytes that it may unpack to, by its own directory.

    Raises:
        TooLarge: more members or bytes than allowed.
        PasswordProtected: it is locked.
        Corrupt: the archive does not open.
        UnsupportedType: a zip of something else.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > _MAX_MEMBERS or sum(member.file_size for member in members) > max_unpacked:
                raise TooLarge
            kind = office.in_zip(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise Corrupt from error
    except RuntimeError as error:  # zipfile's word for a member that needs a password
        raise PasswordProtected from error
    if kind is None:
        raise UnsupportedType
    return kind
