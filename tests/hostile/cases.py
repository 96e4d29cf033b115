"""What a worst case is, and the list of them all."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

KB, MB = 1024, 1024 * 1024


@dataclass(frozen=True, slots=True)
class Case:
    """A document that costs more than it weighs.

    Args:
        name: short, unique.
        suffix: the extension under which a document system would hold it.
        build: gives the bytes; the same ones at each call.
        why: one sentence on what it costs, the first of the function's docstring.
    """

    name: str
    suffix: str
    build: Callable[[], bytes]
    why: str


ALL: dict[str, Case] = {}
"""By name, in the order in which their modules are imported."""


def worst(suffix: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Register the function as a worst case under its own name.

    Args:
        suffix: the extension of such documents.

    Raises:
        ValueError: the name is taken.
    """

    def register(build: Callable[[], bytes]) -> Callable[[], bytes]:
        name = build.__name__.replace("_", "-")
        if name in ALL:
            raise ValueError(name)
        ALL[name] = Case(name, suffix, build, (build.__doc__ or "").split("\n", 1)[0])
        return build

    return register


def filled(piece: bytes, size: int) -> bytes:
    """The piece again and again, up to so many bytes."""
    return (piece * (size // len(piece) + 1))[:size]


def deflated(filler: bytes, megabytes: int) -> bytes:
    """A raw deflate stream (RFC 1951) of so many megabytes of one byte: the same block again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(filler * MB) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * megabytes + packer.flush()


def zlib_bomb(filler: bytes, megabytes: int) -> bytes:
    """The same as a zlib stream (RFC 1950), as PDF files have it."""
    total = 1
    for _ in range(megabytes):
        total = zlib.adler32(filler * MB, total)
    return b"\x78\xda" + deflated(filler, megabytes) + struct.pack(">I", total)


def gzip_bomb(filler: bytes, megabytes: int) -> bytes:
    """The same as a gzip member (RFC 1952)."""
    total = checksum(filler, megabytes)
    head = b"\x1f\x8b\x08" + bytes(5) + b"\x02\xff"
    return head + deflated(filler, megabytes) + struct.pack("<II", total, megabytes * MB & 0xFFFFFFFF)


def checksum(filler: bytes, megabytes: int) -> int:
    """The CRC-32 of so many megabytes of one byte."""
    total, block = 0, filler * MB
    for _ in range(megabytes):
        total = zlib.crc32(block, total)
    return total
