"""The program in which converters of ours meet hostile files.

One a worker process, started by `children.py`. It holds the modules ready and forks a child for each
document, so that a child costs milliseconds. It sees no document itself, has an empty environment, kills what
is late, and ends with the worker, its children first: that is when its standard input closes.

A child has two files (the document, the result) and its limits; what the kernel can forbid, it may not.
"""

import contextlib
import ctypes
import gc
import importlib
import os
import pickle
import resource
import selectors
import signal
import socket
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from viewer.documents import Converter, Kind
from viewer.errors import Corrupt, TooLarge, ViewerError

MAX_JOB = 64 * 1024
"""Bytes of a job's description: the converter and the kind, pickled."""
SUCCESS, FAILURE = 0, 1
"""A child's exit codes: the result file holds the result, or an error's code."""
CRASHED = "crashed"
"""Stands before the class name of an exception that a converter should not raise."""
LATE = "late"
"""The verdict on a child that was killed at its time limit; else `exit N` or `signal N`."""

_GIVEN, _MADE = 3, 4
_FILES = 64
_ROOT = Path(__file__).parents[2]
_READABLE = (
    *(sys.prefix, sys.base_prefix, str(_ROOT / "viewer"), str(_ROOT / "shared")),
    *("/usr/lib", "/lib", "/usr/share", "/dev/urandom"),
)
"""A child may read programs, fonts and chance, and nothing that is anyone's."""


@dataclass(frozen=True, slots=True)
class Job:
    """One document's work.

    Args:
        task: called in the child with the document's bytes; gives the result's.
        seconds: after which the child is killed.
        memory: bytes of address space.
        result: the largest result, in bytes.
    """

    task: "Task"
    seconds: float
    memory: int
    result: int


class Task:
    """What a child does with the document; pickled, so a plain object."""

    def __call__(self, given: bytes) -> bytes:
        """The result.

        Raises:
            ViewerError: its code travels.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Conversion(Task):
    """A converter's work."""

    converter: Converter
    kind: Kind

    def __call__(self, given: bytes) -> bytes:
        """See `Task`."""
        return self.converter.convert(given, self.kind)


@dataclass(frozen=True, slots=True)
class _Child:
    pid: int
    alive: int
    deadline: float
    verdict: socket.socket


class Jail:
    """Forks a child for each job that comes over the control socket."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._children: dict[int, _Child] = {}
        self._rules = landlock_rules()

    def serve(self) -> None:
        """Work until the control socket closes."""
        while True:
            for key, _ in self._selector.select(self._patience()):
                if key.fd in self._children:
                    self._finish(self._children[key.fd], None)
                elif not self._take():
                    return
            for child in [child for child in self._children.values() if child.deadline <= time.monotonic()]:
                self._finish(child, LATE)

    def end(self) -> None:
        """Leave nothing running."""
        for child in list(self._children.values()):
            self._finish(child, LATE)

    def _patience(self) -> float | None:
        deadlines = [child.deadline for child in self._children.values()]
        return max(0, min(deadlines) - time.monotonic()) if deadlines else None

    def _take(self) -> bool:
        """Start the next job's child; False where there are no more jobs."""
        message, fds, _, _ = socket.recv_fds(self._control, MAX_JOB, 3)
        if not message:
            return False
        given, made, verdict = fds
        seconds = struct.unpack_from("d", message)[0]
        pid = os.fork()
        if pid == 0:
            self._become_child(message[8:], given, made)
        os.close(given)
        os.close(made)
        with contextlib.suppress(OSError):  # the child does the same; whoever is first
            os.setpgid(pid, pid)
        child = _Child(pid, os.pidfd_open(pid), time.monotonic() + seconds, socket.socket(fileno=verdict))
        self._children[child.alive] = child
        self._selector.register(child.alive, selectors.EVENT_READ)
        return True

    def _finish(self, child: _Child, verdict: str | None) -> None:
        """Kill the child and whatever it started, reap it, and tell how it ended."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        _, status = os.waitpid(child.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        words = verdict or (f"exit {code}" if code >= 0 else f"signal {-code}")
        self._selector.unregister(child.alive)
        os.close(child.alive)
        del self._children[child.alive]
        with contextlib.suppress(OSError), child.verdict:  # nobody may be waiting any more
            child.verdict.send(words.encode())

    def _become_child(self, pickled: bytes, given: int, made: int) -> NoReturn:
        code = FAILURE
        try:
            os.setpgid(0, 0)
            rules = _keep_only(given, made, self._rules)
            job: Job = pickle.loads(pickled)  # noqa: S301 - from our own parent
            _limit(job)
            forbid(rules)
            code = _work(job)
        except BaseException as error:  # noqa: BLE001 - nothing may return into the server's loop
            _write(f"{CRASHED} {type(error).__name__}".encode())
        finally:
            os._exit(code)


def _work(job: Job) -> int:
    """Do the job; give the exit code."""
    try:
        with open(_GIVEN, "rb", closefd=False) as file:
            file.seek(0)
            result = job.task(file.read())
        if len(result) > job.result:
            raise TooLarge("result")
        _write(result)
    except ViewerError as error:
        _write(error.code.encode())
    except MemoryError:
        _write(TooLarge.code.encode())
    except RecursionError:
        _write(Corrupt.code.encode())
    else:
        return SUCCESS
    return FAILURE


def _write(result: bytes) -> None:
    os.ftruncate(_MADE, 0)
    with open(_MADE, "wb", closefd=False) as file:
        file.write(result)


def _keep_only(given: int, made: int, rules: int | None) -> int | None:
    """Close every file but the two, which get numbers of their own; nobody reads what the child prints."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    kept = [given, made, *([] if rules is None else [rules])]
    above = max(*kept, nothing, _MADE + 1) + 1
    copies = [os.dup2(fd, above + at) for at, fd in enumerate(kept)]
    for number, fd in enumerate(copies, start=_GIVEN):
        os.dup2(fd, number)
    os.closerange(_GIVEN + len(kept), above + _FILES)
    return None if rules is None else _MADE + 1


