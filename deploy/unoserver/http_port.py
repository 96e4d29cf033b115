"""The HTTP port of a guard: the document is the body of a POST, the PDF is the body of the answer.

A request says in headers what LibreOffice has to know: `X-Import-Filter`, `X-Last-Page`, `X-Work-Seconds` (of
a processor), `X-Max-Bytes` (of the PDF) and `X-Document-Locale`, which is refused where it is not that of the
office: the viewer keeps PDFs under the locale that it asked for. There is no way to name a path, a password
or another output. `X-Linked-Pictures: 1` has a frame drawn in the place of each picture that is missing.

Every answer has the headers `X-Conversion-Outcome` (see jobs.py), `X-Processor-Seconds` (used by the office)
and `X-Clock-Seconds` (since the office began); one with a PDF has `X-Cells-Cut`, `X-Margins-Changed` and
`X-Boxes-Resized`, what the office tells of it (sheets.py, text_sizes.py). While an office is at work,
`100 Continue` is sent twice a second: a caller whose read times out after some seconds knows that this guard
or its machine is gone.
"""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from jobs import STATUSES, ConversionFailed, ConversionResult, Job, Outcome
from json_log import log
from settings import Settings

_LARGEST_DOCUMENT = 200 * 1024 * 1024
"""Bytes; as much as the viewer's MAX_OFFICE_MB may be set to."""
_LARGEST_PDF = 1024 * 1024 * 1024
"""Bytes; LibreOffice can write no larger file (office.py)."""
_LAST_PAGE = 100_000
_MAX_SECONDS = 600.0
"""As much as the viewer's CONVERSION_SECONDS may be set to."""
_CHUNK = 1024 * 1024
_FILTER = re.compile(r"[ -~]{1,100}")
_NUMBER = re.compile(r"[0-9]{1,10}")
_SECONDS = re.compile(r"[0-9]{1,4}\.[0-9]{1,6}")

Convert = Callable[[Job, Callable[[], None]], ConversionResult]
"""Converts a document and calls the second argument twice a second meanwhile; raises `ConversionFailed`."""


class Server(ThreadingHTTPServer):
    """The port. A thread for each connection: HAProxy's checks come and go while a document is worked on."""

    daemon_threads = False  # an answer under way is sent before the process ends
    request_queue_size = 128

    def __init__(self, convert: Convert, settings: Settings) -> None:
        self.convert = convert
        self.locale = settings.locale
        self._closing = threading.Event()
        super().__init__((settings.host, settings.port), Handler)

    def serve_until_closed(self) -> None:
        """Accept connections until `stop_listening`."""
        with self.socket:
            while not self._closing.is_set():
                with contextlib.suppress(OSError):
                    self.process_request(*self.socket.accept())

    def stop_listening(self) -> None:
        """Refuse new connections; open ones stay open."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # closing alone would not wake a thread in accept()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing: callers may hang up."""


class Handler(BaseHTTPRequestHandler):
    """One request, which is the only one of its connection."""

    server: Server
    timeout = 30
    protocol_version = "HTTP/1.1"  # earlier versions have no interim answers

    def do_POST(self) -> None:
        """Answer a document with its PDF, or with what happened instead."""
        started = time.monotonic()
        try:
            job = self._job()
            started = time.monotonic()
            result = self.server.convert(job, self._send_progress)
        except ConversionFailed as failed:
            clock = 0.0 if failed.outcome in {Outcome.REFUSED, Outcome.BUSY} else time.monotonic() - started
            log(
                "not converted",
                outcome=failed.outcome,
                error=str(failed),
                seconds=round(clock, 3),
                processor_seconds=round(failed.processor_seconds, 2),
            )
            self._send(failed.outcome, b"", clock, failed.processor_seconds)
        else:
            clock = time.monotonic() - started
            log(
                "converted",
                filter=job.import_filter,
                bytes=len(job.document),
                seconds=round(clock, 3),
                processor_seconds=round(result.processor_seconds, 2),
            )
            self._send(Outcome.CONVERTED, result.pdf, clock, result.processor_seconds, result.notices)

    def log_message(self, *_arguments: Any) -> None:
        """Write no access log: `log` writes one line for each document."""

    def _job(self) -> Job:
        """The request.

        Raises:
            ConversionFailed: it is malformed, or the document is too large.
        """
        import_filter = self._header("X-Import-Filter", _FILTER)
        last_page = int(self._header("X-Last-Page", _NUMBER))
        seconds = float(self._header("X-Work-Seconds", _SECONDS))
        max_bytes = int(self._header("X-Max-Bytes", _NUMBER))
        if not (1 <= last_page <= _LAST_PAGE and 0 < seconds <= _MAX_SECONDS and max_bytes <= _LARGEST_PDF):
            raise ConversionFailed(Outcome.REFUSED, "a figure beyond its limits")
        if self.headers.get("X-Document-Locale") != self.server.locale:
            raise ConversionFailed(Outcome.REFUSED, f"the locale here is {self.server.locale}")
        has_linked_pictures = self.headers.get("X-Linked-Pictures") == "1"
        return Job(self._body(), import_filter, last_page, seconds, max_bytes, has_linked_pictures)

    def _header(self, name: str, form: re.Pattern[str]) -> str:
        text: str = self.headers.get(name, "")
        if not form.fullmatch(text):
            raise ConversionFailed(Outcome.REFUSED, f"malformed {name}")
        return text

    def _body(self) -> bytes:
        length = int(self._header("Content-Length", _NUMBER))
        if length > _LARGEST_DOCUMENT:
            self._discard(length)
            raise ConversionFailed(Outcome.TOO_LARGE, "the document is beyond the cap")
        body = self.rfile.read(length)
        if len(body) != length:
            raise ConversionFailed(Outcome.REFUSED, "the document is cut short")
        return body

    def _discard(self, length: int) -> None:
        """Read the rest of the request: a caller that is still sending would not read the answer."""
        while length > 0 and (chunk := self.rfile.read(min(length, _CHUNK))):
            length -= len(chunk)

    def _send_progress(self) -> None:
        """Send an interim answer, so that the caller's read does not time out."""
        with contextlib.suppress(OSError):
            self.send_response_only(100)
            self.end_headers()

    def _send(
        self,
        outcome: Outcome,
        body: bytes,
        clock: float,
        processor: float,
        notices: dict[str, int] = {},  # noqa: B006 - never changed
    ) -> None:
        self.close_connection = True
        self.send_response(STATUSES[outcome])
        self.send_header("Content-Type", "application/pdf")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.send_header("X-Conversion-Outcome", outcome)
        self.send_header("X-Clock-Seconds", f"{clock:.4f}")
        self.send_header("X-Processor-Seconds", f"{processor:.4f}")
        for name, count in notices.items():
            self.send_header(f"X-{name.title()}", str(count))
        self.end_headers()
        self.wfile.write(body)
