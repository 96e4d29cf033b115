"""Runs a converter of ours in a child process that meets the hostile file alone: bytes in, bytes out.

A decoder that is broken into finds an empty environment, no file of anyone's, no connection, and an end
within seconds; one that crashes, hangs or eats memory takes nobody with it. See `fork_server.py`.
"""

import contextlib
import os
import pickle
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import structlog

from viewer.documents import Converter, Kind
from viewer.errors import BY_CODE, ConversionTimeout, ConverterBroken, ConverterBusy, TooLarge
from viewer.sandbox.fork_server import CRASHED, LATE, MAX_JOB, SUCCESS, Conversion, Job, Task

_MB = 1024 * 1024
MAX_RESULT = 200 * _MB
"""The largest rendition that a child may hand back, in bytes."""
_AT_ONCE = 3
"""Children of one worker process at work: each may take its whole memory limit."""
_QUEUE_SECONDS = 20
_GRACE_SECONDS = 5
"""How much later than its own deadline the jail must have answered; else it is replaced."""
_START_SECONDS = 20
_MOST_CODE = 128
_PROGRAM = "import sys; from viewer.sandbox.fork_server import main; main(sys.argv[1:])"
_ROOT = Path(__file__).parents[2]
_TOO_BIG = f"signal {signal.SIGXFSZ}"
"""The result is beyond its limit."""
_KILLED = f"signal {signal.SIGKILL}"
"""Not by us: the machine's memory is at its end, which says nothing about the document."""
_TOO_LONG = {LATE, f"signal {signal.SIGXCPU}"}
"""The time limit, on the clock or counted in work."""

log = structlog.get_logger(__name__)


class Children:
    """The jail of this process: started when first needed, replaced when it dies, gone when this process is.

    Args:
        at_once: how many children work at the same time; others wait, for so long as is bearable.
    """

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._room = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._modules: set[str] = set()
        self._jail: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def hold_ready(self, module: str) -> None:
        """Have the jail import the module once, before its children need it."""
        self._modules.add(module)

    def run(self, task: Task, given: bytes | BinaryIO, *, seconds: float, memory_mb: int) -> bytes:
        """Do the task in a child of its own.

        Args:
            task: small, and picklable.
            given: the document; a file is read from where it stands.
            seconds: its time limit.
            memory_mb: its address space.

        Raises:
            ViewerError: what the task raised.
            ConversionTimeout: killed at the time limit.
            TooLarge: it would have needed more memory, or made more, than allowed.
            ConverterBusy: too many others are at work, or the machine has no memory left.
            ConverterBroken: the child crashed.
        """
        job = Job(task, seconds, memory_mb * _MB, MAX_RESULT)
        message = struct.pack("d", seconds) + pickle.dumps(job)
        if len(message) > MAX_JOB:
            raise ValueError("the task is too big to send")
        with self._a_place(), _in_memory("document", given) as document, _in_memory("result", b"") as made:
            verdict = self._verdict(message, document, made, seconds)
            return _outcome(verdict, made)

    def __del__(self) -> None:
        self.stop()

    def stop(self) -> None:
        """End the jail and its children."""
        with self._lock:
            self._stop()

    @contextlib.contextmanager
    def _a_place(self) -> Iterator[None]:
        if not self._room.acquire(timeout=_QUEUE_SECONDS):
            raise ConverterBusy
        try:
            yield
        finally:
            self._room.release()

    def _verdict(self, message: bytes, document: int, made: int, seconds: float) -> str:
        """How the child ended.

        Raises:
            ConverterBroken: the jail died or hangs; the next job gets a new one.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            self._send(message, [document, made, theirs.fileno()])
            theirs.close()
            ours.settimeout(seconds + _GRACE_SECONDS)
            try:
                verdict = ours.recv(_MOST_CODE).decode()
            except TimeoutError as error:
                self.stop()
                raise ConverterBroken("the jail did not answer") from error
        if not verdict:
            raise ConverterBroken("the jail died")
        return verdict

    def _send(self, message: bytes, fds: list[int]) -> None:
        with self._lock:
            try:
                socket.send_fds(self._running(), [message], fds)
            except OSError:  # it died since; a job that was not taken may be given to another
                self._stop()
                try:
                    socket.send_fds(self._running(), [message], fds)
                except OSError as error:
                    raise ConverterBroken("the jail does not start") from error

    def _running(self) -> socket.socket:
        if self._control is None or self._jail is None or self._jail.poll() is not None:
            self._stop()
            self._start()
        assert self._control is not None  # noqa: S101 - just started
        return self._control

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(_START_SECONDS)
        with theirs:
            self._jail = subprocess.Popen(  # noqa: S603 - this program, with modules of ours
                [sys.executable, "-P", "-c", _PROGRAM, *sorted(self._modules)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                cwd="/",
                env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
                start_new_session=True,
            )
        self._control = ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._jail is not None:
            self._jail.kill()  # its children have a parent-death signal
            self._jail.wait()
        self._control = self._jail = None


CHILDREN = Children()
"""Those of this process. It starts nothing until it is used."""


class Isolated:
    """A `Converter` that runs another one in a child process.

    Args:
        converter: small and picklable; works on bytes alone and opens no file or connection.
        seconds: after which the child is killed.
        memory_mb: the child's address space; what needs more is `TooLarge`. An idle child has some 70 of it.
        children: where the child comes from.
    """

    def __init__(
        self, converter: Converter, *, seconds: float, memory_mb: int, children: Children = CHILDREN
    ) -> None:
        self.media_type = converter.media_type
        self.recipe = converter.recipe
        self._converter = converter
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._children = children
        children.hold_ready(type(converter).__module__)

    def convert(self, original: bytes, kind: Kind) -> bytes:
        """See `Converter.convert`."""
        task = Conversion(self._converter, kind)
        return self._children.run(task, original, seconds=self._seconds, memory_mb=self._memory_mb)


@contextlib.contextmanager
def _in_memory(name: str, content: bytes | BinaryIO) -> Iterator[int]:
    """The number of an open file that has no place on any disk."""
    number = os.memfd_create(name, os.MFD_CLOEXEC)
    with open(number, "w+b") as file:  # noqa: PTH123 - it has no path
        if isinstance(content, bytes):
            file.write(content)
        else:
            shutil.copyfileobj(content, file, _MB)
        file.flush()
        yield number


def _outcome(verdict: str, made: int) -> bytes:
    """The result, or what went wrong."""
    if verdict in _TOO_LONG:
        raise ConversionTimeout
    if verdict == _TOO_BIG:
        raise TooLarge
    if verdict == _KILLED:
        log.warning("child killed for want of memory")
        raise ConverterBusy
    if verdict == f"exit {SUCCESS}":
        return _read(made, MAX_RESULT)
    untrusted_code = _read(made, _MOST_CODE).decode("ascii", "replace")
    if verdict.startswith("exit") and untrusted_code in BY_CODE:
        raise BY_CODE[untrusted_code]
    reason = (
        untrusted_code if untrusted_code.startswith(CRASHED) and untrusted_code.isprintable() else verdict
    )
    log.warning("child crashed", reason=reason)
    raise ConverterBroken(reason)


def _read(number: int, most: int) -> bytes:
    size = os.fstat(number).st_size
    return os.pread(number, min(size, most), 0)
