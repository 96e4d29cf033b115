"""The program that forks a child for each document that is read.

Each web worker starts one (`client.py`). It holds the code that reads documents ready, and some children that
wait for a document, so that a document costs milliseconds. It sees no document itself, has an empty
environment, shares its places fairly (`schedule.py`), and ends when the worker does, its children first: then
its standard input closes.

A child reads one document. It has three files (the document, two for the result), a socket on which it says
its exit code, and its limits (`confinement.py`). Its verdict goes out as soon as it has said that code, since
the kernel needs some milliseconds more to take its memory back.
"""

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, NoReturn

from viewer.errors import Corrupt, Problem, TooLarge
from viewer.sandbox.confinement import (
    die_with_parent,
    forbid,
    keep_only,
    landlock_rules,
    landlock_version,
    limit,
    silence,
)
from viewer.sandbox.protocol import (
    ALIVE,
    ALIVE_SECONDS,
    BUSY,
    CRASHED,
    DONE,
    LATE,
    MAX_JOB,
    NO_FORK,
    NOT_SET_UP,
    OVERLOADED,
    REFUSED,
    Job,
)
from viewer.sandbox.schedule import Running, Schedule, Waiting

Task = Callable[[BinaryIO, dict[str, Any], BinaryIO], dict[str, Any]]
"""Takes the document, the job's arguments, and a file for the result's body; gives the result's head."""

SPARES = 2
"""Children that wait for a document: to fork one takes as long as to read a small document."""
_HEAD = 4
"""The number of the file for the result's head, in a child that has its job."""
_LOW_PRIORITY = 10
_FILES_OF_A_JOB = 4
_EXIT_CODES = {b"%d" % code: code for code in (DONE, REFUSED, CRASHED, NOT_SET_UP)}
_MAX_EXIT_CODE = 8
"""Bytes of the message in which a child says its exit code."""


@dataclass(eq=False)
class _Received(Waiting):
    """A job with its files: document, head, body; and where its verdict goes."""

    job: Job
    files: list[int]
    verdict: socket.socket


@dataclass(frozen=True, slots=True)
class _Spare:
    """A child that waits for its job, which comes over the socket; its exit code goes back over it."""

    pid: int
    line: socket.socket


@dataclass(eq=False, kw_only=True)
class _Child(Running):
    """A running job's process.

    Args:
        pid: its process id, which is its process group's id too.
        ended: a descriptor that is readable when it has ended (pidfd_open(2)).
        line: a socket on which it says its exit code before it ends.
        verdict: where the verdict goes.
    """

    pid: int
    ended: int
    line: socket.socket
    verdict: socket.socket


