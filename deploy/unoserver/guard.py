"""Stands before one LibreOffice: takes one document at a time, and is there only while the office is well.

    guard.py          settings come from the environment, see settings.py; ends on SIGTERM

Speaks unoserver's XML-RPC `convert` on its port, with bytes only: a call that names a path, a password or
another output than PDF is refused, because unoserver would read and write any file. The port is open only
while an office behind it has proved itself with a real conversion; HAProxy's TCP check relies on that.

After every failed document the office must prove itself again. An office that hangs beyond the limit,
dies, or is broken though alive is killed with its whole process group and replaced by a fresh one with a
fresh profile. One that has worked much or grown large is replaced too, but the fresh one is started and
proven first, so the port stays open. Whatever way this process ends, nothing of it stays.
"""

import ctypes
import signal
import socket
import sys
import threading
import time
from typing import Any

import jail
from faults import BUSY, DIED, LOAD_FAILED, Failed
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


class Guard:
    """One office after the other, and the port before them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._one_at_a_time = threading.Lock()
        self._ending = threading.Event()
        self._unwell = threading.Event()
        self._office: Office | None = None
        self._next: Start | None = None
        self._no_start_before = 0.0
        self._jailed = settings.jail == "bubblewrap" and jail.works()
        if settings.jail == "bubblewrap" and not self._jailed:
            log("no jail", error="bubblewrap is missing, or the kernel forbids it: offices see this machine")

    def run(self) -> None:
        """Keep an office at work until `end`."""
        while not self._ending.is_set():
            start = self._next or self._start(0)
            try:
                self._office = start.result()
            except Failed:
                self._ending.wait(1)
                continue
            finally:
                self._next = None
            try:
                self._serve()
            finally:
                self._office.kill()
        if self._next:
            self._next.abandon()

    def _start(self, place: int) -> Start:
        """In this thread: the kernel ends an office with the thread that started it."""
        self._next = Start(Office(self._settings, place, jailed=self._jailed))
        if self._ending.is_set():
            self._next.office.stop()
        return self._next

    def end(self, *_signal: Any) -> None:
        """Stop serving; the caller of a document under way is told to try elsewhere."""
        self._ending.set()
        self._unwell.set()
        if self._office:
            self._office.stop()
        if self._next:
            self._next.office.stop()

    def convert(self, arguments: dict[str, Any], document: bytes, seconds: float) -> bytes:
        """Convert for a caller, in so many seconds and no more than `work_seconds`.

        Raises:
            Failed: see the fault codes. The port is closed by then unless the office proved itself again.
        """
        if not self._one_at_a_time.acquire(timeout=_TURN_SECONDS):
            raise Failed(BUSY, "one document at a time")
        try:
            office = self._require_alive()
            return office.convert(arguments, document, min(seconds, self._settings.work_seconds))
        except Failed as failed:
            if self._ending.is_set():
                raise Failed(BUSY, "the guard is stopping") from failed
            if failed.code != BUSY:
                self._judge(office, failed)
            raise
        finally:
            self._one_at_a_time.release()

    def _require_alive(self) -> Office:
        """Send no document to an office that is dead: it would be counted against the document."""
        office = self._office
        if self._unwell.is_set() or office is None or not office.alive:
            self._close_port()
            raise Failed(BUSY, "the office is being replaced")
        return office

    def _judge(self, office: Office, failed: Failed) -> None:
        """Whether the document or the office was at fault: only a real conversion tells."""
        try:
            if failed.code != LOAD_FAILED:
                raise failed
            office.prove(_PROOF_SECONDS)
        except Failed as unwell:
            log("office is unwell", error=str(unwell))
            self._close_port()
            if failed.code == LOAD_FAILED:
                raise Failed(DIED, "the office broke at this document") from unwell

    def _close_port(self) -> None:
        """At once, before the caller hears, so that no further document is sent here."""
        self._unwell.set()
        self._server.stop_listening()

    def _serve(self) -> None:
        """Take documents until the office is unwell or the guard is to end."""
        self._unwell.clear()
        if self._ending.is_set():
            return
        self._server = Server(self.convert, self._settings)
        thread = threading.Thread(target=self._server.serve_until_closed, name="port", daemon=True)
        thread.start()
        try:
            self._watch()
        finally:
            self._server.stop_listening()
            thread.join()

    def _watch(self) -> None:
        """Return when the office is no longer well; when idle it must prove itself now and then."""
        proved = time.monotonic()
        while not self._unwell.wait(_WATCH_SECONDS):
            self._prepare()
            # between two documents there is little time: wait for it when a fresh office is there
            patience = _WATCH_SECONDS if self._next and self._next.done else 0
            if not self._one_at_a_time.acquire(timeout=patience):
                continue
            try:
                self._replace()
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

    def _prepare(self) -> None:
        """Start a fresh office when the one at work is worn; that one serves meanwhile."""
        if self._office.worn and not self._next and time.monotonic() > self._no_start_before:
            self._start(1 - self._office.place)

    def _replace(self) -> None:
        """Put the fresh office, where there is one, in the place of the worn one."""
        if not self._next or not self._next.done:
            return
        start, self._next = self._next, None
        try:
            fresh = start.result()
        except Failed:
            self._no_start_before = time.monotonic() + _PAUSE_SECONDS
            return
        worn, self._office = self._office, fresh
        log("recycled", jobs=worn.jobs, resident_mb=worn.resident_mb)
        worn.kill()


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
