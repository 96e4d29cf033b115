"""Stands before one LibreOffice: takes one document at a time, and is there only while the office is well.

    guard.py          settings come from the environment, see settings.py; ends on SIGTERM

The port (port.py) is open only while an office behind it has proved itself with a real conversion; HAProxy's
TCP check relies on that.

An office is killed with its whole process group, and replaced by a fresh one with a fresh profile, after each
document that failed and after each long one, so that nobody gets an office that a bad document has prepared;
and when it dies, hangs or breaks. One that has converted many documents or has grown large is replaced too.
Where there is time for it, the fresh office is started and proved first, so that the port stays open. However
this process ends, nothing of it stays.
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
from jobs import Failed, Job, Outcome, Printed
from journal import log
from port import Server
from process import Office, Start
from settings import Settings

_PROOF_SECONDS = 5
_TURN_SECONDS = 0.5
"""How long a document waits for another one, or for the idle canary, to end."""
_WATCH_SECONDS = 0.25
_PAUSE_SECONDS = 60
"""After a fresh office that did not start, while the worn one still serves."""
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


class Successor:
    """The fresh office that is being started, if there is one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._jailed = settings.jail == "bubblewrap" and jail.works()
        self._start: Start | None = None
        self._no_start_before = 0.0
        if settings.jail == "bubblewrap" and not self._jailed:
            log("no jail", error="bubblewrap is missing, or the kernel forbids it: offices see this machine")

    @property
    def is_ready(self) -> bool:
        """Whether one has been started, and has proved itself or failed to."""
        return self._start is not None and self._start.done

    def start(self, place: int) -> None:
        """Begin to start one, where none is and none failed lately.

        Only the main thread may call it: the kernel ends an office with the thread that started it.
        """
        if self._start is None and time.monotonic() > self._no_start_before:
            self._start = Start(Office(self._settings, place, jailed=self._jailed))

    @contextmanager
    def taken(self) -> Iterator[Office]:
        """Wait for the office. There is no successor after the block, and no other is started before its end.

        Raises:
            Failed: it did not start.
        """
        try:
            if self._start is None:
                raise Failed(Outcome.BUSY, "none is being started")
            yield self._start.result()
        finally:
            self._start = None

    def put_off(self) -> None:
        """Start none for a while."""
        self._no_start_before = time.monotonic() + _PAUSE_SECONDS

    def start_at_once(self) -> None:
        """Start one even if one failed lately."""
        self._no_start_before = 0.0
        self.start(0)

    def stop(self) -> None:
        """End it; `taken` hears."""
        if self._start:
            self._start.office.stop()

    def abandon(self) -> None:
        """Leave nothing of it."""
        if self._start:
            self._start.abandon()


