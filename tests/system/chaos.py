"""People who open documents while offices are killed and bad documents come: what they see, and what stays.

Used by a short test and by `make chaos`. Speaks to the running stack from outside.
"""

import io
import itertools
import os
import random
import signal
import statistics
import threading
import time
import uuid
import zipfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import docx
import requests

from tests.conversion import bombs
from tests.system.person import Person
from tests.system.processes import descendants, is_running, memory, open_files
from tests.system.stack import Stack

_FIRST_ID = 700_001
_HANGING_WORDS = 300_000
_PAGES = 500
_SETTLE_SECONDS = 180
_MORE_FILES = 40
"""By which a viewer's or guard's open files may differ: threads keep connections."""
_MORE_MEMORY = 150 * 1024 * 1024
"""Bytes by which a viewer's or guard's memory may have grown."""
_READY, _BUSY = requests.codes.ok, requests.codes.service_unavailable


@dataclass(frozen=True)
class Plan:
    """How long, and how bad.

    Args:
        people: who open good documents all the time, each another one.
        seconds: for which they do.
        kill_every: seconds between two offices that are killed; None for a quiet time.
        bad_people: who meanwhile open a long, a crashing and a hanging document in turn, each another first.
    """

    people: int
    seconds: float
    kill_every: float | None = None
    bad_people: int = 3


@dataclass
class Seen:
    """What people saw.

    Args:
        waits: seconds until a good document's bytes were there.
        not_shown: good documents that were not, and why.
        bad: how the bad documents ended, by kind and answer.
        killed: offices.
        asked_again: how often somebody read that all converters are busy, and tried again.
    """

    waits: list[float] = field(default_factory=list)
    not_shown: list[str] = field(default_factory=list)
    bad: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    asked_again: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.waits)


@dataclass(frozen=True)
class Held:
    """What the stack holds at one moment.

    Args:
        processes: how many of each part.
        files: open files of every viewer and guard together.
        memory: bytes of the same.
        left: files of offices and claims in the store.
    """

    processes: Counter[str]
    files: int
    memory: int
    left: int


