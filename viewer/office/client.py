"""The HTTP client of the converters: sends one document through HAProxy once, and reads the answer.

The document is posted as it is, and the PDF comes back as the body; deploy/unoserver/http_port.py describes
the headers. Only an answer with a guard's own header says anything about a document. Everything else raises
`NoAnswer`: a status that HAProxy made, a connection that closes, a read timeout, a truncated body.
"""

import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import BinaryIO
from urllib.parse import urlsplit

from viewer.files import temporary_file

_READ_TIMEOUT_SECONDS = 20
"""The longest gap between bytes. HAProxy answers within four seconds in each of two queues, and a guard at
work sends an interim answer twice a second, so a longer gap means an outage (deploy/haproxy/haproxy.cfg)."""
_CONNECT_SECONDS = 3
_CLOCK_TIMES = 4
"""A guard stops a document after this many times its processor time by the clock
(deploy/unoserver/processor_time.py)."""
_GRACE_SECONDS = 60
"""Added to the total timeout for the network, the queues, a health check and a large PDF."""
_CHUNK = 1024 * 1024
_MAX_OFFSET_MS = 524_287
"""The largest priority offset that HAProxy accepts, in milliseconds."""
_CONTINUE = b"HTTP/1.1 100"
_SECONDS = re.compile(r"[0-9]{1,4}\.[0-9]{1,6}")
_NUMBER = re.compile(r"[0-9]{1,12}")


class NoAnswer(Exception):
    """Nothing that says anything about the document; the message says what happened instead.

    Args:
        what: happened instead.
        document_sent: whether an office may have seen the document.
    """

    def __init__(self, what: str, *, document_sent: bool) -> None:
        super().__init__(what)
        self.document_sent = document_sent


class _InvalidAnswer(Exception):
    """An answer that neither a guard nor HAProxy gives about a document."""


class Outcome(StrEnum):
    """What is known after one attempt. All but the last are a guard's words (deploy/unoserver/jobs.py)."""

    CONVERTED = "converted"
    LOAD_FAILED = "load-failed"
    TIMEOUT = "timeout"
    DIED = "died"
    TOO_LARGE = "too-large"
    OVERLOADED = "overloaded"
    BUSY = "busy"
    """All offices are busy."""
    NONE_UP = "none-up"
    """HAProxy knows of no healthy office."""


