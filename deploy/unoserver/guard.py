"""Stands before one LibreOffice: takes one document at a time, and is there only while the office is well.

    guard.py          settings come from the environment, see `Settings`; ends on SIGTERM

Speaks unoserver's XML-RPC `convert` on its port, with bytes only: a call that names a path, a password or
another output than PDF is refused, because unoserver would read and write any file. The port is open only
while an office behind it has proved itself with a real conversion; HAProxy's TCP check relies on that.

After every failed document the office must prove itself again. An office that hangs beyond the limit,
dies, or is broken though alive is killed with its whole process group and replaced by a fresh one with a
fresh profile. One that has worked much or grown large is replaced too, but the fresh one is started and
proven first, so the port stays open. Whatever way this process ends, nothing of it stays.
"""

import contextlib
import ctypes
import hashlib
import json
import math
import os
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import xmlrpc.client
from dataclasses import dataclass, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import canaries
import jail

LOAD_FAILED, TIMEOUT, DIED, TOO_LARGE, REFUSED, BUSY = 1, 2, 3, 4, 5, 6
"""Fault codes: the document cannot be read; the office was stopped at the limit; it died or broke at this
document; the document or its PDF is beyond the cap; the call is not allowed; nobody has looked at the
document, because another one is being worked on or the office is being replaced."""

_START_SECONDS = 60
_PROOF_SECONDS = 5
_TURN_SECONDS = 1
"""How long a document waits for the idle canary to end."""
_WATCH_SECONDS = 0.25
_ENVELOPE_BYTES = 64 * 1024
"""XML around the document."""
_PAUSE_SECONDS = 60
"""After a fresh office that did not start, while the worn one still serves."""
_CHUNK = 1024 * 1024
_SECONDS = re.compile(r"[0-9]{1,4}\.[0-9]{1,6}")
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_JAILS = ("bubblewrap", "none")
_OTHER_PORT = 10
"""From the first to the second port of LibreOffice's own."""
_LONGEST_HEADER = 4096
"""Bytes of the line before the PDF that an office answers with."""


@dataclass(frozen=True)
class Settings:
    """Each is read from the environment variable of its name in capitals, prefixed with UNOSERVER_."""

    host: str = "127.0.0.1"
    port: int = 2011
    uno_port: int = 2021  # LibreOffice's own, on loopback; while one replaces another, also the next but nine
    work_seconds: int = 60
    idle_seconds: int = 30  # between two proofs of an office that has nothing to do
    memory_mb: int = 2048  # of the office
    recycle_jobs: int = 500  # documents after which an office is replaced
    recycle_mb: int = 1024  # resident memory above which it is
    jail: str = "bubblewrap"  # or none: where the container is one
    max_input_mb: int = 60
    max_output_mb: int = 200

    @classmethod
    def load(cls) -> "Settings":
        """Read the environment, or end with a sentence about what is wrong."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            text = os.environ.get(f"UNOSERVER_{field.name.upper()}")
            if text is not None and field.type is int and not text.isdecimal():
                sys.exit(f"UNOSERVER_{field.name.upper()} must be a whole number.")
            if text is not None:
                values[field.name] = int(text) if field.type is int else text
        if values.get("jail", cls.jail) not in _JAILS:
            sys.exit(f"UNOSERVER_JAIL must be one of: {', '.join(_JAILS)}.")
        return cls(**values)


class Failed(Exception):
    """The document was not converted.

    Args:
        code: one of the fault codes.
        message: technical, without anything of the document.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


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
        self._server = Server(self, self._settings)
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


