"""Sinks for extracting parts: one with a limit, and a file in memory for the parts in between."""

import os
from typing import BinaryIO

from viewer.documents import Sink
from viewer.errors import TooLarge


class LimitedSink:
    """A sink that passes bytes on to another, up to a limit.

    Args:
        into: takes the bytes.
        most: bytes that may pass.
    """

    def __init__(self, into: Sink | BinaryIO, most: int) -> None:
        self._into = into
        self._most = most
        self.size = 0
        """Bytes that have passed."""

    def write(self, chunk: bytes, /) -> None:
        """Pass the bytes on.

        Raises:
            TooLarge: more than `most` bytes.
        """
        self.size += len(chunk)
        if self.size > self._most:
            raise TooLarge("part")
        self._into.write(chunk)


def memory_file() -> BinaryIO:
    """A new file in memory, which has no path."""
    return open(os.memfd_create("part", os.MFD_CLOEXEC), "w+b")  # noqa: PTH123 - it has no path
