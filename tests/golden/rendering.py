"""A file the way that a viewer sends it: identified by its bytes, converted by a guarded office."""

import hashlib
from pathlib import Path

from tests.conversion.offices import Guard
from viewer.documents import Original
from viewer.formats.recognition import identify

_MOST_UNPACKED = 500 * 1024 * 1024


def render(guard: Guard, path: Path) -> bytes:
    """The PDF of a document."""
    return guard.answer(*as_sent(path))


def as_sent(path: Path) -> tuple[bytes, str]:
    """A document, and the filter that the viewer would have the office read it with."""
    document = path.read_bytes()
    digest = hashlib.sha256(document).hexdigest()
    with path.open("rb") as file:
        kind = identify(Original(file, len(document), digest, path.name), _MOST_UNPACKED)
    assert kind.import_filter, kind
    return document, kind.import_filter