_OF_GUARDS = frozenset(Outcome) - {Outcome.NONE_UP}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a guard, or for the last two outcomes HAProxy, said.

    Args:
        outcome: what happened.
        clock_seconds: that the office worked.
        processor_seconds: that it used.
        pdf: the result, rewound, where the document was converted.
        cells_cut: texts of a spreadsheet that are not whole.
        margins_changed: heads or feet of sheets in which something was left out.
        boxes_resized: texts of a document or a slide that were given room, or smaller letters.
    """

    outcome: Outcome
    clock_seconds: float = 0
    processor_seconds: float = 0
    pdf: BinaryIO | None = None
    cells_cut: int = 0
    margins_changed: int = 0
    boxes_resized: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """A document on its way to an office.

    Args:
        document: seekable, open for reading.
        size: of the document in bytes.
        path: HAProxy's lane.
        import_filter: that must read it.
        last_page: that is printed.
        seconds: of processor time that the office may use.
        waited_seconds: since the document first came; HAProxy serves those first who came first.
        has_linked_pictures: whether frames are to be drawn in the places of missing pictures.
    """

    document: BinaryIO
    size: int
    path: str
    import_filter: str
    last_page: int
    seconds: float
    waited_seconds: float
    has_linked_pictures: bool = False


class ConverterClient:
    """The way to HAProxy; safe to use from many threads, since each attempt has a connection of its own.

    A kept connection may be closed just as it is used again, and would look like a lost office.
    """

    def __init__(self, url: str, max_pdf_bytes: int, locale: str) -> None:
        """Open no connection yet.

        Args:
            url: HAProxy's, http or https.
            max_pdf_bytes: a larger PDF is refused.
            locale: that the offices must have; a guard of another one refuses the document.
        """
        self._locale = locale
        parts = urlsplit(url)
        self._connection_class = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._address = parts.netloc
        self._prefix = parts.path.rstrip("/")
        self._max_pdf_bytes = max_pdf_bytes

    def send(self, request: Request) -> Answer:
        """Send the document; wait for an office and for its work.

        Raises:
            NoAnswer: within a bounded time, see above.
        """
        total_timeout = 2 * _READ_TIMEOUT_SECONDS + _CLOCK_TIMES * request.seconds + _GRACE_SECONDS
        sent = threading.Event()
        try:
            with (
                self._connected(total_timeout) as connection,
                closing(self._exchange(connection, request, sent)) as response,
            ):
                return self._answer(response)
        except (OSError, HTTPException, _InvalidAnswer) as error:
            what = str(error) if isinstance(error, _InvalidAnswer) else type(error).__name__
            raise NoAnswer(what, document_sent=sent.is_set()) from error

    @contextmanager
    def _connected(self, total_timeout: float) -> Iterator[HTTPConnection]:
        """A connection that is shut down after the total timeout, even while bytes arrive."""
        connection = self._connection_class(self._address, timeout=_CONNECT_SECONDS, blocksize=_CHUNK)
        with closing(connection):
            connection.connect()
            connection.sock.settimeout(_READ_TIMEOUT_SECONDS)
            # the connection gives its socket to the response, and TLS detaches it
            with socket.socket(fileno=os.dup(connection.sock.fileno())) as same:
                cut = threading.Timer(total_timeout, _shut_down, (same,))
                cut.daemon = True
                cut.start()
                try:
                    yield connection
                finally:
                    cut.cancel()

    def _exchange(self, connection: HTTPConnection, request: Request, sent: threading.Event) -> HTTPResponse:
        """Send the head, then the document once an office asks for it: HAProxy's queues hold no document."""
        connection.putrequest("POST", self._prefix + request.path, skip_accept_encoding=True)
        headers = {
            "Connection": "close",
            "Content-Length": str(request.size),
            "Content-Type": "application/octet-stream",
            "Expect": "100-continue",
            "X-Document-Locale": self._locale,
            "X-Import-Filter": request.import_filter,
            "X-Last-Page": str(request.last_page),
            "X-Linked-Pictures": str(int(request.has_linked_pictures)),
            "X-Max-Bytes": str(self._max_pdf_bytes),
            "X-Waited-Ms": str(min(int(request.waited_seconds * 1000), _MAX_OFFSET_MS)),
            "X-Work-Seconds": f"{request.seconds:.2f}",
        }
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        if connection.sock.recv(len(_CONTINUE), socket.MSG_PEEK) == _CONTINUE:
            sent.set()
            request.document.seek(0)
            while chunk := request.document.read(_CHUNK):
                connection.send(chunk)
        return connection.getresponse()  # passes over the interim answers

    def _answer(self, response: HTTPResponse) -> Answer:
        word = response.getheader("X-Conversion-Outcome")
        if word is None:
            return _haproxy_answer(response)
        if word not in _OF_GUARDS or (word == Outcome.CONVERTED) != (response.status == HTTPStatus.OK):
            raise _InvalidAnswer(f"status {response.status} with an odd outcome")
        outcome = Outcome(word)
        pdf = None
        if outcome is Outcome.CONVERTED:
            size = _size(response)
            outcome = Outcome.CONVERTED if size <= self._max_pdf_bytes else Outcome.TOO_LARGE
            pdf = _read(response, size) if outcome is Outcome.CONVERTED else None
        clock, processor = (_seconds(response, name) for name in ("X-Clock-Seconds", "X-Processor-Seconds"))
        counts = (_count(response, f"X-{name}") for name in ("Cells-Cut", "Margins-Changed", "Boxes-Resized"))
        return Answer(outcome, clock, processor, pdf, *counts)


def _shut_down(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _haproxy_answer(response: HTTPResponse) -> Answer:
    """The meaning of an answer that no guard gave.

    Raises:
        _InvalidAnswer: it is not HAProxy's answer that no office is free either.
    """
    up = response.getheader("X-Converters-Up", "")
    if response.status != HTTPStatus.SERVICE_UNAVAILABLE or not _NUMBER.fullmatch(up):
        raise _InvalidAnswer(f"status {response.status}")
    return Answer(Outcome.BUSY if int(up) else Outcome.NONE_UP)


def _size(response: HTTPResponse) -> int:
    text = response.getheader("Content-Length", "")
    if not _NUMBER.fullmatch(text):
        raise _InvalidAnswer("a PDF without a length")
    return int(text)


def _read(response: HTTPResponse, size: int) -> BinaryIO:
    """The body, which has exactly this size and begins as PDFs do.

    Raises:
        _InvalidAnswer: it has not.
    """
    pdf = temporary_file()
    try:
        _copy(response, size, pdf)
    except BaseException:
        pdf.close()
        raise
    pdf.seek(0)
    return pdf


def _copy(response: HTTPResponse, size: int, pdf: BinaryIO) -> None:
    left = size
    while left and (chunk := response.read(min(left, _CHUNK))):
        if left == size and not chunk.startswith(b"%PDF-"):
            raise _InvalidAnswer("the body is no PDF")
        pdf.write(chunk)
        left -= len(chunk)
    if left or not size:
        raise _InvalidAnswer("the PDF is cut short")


def _count(response: HTTPResponse, name: str) -> int:
    """A count in a header; 0 where it is missing or malformed."""
    text = response.getheader(name, "")
    return int(text) if _NUMBER.fullmatch(text) else 0


def _seconds(response: HTTPResponse, name: str) -> float:
    """A duration in a header; 0 where it is missing or malformed: it only limits and describes the work."""
    text = response.getheader(name, "")
    return float(text) if _SECONDS.fullmatch(text) else 0.0
