"""The sandbox as the rest of the viewer sees it: documents go in, checked results come out."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from viewer.documents import Part, Printing, Reading
from viewer.errors import DocumentKilledConverter, Problem
from viewer.sandbox.client import Result, SandboxClient
from viewer.sandbox.protocol import Job

_MODULE = "viewer.sandbox.tasks"
_MB = 1024 * 1024
_MEMORY_MB = 1536
"""Address space of a child: 80 million pixels of four bytes, three times over, and the programs."""
_SECONDS = 60
"""Of processor time for one document: a scan of a thousand pages needs most of it."""
_MAX_NOTES, _LONGEST_NOTE = 100, 1000
_MAX_PARTS, _LONGEST_NAME = 10_000, 512
_MEDIA_TYPE = re.compile(
    r"application/(?:pdf|json)|text/plain; charset=utf-8|(?:image|audio|video)/[a-z0-9][a-z0-9.+-]{0,40}"
)
"""What a document may be shown as; never as anything that a browser runs."""
_WORD = re.compile(r"[a-z0-9][a-z0-9.-]{0,30}")


Observer = Callable[[str, str, float], None]
"""Called after each job: task, outcome (``ok`` or an error code), seconds."""


@dataclass(frozen=True, slots=True)
class Work:
    """Limits of each child.

    Args:
        max_result_mb: the largest result.
        limits: of `viewer.formats.Limits`, by name.
    """

    max_result_mb: int
    limits: Mapping[str, int]


class Sandbox:
    """Reads documents in processes that hold nothing and may do nothing.

    Args:
        client: hands them over.
        work: figures.
        observe: called after each job.
    """

    def __init__(self, client: SandboxClient, work: Work, observe: Observer) -> None:
        self._client = client
        self._work = work
        self._observe = observe
        self.recipe = str(client.about["recipe"])
        """Changes whenever the same bytes would be read otherwise."""

    def read(self, document: BinaryIO, owner: str) -> tuple[Reading, BinaryIO | None]:
        """What the document is and holds; and the bytes to show or print, where they are not its own.

        Args:
            document: a file; its position does not matter.
            owner: who asked first, for sharing places fairly.

        Raises:
            Problem: as `SandboxClient.run` says.
        """
        result = self._run("read", document, owner, limits=dict(self._work.limits))
        with _checking(result):
            reading = _reading(result.untrusted_head["reading"])
            made = bool(result.untrusted_head["made"])
        if made:
            return reading, result.body
        result.body.close()
        return reading, None

    def extract(self, document: BinaryIO, numbers: tuple[int, ...], owner: str) -> tuple[str, BinaryIO]:
        """The name and the bytes of the part to which the numbers lead, outermost first.

        Raises:
            Problem: as `SandboxClient.run` says.
        """
        limits = dict(self._work.limits)
        result = self._run("extract", document, owner, limits=limits, numbers=list(numbers))
        with _checking(result):
            return str(result.untrusted_head["name"]), result.body

    def inspect_printed(self, pdf: BinaryIO, printing: Printing, owner: str) -> tuple[str, ...]:
        """Notes on the PDF that LibreOffice made.

        Raises:
            TooLarge: it has more pages than are shown.
            ConversionUnavailable: it is no PDF.
            Problem: as `SandboxClient.run` says.
        """
        result = self._run("inspect_printed", pdf, owner, printing=asdict(printing))
        with result.body, _checking(result):
            return _notes(result.untrusted_head["notes"])

    def _run(self, task: str, document: BinaryIO, owner: str, **arguments: Any) -> Result:
        work = self._work
        job = Job(task, arguments, owner, _SECONDS, _MEMORY_MB * _MB, work.max_result_mb * _MB)
        started = time.monotonic()
        outcome = "ok"
        try:
            return self._client.run(job, document)
        except Problem as error:
            outcome = error.code
            raise
        finally:
            self._observe(task, outcome, time.monotonic() - started)


@contextmanager
def _checking(result: Result) -> Iterator[None]:
    """Turn a malformed result into a crash: the child was taken over, or has a bug."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        result.body.close()
        raise DocumentKilledConverter("child: a result of another form") from error


def _reading(untrusted: Any) -> Reading:
    printing = untrusted["printing"]
    media_type = str(untrusted["media_type"])
    if not _MEDIA_TYPE.fullmatch(media_type) or not _WORD.fullmatch(untrusted["kind"]):
        raise ValueError("not a media type that is shown, or no name of a kind")
    return Reading(
        kind=str(untrusted["kind"]),
        label=str(untrusted["label"])[:_LONGEST_NOTE],
        media_type=media_type,
        notes=_notes(untrusted["notes"]),
        parts=tuple(_part(part) for part in untrusted["parts"][:_MAX_PARTS]),
        printing=None if printing is None else _printing(printing),
        is_listing=bool(untrusted["is_listing"]),
    )


def _printing(untrusted: Any) -> Printing:
    cut_after = untrusted["cut_after"]
    return Printing(
        filters=tuple(map(str, untrusted["filters"])),
        is_long=bool(untrusted["is_long"]),
        cut_after=None if cut_after is None else int(cut_after),
        fonts=_notes(untrusted["fonts"]),
        has_linked_pictures=bool(untrusted["has_linked_pictures"]),
    )


def _part(untrusted: Any) -> Part:
    size = untrusted["size"]
    number = int(untrusted["number"])
    return Part(
        number, str(untrusted["name"]), None if size is None else int(size), bool(untrusted["locked"])
    )


def _notes(untrusted: Any) -> tuple[str, ...]:
    return tuple(str(note)[:_LONGEST_NOTE] for note in list(untrusted)[:_MAX_NOTES])
