"""A file through the parts of the viewer that make a rendition, without its web service: for the suite."""

import time
from pathlib import Path
from tempfile import NamedTemporaryFile

from tests.conversion.offices import Guard
from tests.corpus.report import SHOWN, Result
from tests.corpus.words import compared
from tests.viewer.formats.opening import read
from viewer.errors import Problem


def result_of(guard: Guard, path: Path, below: Path) -> Result:
    """How the file ends: read as in the sandbox, printed by a guarded office, and its words compared.

    Args:
        guard: of the office, which is well.
        path: the file.
        below: the folder below which it is named.
    """
    started = time.monotonic()
    name = path.relative_to(below)
    try:
        reading, body = read(path.read_bytes())
    except Problem as problem:
        return Result(name, problem.code, time.monotonic() - started, None, ())
    media_type = reading.media_type.partition(";")[0]
    if reading.printing:
        body = guard.answer(body, reading.printing.filters[0])
        media_type = "application/pdf"
    seconds = time.monotonic() - started
    names = " ".join(part.name for part in reading.parts)
    with NamedTemporaryFile(prefix="corpus-rendition-") as kept:
        kept.write(body)
        kept.flush()
        shown = None if reading.is_listing else Path(kept.name)
        words = compared(path, reading.kind, shown, media_type, names, reading.notes)
    return Result(name, SHOWN, seconds, reading.kind, reading.notes, words)
