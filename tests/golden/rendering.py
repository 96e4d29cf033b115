"""A file the way that a viewer sends it: identified by its bytes, converted by a guarded office."""

from pathlib import Path

from tests.conversion.offices import Guard
from viewer.formats import Limits, read

_MB = 1024 * 1024
_LIMITS = Limits(500 * _MB, 200 * _MB, 500 * _MB, 200 * _MB)


def render(guard: Guard, path: Path) -> bytes:
    """The PDF of a document."""
    return guard.answer(*as_sent(path))


def as_sent(path: Path) -> tuple[bytes, str]:
    """A document, and the filter that the viewer would have the office read it with."""
    with path.open("rb") as file:
        found, mended = read(file, _LIMITS)
    assert found.printing, found
    return mended or path.read_bytes(), found.printing.filters[0]
