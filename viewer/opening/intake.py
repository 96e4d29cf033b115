"""Takes bytes in, whoever sends them: counted, hashed, and no further than the cap."""

import hashlib
from typing import BinaryIO

from viewer.documents import Original
from viewer.errors import StoreUnavailable, TooLarge

_CHUNK = 1024 * 1024


class Intake:
    """The `Sink` into which documents come: to the file, into the digest, up to the cap."""

    def __init__(self, file: BinaryIO, cap: int) -> None:
        """Start with nothing.

        Args:
            file: takes the bytes.
            cap: how many at most.
        """
        self._file = file
        self._cap = cap
        self._size = 0
        self._digest = hashlib.sha256()

    def write(self, chunk: bytes, /) -> None:
        """See `Sink.write`; `StoreUnavailable` where the machine has no room for it."""
        self._size += len(chunk)
        if self._size > self._cap:
            raise TooLarge
        self._digest.update(chunk)
        try:
            self._file.write(chunk)
        except OSError as error:
            raise StoreUnavailable("no room for the document") from error

    def original(self, name: str | None) -> Original:
        """All that was written, as a document.

        Args:
            name: what its source calls it, if it said.
        """
        self._file.seek(0)
        return Original(self._file, self._size, self._digest.hexdigest(), name)


def measured(file: BinaryIO, name: str, cap: int) -> Original:
    """A file that is there already, as a document.

    Raises:
        TooLarge: it has more bytes than the cap.
    """
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if size > cap:
            raise TooLarge
        digest.update(chunk)
    file.seek(0)
    return Original(file, size, digest.hexdigest(), name)
