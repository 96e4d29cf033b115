"""Starts an office's processes, sends them documents, and kills them with all the files they wrote."""

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
from collections.abc import Callable
from pathlib import Path

import canaries
import jail
from jobs import MAX_NOTICE, NOTICES, ConversionFailed, ConversionResult, Job, Outcome
from json_log import log
from processor_time import ProcessGroup, WorkMonitor
from settings import Settings

_START_SECONDS = 60
_OTHER_PORT = 10
"""The distance between the two UNO ports of a guard, one for each slot."""
_LONGEST_HEADER = 4096
"""Bytes of the line before the PDF that an office answers with."""
_LARGEST_CANARY = 1024 * 1024
"""Bytes of a canary's PDF."""
_LONG_SECONDS = 3
"""Processor time in seconds after which a document counts as long; a fresh office costs half of that
(docs/decisions/0019)."""


def _ignore_progress() -> None:
    """The default callback for progress."""


class Office:
    """A LibreOffice process group and the socket to it."""

    def __init__(self, settings: Settings, slot: int, *, jailed: bool) -> None:
        """Start it; `warm_up` returns when it is ready.

        Args:
            settings: of the guard.
            slot: 0 or 1; two offices may run at the same time, in different slots.
            jailed: whether it is put into a bubblewrap.
        """
        self.slot = slot
        self._settings = settings
        self.jobs = 0
        self.resident_mb = 0
        self._uid = jail.uid_for(settings.port)
        self._folder = jail.folder_parent(jailed=jailed) / f"unoserver-{settings.port}-{slot}"
        if not jailed:
            self._uid = _make_folder(self._folder, self._uid)
        ours, theirs = socket.socketpair()
        with theirs:
            uno_port = settings.uno_port + _OTHER_PORT * slot
            limits = (settings.memory_mb, self._uid)
            arguments = (theirs.fileno(), uno_port, self._folder, *limits, settings.locale)
            self._process = subprocess.Popen(  # noqa: S603 - a fixed command
                jail.command(*arguments, jailed=jailed),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
            )
        self._socket = ours
        self._channel = ours.makefile("rwb")
        self._group = ProcessGroup(self._process.pid)
        self._monitor: WorkMonitor | None = None

    @property
    def needs_recycling(self) -> bool:
        """Whether it has converted so many documents, or uses so much memory, that it should be replaced."""
        return self.jobs >= self._settings.recycle_jobs or self.resident_mb > self._settings.recycle_mb

    @property
    def had_long_document(self) -> bool:
        """Whether the current or last document took `_LONG_SECONDS` of processor time."""
        return self._monitor is not None and self._monitor.used >= _LONG_SECONDS

    @property
    def alive(self) -> bool:
        """Whether the process runs and its end of the socket is open."""
        if self._process.poll() is not None:
            return False
        readable, _, _ = select.select([self._socket], [], [], 0)
        return not readable  # between two jobs the socket is readable only when it is closed

    def warm_up(self) -> None:
        """Convert a canary of each usual kind, so that no document waits while libraries load.

        Raises:
            ConversionFailed: the office is not healthy after its start.
        """
        for canary in canaries.ALL:
            self.health_check(_START_SECONDS, canary)
        if not self._group.scan():
            raise ConversionFailed(Outcome.DIED, "its processor time cannot be read")

    def health_check(
        self,
        seconds: float,
        canary: canaries.Canary = canaries.SMALLEST,
        on_progress: Callable[[], None] = _ignore_progress,
    ) -> None:
        """Convert a canary: the health check of an office.

        Raises:
            ConversionFailed: the office is unhealthy.
        """
        job = Job(canary.document, canary.import_filter, 1, seconds, _LARGEST_CANARY, is_proof=True)
        if not self.convert(job, on_progress).pdf.startswith(b"%PDF-"):
            raise ConversionFailed(Outcome.DIED, "the canary is not a PDF")

    def convert(self, job: Job, on_progress: Callable[[], None] = _ignore_progress) -> ConversionResult:
        """Convert a document to PDF.

        Args:
            job: the document.
            on_progress: called twice a second while the office works.

        Raises:
            ConversionFailed: with LOAD_FAILED, TIMEOUT, OVERLOADED, DIED or TOO_LARGE. After LOAD_FAILED the
                office may still be healthy.
        """
        monitor = self._monitor = WorkMonitor(self._group, job.seconds, self.stop, on_progress)
        try:
            with monitor:
                self._send(job)
                pdf, notices = self._result(job.max_bytes)
        except ConversionFailed as failed:
            raise ConversionFailed(failed.outcome, str(failed), monitor.used) from failed
        except (OSError, LookupError, TypeError, ValueError) as error:
            if monitor.reason:
                raise ConversionFailed(
                    monitor.reason, f"stopped at {monitor.used:.2f} s", monitor.used
                ) from error
            raise ConversionFailed(
                Outcome.DIED, f"the office died: {type(error).__name__}", monitor.used
            ) from error
        return ConversionResult(pdf, monitor.used, notices)

    def _send(self, job: Job) -> None:
        header = {"size": len(job.document), "import_filter": job.import_filter, "last_page": job.last_page}
        header |= {"is_proof": job.is_proof, "has_linked_pictures": job.has_linked_pictures}
        self._channel.write(json.dumps(header).encode() + b"\n" + job.document)
        self._channel.flush()

    def _result(self, max_bytes: int) -> tuple[bytes, dict[str, int]]:
        answer = json.loads(self._channel.readline(_LONGEST_HEADER))
        self.jobs += 1
        self.resident_mb = int(answer["resident_mb"])
        if "error" in answer:
            raise ConversionFailed(Outcome.LOAD_FAILED, answer["error"])
        size = int(answer["size"])
        if size > max_bytes:
            raise ConversionFailed(Outcome.TOO_LARGE, "the PDF is beyond the cap")
        pdf = self._channel.read(size)
        if len(pdf) != size:
            raise ValueError("cut short")
        return pdf, {name: min(int(answer["notices"].get(name, 0)), MAX_NOTICE) for name in NOTICES}

    def stop(self) -> None:
        """Kill the whole process group; a conversion that waits for it fails."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """Kill the whole process group and remove all files that it wrote."""
        self.stop()
        self._process.wait()
        self._wait_for_orphans()
        with contextlib.suppress(OSError):
            self._channel.close()
        self._socket.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        _remove_single_office_pipe(self._folder / "profile")

    def _wait_for_orphans(self) -> None:
        """Wait until the kernel has removed LibreOffice, which holds memory and its port until then."""
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-self._process.pid, 0)


def _make_folder(folder: Path, uid: int) -> int:
    """Make the folder of an office without a bubblewrap; return the user id that can own it.

    That is 0 where a parent folder is closed to other users.
    """
    shutil.rmtree(folder, ignore_errors=True)  # left by a guard that was killed
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


class OfficeStart:
    """Starts an office and checks it in a background thread."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._failed: ConversionFailed | None = None
        self._thread = threading.Thread(target=self._warm_up, name="start", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the first health check has ended, well or not."""
        return not self._thread.is_alive()

    def result(self) -> Office:
        """Wait for the first health check and return the office.

        Raises:
            ConversionFailed: it did not pass; the office is killed already.
        """
        self._thread.join()
        if self._failed:
            raise self._failed
        return self.office

    def abandon(self) -> None:
        """Kill the office and remove its files."""
        self.office.stop()
        self._thread.join()
        if not self._failed:
            self.office.kill()

    def _warm_up(self) -> None:
        started = time.monotonic()
        try:
            self.office.warm_up()
        except ConversionFailed as failed:
            self._failed = failed
            log("office did not start", error=str(failed))
            self.office.kill()
        else:
            log("ready", seconds=round(time.monotonic() - started, 2))
