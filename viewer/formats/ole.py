"""Opens OLE files (MS-CFB) within limits."""

from typing import Any, BinaryIO

import olefile

from viewer.errors import Corrupt, TooLarge

OLE_START: bytes = olefile.MAGIC
MAX_ENTRIES = 20_000
"""Streams and storages of one file."""

BROKEN = (OSError, ValueError, LookupError, TypeError, AttributeError)
"""What olefile raises on broken files, while opening and reading."""


class OleFile(olefile.OleFileIO):  # type: ignore[misc]  # olefile has no types
    """olefile's reader, which gives up beyond `MAX_ENTRIES`, and where the index is longer than the file.

    olefile's own check for streams that share sectors takes the square of their number, for a warning that is
    not used; the readers of streams count their bytes instead.
    """

    def __init__(self, file: BinaryIO, *, write_mode: bool = False, **options: Any) -> None:
        """Read the directory.

        Args:
            file: seekable.
            write_mode: whether streams may be written, each in its own length.
            options: further ones of olefile's, in whose place this class is for whatever uses olefile.

        Raises:
            TooLarge: more than `MAX_ENTRIES`.
            Exception: one of `BROKEN`; `OSError` where the index is longer than the file.
        """
        self._entries_read = 0
        self._bodies: dict[str, bytes] = {}
        super().__init__(file, write_mode=write_mode, **options)

    def body(self, name: str) -> bytes:
        """The bytes of a stream, read once and kept.

        Raises:
            Corrupt: there are fewer than the directory says: the file was cut short.
            Exception: one of `BROKEN`.
        """
        if name not in self._bodies:
            body: bytes = self.openstream(name).read()
            if len(body) < self.get_size(name):
                raise Corrupt("a stream that is cut short")
            self._bodies[name] = body
        return self._bodies[name]

    def loadfat(self, header: bytes) -> None:
        """See the base; an index of more sectors than the file has would be read from the same ones."""
        if max(self.num_fat_sectors, self.num_difat_sectors) > self.nb_sect:
            raise OSError("more sectors of the index than the file has")
        super().loadfat(header)

    def is_truncated(self, size: int) -> bool:
        """Whether the file ends before the last of its sectors that is in use.

        Args:
            size: of the file, in bytes.
        """
        used = max((at for at, follows in enumerate(self.fat) if follows != olefile.FREESECT), default=-1)
        return size < (used + 2) * int(self.sector_size)

    def _load_direntry(self, sid: int) -> object:
        self._entries_read += 1
        if self._entries_read > MAX_ENTRIES:
            raise TooLarge("OLE directory")
        return super()._load_direntry(sid)

    def _check_duplicate_stream(self, *_: object, **__: object) -> None:
        """See the class."""


olefile.OleFileIO = OleFile  # msoffcrypto opens files by itself, by this name
