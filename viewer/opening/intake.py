"""Takes bytes in, whoever sends them: counted, hashed, and no further than the cap."""

import hashlib
import tempfile
from typing import BinaryIO, cast

from viewer.errors import TooLarge

_IN_MEMORY = 4 * 1024 * 1024
"""Documents up to this size are never written to the temporary folder."""


class Intake:
    """The `Sink` into which documents and their parts come: to the file, into the digest, up to the cap."""

    def __init__(self, file: BinaryIO, cap: int) -> None:
        """Start with nothing.

        Args:
            file: takes the bytes.
            cap: how many at most.
        """
        self._file = file
        self._cap = cap
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, chunk: bytes, /) -> None:
        """See `Sink.write`."""
        self.size += len(chunk)
        if self.size > self._cap:
            raise TooLarge
        self.digest.update(chunk)
        self._file.write(chunk)


def temporary_file() -> BinaryIO:
    """A file that is gone when it is closed, in memory while it is small."""
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))
