"""Bombs: none takes an office beyond its limits, each ends in a PDF or a named fault, the next is served."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.conversion import bombs
from tests.conversion.hostile import Paper
from tests.conversion.offices import Guard, guarded, text_of
from tests.viewer import samples

MEMORY_MB = 1024
CODE_MB = 400
"""What LibreOffice's own programs take of the machine's memory, beside what it writes to."""


@pytest.fixture(scope="module")
def bombed() -> Iterator[Guard]:
    """Half the memory and a fifth of the time that are shipped: the suite is to end."""
    with guarded(seconds=12, memory_mb=MEMORY_MB) as guard:
        yield guard


@contextmanager
def watched(guard: Guard) -> Iterator[list[int]]:
    """The resident megabytes of its offices, together, taken all the time until the block ends."""
    seen: list[int] = []
    over = threading.Event()

    def look() -> None:
        while True:
            seen.append(sum(map(_resident_mb, guard.offices())))
            if over.wait(0.05):
                return

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _resident_mb(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 // 1024**2
    return 0


@pytest.mark.parametrize("bomb", bombs.ALL, ids=lambda bomb: bomb.__name__)
def test_a_bomb_stays_within_the_limits(bombed: Guard, bomb: Callable[[], Paper]) -> None:
    paper = bomb()
    bombed.wait_ready()
    with watched(bombed) as resident:
        outcome = bombed.outcome(paper.body, paper.import_filter, X_Max_Bytes=str(50 * 1024 * 1024))
    assert outcome in {"converted", "load-failed", "timeout", "died", "too-large", "overloaded"}
    assert max(resident) < MEMORY_MB + CODE_MB
    bombed.wait_ready()
    assert "The next one." in text_of(bombed.answer(samples.word("The next one.")))


def test_a_memory_bomb_dies_of_its_limit() -> None:
    """Not of the time limit, and not of the machine's memory."""
    with guarded(seconds=100, memory_mb=600) as guard:
        guard.wait_ready()
        paper = bombs.long_paragraph(60)
        assert guard.outcome(paper.body, paper.import_filter) == "died"
