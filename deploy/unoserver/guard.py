"""The guard supervises one LibreOffice: it takes one document at a time, while the office is healthy.

    guard.py          reads its settings from the environment (settings.py) and ends on SIGTERM

The port (http_port.py) is open only while the office behind it has passed its health check, which is a real
conversion. HAProxy's TCP check relies on that.

An office is killed with its whole process group and replaced by a new one with a new profile when it dies,
hangs or breaks, and after each document that failed or took long: a bad document could have prepared it for
the next one. An office that has converted many documents or uses much memory is recycled. Where there is
time, the new office is started and checked first, so that the port stays open. When this process ends, it
leaves no process and no file behind.
"""

import ctypes
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jail
from http_port import Server
from jobs import ConversionFailed, ConversionResult, Job, Outcome
from json_log import log
from process import Office, OfficeStart
from settings import Settings

_HEALTH_CHECK_SECONDS = 5
_LOCK_SECONDS = 0.5
"""How long a document waits until another one, or the health check of an idle office, has ended."""
_WATCH_SECONDS = 0.25
_PAUSE_SECONDS = 60
"""The pause after a replacement did not start, while the old office still serves."""
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


class Replacement:
    """The office that is started to replace the current one, if there is any."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._jailed = settings.jail == "bubblewrap" and jail.works()
        self._start: OfficeStart | None = None
        self._no_start_before = 0.0
        if settings.jail == "bubblewrap" and not self._jailed:
            log("no jail", error="bubblewrap is missing, or the kernel forbids it: offices see this machine")

    @property
    def is_ready(self) -> bool:
        """Whether a replacement was started and its first health check has ended, well or not."""
        return self._start is not None and self._start.done

    def start(self, slot: int) -> None:
        """Start a replacement, unless one is starting or one failed lately.

        Only the main thread may call it: the kernel ends an office with the thread that started it.
        """
        if self._start is None and time.monotonic() > self._no_start_before:
            self._start = OfficeStart(Office(self._settings, slot, jailed=self._jailed))

    @contextmanager
    def take(self) -> Iterator[Office]:
        """Wait for the replacement and hand it out; no other is started before the block ends.

        Raises:
            ConversionFailed: it did not start.
        """
        try:
            if self._start is None:
                raise ConversionFailed(Outcome.BUSY, "none is being started")
            yield self._start.result()
        finally:
            self._start = None

    def delay(self) -> None:
        """Start no replacement for a while."""
        self._no_start_before = time.monotonic() + _PAUSE_SECONDS

    def start_now(self) -> None:
        """Start a replacement even if one failed lately."""
        self._no_start_before = 0.0
        self.start(0)

    def stop(self) -> None:
        """Kill the replacement; `take` raises."""
        if self._start:
            self._start.office.stop()

    def abandon(self) -> None:
        """Kill the replacement and remove its files."""
        if self._start:
            self._start.abandon()


class OfficeService:
    """An open port and the office behind it, until the office may take no more documents."""

    def __init__(self, office: Office, replacement: Replacement, settings: Settings) -> None:
        """Open the port; `run` monitors the office."""
        self._office = office
        self._replacement = replacement
        self._settings = settings
        self._one_at_a_time = threading.Lock()
        self._closed = threading.Event()
        self._ending = False
        self._server = Server(self.convert, settings)
        self._thread = threading.Thread(target=self._server.serve_until_closed, name="port", daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Take documents until the office is unhealthy or must go, or `end` is called; then clean up."""
        try:
            self._watch_office()
        finally:
            self._close_port()
            self._thread.join()
            self._office.kill()

    def end(self) -> None:
        """Take no more documents; the caller of the current one gets BUSY and can retry elsewhere."""
        self._ending = True
        self._close_port()
        self._office.stop()

    def convert(self, job: Job, on_progress: Callable[[], None]) -> ConversionResult:
        """Convert a document for a caller.

        Raises:
            ConversionFailed: see jobs.py. The port is closed then, except after BUSY, until a new office is
                healthy.
        """
        if not self._one_at_a_time.acquire(timeout=_LOCK_SECONDS):
            raise ConversionFailed(Outcome.BUSY, "one document at a time")
        try:
            self._require_alive()
            result = self._office.convert(job, on_progress)
            if self._office.had_long_document:
                self._retire("long document")
        except ConversionFailed as failed:
            if self._ending:
                raise ConversionFailed(Outcome.BUSY, "the guard is stopping") from failed
            if failed.outcome is not Outcome.BUSY:
                self._diagnose(failed, on_progress)
            raise
        else:
            return result
        finally:
            self._one_at_a_time.release()

    def _require_alive(self) -> None:
        """Send no document to a dead office: its death would be counted against the document."""
        if self._closed.is_set() or not self._office.alive:
            self._close_port()
            raise ConversionFailed(Outcome.BUSY, "the office is being replaced")

    def _diagnose(self, failed: ConversionFailed, on_progress: Callable[[], None]) -> None:
        """Find out whether the document or the office was at fault: only a real conversion tells.

        Raises:
            ConversionFailed: with DIED, the office broke at a document that seemed not to load.
        """
        if failed.outcome is not Outcome.LOAD_FAILED:
            log("office is unhealthy", error=str(failed))
            self._close_port()
            return
        try:
            self._office.health_check(_HEALTH_CHECK_SECONDS, on_progress=on_progress)
        except ConversionFailed as unhealthy:
            log("office is unhealthy", error=str(unhealthy))
            self._close_port()
            raise ConversionFailed(
                Outcome.DIED, "the office broke at this document", failed.processor_seconds
            ) from unhealthy
        self._retire("failed document")

    def _retire(self, reason: str) -> None:
        """Give the office no further document: replace it, or close the port until there is a replacement."""
        if not self._replace(reason):
            log("retired", reason=reason)
            self._close_port()

    def _replace(self, reason: str) -> bool:
        """Replace the office if a replacement is ready; return whether it was."""
        if not self._replacement.is_ready:
            return False
        try:
            with self._replacement.take() as fresh:
                old, self._office = self._office, fresh
                if self._ending:
                    fresh.stop()
                old.kill()
        except ConversionFailed:
            self._replacement.delay()
            return False
        log("replaced", reason=reason, jobs=old.jobs, resident_mb=old.resident_mb)
        return True

    def _close_port(self) -> None:
        """Close the port before the caller gets its answer, so that no further document is sent here."""
        self._closed.set()
        self._server.stop_listening()

    def _watch_office(self) -> None:
        """Return when the office is unhealthy; an idle office is checked at intervals."""
        last_check = time.monotonic()
        while not self._closed.wait(_WATCH_SECONDS):
            if self._office.needs_recycling or self._office.had_long_document:
                self._replacement.start(1 - self._office.slot)
            # the lock is seldom free under load: wait for it when a replacement is ready
            if not self._one_at_a_time.acquire(timeout=_WATCH_SECONDS if self._replacement.is_ready else 0):
                continue
            try:
                if self._closed.is_set():
                    return
                self._replace("recycled")
                if not self._office.alive:
                    log("office died while idle")
                    return
                if time.monotonic() - last_check > self._settings.idle_seconds:
                    self._office.health_check(_HEALTH_CHECK_SECONDS)
                    last_check = time.monotonic()
            except ConversionFailed as failed:
                log("office broke while idle", error=str(failed))
                return
            finally:
                self._one_at_a_time.release()


