"""How many passes a JPEG picture is drawn in, counted before it is decoded (ITU-T T.81, annex B).

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
_PADDING = b"\xff" * 4096
"""Fillers before a marker are allowed, and read one by one."""
_WITHOUT_BODY = frozenset({b"\x01", b"\xd8"})


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
