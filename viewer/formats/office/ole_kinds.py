"""Old binary office files, and newer ones in their encrypted wrapping: what one is, and whether it is locked.

Layouts: Microsoft, [MS-DOC] 2.5.1 (FibBase), [MS-PPT] 2.3.2 (CurrentUserAtom) and 2.3.3 (UserEditAtom).
"""

import io
import struct
from typing import BinaryIO

import msoffcrypto

from viewer.errors import Corrupt, PasswordProtected, UnsupportedType
from viewer.formats.document import Kind
from viewer.formats.office import biff
from viewer.formats.office.kinds import EXCEL_95, EXCEL_97, IN_OLE, POWERPOINT_97, WORD_95, WORD_97
from viewer.formats.ole import OleFile

_DEFAULT_PASSWORD = "VelvetSweatshop"  # noqa: S105 - public: every Excel has it
"""Excel's own password for workbooks that only protect their structure; it and LibreOffice try it unasked."""
_MAX_SPINS = 200_000
"""Rounds of hashing that a password check may cost; Office writes 100,000."""
_MAX_ENCRYPTION_INFO = 64 * 1024
"""Bytes of XML that say how a document is encrypted."""
_CHECKED = frozenset({"doc", "xls", "ppt"})
"""Kinds whose document must be there in its whole length."""
_IS_ENCRYPTED = 0x0100
_FIRST_OF_WORD_97 = 0xC0
_POINTER = struct.Struct("<12xII")
"""What the current user's stream says: a mark, and where the last edit is."""
_ENCRYPTED_MARK, _ENCRYPTED_EDIT = 0xF3D1C4DF, 0x20


def office_kind(ole: OleFile, file: BinaryIO) -> Kind:
    """The kind of an old binary office file.

    Args:
        ole: open.
        file: the same; read again only where a workbook says that it is locked.

    Raises:
        PasswordProtected: it is locked.
        Corrupt: it is cut short.
        UnsupportedType: something else in that container.
        Exception: one of `ole.BROKEN`, or struct.error.
    """
    if ole.exists("EncryptedPackage") or ole.exists("\tDRMContent"):
        raise PasswordProtected
    name, kind = next(((name, kind) for name, kind in IN_OLE.items() if ole.exists(name)), ("", None))
    if kind is None:
        raise UnsupportedType("OLE file")
    if kind.name not in _CHECKED:
        return kind
    body = ole.body(name)
    if kind is WORD_97:
        return _word_kind(body)
    if kind is POWERPOINT_97 and _is_locked_presentation(ole, body):
        raise PasswordProtected
    if kind is EXCEL_95 and biff.is_locked(body):
        raise PasswordProtected
    if kind is EXCEL_97 and biff.is_locked(body) and not _has_default_password(file):
        raise PasswordProtected
    return kind


def decrypt_with_default_password(ole: OleFile, file: BinaryIO) -> BinaryIO | None:
    """What is in an encrypted wrapping that programs open without asking; None for other files.

    Args:
        ole: open.
        file: the same.
    """
    if not ole.exists("EncryptedPackage") or not ole.exists("EncryptionInfo"):
        return None
    if ole.get_size("EncryptionInfo") > _MAX_ENCRYPTION_INFO:
        return None
    try:
        file.seek(0)
        locked = msoffcrypto.OfficeFile(file)
        if locked.format != "ooxml" or locked.type not in {"agile", "standard", "extensible"}:
            return None
        if locked.type == "agile" and locked.info["spinValue"] > _MAX_SPINS:
            return None
        locked.load_key(password=_DEFAULT_PASSWORD, verify_password=True)
        plain = io.BytesIO()
        locked.decrypt(plain)
    except (MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001 - it raises nearly anything on odd files; then it is locked, or damaged
        return None
    plain.seek(0)
    return plain


def _word_kind(stream: bytes) -> Kind:
    """By the version in the first bytes."""
    if len(stream) < 12:  # noqa: PLR2004 - the flags end there
        raise Corrupt("head of a Word document")
    identifier, version = struct.unpack_from("<HH", stream)
    (flags,) = struct.unpack_from("<H", stream, 10)
    if flags & _IS_ENCRYPTED:
        raise PasswordProtected
    return WORD_95 if identifier == 0xA5DC or version < _FIRST_OF_WORD_97 else WORD_97  # noqa: PLR2004 - Word 6


def _is_locked_presentation(ole: OleFile, body: bytes) -> bool:
    if not ole.exists("Current User"):
        return False
    user = ole.body("Current User")
    if len(user) < _POINTER.size:
        return False
    mark, edit = _POINTER.unpack_from(user)
    if mark == _ENCRYPTED_MARK:
        return True
    return len(body) >= edit + 8 and int.from_bytes(body[edit + 4 : edit + 8], "little") == _ENCRYPTED_EDIT


def _has_default_password(workbook: BinaryIO) -> bool:
    """Whether Excel's own password opens a workbook that says that it is locked."""
    try:
        workbook.seek(0)
        msoffcrypto.OfficeFile(workbook).load_key(password=_DEFAULT_PASSWORD, verify_password=True)
    except (MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001 - it raises nearly anything on odd files; another password
        return False
    return True
