"""The web worker's side of the sandbox: it sends a document, waits for the verdict, and reads the result.

The fork server is started with the client, replaced when it dies or hangs, and gone when this process is.
"""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from viewer.errors import (
    BY_CODE,
    ConversionTimeout,
    ConversionUnavailable,
    ConverterBusy,
    Corrupt,
    DocumentKilledConverter,
    Empty,
    PartNotFound,
    PasswordProtected,
    TooLarge,
    UnsupportedType,
)
from viewer.files import memory_file, read_only, seal
from viewer.sandbox.protocol import (
    ALIVE,
    ALIVE_SECONDS,
    BUSY,
    CRASHED,
    DONE,
    HELLO_BYTES,
    LATE,
    MAX_VERDICT,
    REFUSED,
    Job,
)

READ_TIMEOUT_SECONDS = ALIVE_SECONDS * 5
"""The longest gap between two signs of life; then the fork server is replaced."""
_START_SECONDS = 30
_MAX_CRASHES = 2
"""A document is blamed when this many children crashed at it."""
_MAX_LOSSES = 4
"""Conversion is unavailable when this many fork servers were lost at one document."""
MAX_HEAD = 8 * 1024 * 1024
"""Bytes of a result's head: five thousand parts with long names fit."""
_ROOT = Path(__file__).parents[2]
_VERDICTS = {
    error.code: error
    for error in (
        *(Corrupt, Empty, PartNotFound, PasswordProtected, TooLarge, UnsupportedType),
        ConversionUnavailable,
    )
}
"""Errors that a child may report about a document; any other report counts as a crash."""
_TECHNICAL = re.compile(r"[A-Za-z][A-Za-z ,_-]{0,60}")
_TOO_LARGE = f"signal {signal.SIGXFSZ}"
_KILLED = f"signal {signal.SIGKILL}"
"""Killed by the kernel because the machine is out of memory; the fork server gives a reason of its own."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a child: a hostile document may have chosen both parts.

    Args:
        untrusted_head: JSON.
        body: rewound and sealed, so that it cannot change any more.
    """

    untrusted_head: Any
    body: BinaryIO


class SandboxIncomplete(Exception):
    """The kernel has no Landlock: a child that is broken into could read files and open connections.

    SANDBOX_WITHOUT_LANDLOCK says that the service may run all the same.
    """


class _ChildCrashed(Exception):
    """The child died, or broke the protocol."""


class _ForkServerLost(Exception):
    """The fork server died, or its read timed out, before there was a verdict."""