class ForkServer:
    """Forks a child for each job that comes over the control socket.

    Args:
        control: from the web worker; one message and four files a job.
        tasks: by name.
    """

    def __init__(self, control: socket.socket, tasks: dict[str, Task]) -> None:
        self._control = control
        self._tasks = tasks
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._schedule: Schedule[_Received, _Child] = Schedule()
        self._spares: list[_Spare] = []
        self._rules = landlock_rules()
        self._next_alive = 0.0

    def serve(self) -> None:
        """Work until the control socket closes."""
        while True:
            if all(child.slow for child in self._schedule.children):  # no job waits for a fork now
                self._keep_spares()
            for key, _ in self._selector.select(self._pause()):
                if key.fileobj is not self._control:
                    key.data()
                elif not self._receive():
                    return
            self._apply_schedule(time.monotonic())

    def end(self) -> None:
        """Leave no child running."""
        for child in list(self._schedule.children):
            self._finish(child, OVERLOADED)

    def _pause(self) -> float | None:
        if not self._schedule.waiting and not self._schedule.children:
            return None
        change = self._schedule.next_change(time.monotonic())
        return ALIVE_SECONDS if change is None else min(change, ALIVE_SECONDS)

    def _keep_spares(self) -> None:
        """Fork what is missing; where that fails, later."""
        with contextlib.suppress(OSError):
            while len(self._spares) < SPARES:
                self._spares.append(self._fork_spare())

    def _fork_spare(self) -> _Spare:
        """A new child that waits for its job.

        Raises:
            OSError: the machine has no room for another process.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                pid = os.fork()
            except OSError:
                ours.close()
                raise
            if pid == 0:
                _become_child(theirs.fileno(), self._rules, self._tasks)
        with contextlib.suppress(OSError):  # the child does the same; whichever is first
            os.setpgid(pid, pid)
        return _Spare(pid, ours)

    def _hand_over(self, received: _Received) -> _Spare:
        """The child that got the job.

        Raises:
            OSError: the machine has no room for another process.
        """
        while True:
            spare = self._spares.pop(0) if self._spares else self._fork_spare()
            try:
                socket.send_fds(spare.line, [received.job.encoded()], received.files)
            except OSError:  # it was killed while it waited
                spare.line.close()
                os.waitpid(spare.pid, 0)
            else:
                return spare

    def _receive(self) -> bool:
        """Put the next job into the queue; False where there are no more jobs."""
        message, files, _, _ = socket.recv_fds(self._control, MAX_JOB, _FILES_OF_A_JOB)
        if not message:
            return False
        job, verdict = Job.decoded(message), socket.socket(fileno=files.pop())
        verdict.settimeout(0)
        self._schedule.waiting.append(_Received(job.owner, time.monotonic(), job, files, verdict))
        return True

    def _apply_schedule(self, now: float) -> None:
        schedule = self._schedule
        for child in schedule.overloaded(now):
            self._finish(child, OVERLOADED)
        for child in schedule.newly_slow(now):
            _lower_priority(child)
        while (surplus := schedule.too_many_slow()) is not None:
            self._finish(surplus, BUSY)
        for child in schedule.to_stop(now):
            _stop(child, now)
        while (turn := schedule.to_resume(now)) is not None:
            _resume(turn, now)
        for job in schedule.expired(now):
            self._turn_away(job, BUSY)
        while (oldest := schedule.next_job()) is not None:
            self._start(oldest, now)
        if now >= self._next_alive:
            self._next_alive = now + ALIVE_SECONDS
            self._say_alive()

    def _say_alive(self) -> None:
        for job in self._schedule.waiting:
            _send_verdict(job.verdict, ALIVE)
        for child in self._schedule.children:
            _send_verdict(child.verdict, ALIVE)

    def _start(self, received: _Received, now: float) -> None:
        try:
            spare = self._hand_over(received)
        except OSError:
            self._turn_away(received, NO_FORK)
            return
        for number in received.files:
            os.close(number)
        self._schedule.waiting.remove(received)
        child = _Child(
            received.owner,
            received.job.seconds,
            now,
            pid=spare.pid,
            ended=os.pidfd_open(spare.pid),
            line=spare.line,
            verdict=received.verdict,
        )
        self._schedule.children.append(child)
        self._selector.register(child.line, selectors.EVENT_READ, partial(self._hear, child))
        self._selector.register(child.ended, selectors.EVENT_READ, partial(self._reap, child))

    def _turn_away(self, received: _Received, verdict: str) -> None:
        """End a job that has no child."""
        self._schedule.waiting.remove(received)
        for number in received.files:
            os.close(number)
        with received.verdict:
            _send_verdict(received.verdict, verdict)

    def _hear(self, child: _Child) -> None:
        """Take the exit code that the child says before it ends."""
        if child not in self._schedule.children:
            return
        try:
            said = child.line.recv(_MAX_EXIT_CODE)
        except ConnectionError:
            said = b""
        if said:
            self._finish(child, f"exit {_EXIT_CODES.get(said, CRASHED)}")
        else:
            self._selector.unregister(child.line)  # it died; `_reap` tells how

    def _reap(self, child: _Child) -> None:
        """Collect the ended child, and tell how it ended where it has not said so."""
        _kill(child)
        _, status, used = os.wait4(child.pid, 0)
        self._selector.unregister(child.ended)
        os.close(child.ended)
        if child in self._schedule.children:
            is_late = used.ru_utime + used.ru_stime >= child.seconds
            self._finish(child, _describe_exit(os.waitstatus_to_exitcode(status), is_late=is_late))

    def _finish(self, child: _Child, verdict: str) -> None:
        """Kill the child and all that it started, give its place up and tell the verdict; `_reap` follows."""
        _kill(child)
        self._schedule.children.remove(child)
        with contextlib.suppress(KeyError):
            self._selector.unregister(child.line)
        with child.line, child.verdict:
            _send_verdict(child.verdict, verdict)


def _become_child(line: int, rules: int | None, tasks: dict[str, Task]) -> NoReturn:
    """Give up all rights, wait for a job, do it, say its exit code over the line, and end."""
    code = NOT_SET_UP
    try:
        os.setpgid(0, 0)
        die_with_parent()
        silence()
        line, *kept = keep_only([line, *([] if rules is None else [rules])])
        forbid(kept[0] if kept else None)
        with socket.socket(fileno=os.dup(line)) as jobs:
            message, files, _, _ = socket.recv_fds(jobs, MAX_JOB, _FILES_OF_A_JOB)
        if message:
            job = Job.decoded(message)
            document, head, body, line = keep_only([*files, line])
            limit(job)
            code = CRASHED
            code = _work(tasks, job, document, head, body)
    except BaseException as error:  # noqa: BLE001 - nothing may return into the server's loop
        with contextlib.suppress(OSError):
            _write(_HEAD, {"crashed": type(error).__name__})
    finally:
        try:
            os.write(line, b"%d" % code)
        finally:
            os._exit(code)


def _work(tasks: dict[str, Task], job: Job, document: int, head: int, body: int) -> int:
    """Do the job; give the exit code."""
    try:
        with open(document, "rb", closefd=False) as given, open(body, "wb", closefd=False) as made:
            said = tasks[job.task](given, job.arguments, made)
        _write(head, said)
    except Problem as error:
        _write(head, {"code": error.code, "detail": str(error)})
    except MemoryError:
        _write(head, {"code": TooLarge.code, "detail": "memory"})
    except RecursionError:
        _write(head, {"code": Corrupt.code, "detail": "nested too deep"})
    else:
        return DONE
    return REFUSED


def _write(number: int, said: dict[str, Any]) -> None:
    with open(number, "wb", closefd=False) as file:
        file.truncate(0)
        file.write(json.dumps(said).encode())


def _describe_exit(exit_code: int, *, is_late: bool) -> str:
    if -exit_code == signal.SIGXCPU or (-exit_code == signal.SIGKILL and is_late):
        return LATE  # by the kernel, which kills what ignores the first signal
    return f"exit {exit_code}" if exit_code >= 0 else f"signal {-exit_code}"


def _send_verdict(verdict: socket.socket, words: str) -> None:
    with contextlib.suppress(OSError):  # the web worker may have gone
        verdict.send(words.encode())


def _kill(child: _Child) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _lower_priority(child: _Child) -> None:
    child.slow = True
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PGRP, child.pid, _LOW_PRIORITY)


def _stop(child: _Child, now: float) -> None:
    child.ran, child.stopped = child.running_for(now), True
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGSTOP)


def _resume(child: _Child, now: float) -> None:
    child.since, child.stopped = now, False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGCONT)


def main(module: str) -> None:
    """Hold the module's tasks ready, say so, and serve over the standard input.

    Args:
        module: has `TASKS`, by name, and `ABOUT`, which the web worker is told.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole terminal; the worker ends us
    loaded = importlib.import_module(module)
    gc.freeze()
    control = socket.socket(fileno=0)
    control.send(json.dumps({**loaded.ABOUT, "landlock": landlock_version()}).encode())
    server = ForkServer(control, loaded.TASKS)
    try:
        server.serve()
    finally:
        server.end()


if __name__ == "__main__":
    main(sys.argv[1])
