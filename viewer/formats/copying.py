"""Parts of documents leave in bounded pieces, so that the sink can stop a bomb at its limit."""

import zlib
from typing import IO

from viewer.documents import Sink
from viewer.errors import Corrupt

CHUNK = 64 * 1024
"""Bytes of one piece."""


def copy_stream(stream: IO[bytes], into: Sink) -> None:
    """Pass on all that the stream gives."""
    while chunk := stream.read(CHUNK):
        into.write(chunk)


def copy_bytes(body: bytes | memoryview, into: Sink) -> None:
    """Pass on the bytes."""
    for at in range(0, len(body), CHUNK):
        into.write(bytes(body[at : at + CHUNK]))


def inflate(packed: bytes | memoryview, into: Sink) -> None:
    """Pass on what is packed in zlib's format (RFC 1950).

    Raises:
        Corrupt: it is cut short.
        zlib.error: it does not unpack.
    """
    unpacker = zlib.decompressobj()
    for at in range(0, len(packed), CHUNK):
        waiting = bytes(packed[at : at + CHUNK])
        while waiting and not unpacker.eof:
            into.write(unpacker.decompress(waiting, CHUNK))
            waiting = unpacker.unconsumed_tail
    into.write(unpacker.flush())
    if not unpacker.eof:
        raise Corrupt("cut short")
