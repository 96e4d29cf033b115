"""An office's processes, as the guard sees them: started, given documents, killed with all they wrote."""

import contextlib
import hashlib
import json
import os
import select
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import canaries
import jail
from faults import DIED, LOAD_FAILED, TIMEOUT, TOO_LARGE, Failed
from journal import log
from settings import Settings

_START_SECONDS = 60
_OTHER_PORT = 10
"""From the first to the second port of LibreOffice's own."""
_LONGEST_HEADER = 4096
"""Bytes of the line before the PDF that an office answers with."""


class Office:
    """A LibreOffice process group and the socket to it."""

    def __init__(self, settings: Settings, place: int, *, jailed: bool) -> None:
        """Start it; `warm` returns when it is ready.

        Args:
            settings: of the guard.
            place: 0 or 1; two may live at the same time, in different places.
            jailed: whether it is put into a bubblewrap.
        """
        self.place = place
        self._settings = settings
        self.jobs = 0
        self.resident_mb = 0
        self._uid = jail.uid_for(settings.port)
        self._folder = jail.folder_parent(jailed=jailed) / f"unoserver-{settings.port}-{place}"
        if not jailed:
            self._uid = _own_folder(self._folder, self._uid)
        ours, theirs = socket.socketpair()
        with theirs:
            uno_port = settings.uno_port + _OTHER_PORT * place
            arguments = (theirs.fileno(), uno_port, self._folder, settings.memory_mb, self._uid)
            self._process = subprocess.Popen(  # noqa: S603 - a fixed command
                jail.command(*arguments, jailed=jailed),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
            )
        self._socket = ours
        self._channel = ours.makefile("rwb")
        self._out_of_time = threading.Event()

    @property
    def worn(self) -> bool:
        """Whether it has worked so much, or grown so large, that a fresh one should take its place."""
        return self.jobs >= self._settings.recycle_jobs or self.resident_mb > self._settings.recycle_mb

    @property
    def alive(self) -> bool:
        """Whether the process runs and its end of the socket is open."""
        if self._process.poll() is not None:
            return False
        readable, _, _ = select.select([self._socket], [], [], 0)
        return not readable  # nothing is to be read between two jobs, except the end

    def warm(self) -> None:
        """Convert a canary of each usual kind: nobody is to wait while libraries are read for the first time.

        Raises:
            Failed: the office did not come up well.
        """
        for canary in canaries.ALL:
            self.prove(_START_SECONDS, canary)

    def prove(self, seconds: float, canary: canaries.Canary = canaries.SMALLEST) -> None:
        """Convert a canary.

        Raises:
            Failed: the office is not well.
        """
        if not self.convert({"infiltername": canary.import_filter}, canary.document, seconds).startswith(
            b"%PDF-"
        ):
            raise Failed(DIED, "the canary is not a PDF")

    def convert(self, arguments: dict[str, Any], document: bytes, seconds: float) -> bytes:
        """The PDF.

        Raises:
            Failed: with LOAD_FAILED, TIMEOUT, DIED or TOO_LARGE. After the first the office may be well.
        """
        limit = threading.Timer(seconds, self._run_out)
        limit.start()
        try:
            header = json.dumps({**arguments, "size": len(document)}).encode()
            self._channel.write(header + b"\n" + document)
            self._channel.flush()
            return self._result()
        except (OSError, LookupError, TypeError, ValueError) as error:
            if self._out_of_time.is_set():
                raise Failed(TIMEOUT, f"stopped after {seconds:g} s") from error
            raise Failed(DIED, f"the office died: {type(error).__name__}") from error
        finally:
            limit.cancel()

    def _result(self) -> bytes:
        answer = json.loads(self._channel.readline(_LONGEST_HEADER))
        self.jobs += 1
        self.resident_mb = int(answer["resident_mb"])
        if "error" in answer:
            raise Failed(LOAD_FAILED, answer["error"])
        size = int(answer["size"])
        if size > self._settings.max_output_mb * 1024 * 1024:
            raise Failed(TOO_LARGE, "the PDF is beyond the cap")
        pdf = self._channel.read(size)
        if len(pdf) != size:
            raise ValueError("cut short")
        return pdf

    def _run_out(self) -> None:
        self._out_of_time.set()
        self.stop()

    def stop(self) -> None:
        """End the whole group at once; whoever waits for it hears."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End the whole group at once and remove all that it wrote."""
        self.stop()
        self._process.wait()
        self._wait_for_orphans()
        with contextlib.suppress(OSError):
            self._channel.close()
        self._socket.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        _remove_single_office_pipe(self._folder / "profile")

    def _wait_for_orphans(self) -> None:
        """LibreOffice itself: while the kernel takes it apart it still holds memory and its port."""
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-self._process.pid, 0)


def _own_folder(folder: Path, uid: int) -> int:
    """Make an office's folder where it has no place of its own; give the user that it can belong to.

    That is root still, where the folder lies in one that others may not enter.
    """
    shutil.rmtree(folder, ignore_errors=True)  # of a guard that was killed
    folder.mkdir(mode=0o700)
    others_may_enter = all(parent.stat().st_mode & stat.S_IXOTH for parent in folder.parents)
    uid = uid if others_may_enter else 0
    if uid:
        os.chown(folder, uid, uid)
    return uid


def _remove_single_office_pipe(profile: Path) -> None:
    """The socket that a killed LibreOffice leaves behind; its officeipcthread.cxx names it by the profile."""
    digest = hashlib.md5(profile.as_uri().encode("utf-16-le"), usedforsecurity=False).digest()
    name = "".join(f"{byte:x}" for byte in digest)
    for pipe in Path("/tmp").glob(f"OSL_PIPE_*SingleOfficeIPC_{name}"):  # noqa: S108 - fixed in LibreOffice
        pipe.unlink(missing_ok=True)


class Start:
    """An office that proves itself in the background; nothing else waits for it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._failed: Failed | None = None
        self._thread = threading.Thread(target=self._warm, name="start", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it has proved itself, or failed to."""
        return not self._thread.is_alive()

    def result(self) -> Office:
        """The office, as soon as it has proved itself.

        Raises:
            Failed: it has not, and nothing is left of it.
        """
        self._thread.join()
        if self._failed:
            raise self._failed
        return self.office

    def abandon(self) -> None:
        """Leave nothing of it."""
        self.office.stop()
        self._thread.join()
        if not self._failed:
            self.office.kill()

    def _warm(self) -> None:
        started = time.monotonic()
        try:
            self.office.warm()
        except Failed as failed:
            self._failed = failed
            log("office did not start", error=str(failed))
            self.office.kill()
        else:
            log("ready", seconds=round(time.monotonic() - started, 2))
