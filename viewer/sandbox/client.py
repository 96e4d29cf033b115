"""The web worker's side of the sandbox: hands a document over, waits for the verdict, takes the result.

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

SILENCE_SECONDS = ALIVE_SECONDS * 5
"""A fork server that says nothing for so long is replaced."""
_START_SECONDS = 30
_CRASHES = 2
"""Children that die at one document before it is the document's fault."""
_LOSSES = 4
"""Fork servers that are lost under one document before conversion is not available."""
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
"""What a child may say of a document; whatever else it says is a crash."""
_TECHNICAL = re.compile(r"[A-Za-z][A-Za-z ,_-]{0,60}")
_TOO_LARGE = f"signal {signal.SIGXFSZ}"
_KILLED = f"signal {signal.SIGKILL}"
"""Not by the fork server, which tells its own reasons: the machine's memory is at its end."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """What a child made: both parts are whatever a hostile document may have made of them.

    Args:
        untrusted_head: JSON.
        body: rewound, sealed: nobody can change it any more.
    """

    untrusted_head: Any
    body: BinaryIO


class SandboxIncomplete(Exception):
    """The kernel has no Landlock: a child that is broken into could read files and open connections.

    SANDBOX_WITHOUT_LANDLOCK says that the service may run all the same.
    """


class _Crashed(Exception):
    """The child died or failed in a way that it should not."""


class _Lost(Exception):
    """The fork server died or was silent before it gave a verdict."""


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
            document: read by nobody here; its position does not matter.

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
            except _Crashed as crash:
                crashes += 1
                log.warning("child crashed", task=job.task, reason=str(crash))
                if crashes == _CRASHES:
                    raise DocumentKilledConverter(f"child: {crash}, {crashes} times") from crash
            except _Lost as loss:
                losses += 1
                log.warning("sandbox lost", reason=str(loss))
                if losses == _LOSSES:
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
            _Lost: the fork server died, or says nothing any more; the next job gets a new one.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            control = self._send(job.encoded(), [*files, theirs.fileno()])
            theirs.close()
            ours.settimeout(SILENCE_SECONDS)
            try:
                while (verdict := ours.recv(MAX_VERDICT).decode()) == ALIVE:
                    pass
            except TimeoutError as error:
                self._replace(control)
                raise _Lost("silent") from error
        if not verdict:
            raise _Lost("died")
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
        raise _Lost("takes no job")

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
        ours.settimeout(SILENCE_SECONDS)
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
        return _said(head)
    if verdict == f"exit {REFUSED}":
        said = _said(head)
        code = said.get("code") if isinstance(said, dict) else None
        if code in _VERDICTS:
            raise BY_CODE[code](_plain(said.get("detail")))
        raise _Crashed("unknown code")
    if verdict == LATE:
        raise ConversionTimeout("processor time")
    if verdict == _TOO_LARGE:
        raise _beyond_file_size()
    if verdict in {BUSY, _KILLED}:
        raise ConverterBusy(verdict)
    if verdict == f"exit {CRASHED}":
        said = _said(head)
        raise _Crashed(_plain(said.get("crashed") if isinstance(said, dict) else None))
    if verdict.startswith("signal "):
        raise _Crashed(verdict)
    raise ConversionUnavailable(verdict)


def _beyond_file_size() -> Exception:
    """Too large, or a limit of the service manager's own, which says nothing about the document."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    return TooLarge("result") if hard == resource.RLIM_INFINITY else ConversionUnavailable("file-size limit")


def _said(head: BinaryIO) -> Any:
    """What the child wrote.

    Raises:
        _Crashed: it is no JSON, or too long.
    """
    untrusted = os.pread(head.fileno(), MAX_HEAD + 1, 0)
    try:
        if len(untrusted) > MAX_HEAD:
            raise _Crashed("a head without end")
        return json.loads(untrusted)
    except (ValueError, RecursionError) as error:
        raise _Crashed("a head that is no JSON") from error


def _plain(untrusted: object) -> str:
    """A few technical words that are fit for a log; nothing where it is anything else."""
    return untrusted if isinstance(untrusted, str) and _TECHNICAL.fullmatch(untrusted) else ""
