"""Receiving documents: their bytes are counted, hashed, and limited in size."""

import hashlib
from typing import BinaryIO

from viewer.documents import Original
from viewer.errors import StoreUnavailable, TooLarge

_CHUNK = 1024 * 1024


class Intake:
    """A `Sink` that writes a document to a file, computes its digest and enforces the size limit."""

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        """Start an empty document.

        Args:
            file: the file to write to.
            max_bytes: the size limit.
        """
        self._file = file
        self._max_bytes = max_bytes
        self._size = 0
        self._digest = hashlib.sha256()

    def write(self, chunk: bytes, /) -> None:
        """See `Sink.write`; raises `StoreUnavailable` where the disk or the memory is full."""
        self._size += len(chunk)
        if self._size > self._max_bytes:
            raise TooLarge
        self._digest.update(chunk)
        try:
            self._file.write(chunk)
        except OSError as error:
            raise StoreUnavailable("disk or memory is full") from error

    def original(self, name: str | None) -> Original:
        """The document that was written.

        Args:
            name: the file name that the source gave, if any.
        """
        self._file.seek(0)
        return Original(self._file, self._size, self._digest.hexdigest(), name)


def original_from_file(file: BinaryIO, name: str, max_bytes: int) -> Original:
    """Make a document of a file that exists already.

    Raises:
        TooLarge: the file has more than `max_bytes` bytes.
    """
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise TooLarge
        digest.update(chunk)
    file.seek(0)
    return Original(file, size, digest.hexdigest(), name)
