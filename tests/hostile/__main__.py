"""What each worst case costs: `python -m tests.hostile [NAME…]`.

Each is read in a process of its own with limits on time and memory, as the sandbox does, and its first part
is taken out; the table says how each ended, in how many seconds of processor time and megabytes. Exits with 1
where one was late, or ended otherwise than in a result or a typed refusal.
"""

import contextlib
import io
import os
import resource
import select
import signal
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.hostile import ALL, Case
from viewer import formats
from viewer.documents import Printing
from viewer.errors import Problem

_SECONDS = 120
"""By the clock, after which one is given up: a busy machine gives each less than it asks for."""
_PROCESSOR_SECONDS = 20
_MEMORY_MB = 1536
_MB = 1024 * 1024
LIMITS = formats.Limits(500 * _MB, 200 * _MB, 500 * _MB, 200 * _MB)
"""Those of a viewer without settings."""
_MAX_SAID = 4096


class Cost(NamedTuple):
    """How one ended: in words, seconds of processor time, megabytes at the peak."""

    end: str
    seconds: float
    megabytes: int


class _Nowhere:
    """A `Sink` that keeps nothing."""

    def write(self, chunk: bytes, /) -> None:
        """See `Sink.write`."""


Work = Callable[[bytes], object]

WAYS: dict[str, Work] = {
    "read": lambda body: formats.read(io.BytesIO(body), LIMITS)[0].kind,
    "extract": lambda body: formats.extract(io.BytesIO(body), (1,), LIMITS, _Nowhere()),
    "inspect": lambda body: formats.inspect_printed(io.BytesIO(body), Printing(("writer8",), is_long=False)),
}
"""What the sandbox does with documents; only PDF files are inspected as printed ones."""


def cost_of(work: Work, body: bytes) -> Cost:
    """Do the work in a process of its own."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _in_the_child(work, body, theirs)
    os.close(theirs)
    is_there, _, _ = select.select([ours], [], [], _SECONDS)
    end = os.read(ours, _MAX_SAID).decode() if is_there else "late"
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    os.close(ours)
    seconds = used.ru_utime + used.ru_stime
    return Cost(end or f"signal {os.WTERMSIG(status)}", seconds, used.ru_maxrss // 1024)


def _in_the_child(work: Work, body: bytes, told: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_MB << 20, _MEMORY_MB << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_SECONDS, _PROCESSOR_SECONDS + 1))
    try:
        end = f"ok {work(body)}"
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
        end = f"! {type(error).__name__}"
    os.write(told, end.encode(errors="replace")[:_MAX_SAID])
    os._exit(0)


def is_good_end(end: str) -> bool:
    """Whether it is a result, a typed refusal, or the end of the memory that a child has."""
    refusals = {error.__name__ for error in _all_below(Problem)} | {"MemoryError"}
    return end.startswith("ok ") or end.removeprefix("! ") in refusals


def _main(names: list[str]) -> int:
    bad = 0
    _say("| worst case | bytes | what | end | s | MB |\n|---|---|---|---|---|---|")
    for case in ALL.values():
        if names and case.name not in names:
            continue
        bad += _row(case)
    return 1 if bad else 0


def _row(case: Case) -> int:
    body, bad = case.build(), 0
    for what, work in WAYS.items():
        if what == "inspect" and case.suffix != "pdf":
            continue
        end, seconds, megabytes = cost_of(work, body)
        bad += not is_good_end(end)
        _say(f"| {case.name} | {len(body):,} | {what} | {end[:30]} | {seconds:.2f} | {megabytes} |")
    return bad


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _all_below(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _all_below(below)


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
