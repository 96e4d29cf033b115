"""Stands before one LibreOffice: takes one document at a time, and is there only while the office is well.

    guard.py          settings come from the environment, see `Settings`

Speaks unoserver's XML-RPC `convert` on its port, with bytes only: a call that names a path, a password or
another output than PDF is refused, because unoserver would read and write any file. The port is open only
while an office behind it has proved itself with a real conversion; HAProxy's TCP check relies on that.

After every failed document the office must prove itself again. An office that hangs beyond the limit,
dies, or is broken though alive is killed with its whole process group and replaced by a fresh one with a
fresh profile. Whatever way this process ends, nothing of it stays.
"""

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import xmlrpc.client
from dataclasses import dataclass, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

LOAD_FAILED, TIMEOUT, DIED, TOO_LARGE, REFUSED, BUSY = 1, 2, 3, 4, 5, 6
"""Fault codes: the document cannot be read; the office was stopped at the limit; it died or broke at this
document; the result is beyond the cap; the call is not allowed; another document is being worked on."""

_CANARY = b"{\\rtf1 A document that every office can convert.}"
_CANARY_FILTER = "Rich Text Format"
_CANARY_SECONDS = 30
_IDLE_CANARY_SECONDS = 30
_WATCH_SECONDS = 0.25
_ENVELOPE_BYTES = 64 * 1024
"""XML around the document."""


@dataclass(frozen=True)
class Settings:
    """Each is read from the environment variable of its name in capitals, prefixed with UNOSERVER_."""

    host: str = "127.0.0.1"
    port: int = 2011
    uno_port: int = 2021  # LibreOffice's own, on loopback
    work_seconds: int = 60
    memory_mb: int = 4096  # address space of the office
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

    def __init__(self, settings: Settings) -> None:
        """Start it; `prove` says when it is ready."""
        self._settings = settings
        self._folder = Path(tempfile.gettempdir()) / f"unoserver-{settings.port}"
        shutil.rmtree(self._folder, ignore_errors=True)  # of a guard that was killed
        self._folder.mkdir(mode=0o700)
        ours, theirs = socket.socketpair()
        with theirs:
            office = str(Path(__file__).with_name("office.py"))
            arguments = [theirs.fileno(), settings.uno_port, self._folder, settings.memory_mb]
            self._process = subprocess.Popen(  # noqa: S603 - a fixed command
                [sys.executable, office, *map(str, arguments)],
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
            )
        self._socket = ours
        self._channel: BinaryIO = ours.makefile("rwb")  # type: ignore[assignment]  # buffered both ways

    @property
    def alive(self) -> bool:
        """Whether the process runs and its end of the socket is open."""
        if self._process.poll() is not None:
            return False
        readable, _, _ = select.select([self._socket], [], [], 0)
        return not readable  # nothing is to be read between two jobs, except the end

    def prove(self) -> None:
        """Convert the canary.

        Raises:
            Failed: the office is not well.
        """
        pdf, _ = self.convert({"infiltername": _CANARY_FILTER}, _CANARY, _CANARY_SECONDS)
        if not pdf.startswith(b"%PDF-"):
            raise Failed(DIED, "the canary is not a PDF")

    def convert(self, arguments: dict[str, Any], document: bytes, seconds: float) -> tuple[bytes, float]:
        """The PDF, and the seconds it took.

        Raises:
            Failed: with LOAD_FAILED, TIMEOUT, DIED or TOO_LARGE. After the first the office may be well.
        """
        self._socket.settimeout(seconds)
        try:
            header = json.dumps({**arguments, "size": len(document)}).encode()
            self._channel.write(header + b"\n" + document)
            self._channel.flush()
            answer = json.loads(self._channel.readline() or "{}")
            if "error" in answer:
                raise Failed(LOAD_FAILED, answer["error"])
            if answer.get("size", 0) > self._settings.max_output_mb * 1024 * 1024:
                raise Failed(TOO_LARGE, "the PDF is beyond the cap")
            pdf = self._channel.read(answer["size"])
        except TimeoutError:
            raise Failed(TIMEOUT, f"stopped after {seconds:g} s") from None
        except (OSError, KeyError, ValueError) as error:
            raise Failed(DIED, f"the office died: {type(error).__name__}") from error
        return pdf, answer["seconds"]

    def kill(self) -> None:
        """End the whole group at once and remove all that it wrote."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with contextlib.suppress(OSError):
            self._channel.close()
        self._socket.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class Guard:
    """One office after the other, and the port before them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._one_at_a_time = threading.Lock()
        self._ending = threading.Event()
        self._unwell = threading.Event()
        self._office: Office | None = None

    def run(self) -> None:
        """Keep an office at work until `end`."""
        while not self._ending.is_set():
            started = time.monotonic()
            self._office = office = Office(self._settings)
            try:
                office.prove()
                log("ready", seconds=round(time.monotonic() - started, 2))
                self._serve(office)
            except Failed as failed:
                log("office did not start", error=str(failed))
                self._ending.wait(1)
            finally:
                office.kill()

    def end(self, *_signal: Any) -> None:
        """Stop serving; a document under way is lost, and its caller tries elsewhere."""
        self._ending.set()
        self._unwell.set()

    def convert(self, arguments: dict[str, Any], document: bytes) -> tuple[bytes, float]:
        """Convert for a caller.

        Raises:
            Failed: see the fault codes. The port is closed by then unless the office proved itself again.
        """
        office = self._office
        if office is None or not self._one_at_a_time.acquire(blocking=False):
            raise Failed(BUSY, "one document at a time")
        try:
            self._require_alive(office)
            return office.convert(arguments, document, self._settings.work_seconds)
        except Failed as failed:
            if failed.code != BUSY:
                self._judge(office, failed)
            raise
        finally:
            self._one_at_a_time.release()

    def _require_alive(self, office: Office) -> None:
        """Send no document to an office that is dead: it would be counted against the document."""
        if not office.alive:
            self._close_port()
            raise Failed(BUSY, "the office died before")

    def _judge(self, office: Office, failed: Failed) -> None:
        """Whether the document or the office was at fault: only a real conversion tells."""
        try:
            if failed.code != LOAD_FAILED:
                raise failed
            office.prove()
        except Failed as unwell:
            log("office is unwell", error=str(unwell))
            self._close_port()
            if failed.code == LOAD_FAILED:
                raise Failed(DIED, "the office broke at this document") from unwell

    def _close_port(self) -> None:
        """At once, before the caller hears, so that no further document is sent here."""
        self._unwell.set()
        self._server.socket.close()

    def _serve(self, office: Office) -> None:
        """Take documents until the office is unwell or the guard is to end."""
        self._unwell.clear()
        if self._ending.is_set():
            return
        self._server = Server(self, self._settings)
        thread = threading.Thread(target=self._server.serve_until_closed, name="port", daemon=True)
        thread.start()
        try:
            self._watch(office)
        finally:
            self._server.socket.close()
            thread.join(timeout=2)

    def _watch(self, office: Office) -> None:
        """Return when the office is no longer well; when idle it must prove itself now and then."""
        proved = time.monotonic()
        while not self._unwell.wait(_WATCH_SECONDS):
            if not self._one_at_a_time.acquire(blocking=False):
                continue
            try:
                if not office.alive:
                    log("office died while idle")
                    return
                if time.monotonic() - proved > _IDLE_CANARY_SECONDS:
                    office.prove()
                    proved = time.monotonic()
            except Failed as failed:
                log("office broke while idle", error=str(failed))
                return
            finally:
                self._one_at_a_time.release()