class Server(ThreadingHTTPServer):
    """The port. A thread for each connection: HAProxy's checks come and go while a document is worked on."""

    daemon_threads = False  # an answer under way is sent before the process ends
    request_queue_size = 128

    def __init__(self, guard: Guard, settings: Settings) -> None:
        self.guard = guard
        self.max_body = settings.max_input_mb * 1024 * 1024 * 4 // 3 + _ENVELOPE_BYTES
        self._closing = threading.Event()
        super().__init__((settings.host, settings.port), Handler)

    def serve_until_closed(self) -> None:
        """Accept connections until `stop_listening`."""
        with self.socket:
            while not self._closing.is_set():
                with contextlib.suppress(OSError):
                    self.process_request(*self.socket.accept())

    def stop_listening(self) -> None:
        """From now on connections are refused; those that are open stay so."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # closing alone would not wake the one who accepts

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is no news."""


class Handler(BaseHTTPRequestHandler):
    """One XML-RPC call."""

    server: Server
    timeout = 30

    def do_POST(self) -> None:
        """Answer a `convert` with the PDF or a fault."""
        started = time.monotonic()
        try:
            document, arguments = _checked_call(self._body())
            started = time.monotonic()
            pdf = self.server.guard.convert(arguments, document, self._seconds_left())
            seconds = time.monotonic() - started
            answer = xmlrpc.client.dumps((xmlrpc.client.Binary(pdf),), methodresponse=True)
            log("converted", filter=arguments["infiltername"], bytes=len(document), seconds=round(seconds, 3))
        except Failed as failed:
            seconds = 0.0 if failed.code in {REFUSED, BUSY} else time.monotonic() - started
            answer = xmlrpc.client.dumps(xmlrpc.client.Fault(failed.code, str(failed)))
            log("not converted", code=failed.code, error=str(failed), seconds=round(seconds, 3))
        self._send(answer.encode(), seconds)

    def log_message(self, *_arguments: Any) -> None:
        """No line for a request: `log` writes what matters."""

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise Failed(REFUSED, "the call has no length")
        if int(length) > self.server.max_body:
            self._discard(int(length))
            raise Failed(TOO_LARGE, "the document is beyond the cap")
        return self.rfile.read(int(length))

    def _seconds_left(self) -> float:
        """What the caller says that the document has left of its time."""
        text = self.headers.get("X-Seconds-Left", "")
        return float(text) if _SECONDS.fullmatch(text) else math.inf

    def _discard(self, length: int) -> None:
        """Take the rest of the call: a caller that still sends when the connection closes hears no answer."""
        while length > 0 and (chunk := self.rfile.read(min(length, _CHUNK))):
            length -= len(chunk)

    def _send(self, answer: bytes, seconds: float) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Work-Seconds", f"{seconds:.4f}")
        self.end_headers()
        self.wfile.write(answer)


def _checked_call(body: bytes) -> tuple[bytes, dict[str, Any]]:
    """The document and the arguments of a call that is allowed.

    The positions are those of unoserver 3: inpath, indata, outpath, convert_to, filtername, filter_options,
    update_index, infiltername, password.
    """
    try:
        parameters, method = xmlrpc.client.loads(body)
        values: tuple[Any, ...] = parameters
        inpath, indata, outpath, convert_to, filtername, options, update_index, infiltername = values[:8]
    except Exception as error:
        raise Failed(REFUSED, "not a convert call") from error
    bytes_only = inpath is None and outpath is None and isinstance(indata, xmlrpc.client.Binary)
    if method != "convert" or not bytes_only or convert_to != "pdf" or any(parameters[8:]):
        raise Failed(REFUSED, "only bytes to PDF")
    if filtername is not None:
        raise Failed(REFUSED, "the export filter follows from the document")
    if not isinstance(infiltername, str):
        raise Failed(REFUSED, "the import filter must be named")
    if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
        raise Failed(REFUSED, "options are a list of texts")
    arguments = {
        "filter_options": options,
        "update_index": update_index is True,
        "infiltername": infiltername,
    }
    return indata.data, arguments


def log(event: str, **fields: Any) -> None:
    """One JSON line on standard output; never anything of a document."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = json.dumps({"event": event, **fields, "service": "unoserver", "at": at})
    print(line + "\n", end="", flush=True)  # one write: lines of two threads never mix


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
