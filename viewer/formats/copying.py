"""Copies parts of documents in bounded chunks, so that a sink can stop a decompression bomb at its limit."""

import zlib
from typing import IO

from viewer.documents import Sink
from viewer.errors import Corrupt

CHUNK = 64 * 1024
"""Bytes of one piece."""


def copy_stream(stream: IO[bytes], into: Sink) -> None:
    """Copy a stream into a sink."""
    while chunk := stream.read(CHUNK):
        into.write(chunk)


def copy_bytes(body: bytes | memoryview, into: Sink) -> None:
    """Copy bytes into a sink."""
    for at in range(0, len(body), CHUNK):
        into.write(bytes(body[at : at + CHUNK]))


def inflate(packed: bytes | memoryview, into: Sink) -> None:
    """Decompress zlib data (RFC 1950) into a sink.

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