class Server(ThreadingHTTPServer):
    """The port. A thread for each connection: HAProxy's checks come and go while a document is worked on."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, guard: Guard, settings: Settings) -> None:
        self.guard = guard
        self.max_body = settings.max_input_mb * 1024 * 1024 * 4 // 3 + _ENVELOPE_BYTES
        super().__init__((settings.host, settings.port), Handler)

    def serve_until_closed(self) -> None:
        """Accept connections until the socket is closed."""
        while self.socket.fileno() != -1:
            try:
                ready, _, _ = select.select([self.socket], [], [], _WATCH_SECONDS)
                if ready:
                    self._handle_request_noblock()  # type: ignore[attr-defined]  # socketserver's own loop uses it
            except (OSError, ValueError):
                return

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is no news."""


class Handler(BaseHTTPRequestHandler):
    """One XML-RPC call."""

    server: Server
    timeout = 30

    def do_POST(self) -> None:
        """Answer a `convert` with the PDF or a fault."""
        seconds = 0.0
        try:
            document, arguments = _checked_call(self._body())
            pdf, seconds = self.server.guard.convert(arguments, document)
            answer = xmlrpc.client.dumps((xmlrpc.client.Binary(pdf),), methodresponse=True)
            log("converted", filter=arguments["infiltername"], bytes=len(document), seconds=seconds)
        except Failed as failed:
            answer = xmlrpc.client.dumps(xmlrpc.client.Fault(failed.code, str(failed)))
            log("not converted", code=failed.code, error=str(failed))
        self._send(answer.encode(), seconds)

    def log_message(self, *_arguments: Any) -> None:
        """No line for a request: `log` writes what matters."""

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > self.server.max_body:
            raise Failed(REFUSED, "the call is too large or has no length")
        return self.rfile.read(int(length))

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
    if not isinstance(infiltername, str) or not all(isinstance(option, str) for option in options):
        raise Failed(REFUSED, "the import filter must be named")
    arguments = {
        "filtername": filtername,
        "filter_options": options,
        "update_index": update_index is True,
        "infiltername": infiltername,
    }
    return indata.data, arguments


def log(event: str, **fields: Any) -> None:
    """One JSON line on standard output; never anything of a document."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    print(json.dumps({"event": event, **fields, "service": "unoserver", "at": at}), flush=True)


def main() -> None:
    """Guard until SIGTERM or SIGINT; only one guard for a port."""
    settings = Settings.load()
    guard = Guard(settings)
    signal.signal(signal.SIGTERM, guard.end)
    signal.signal(signal.SIGINT, guard.end)
    with (Path(tempfile.gettempdir()) / f"unoserver-{settings.port}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"Another guard has port {settings.port}.")
        guard.run()


if __name__ == "__main__":
    main()
