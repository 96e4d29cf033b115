"""Somebody who opens small documents all the time, while others open what is made to be in the way.

Used by a system test and by `make neighbours`. Speaks to the running stack from outside.
"""

import itertools
import math
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from tests.hostile import Case
from tests.system import everyday
from tests.system.person import Person
from tests.system.processes import descendants, memory
from tests.system.stack import Stack

_FIRST_ID = 740_001
_READY = 200
_PATIENCE_SECONDS = 120


@dataclass
class Waits:
    """What a neighbour went through.

    Args:
        seconds: until the bytes were there, by kind of document.
        not_shown: kinds and answers of what was not shown.
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    not_shown: list[str] = field(default_factory=list)

    def all(self) -> list[float]:
        return [one for each in self.seconds.values() for one in each]

    @property
    def longest(self) -> float:
        return max(self.all())

    @property
    def p99(self) -> float:
        """The wait that one in a hundred exceeds; of fewer than a hundred, the longest."""
        waits = sorted(self.all())
        return waits[math.ceil(len(waits) * 0.99) - 1]


@dataclass
class Trouble:
    """What was seen while bad documents were opened.

    Args:
        waits: the neighbour's.
        ends: how the bad documents ended: status and code, by name.
        took: seconds until the last of them had an answer.
    """

    waits: Waits
    ends: Counter[str]
    took: float


class Street:
    """The running stack, a neighbour and somebody who opens bad documents.

    Args:
        stack: with the folder that its eDocs serves; what is put there is removed by `clean`.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._numbers = itertools.count(_FIRST_ID)
        self._put: list[Path] = []
        self._neighbour = Person("nested@council.test").sign_in()
        self._bad = Person("worker@council.test").sign_in()

    def idle(self, views: int, kinds: Sequence[str] = tuple(everyday.MAKERS)) -> Waits:
        """Let the neighbour open so many documents, alone."""
        waits = Waits()
        for kind, _ in zip(cycle(kinds), range(views), strict=False):
            self._view(kind, waits)
        return waits

    def meanwhile(
        self, cases: Iterable[Case], views: int, kinds: Sequence[str] = tuple(everyday.MAKERS)
    ) -> Trouble:
        """Let one person open all these at once, and the neighbour read until they are done.

        Args:
            cases: the bad documents.
            views: of the neighbour at least.
            kinds: what the neighbour opens.
        """
        numbers = {case.name: self._new(case.build(), case.suffix) for case in cases}
        waits, over = Waits(), threading.Event()
        with ThreadPoolExecutor(len(numbers) + 1) as pool:
            reading = pool.submit(self._read, kinds, views, over, waits)
            started = time.monotonic()
            answers = dict(zip(numbers, pool.map(self._open_bad, numbers.values()), strict=True))
            took = time.monotonic() - started
            over.set()
            reading.result()
        return Trouble(waits, Counter(f"{name}: {said}" for name, said in answers.items()), took)

    def workers(self) -> dict[int, int]:
        """Bytes in memory of the viewer's web workers by process id; gunicorn itself is one of them."""
        commands = descendants(self._stack.supervisor)
        return {pid: memory(pid) for pid, command in commands.items() if "viewer.wsgi" in command}

    def clean(self) -> None:
        """Remove the documents that were put."""
        for path in self._put:
            path.unlink(missing_ok=True)

    def _read(self, kinds: Sequence[str], views: int, over: threading.Event, waits: Waits) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for done, kind in enumerate(cycle(kinds)):
            if (over.is_set() and done >= views) or time.monotonic() > deadline:
                return
            self._view(kind, waits)

    def _view(self, kind: str, waits: Waits) -> None:
        number = self._new(everyday.MAKERS[kind](), "bin")
        started = time.monotonic()
        opened = self._neighbour.open(number)
        status = opened.status_code
        if status == _READY:
            status = self._neighbour.bytes_of(opened).status_code
        waits.seconds.setdefault(kind, []).append(time.monotonic() - started)
        if status != _READY:
            waits.not_shown.append(f"{kind}: {opened.status_code} {opened.headers.get('X-Error-Code')}")

    def _open_bad(self, number: int) -> str:
        opened = self._bad.open(number)
        return f"{opened.status_code} {opened.headers.get('X-Error-Code', '')}".strip()

    def _new(self, body: bytes, suffix: str) -> int:
        number = next(self._numbers)
        unfinished = self._stack.documents / f"{number}.part"
        unfinished.write_bytes(body)
        path = unfinished.rename(self._stack.documents / f"{number}.{suffix}")
        self._put.append(path)
        return number
