"""OLE files (MS-CFB), opened within limits."""

from typing import BinaryIO

import olefile

from viewer.errors import TooLarge

MAX_ENTRIES = 20_000
"""Streams and storages of one file."""

BROKEN = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError)
"""What olefile raises on broken files, while opening and reading."""


class OleFile(olefile.OleFileIO):  # type: ignore[misc]  # olefile has no types
    """olefile's reader, which gives up beyond `MAX_ENTRIES`.

    Its own look for streams that share sectors costs the square of their number, for a warning that nobody
    reads; whoever reads streams here counts their bytes.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Read the directory.

        Raises:
            TooLarge: more than `MAX_ENTRIES`.
            Exception: one of `BROKEN`.
        """
        self._entries_read = 0
        super().__init__(file)

    def _load_direntry(self, sid: int) -> object:
        self._entries_read += 1
        if self._entries_read > MAX_ENTRIES:
            raise TooLarge("OLE directory")
        return super()._load_direntry(sid)

    def _check_duplicate_stream(self, *_: object, **__: object) -> None:
        """See the class."""
