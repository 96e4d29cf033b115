"""The content of a rendition: its bytes, from the store or from a temporary file."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from viewer.documents import Rendition

_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Content:
    """A rendition with its bytes; close it when they have been read.

    Args:
        rendition: what the bytes are.
        read: returns the bytes from a position to before another, in chunks.
        files: closes the temporary file; None where the bytes are in the store.
    """

    rendition: Rendition
    read: Callable[[int, int], Iterator[bytes]]
    files: ExitStack | None = None

    @property
    def is_stored(self) -> bool:
        """Whether the next request for a range finds the same bytes without making them again."""
        return self.files is None

    def whole(self) -> Iterator[bytes]:
        """All bytes, in chunks."""
        return self.read(0, self.rendition.size)

    def close(self) -> None:
        """Delete the temporary file, where there is one."""
        if self.files is not None:
            self.files.close()


def chunks(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """The bytes of the file from `start` to before `end`, in chunks."""
    file.seek(start)
    left = end - start
    while left > 0 and (chunk := file.read(min(_CHUNK, left))):
        left -= len(chunk)
        yield chunk