class Stage:
    """The running stack, and the documents put into the folder of its eDocs; `clean` removes them."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._numbers = itertools.count(_FIRST_ID)
        self._put: list[Path] = []

    def play(self, plan: Plan) -> Seen:
        """Let people open documents for the plan's time."""
        seen, over = Seen(), threading.Event()
        people = [Person().sign_in() for _ in range(plan.people)]
        with ThreadPoolExecutor(plan.people + plan.bad_people + 1) as pool:
            work = [pool.submit(self._read, person, over, seen) for person in people]
            if plan.kill_every:
                _memory_bomb()  # made before the time runs
                bad = [pool.submit(self._open_bad, first, over, seen) for first in range(plan.bad_people)]
                work.append(pool.submit(self._kill, plan.kill_every, over, seen))
            over.wait(plan.seconds)
            over.set()
            for done in work:
                done.result()
            if plan.kill_every:
                _until(lambda: all(job.done() for job in bad), _SETTLE_SECONDS, self._kill_busiest)
                for job in bad:
                    job.result()
        return seen

    def held(self) -> Held:
        """What the stack holds now."""
        commands = self._commands()
        ours = [pid for pid, command in commands.items() if "viewer.wsgi" in command or "guard.py" in command]
        return Held(
            Counter(part for command in commands.values() if (part := _part(command))),
            sum(map(open_files, ours)),
            sum(map(memory, ours)),
            len(list((self._stack.folder / "offices").rglob("tmp*"))),
        )

    def leaks(self, before: Held) -> list[str]:
        """Sentences about what is still held more than before, once the stack had time to settle."""
        _until(lambda: not _more(self.held(), before), _SETTLE_SECONDS, lambda: time.sleep(1), must=False)
        return _more(self.held(), before)

    def clean(self) -> None:
        """Remove the documents that were put."""
        for path in self._put:
            path.unlink(missing_ok=True)

    def _read(self, person: Person, over: threading.Event, seen: Seen) -> None:
        while not over.is_set():
            number = self._new(_good())
            started = time.monotonic()
            opened = person.open(number)
            while opened.status_code == _BUSY and time.monotonic() < started + _SETTLE_SECONDS:
                seen.asked_again += 1  # when the answer says so, as the page does
                time.sleep(int(opened.headers["Retry-After"]))
                opened = person.open(number)
            pdf = person.bytes_of(opened).content if opened.status_code == _READY else b""
            seen.waits.append(time.monotonic() - started)
            if not pdf.startswith(b"%PDF-"):
                seen.not_shown.append(f"{opened.status_code} {opened.text[:200]}")

    def _open_bad(self, first: int, over: threading.Event, seen: Seen) -> None:
        person = Person().sign_in()
        kinds = (("500 pages", _long), ("crashing", _crashing), ("hanging", _hanging))
        for kind, make in itertools.islice(itertools.cycle(kinds), first, None):
            if over.is_set():
                break
            opened = person.open(self._new(make()))
            seen.bad[f"{kind}: {opened.status_code}"] += 1

    def _kill(self, every: float, over: threading.Event, seen: Seen) -> None:
        while not over.wait(every):
            if offices := self._offices():
                with suppress(ProcessLookupError):
                    os.kill(random.choice(offices), signal.SIGKILL)
                    seen.killed += 1

    def _kill_busiest(self) -> None:
        """End what still hangs, so that the stack settles sooner than at its own limit."""
        time.sleep(2)
        for pid in self._offices():
            if is_running(pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _offices(self) -> list[int]:
        return [pid for pid, command in self._commands().items() if _part(command) == "office"]

    def _commands(self) -> dict[int, str]:
        return descendants(self._stack.supervisor)

    def _new(self, document: bytes) -> int:
        number = next(self._numbers)
        path = self._stack.documents / f"{number}.docx"
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(document)
        unfinished.rename(path)
        self._put.append(path)
        return number


def _part(command: str) -> str:
    """Which part of the stack a command line is; empty for what comes and goes."""
    marks = {"office": "soffice.bin ", "guard": "guard.py", "viewer": "viewer.wsgi", "proxy": "haproxy"}
    return next((part for part, mark in marks.items() if mark in command), "")


def _more(now: Held, before: Held) -> list[str]:
    found = [
        f"{now.processes[part]} {part} processes, not {before.processes[part]}"
        for part in before.processes | now.processes
        if now.processes[part] != before.processes[part]
    ]
    if now.files > before.files + _MORE_FILES:
        found.append(f"{now.files} open files, not {before.files}")
    if now.memory > before.memory + _MORE_MEMORY:
        found.append(f"{now.memory >> 20} MB, not {before.memory >> 20}")
    if now.left > before.left:
        found.append(f"{now.left} files of offices, not {before.left}")
    return found


def _until(
    true: Callable[[], bool], seconds: float, meanwhile: Callable[[], None], *, must: bool = True
) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            assert not must, f"not within {seconds} s"
            return
        meanwhile()


def _template() -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph("PLACE")
    document.save(out)
    return out.getvalue()


_TEMPLATE = _template()


def _with(text: str) -> bytes:
    """A Word document with this text, or WordprocessingML, in its paragraph."""
    out = io.BytesIO()
    template = zipfile.ZipFile(io.BytesIO(_TEMPLATE))
    with template as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"PLACE", text.encode()))
    return out.getvalue()


_NEW_PAGE = '</w:t></w:r></w:p><w:p><w:r><w:br w:type="page"/></w:r></w:p><w:p><w:r><w:t>'


def _good() -> bytes:
    return _with(f"A case note, {uuid.uuid4()}. " + "All were well, and school starts on Monday. " * 30)


def _hanging() -> bytes:
    """A paragraph that is longer than anybody waits for its lines."""
    return _with(f"{uuid.uuid4()} " + "word " * _HANGING_WORDS)


@cache
def _memory_bomb() -> bytes:
    return bombs.long_paragraph().body


def _crashing() -> bytes:
    """A text that no office has the memory for: the first one dies of it after some seconds, and so on."""
    out = io.BytesIO(_memory_bomb())
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = uuid.uuid4().bytes
    return out.getvalue()


def _long() -> bytes:
    return _with(_NEW_PAGE.join(f"Page {number}. {uuid.uuid4()}" for number in range(1, _PAGES + 1)))
