"""Sound and film in the containers that browsers play, written by hand, and how long one lasts.

Formats: ISO/IEC 11172-3 (mp3), 14496-3 (AAC), 14496-12 (mp4), RFC 9639 (FLAC), RFC 3533 and 7845 (Ogg with
Opus), RFC 8794 (webm). All of it is silence.
"""

import io
import struct
import wave
from collections.abc import Callable

RATE = 44_100
_OPUS_RATE, _OPUS_FRAME = 48_000, 960
_MP3_FRAME, _AAC_FRAME, _FLAC_FRAME = 1152, 1024, 4096
_SILENT_AAC = bytes.fromhex("00c800802380")
"""A frame of one channel."""


def mp3(seconds: float) -> bytes:
    """Frames of 128 kbit/s, one channel, with nothing in them."""
    length = 144 * 128_000 // RATE
    frame = b"\xff\xfb\x90\xc0".ljust(length, b"\x00")
    return b"ID3\x03\x00\x00\x00\x00\x00\x00" + frame * round(seconds * RATE / _MP3_FRAME)


def aac(seconds: float) -> bytes:
    """Frames with a header each (ADTS): low complexity, 44.1 kHz, one channel."""
    length = 7 + len(_SILENT_AAC)
    bits = 0xFFF << 44 | 1 << 40 | 1 << 38 | 4 << 34 | 1 << 30 | length << 13 | 0x7FF << 2
    return (bits.to_bytes(7, "big") + _SILENT_AAC) * round(seconds * RATE / _AAC_FRAME)


def flac(seconds: float) -> bytes:
    """Frames in which every sample is zero."""
    frames = round(seconds * RATE / _FLAC_FRAME)
    sizes = struct.pack(">HH", _FLAC_FRAME, _FLAC_FRAME) + bytes(6)
    figures = RATE << 44 | 15 << 36 | frames * _FLAC_FRAME
    information = sizes + figures.to_bytes(8, "big") + bytes(16)
    return (
        b"fLaC\x80" + len(information).to_bytes(3, "big") + information + b"".join(map(_flac, range(frames)))
    )


def _flac(number: int) -> bytes:
    head = b"\xff\xf8\xc9\x08" + chr(number).encode()  # its numbers are coded as UTF-8 is
    head += bytes([_remainder(head, 8, 0x07)])
    frame = head + b"\x00\x00\x00"
    return frame + _remainder(frame, 16, 0x8005).to_bytes(2, "big")