class SandboxClient:
    """A fork server and the jobs that are given to it; for use by many threads.

    Args:
        module: what the fork server loads; see `fork_server.main`.

    Raises:
        ConversionUnavailable: the fork server does not start.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.about: dict[str, Any] = {}
        """What the module says of itself, and ``landlock``: the kernel's version of it, 0 for none."""
        with self._lock:
            self._start()

    def run(self, job: Job, document: BinaryIO) -> Result:
        """Have a child do the job.

        Args:
            job: what to do.
            document: passed on unread; its position does not matter.

        Raises:
            Corrupt, Empty, PartNotFound, PasswordProtected, TooLarge, UnsupportedType: the child's verdict.
            ConversionTimeout: it used up its processor time.
            DocumentKilledConverter: two children crashed at it.
            ConverterBusy: no place became free in time, or the machine's memory is at its end.
            ConversionUnavailable: the sandbox failed for reasons of its own.
        """
        crashes = losses = 0
        while True:
            try:
                return self._once(job, document)
            except _ChildCrashed as crash:
                crashes += 1
                log.warning("child crashed", task=job.task, reason=str(crash))
                if crashes == _MAX_CRASHES:
                    raise DocumentKilledConverter(f"child: {crash}, {crashes} times") from crash
            except _ForkServerLost as loss:
                losses += 1
                log.warning("sandbox lost", reason=str(loss))
                if losses == _MAX_LOSSES:
                    raise ConversionUnavailable("the sandbox was lost") from loss

    def stop(self) -> None:
        """End the fork server and its children."""
        with self._lock:
            self._stop()

    def __del__(self) -> None:
        self.stop()

    def _once(self, job: Job, document: BinaryIO) -> Result:
        body = memory_file("body")
        try:
            with read_only(document) as given, memory_file("head") as head:
                verdict = self._verdict(job, [given.fileno(), head.fileno(), body.fileno()])
                said = _outcome(verdict, head)
            seal(body)
        except OSError as error:
            body.close()
            raise ConversionUnavailable(type(error).__name__) from error
        except BaseException:
            body.close()
            raise
        return Result(said, body)

    def _verdict(self, job: Job, files: list[int]) -> str:
        """How the child ended.

        Raises:
            _ForkServerLost: the fork server died, or says nothing any more; the next job gets a new one.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            control = self._send(job.encoded(), [*files, theirs.fileno()])
            theirs.close()
            ours.settimeout(READ_TIMEOUT_SECONDS)
            try:
                while (verdict := ours.recv(MAX_VERDICT).decode()) == ALIVE:
                    pass
            except TimeoutError as error:
                self._replace(control)
                raise _ForkServerLost("silent") from error
        if not verdict:
            raise _ForkServerLost("died")
        return verdict

    def _send(self, message: bytes, files: list[int]) -> socket.socket:
        """Give the job to the fork server, to a new one where it died; say to which."""
        with self._lock:
            for _ in range(2):
                control = self._running()
                try:
                    socket.send_fds(control, [message], files)
                except OSError:
                    self._stop()
                else:
                    return control
        raise _ForkServerLost("takes no job")

    def _replace(self, silent: socket.socket) -> None:
        """End this fork server, unless another thread has replaced it already."""
        with self._lock:
            if self._control is silent:
                self._stop()

    def _running(self) -> socket.socket:
        if self._control is None or self._server is None or self._server.poll() is not None:
            self._stop()
            return self._start()
        return self._control

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(_START_SECONDS)
        try:
            with theirs:
                self._server = subprocess.Popen(  # noqa: S603 - this program, with a module of ours
                    [sys.executable, "-P", "-m", "viewer.sandbox.fork_server", self._module],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    cwd="/",
                    env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
                    start_new_session=True,
                )
            hello = ours.recv(HELLO_BYTES)
            self.about = json.loads(hello)
        except (OSError, ValueError) as error:
            ours.close()
            self._stop()
            raise ConversionUnavailable("the sandbox does not start") from error
        ours.settimeout(READ_TIMEOUT_SECONDS)
        self._control = ours
        return ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._server is not None:
            self._server.kill()  # its children have a parent-death signal
            self._server.wait()
        self._control = self._server = None


def _outcome(verdict: str, head: BinaryIO) -> Any:
    """The result's head, or what went wrong."""
    if verdict == f"exit {DONE}":
        return _read_head(head)
    if verdict == f"exit {REFUSED}":
        said = _read_head(head)
        code = said.get("code") if isinstance(said, dict) else None
        if code in _VERDICTS:
            raise BY_CODE[code](_technical_words(said.get("detail")))
        raise _ChildCrashed("unknown code")
    if verdict == LATE:
        raise ConversionTimeout("processor time")
    if verdict == _TOO_LARGE:
        raise _beyond_file_size()
    if verdict in {BUSY, _KILLED}:
        raise ConverterBusy(verdict)
    if verdict == f"exit {CRASHED}":
        said = _read_head(head)
        raise _ChildCrashed(_technical_words(said.get("crashed") if isinstance(said, dict) else None))
    if verdict.startswith("signal "):
        raise _ChildCrashed(verdict)
    raise ConversionUnavailable(verdict)


def _beyond_file_size() -> Exception:
    """Too large, or a limit of the service manager's own, which says nothing about the document."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    return TooLarge("result") if hard == resource.RLIM_INFINITY else ConversionUnavailable("file-size limit")


def _read_head(head: BinaryIO) -> Any:
    """What the child wrote.

    Raises:
        _ChildCrashed: it is no JSON, or too long.
    """
    untrusted = os.pread(head.fileno(), MAX_HEAD + 1, 0)
    try:
        if len(untrusted) > MAX_HEAD:
            raise _ChildCrashed("a head without end")
        return json.loads(untrusted)
    except (ValueError, RecursionError) as error:
        raise _ChildCrashed("a head that is no JSON") from error


def _technical_words(untrusted: object) -> str:
    """A few technical words that are fit for a log; nothing where it is anything else."""
    return untrusted if isinstance(untrusted, str) and _TECHNICAL.fullmatch(untrusted) else ""
