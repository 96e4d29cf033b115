"""Files embedded in office documents: listed beside the pages, each opening by itself.

The places of all objects are counted, of those too whose picture is all there is to them, so that a file has
the same number whatever is known of its neighbours. See `objects` for what is in one.
"""

import struct
import zlib
from collections.abc import Iterator
from itertools import islice

from viewer.documents import Part, Sink
from viewer.errors import PartNotFound, Problem, TooLarge, UnsupportedType
from viewer.formats.document import Document
from viewer.formats.failures import corrupt_on
from viewer.formats.office import text_objects, zip_objects
from viewer.formats.office.candidates import ObjectCandidate
from viewer.formats.office.objects import EmbeddedFile, default_name
from viewer.formats.office.ole_objects import presentation_objects, storage_objects
from viewer.formats.office.powerpoint_97 import STREAM
from viewer.formats.office.sentences import OBJECTS, sentence
from viewer.formats.ole import BROKEN as BROKEN_OLE
from viewer.formats.zips import BROKEN as BROKEN_ZIP

MAX_FILES = 500
"""Embedded files that are offered of one document."""
_MAX_LOOKED_AT = 64 * 1024 * 1024
"""Bytes of objects that are unpacked for their names; further ones go without."""
_BROKEN = (*BROKEN_ZIP, *BROKEN_OLE, struct.error, zlib.error)


def list_files(document: Document) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """The files in a document, and a sentence on objects that do not open.

    None where they cannot be read: the document is shown all the same.
    """
    left, parts, unknown = _MAX_LOOKED_AT, [], 0
    try:
        for number, candidate in enumerate(islice(_candidates(document), MAX_FILES), 1):
            found: EmbeddedFile | None = EmbeddedFile(default_name(number), candidate.size, lambda _: None)
            if candidate.size <= left:
                left -= candidate.size
                found = _opened(candidate, number)
            if found and found.write_to:
                parts.append(Part(number, found.name, found.size))
            unknown += bool(found and not found.write_to)
    except RecursionError:
        raise
    except (*_BROKEN, Problem):
        pass
    return tuple(parts), tuple(sentence(OBJECTS, unknown))


def extract(document: Document, number: int, into: Sink) -> str:
    """Pass on one of the files; give its name.

    Raises:
        PartNotFound: there is none of this number.
        TooLarge: it is beyond the limit for parts.
        UnsupportedType: nothing here reads what it is.
        Corrupt: it does not unpack.
    """
    with corrupt_on(*_BROKEN):
        place = number - 1
        candidate = next(islice(_candidates(document), place, None), None) if 0 <= place < MAX_FILES else None
        if candidate is None:
            raise PartNotFound("no part of this number")
        if candidate.size > document.limits.max_part_bytes:
            raise TooLarge("part")
        found = candidate.open(number)
        if found is None or found.write_to is None:
            raise UnsupportedType("embedded object")
        found.write_to(into)
        return Part(number, found.name, found.size).name


def _opened(candidate: ObjectCandidate, number: int) -> EmbeddedFile | None:
    """What it is; not known where it is broken."""
    try:
        return candidate.open(number)
    except RecursionError:
        raise
    except (*_BROKEN, Problem):
        return EmbeddedFile(default_name(number), candidate.size, None)


def _candidates(document: Document) -> Iterator[ObjectCandidate]:
    found = document.found
    if found.archive:
        yield from zip_objects.candidates(found.archive)
    elif found.ole:
        yield from storage_objects(document, found.ole)
        if found.ole.exists(STREAM):
            yield from presentation_objects(found.ole)
    else:
        yield from text_objects.candidates(document)