def ogg(seconds: float) -> bytes:
    """Opus packets of 20 ms."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, _OPUS_RATE, 0, 0)
    tags = b"OpusTags" + struct.pack("<I4sI", 4, b"none", 0)
    count = round(seconds * _OPUS_RATE / _OPUS_FRAME)
    sound = (
        _ogg(4 * (number == count), b"\xf8\xff\xfe", number * _OPUS_FRAME, number + 1)
        for number in range(1, count + 1)
    )
    return _ogg(2, head, 0, 0) + _ogg(0, tags, 0, 1) + b"".join(sound)


def _ogg(flags: int, packet: bytes, position: int, number: int) -> bytes:
    start = struct.pack("<4sBBqII", b"OggS", 0, flags, position, 1, number)
    end = bytes([1, len(packet)]) + packet
    return start + struct.pack("<I", _remainder(start + bytes(4) + end, 32, 0x04C11DB7)) + end


def _remainder(body: bytes, bits: int, polynomial: int) -> int:
    """A checksum without reflection that starts at zero."""
    value, top = 0, 1 << bits - 1
    for byte in body:
        value ^= byte << bits - 8
        for _ in range(8):
            value = value << 1 ^ polynomial if value & top else value << 1
        value &= (1 << bits) - 1
    return value


def m4a(seconds: float) -> bytes:
    """AAC in the container of films."""
    count = round(seconds * RATE / _AAC_FRAME)
    lasts = count * _AAC_FRAME
    kind = _box(b"ftyp", b"M4A \x00\x00\x00\x00M4A isom")
    start = len(kind) + 8
    config = b"\x03\x19\x00\x00\x00\x04\x11\x40\x15" + bytes(11) + b"\x05\x02\x12\x08\x06\x01\x02"
    entry = _box(
        b"mp4a",
        struct.pack(">6xH8xHHHHI", 1, 1, 16, 0, 0, RATE << 16) + _box(b"esds", bytes(4) + config),
    )
    samples = (
        _box(b"stsd", struct.pack(">II", 0, 1) + entry)
        + _box(b"stts", struct.pack(">IIII", 0, 1, count, _AAC_FRAME))
        + _box(b"stsc", struct.pack(">IIIII", 0, 1, 1, count, 1))
        + _box(b"stsz", struct.pack(">III", 0, len(_SILENT_AAC), count))
        + _box(b"stco", struct.pack(">III", 0, 1, start))
    )
    place = _box(b"dinf", _box(b"dref", struct.pack(">II", 0, 1) + _box(b"url ", b"\x00\x00\x00\x01")))
    media = (
        _box(b"mdhd", struct.pack(">IIIIIHH", 0, 0, 0, RATE, lasts, 0x55C4, 0))
        + _box(b"hdlr", struct.pack(">II4s12xx", 0, 0, b"soun"))
        + _box(b"minf", _box(b"smhd", bytes(8)) + place + _box(b"stbl", samples))
    )
    upright = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    track = _box(
        b"tkhd", struct.pack(">IIIIII8xHHHH", 3, 0, 0, 1, 0, lasts, 0, 0, 256, 0) + upright + bytes(8)
    )
    film = _box(
        b"mvhd",
        struct.pack(">IIIIIIH10x", 0, 0, 0, RATE, lasts, 1 << 16, 256)
        + upright
        + bytes(24)
        + b"\x00\x00\x00\x02",
    )
    return (
        kind
        + _box(b"mdat", _SILENT_AAC * count)
        + _box(b"moov", film + _box(b"trak", track + _box(b"mdia", media)))
    )


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body


def branded(film: bytes, brand: bytes) -> bytes:
    """The same film, which says that it is in another of the formats that share the container."""
    size = int.from_bytes(film[:4], "big")
    return film[:8] + brand + bytes(4) + brand * ((size - 16) // 4) + film[size:]


def seconds_of(body: bytes) -> float:
    """How long a recording lasts, by what stands in it."""
    return next(lasts(body) for mark, lasts in _LASTS if mark in body[:8])


def _wav(body: bytes) -> float:
    with wave.open(io.BytesIO(body), "rb") as sound:
        return sound.getnframes() / sound.getframerate()


def _webm(body: bytes) -> float:
    at = body.index(b"\x44\x89\x88") + 3
    milliseconds: float = struct.unpack_from(">d", body, at)[0]
    return milliseconds / 1000


def _film(body: bytes) -> float:
    at = body.index(b"mvhd") + 16
    scale, lasts = (int.from_bytes(body[place : place + 4], "big") for place in (at, at + 4))
    return lasts / scale


def _last_position(body: bytes) -> float:
    at = body.rindex(b"OggS") + 6
    return int.from_bytes(body[at : at + 8], "little") / _OPUS_RATE


_LASTS: list[tuple[bytes, Callable[[bytes], float]]] = [
    (b"RIFF", _wav),
    (b"fLaC", lambda body: (int.from_bytes(body[18:26], "big") & (1 << 36) - 1) / RATE),
    (b"OggS", _last_position),
    (b"\x1aE\xdf\xa3", _webm),
    (b"ftyp", _film),
    (b"\xff\xf1", lambda body: len(body) / (7 + len(_SILENT_AAC)) * _AAC_FRAME / RATE),
    (b"ID3", lambda body: body.count(b"\xff\xfb\x90") * _MP3_FRAME / RATE),
]
"""By how the file begins."""
