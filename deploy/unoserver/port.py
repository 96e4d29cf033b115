"""The port before an office: XML-RPC calls with a document's bytes, checked before anything is done."""

import contextlib
import math
import re
import socket
import threading
import time
import xmlrpc.client
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from faults import BUSY, REFUSED, TOO_LARGE, Failed
from journal import log
from settings import Settings

_ENVELOPE_BYTES = 64 * 1024
"""XML around the document."""
_CHUNK = 1024 * 1024
_SECONDS = re.compile(r"[0-9]{1,4}\.[0-9]{1,6}")

Convert = Callable[[dict[str, Any], bytes, float], bytes]
"""The PDF of a document, in so many seconds at the most; raises `Failed`."""


class Server(ThreadingHTTPServer):
    """The port. A thread for each connection: HAProxy's checks come and go while a document is worked on."""

    daemon_threads = False  # an answer under way is sent before the process ends
    request_queue_size = 128

    def __init__(self, convert: Convert, settings: Settings) -> None:
        self.convert = convert
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
            pdf = self.server.convert(arguments, document, self._seconds_left())
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