class Service:
    """An open port and the office behind it, until that office is to take no more documents."""

    def __init__(self, office: Office, successor: Successor, settings: Settings) -> None:
        """Open the port; `run` watches over the office."""
        self._office = office
        self._successor = successor
        self._settings = settings
        self._one_at_a_time = threading.Lock()
        self._over = threading.Event()
        self._ending = False
        self._server = Server(self.convert, settings)
        self._thread = threading.Thread(target=self._server.serve_until_closed, name="port", daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Take documents until the office is not well or has to go, or `end`; leave nothing of it."""
        try:
            self._watch()
        finally:
            self._close_port()
            self._thread.join()
            self._office.kill()

    def end(self) -> None:
        """Take no more documents; the caller of the one under way is told to try elsewhere."""
        self._ending = True
        self._close_port()
        self._office.stop()

    def convert(self, job: Job, on_look: Callable[[], None]) -> Printed:
        """Convert for a caller.

        Raises:
            Failed: see jobs.py. The port is closed then, except after BUSY, until there is a fresh office.
        """
        if not self._one_at_a_time.acquire(timeout=_TURN_SECONDS):
            raise Failed(Outcome.BUSY, "one document at a time")
        try:
            self._require_alive()
            printed = self._office.convert(job, on_look)
            if self._office.had_long_document:
                self._retire("long document")
        except Failed as failed:
            if self._ending:
                raise Failed(Outcome.BUSY, "the guard is stopping") from failed
            if failed.outcome is not Outcome.BUSY:
                self._diagnose(failed, on_look)
            raise
        else:
            return printed
        finally:
            self._one_at_a_time.release()

    def _require_alive(self) -> None:
        """Send no document to an office that is dead: it would be counted against the document."""
        if self._over.is_set() or not self._office.alive:
            self._close_port()
            raise Failed(Outcome.BUSY, "the office is being replaced")

    def _diagnose(self, failed: Failed, on_look: Callable[[], None]) -> None:
        """Find out whether the document or the office was at fault, which only a real conversion tells.

        Raises:
            Failed: with DIED, the office broke at a document that seemed not to load.
        """
        if failed.outcome is not Outcome.LOAD_FAILED:
            log("office is unwell", error=str(failed))
            self._close_port()
            return
        try:
            self._office.prove(_PROOF_SECONDS, on_look=on_look)
        except Failed as unwell:
            log("office is unwell", error=str(unwell))
            self._close_port()
            raise Failed(
                Outcome.DIED, "the office broke at this document", failed.processor_seconds
            ) from unwell
        self._retire("failed document")

    def _retire(self, reason: str) -> None:
        """Give the office no other document: put the fresh one in its place, or close the port until then."""
        if not self._replace(reason):
            log("retired", reason=reason)
            self._close_port()

    def _replace(self, reason: str) -> bool:
        """Put the fresh office, where it is ready, in the place of the one at work; say whether it was."""
        if not self._successor.is_ready:
            return False
        try:
            with self._successor.taken() as fresh:
                old, self._office = self._office, fresh
                if self._ending:
                    fresh.stop()
                old.kill()
        except Failed:
            self._successor.put_off()
            return False
        log("replaced", reason=reason, jobs=old.jobs, resident_mb=old.resident_mb)
        return True

    def _close_port(self) -> None:
        """At once, before the caller hears, so that no further document is sent here."""
        self._over.set()
        self._server.stop_listening()

    def _watch(self) -> None:
        """Return when the office is no longer well; when idle it must prove itself now and then."""
        proved = time.monotonic()
        while not self._over.wait(_WATCH_SECONDS):
            if self._office.worn or self._office.had_long_document:
                self._successor.start(1 - self._office.place)
            # between two documents there is little time: wait for it when a fresh office is there
            if not self._one_at_a_time.acquire(timeout=_WATCH_SECONDS if self._successor.is_ready else 0):
                continue
            try:
                if self._over.is_set():
                    return
                self._replace("worn")
                if not self._office.alive:
                    log("office died while idle")
                    return
                if time.monotonic() - proved > self._settings.idle_seconds:
                    self._office.prove(_PROOF_SECONDS)
                    proved = time.monotonic()
            except Failed as failed:
                log("office broke while idle", error=str(failed))
                return
            finally:
                self._one_at_a_time.release()


class Guard:
    """One office after the other, and the port before them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._successor = Successor(settings)
        self._service: Service | None = None
        self._ending = threading.Event()

    def run(self) -> None:
        """Keep an office at work until `end`."""
        while not self._ending.is_set():
            self._successor.start_at_once()
            if self._ending.is_set():
                self._successor.stop()
            try:
                with self._successor.taken() as office:
                    self._service = Service(office, self._successor, self._settings)
            except Failed:
                self._ending.wait(1)
                continue
            if self._ending.is_set():
                self._service.end()
            self._service.run()
        self._successor.abandon()

    def end(self, *_signal: Any) -> None:
        """Stop serving."""
        self._ending.set()
        if self._service:
            self._service.end()
        self._successor.stop()


def main() -> None:
    """Guard until SIGTERM or SIGINT; only one guard for a port."""
    settings = Settings.load()
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)  # what an office leaves behind, this process buries
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
