"""Documents opened as the sandbox opens them, from bytes."""

import io
import multiprocessing
import resource
from multiprocessing.connection import Connection

from viewer.documents import Part, Reading
from viewer.errors import Corrupt, Problem, TooLarge
from viewer.formats import Limits, document, ole, recognition
from viewer.formats import extract as extract_part
from viewer.formats import read as read_document

_MB = 1024 * 1024
LIMITS = Limits(
    max_unpacked=50_000_000, max_part_bytes=200 * _MB, max_total_bytes=500 * _MB, max_result=200 * _MB
)


class Basket:
    """A sink that keeps what it is given."""

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.taken = bytearray()
        self.largest = 0

    def write(self, chunk: bytes, /) -> None:
        self.largest = max(self.largest, len(chunk))
        self.taken += chunk
        if len(self.taken) > self.cap:
            raise TooLarge


def recognised(body: bytes, limits: Limits = LIMITS) -> document.Kind:
    """What the document is told to be."""
    return recognition.recognise(io.BytesIO(body), limits).kind


def as_kind(body: bytes, kind: document.Kind) -> document.Document:
    """A document that was recognised as this kind, whatever it is."""
    file = io.BytesIO(body)
    opened = ole.OleFile(file) if body.startswith(ole.OLE_START) else None
    return document.Document(file, len(body), document.Recognised(kind, ole=opened), LIMITS)


def read(body: bytes, limits: Limits = LIMITS) -> tuple[Reading, bytes]:
    """What was found, and the bytes that are shown or printed."""
    reading, made = read_document(io.BytesIO(body), limits)
    return reading, body if made is None else made


def notes(body: bytes) -> tuple[str, ...]:
    return read(body)[0].notes


def notes_on_what_is_there(body: bytes) -> tuple[str, ...]:
    """Without those on what is missing of a sample that is no whole file: its end, or parts to look into."""
    return tuple(note for note in notes(body) if "cut short" not in note and "document computes" not in note)


def parts(body: bytes) -> tuple[Part, ...]:
    return read(body)[0].parts


def extract(body: bytes, *numbers: int, cap: int = 10_000_000, limits: Limits = LIMITS) -> tuple[str, bytes]:
    """A part's name and bytes."""
    basket = Basket(cap)
    name = extract_part(io.BytesIO(body), numbers, limits, basket)
    return name, bytes(basket.taken)


SHOWN = "shown"


def outcome_within_limits(body: bytes, *, memory_mb: int = 1024, seconds: int = 60) -> str:
    """How reading ends in a process of so much memory and working time: `SHOWN`, or a refusal's code.

    As in the sandbox, the end of memory is `TooLarge` and that of the stack `Corrupt`. A process that is
    killed gives no outcome, which fails the test.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_read_within_limits, args=(body, memory_mb, seconds, theirs))
    child.start()
    theirs.close()
    with ours:
        outcome: str = ours.recv()
    child.join()
    return outcome


def _read_within_limits(body: bytes, memory_mb: int, seconds: int, into: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MB, memory_mb * _MB))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    outcome = SHOWN
    try:
        read(body)
    except Problem as error:
        outcome = error.code
    except MemoryError:
        outcome = TooLarge.code
    except RecursionError:
        outcome = Corrupt.code
    into.send(outcome)
