"""PowerPoint 97 to 2003: what a presentation hides, and the objects that are in it.

A file that was saved several times still has the slides as they were before. What counts is what the last
edit's directory names. Layouts: Microsoft, [MS-PPT] 2.3.2 (CurrentUserAtom), 2.3.3 (UserEditAtom), 2.3.4
(PersistDirectoryAtom), 2.5.6 (NotesContainer), 2.6.6 (SlideShowSlideInfoAtom), 2.10.34 (ExOleObjStg).
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from viewer.formats.office import sentences
from viewer.formats.office.sentences import sentence
from viewer.formats.ole import OleFile

STREAM = "PowerPoint Document"
_USER_EDIT, _DIRECTORY, _SLIDE, _NOTES, _STORAGE = 0x0FF5, 0x1772, 0x03EE, 0x03F0, 0x1011
_SHOWING, _NOTES_OF, _TEXT, _SMALL_TEXT = 0x03F9, 0x03F1, 0x0FA0, 0x0FA8
_MEDIA, _COMMENT, _MACROS = 0x1004, 0x2EE0, 0x0FF2
_CONTAINER = 0xF
_HIDDEN = 0x0004
_FLAGS_AT = 10
_MAX_EDITS = 1000
_MAX_OBJECTS = 20_000
_MAX_RECORDS = 200_000


class Record(NamedTuple):
    """A record, and where its body is.

    Args:
        kind: its type.
        instance: what the type makes of it.
        is_container: whether the body is records.
        start: of the body.
        end: of the body.
    """

    kind: int
    instance: int
    is_container: bool
    start: int
    end: int


def notes_of(ole: OleFile) -> Iterator[str]:
    """The sentences on a presentation."""
    stream = ole.body(STREAM)
    found = [record for record in live(ole) if record.kind != _STORAGE]
    slides = [set(_signs_in(stream, record)) for record in found if record.kind == _SLIDE]
    notes = [set(_signs_in(stream, record)) for record in found if record.kind == _NOTES]
    others = [
        sign
        for record in found
        for sign in _signs_in(stream, record)
        if record.kind != _NOTES and sign in {_MEDIA, _COMMENT, _MACROS}
    ]
    yield from sentence(sentences.HIDDEN_SLIDES, sum(_SHOWING in signs for signs in slides))
    yield from sentence(
        sentences.SPEAKERS_NOTES, sum(_NOTES_OF in signs and _TEXT in signs for signs in notes)
    )
    yield from sentence(sentences.COMMENTS, others.count(_COMMENT))
    yield from sentence(sentences.RECORDINGS, others.count(_MEDIA))
    yield from sentence(sentences.MACROS, min(1, others.count(_MACROS)))


def objects(ole: OleFile) -> list[Record]:
    """The embedded objects, in the order of their numbers in the file."""
    return [record for record in live(ole) if record.kind == _STORAGE]


def live(ole: OleFile) -> list[Record]:
    """What the last edit's directory names, in the order of its numbers; empty for PowerPoint 95."""
    stream = ole.body(STREAM)
    user = ole.body("Current User") if ole.exists("Current User") else b""
    if len(user) < 20:  # noqa: PLR2004 - the position of the last edit ends there
        return []
    (edit,) = struct.unpack_from("<I", user, 16)
    places: dict[int, int] = {}
    for _ in range(_MAX_EDITS):
        record = _record(stream, edit)
        if record is None or record.kind != _USER_EDIT or record.end - record.start < 16:  # noqa: PLR2004 - three positions
            break
        before, directory = struct.unpack_from("<II", stream, record.start + 8)
        for number, place in _places(stream, directory):
            places.setdefault(number, place)
        if before == 0 or before >= edit or len(places) > _MAX_OBJECTS:
            break
        edit = before
    found = (_record(stream, place) for _, place in sorted(places.items())[:_MAX_OBJECTS])
    return [record for record in found if record is not None]


def _places(stream: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Numbers of objects, and where they are."""
    record = _record(stream, at)
    if record is None or record.kind != _DIRECTORY:
        return
    at = record.start
    while at + 4 <= record.end:
        (head,) = struct.unpack_from("<I", stream, at)
        first, count = head & 0xFFFFF, head >> 20
        at += 4
        if at + count * 4 > record.end:
            return
        for place, offset in enumerate(struct.unpack_from(f"<{count}I", stream, at)):
            yield first + place, offset
        at += count * 4


def _record(stream: bytes, at: int) -> Record | None:
    if at + 8 > len(stream):
        return None
    head, kind, length = struct.unpack_from("<HHI", stream, at)
    end = min(at + 8 + length, len(stream))
    return Record(kind, head >> 4, head & 0xF == _CONTAINER, at + 8, end)


def _signs_in(stream: bytes, outer: Record) -> Iterator[int]:
    """What is in a record that there is something to say of.

    `_SHOWING` stands for a slide that is hidden, `_NOTES_OF` for notes that belong to a slide, and `_TEXT`
    for any text that is more than blanks and the sign for the slide's number.
    """
    at = outer.start
    for _ in range(_MAX_RECORDS):
        record = _record(stream, at) if at < outer.end else None
        if record is None:
            return
        at = record.start if record.is_container else record.end
        body = stream[record.start : record.end] if not record.is_container else b""
        if record.kind in {_MEDIA, _COMMENT, _MACROS}:
            yield record.kind
        elif record.kind == _SHOWING:
            if len(body) > _FLAGS_AT + 1 and struct.unpack_from("<H", body, _FLAGS_AT)[0] & _HIDDEN:
                yield _SHOWING
        elif record.kind == _NOTES_OF:
            if len(body) >= 4 and struct.unpack_from("<I", body)[0]:  # noqa: PLR2004 - the slide's number
                yield _NOTES_OF
        elif record.kind in {_TEXT, _SMALL_TEXT} and body.strip(b"\0 \r\n\t\x0b*"):
            yield _TEXT
