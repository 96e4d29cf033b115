"""Counts the passes of a progressive JPEG before it is decoded (ITU-T T.81, annex B).

Each pass goes over the whole picture, and a few bytes are enough for one.
"""

import re
from typing import BinaryIO

from viewer.errors import Corrupt, TooLarge

MAX_PASSES = 100
"""Programs write about ten; all that a sensible order of bits and colours could need are fewer than this."""
_MAX_SEARCHED = 256 * 1024 * 1024
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
"""None of the zeros and restarts that stand within a pass."""
_SCAN, _END = b"\xda", b"\xd9"
_PROGRESSIVE = frozenset({b"\xc2", b"\xca"})
_FRAMES = _PROGRESSIVE | {b"\xc0", b"\xc1", b"\xc9"}
"""Markers of the segment that names the colours: drawn in many passes, or in one."""
_FRAME_HEAD, _LAST = 6, 63
"""Bytes of that segment before its colours; the last of a block's frequencies."""
_PADDING = b"\xff" * 4096
"""Fillers before a marker are allowed, and read one by one."""
_WITHOUT_BODY = frozenset({b"\x01", b"\xd8"})


def is_refined(body: bytes) -> bool:
    """Whether the passes that are begun give every colour all its frequencies to the last bit.

    Of a picture that is drawn in one pass the first gives all (ITU-T T.81, B.2.3 and G.1.1).

    Args:
        body: the JPEG file, as far as it is there.
    """
    colours: set[int] = set()
    whole: set[tuple[int, bool]] = set()
    at = 0
    while found := _MARKER.search(body, at):
        at = found.end()
        if found[1] in _WITHOUT_BODY:
            continue
        segment = body[at + 2 : at + max(int.from_bytes(body[at : at + 2], "big"), 2)]
        if found[1] in _FRAMES and len(segment) > _FRAME_HEAD:
            if found[1] not in _PROGRESSIVE:
                return True
            colours = set(segment[_FRAME_HEAD::3])
        elif found[1] == _SCAN and len(segment) > 2 * segment[0] + 3:
            end = 1 + 2 * segment[0]
            first, last, bits = segment[end : end + 3]
            if bits & 0xF == 0:
                whole |= {(colour, first == 0) for colour in segment[1:end:2] if first == 0 or last == _LAST}
        at += len(segment) + 2
    return bool(colours) and whole >= {(colour, is_first) for colour in colours for is_first in (True, False)}


def check(file: BinaryIO) -> None:
    """Count the passes of the first picture in the file; what may follow its end is not looked at.

    Args:
        file: the JPEG file, rewound; afterwards it is again.

    Raises:
        TooLarge: more than `MAX_PASSES`.
        Corrupt: more padding than any program writes.
    """
    body = file.read(_MAX_SEARCHED)
    file.seek(0)
    at = passes = 0
    while found := _MARKER.search(body, at):
        if body.startswith(_PADDING, found.start() - len(_PADDING)):
            raise Corrupt("padding")
        at = found.end()
        if found[1] == _END:
            return
        passes += found[1] == _SCAN
        if passes > MAX_PASSES:
            raise TooLarge("passes")
        if found[1] not in _WITHOUT_BODY:
            at += max(int.from_bytes(body[at : at + 2], "big"), 2)
    if body.endswith(_PADDING):
        raise Corrupt("padding")
