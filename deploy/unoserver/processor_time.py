"""Measures the processor time that an office uses for one document, and stops it at a limit.

Processor time is the measure because other documents must not make a document look slow: on a busy machine
the same document takes several times as long by the clock, but the same processor time.
"""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from jobs import Outcome

_POLL_SECONDS = 0.5
_OVERLOADED_TIMES = 4
"""A document may take so many times its processor time by the clock."""
_PROGRESS = 0.01
"""An office that uses less than this share of a processor does nothing."""
_TICKS = os.sysconf("SC_CLK_TCK")


class ProcessGroup:
    """The processes of an office, and the processor time that they have used."""

    def __init__(self, group: int) -> None:
        """Look for processes with this group id in /proc."""
        self._group = group
        self._members: list[int] = []

    def scan(self) -> float:
        """Find the processes of the group; return their processor time in seconds."""
        numbers = [int(name) for name in os.listdir("/proc") if name.isdecimal()]  # noqa: PTH208 - twice as fast
        used = {number: _seconds(number, self._group) for number in numbers}
        self._members = [number for number, seconds in used.items() if seconds is not None]
        return sum(seconds for seconds in used.values() if seconds is not None)

    def seconds(self) -> float:
        """The processor time of the processes that the last `scan` found; this takes a few microseconds."""
        return sum(_seconds(number, self._group) or 0 for number in self._members)


def _seconds(number: int, group: int) -> float | None:
    """Processor time in seconds of a process and of its ended children; None where it is of another group.

    The fields are those of proc(5): the group is the fifth, the times are the fourteenth to the seventeenth.
    """
    try:
        fields = Path(f"/proc/{number}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    if int(fields[2]) != group:
        return None
    return sum(map(int, fields[11:15])) / _TICKS


class WorkMonitor:
    """Monitors an office during one document and stops it at a limit; a context manager."""

    def __init__(
        self, group: ProcessGroup, seconds: float, stop: Callable[[], None], on_progress: Callable[[], None]
    ) -> None:
        """Begin with nothing used.

        Args:
            group: the office's processes.
            seconds: processor time that the document may use. An office that does nothing for as long is
                stopped too, and so is one that has not ended after four times as long.
            stop: ends the office.
            on_progress: called twice a second while the office works.
        """
        self.used = 0.0
        """Processor time in seconds, as of the last scan; exact once the block has ended without an error."""
        self.reason: Outcome | None = None
        """Why the office was stopped, where it was."""
        self._group = group
        self._seconds = seconds
        self._stop = stop
        self._on_progress = on_progress
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def __enter__(self) -> Self:
        """Start the monitoring thread."""
        self._before = self._group.seconds()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """End the monitoring thread; no callback is called afterwards."""
        self._finished.set()
        self._thread.join()
        self.used = max(self.used, self._group.seconds() - self._before)

    def _run(self) -> None:
        started = progressed = time.monotonic()
        mark = 0.0
        while not self._finished.wait(_POLL_SECONDS):
            now = time.monotonic()
            self.used = max(self.used, self._group.scan() - self._before)
            if self.used - mark >= _PROGRESS * self._seconds:
                progressed, mark = now, self.used
            if self.used >= self._seconds or now - progressed >= self._seconds:
                self.reason = Outcome.TIMEOUT
            elif now - started >= _OVERLOADED_TIMES * self._seconds:
                self.reason = Outcome.OVERLOADED
            if self.reason:
                self._stop()
                return
            self._on_progress()