def _limit(job: Job) -> None:
    """What the kernel holds the child to; none of it can be raised again. It dies first where memory ends."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    limits = {
        resource.RLIMIT_AS: job.memory,
        resource.RLIMIT_CPU: int(job.seconds) + 1,
        resource.RLIMIT_FSIZE: job.result,
        resource.RLIMIT_NOFILE: _FILES,
        resource.RLIMIT_CORE: 0,
    }
    for name, most in limits.items():
        resource.setrlimit(name, (most, most))
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


# Landlock (Linux 5.13, landlock(7)): no privilege is needed to give up one's own. An older kernel has none.

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EVERY_FILE_RIGHT = (1 << 13) - 1
"""Of the first version: reading, writing, running, making, removing."""
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_EVERY_TCP_RIGHT = 0b11
_EVERY_SCOPE = 0b11
"""Abstract sockets of, and signals to, processes outside."""
_WITH_TCP, _WITH_SCOPES = 4, 6
_VERSION_ONLY = 1
_PATH_BENEATH = 1


def landlock_rules() -> int | None:
    """A ruleset that allows reading programs and nothing else; None where the kernel has no Landlock."""
    version = _LIBC.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_ONLY)
    if version < 1:
        return None
    handled = [_EVERY_FILE_RIGHT]
    handled += [_EVERY_TCP_RIGHT] if version >= _WITH_TCP else []
    handled += [_EVERY_SCOPE] if version >= _WITH_SCOPES else []
    attributes = struct.pack(f"{len(handled)}Q", *handled)
    rules: int = _LIBC.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    for path in filter(Path.exists, map(Path, _READABLE)):
        opened = os.open(path, os.O_PATH)
        rights = _READ_FILE | (_READ_FOLDER if path.is_dir() else 0)
        _LIBC.syscall(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
        os.close(opened)
    return rules


def forbid(rules: int | None) -> None:
    """Hold this process to the rules for good.

    Raises:
        OSError: the kernel has them and did not take them.
    """
    if rules is None:
        return
    _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if _LIBC.syscall(_RESTRICT_SELF, rules, 0):
        raise OSError(ctypes.get_errno(), "landlock")
    os.close(rules)


def main(modules: list[str]) -> None:
    """Hold the modules ready and serve, over the standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole terminal; the worker ends us
    for name in modules:
        importlib.import_module(name)
    gc.freeze()
    jail = Jail(socket.socket(fileno=0))
    try:
        jail.serve()
    finally:
        jail.end()