class Guard:
    """Keeps one office running at a time, and the port open in front of it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._replacement = Replacement(settings)
        self._service: OfficeService | None = None
        self._ending = threading.Event()

    def run(self) -> None:
        """Keep an office running until `end` is called."""
        while not self._ending.is_set():
            self._replacement.start_now()
            if self._ending.is_set():
                self._replacement.stop()
            try:
                with self._replacement.take() as office:
                    self._service = OfficeService(office, self._replacement, self._settings)
            except ConversionFailed:
                self._ending.wait(1)
                continue
            if self._ending.is_set():
                self._service.end()
            self._service.run()
        self._replacement.abandon()

    def end(self, *_signal: Any) -> None:
        """Stop serving."""
        self._ending.set()
        if self._service:
            self._service.end()
        self._replacement.stop()


def main() -> None:
    """Run until SIGTERM or SIGINT; a second guard on the same port refuses to start."""
    settings = Settings.load()
    ctypes.CDLL(None).prctl(
        _PR_SET_CHILD_SUBREAPER, 1
    )  # orphans of an office become children of this process
    guard = Guard(settings)
    signal.signal(signal.SIGTERM, guard.end)
    signal.signal(signal.SIGINT, guard.end)
    with socket.socket(socket.AF_UNIX) as only_one:
        try:
            only_one.bind(f"\0unoserver-guard-{settings.port}")  # an abstract name: gone with the process
        except OSError:
            sys.exit(f"Another guard has port {settings.port}.")
        guard.run()


if __name__ == "__main__":
    main()
