"""What RTF files hold that their pages do not show.

Control words: Microsoft, Rich Text Format Specification 1.9.1.
"""

import re
from collections.abc import Iterator

from viewer.formats.office import sentences
from viewer.formats.office.picture_fields import count_unsaved_pictures
from viewer.formats.office.sentences import sentence

_STYLES = b"{\\stylesheet"
_BRACE = re.compile(rb"\\[{}\\]|[{}]")
_MAX_BRACES = 100_000
_SIGNS = re.compile(
    rb"\\(?:(annotation)(?![a-z])|(revised|deleted)(?![a-z0-9-])|(v)(?![a-z0-9-])|(objlink)(?![a-z]))"
)
_COMMENT, _CHANGE, _HIDDEN, _LINK = 1, 2, 3, 4
_FIELD_END, _NOT_SAVED = re.compile(rb"[{}]"), re.compile(rb"\\\\d(?![a-z])")


def notes_of(body: bytes) -> Iterator[str]:
    """The sentences on an RTF file."""
    styles_from, styles_to = _style_sheet(body)
    counts = [0] * 5
    for match in _SIGNS.finditer(body):
        if not styles_from <= match.start() < styles_to and not _is_written_out(body, match.start()):
            counts[match.lastindex or 0] += 1
    yield from sentence(sentences.COMMENTS, counts[_COMMENT])
    yield from sentence(sentences.CHANGES, counts[_CHANGE])
    yield from sentence(sentences.HIDDEN_TEXT, counts[_HIDDEN])
    yield from sentence(sentences.LINKED_OBJECTS, counts[_LINK])
    yield from sentence(sentences.LINKED_PICTURES, count_unsaved_pictures(body, _FIELD_END, _NOT_SAVED))


def _is_written_out(body: bytes, at: int) -> bool:
    """Whether the backslash is itself written with one before it."""
    return body[at - 1 : at] == b"\\" and body[at - 2 : at - 1] != b"\\"


def _style_sheet(body: bytes) -> tuple[int, int]:
    """Where the styles stand: what they say is repeated where it is used."""
    start = body.find(_STYLES)
    if start < 0:
        return 0, 0
    depth = 0
    for count, match in enumerate(_BRACE.finditer(body, start)):
        depth += {b"{": 1, b"}": -1}.get(match[0], 0)
        if depth == 0 or count > _MAX_BRACES:
            return start, match.end()
    return start, len(body)
