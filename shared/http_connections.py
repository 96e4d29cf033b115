"""HTTP connections that hold a thread only while the application works on a request.

The threaded worker of gunicorn gives each connection a thread, which waits for whatever the client does; so
64 clients that send one byte at a time hold 64 threads (docs/decisions/0025-slow-clients-and-neighbours.md).
Here one thread watches all connections. A request gets a thread of the pool when all of it has arrived. The
thread is released when the client accepts no more of the answer, and the answer continues in another thread
when the client does.

The parser of gunicorn reads requests, and its `Response` frames answers. Request bodies are small forms, so
they are kept in memory, and a body without a length is refused.
"""

import contextlib
import contextvars
import errno
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog
from gunicorn.http import errors as bad
from gunicorn.http import get_parser, wsgi
from gunicorn.http.body import LengthReader

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HEAD_SECONDS = 10
"""The time limit from the first byte of a request to the end of its headers, and for the first byte."""
BODY_SECONDS = 20
"""The time limit from the end of the headers to the end of the body."""
WRITE_SECONDS = 60
"""The longest time in which a client may accept nothing of an answer."""
LEAST_BYTES_A_SECOND = 4096
"""The rate at which a client must accept an answer on average, once `WRITE_SECONDS` have passed."""
LARGEST_BODY = 64 * 1024
"""The largest request body in bytes; the forms of the services have some hundreds."""
_LARGEST_HEAD = 128 * 1024
"""The most bytes of headers that are kept; the parser has stricter limits (shared/gunicorn_config.py)."""
_CLOSING_SECONDS = 2
"""How long a closed connection still reads, so that the client gets the answer (RFC 9112, section 9.6)."""
_SWEEP_SECONDS = 0.25
_CHUNK = 64 * 1024
_END_OF_HEAD = b"\r\n\r\n"

_REFUSALS: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (bad.LimitRequestLine, HTTPStatus.REQUEST_URI_TOO_LONG),
    (bad.LimitRequestHeaders, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
    (bad.UnsupportedTransferCoding, HTTPStatus.NOT_IMPLEMENTED),
    (bad.ExpectationFailed, HTTPStatus.EXPECTATION_FAILED),
    (bad.ForbiddenProxyRequest, HTTPStatus.FORBIDDEN),
)
"""The status for each exception of the parser; all other requests that it refuses get 400."""

log = structlog.get_logger(__name__)


class _State(Enum):
    IDLE = auto()
    """The connection is kept after an answer, and nothing of another request has arrived."""
    READING = auto()
    WORKING = auto()
    WRITING = auto()
    CLOSING = auto()


class _Inbox:
    """The bytes that have arrived, which the parser reads as if this were a socket."""

    def __init__(self) -> None:
        self.held = bytearray()

    def recv(self, size: int) -> bytes:
        taken = bytes(self.held[:size])
        del self.held[:size]
        return taken


class _Outbox:
    """What gunicorn's `Response` writes to: it sends what the socket accepts now, and keeps the rest."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._held = memoryview(b"")
        self.sent = 0

    def sendall(self, data: bytes) -> None:
        """Send or keep the data, without waiting.

        Raises:
            OSError: the client has closed the connection.
        """
        self._held = memoryview(bytes(self._held) + data)
        self.flush()

    def flush(self) -> bool:
        """Send what the socket accepts now; return whether nothing is left.

        Raises:
            OSError: the client has closed the connection.
        """
        try:
            while self._held:
                sent = self._socket.send(self._held)
                self.sent += sent
                self._held = self._held[sent:]
        except BlockingIOError:
            return False
        return True

    @property
    def is_empty(self) -> bool:
        return not self._held


class Connection:
    """One connection with its current request and answer.

    A thread of the pool owns it while its state is WORKING, and the watching thread owns it otherwise.
    """

    def __init__(self, connected: socket.socket, client: Any, server: Any, config: Any) -> None:
        connected.settimeout(0)
        self.socket = connected
        self.client = client
        self.server = server
        self.state = _State.READING
        self.deadline = time.monotonic() + HEAD_SECONDS
        self.inbox = _Inbox()
        self.outbox = _Outbox(connected)
        self.request: Any = None
        self.response: Any = None
        self._parser = get_parser(config, self.inbox, client)
        self._config = config
        self._body: Iterable[bytes] = ()
        self._chunks: Iterator[bytes] = iter(())
        self._context = contextvars.copy_context()
        self._began_writing = 0.0
        self.finished = False

    def receive(self) -> bool:
        """Read what has arrived; return False where the client has closed the connection."""
        try:
            data = self.socket.recv(_CHUNK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.inbox.held += data
        return bool(data)

    def is_complete(self) -> bool:
        """Whether all of a request has arrived.

        Raises:
            Refused: the request is malformed, or exceeds a limit.
        """
        if self.request is None:
            if _END_OF_HEAD not in self.inbox.held:
                if len(self.inbox.held) > _LARGEST_HEAD:
                    raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head too long")
                return False
            self._read_head()
        return self._body_bytes() <= len(self.inbox.held)

    def respond(self, application: "WSGIApplication", *, may_stay: bool) -> None:
        """Call the application, and send as much of the answer as the client accepts now.

        Args:
            application: the WSGI application.
            may_stay: whether the connection may be kept for another request.
        """
        self._context = contextvars.copy_context()
        self._context.run(self._respond, application, may_stay=may_stay)

    def go_on(self) -> None:
        """Send as much more of the answer as the client accepts now."""
        self._context.run(self._write)

    def close(self) -> None:
        """Close the connection, and the answer where one was begun."""
        self.socket.close()
        self._context.run(self._close_body)

    @property
    def answering(self) -> bool:
        """Whether an answer was begun and has not been closed."""
        return bool(self._body)

    @property
    def stays(self) -> bool:
        """Whether the answer is complete and the connection may be kept for another request."""
        return self.finished and not self.response.should_close()

    def write_deadline(self) -> float:
        """The time by which the client must have accepted more of the answer."""
        now = time.monotonic()
        on_average = self._began_writing + WRITE_SECONDS + self.outbox.sent / LEAST_BYTES_A_SECOND
        return min(now + WRITE_SECONDS, on_average)

    def next_request(self) -> None:
        """Prepare for the next request, which may have arrived in part."""
        self._parser.finish_body()  # all of it is in memory
        self.inbox.held[:0] = self._parser.unreader.take_buffered()
        self.request = self.response = None
        self.finished = False
        self.outbox.sent = 0

    def _read_head(self) -> None:
        try:
            self.request = next(self._parser)
        except StopIteration as end:
            raise Refused(HTTPStatus.BAD_REQUEST, "no request") from end
        except Exception as error:
            status = next((to for kind, to in _REFUSALS if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)
            raise Refused(status, type(error).__name__) from error
        reader = self.request.body.reader
        if not isinstance(reader, LengthReader):
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "body without a length")
        if reader.length > LARGEST_BODY:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body too large")
        self.inbox.held[:0] = self._parser.unreader.take_buffered()
        if self.request._expected_100_continue:  # noqa: SLF001 - gunicorn would send it too late
            self.request._expected_100_continue = False  # noqa: SLF001 - the same
            self.outbox.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _body_bytes(self) -> int:
        return int(self.request.body.reader.length)

    def _respond(self, application: "WSGIApplication", *, may_stay: bool) -> None:
        self._began_writing = time.monotonic()
        self.response, environ = wsgi.create(
            self.request, self.outbox, self.client, self.server, self._config
        )
        environ["wsgi.multithread"] = True
        if not may_stay:
            self.response.force_close()
        self._body = application(environ, self.response.start_response)
        self._chunks = iter(self._body)
        self._write()

    def _write(self) -> None:
        for chunk in self._chunks:
            self.response.write(chunk)
            if not self.outbox.is_empty:
                return
        self.response.close()
        self._close_body()
        self.finished = True

    def _close_body(self) -> None:
        body, self._body, self._chunks = self._body, (), iter(())
        if close := getattr(body, "close", None):
            close()


class Refused(Exception):
    """A request that is refused before the application sees it.

    Args:
        status: the status of the answer.
        reason: a few technical words for the log, none of which the client sent.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class _Calls:
    """Calls that the threads of the pool ask the watching thread to make."""

    def __init__(self) -> None:
        self._calls: deque[Callable[[], None]] = deque()
        self.wakes, self._waker = socket.socketpair()
        self.wakes.settimeout(0)
        self._waker.settimeout(0)

    def put(self, call: Callable[[], None]) -> None:
        self._calls.append(call)
        with contextlib.suppress(BlockingIOError):  # the watching thread will wake anyway
            self._waker.send(b"\0")

    def run(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self.wakes.recv(4096):
                pass
        while self._calls:
            self._calls.popleft()()

    def close(self) -> None:
        self.wakes.close()
        self._waker.close()


class ConnectionServer:
    """Serves a WSGI application on listening sockets, with its own pool of threads."""

    def __init__(
        self, listeners: "list[socket.socket]", application: "WSGIApplication", config: Any, *, threads: int
    ) -> None:
        """Prepare without accepting connections.

        Args:
            listeners: the listening sockets, which other processes may share.
            application: the WSGI application.
            config: the configuration of gunicorn.
            threads: the size of the pool.
        """
        self._listeners = listeners
        self._application = application
        self._config = config
        self._pool = ThreadPoolExecutor(threads, "request")
        self._poller = selectors.DefaultSelector()
        self._calls = _Calls()
        self._poller.register(self._calls.wakes, selectors.EVENT_READ, self._calls.run)
        self._connections: dict[Connection, None] = {}
        """All connections, ordered by the time of their last step."""
        self._stopping = False
        self._swept_at = 0.0

    def start(self) -> None:
        """Start accepting connections."""
        for listener in self._listeners:
            listener.settimeout(0)

            def accept(listener: socket.socket = listener) -> None:
                self._accept(listener)

            self._poller.register(listener, selectors.EVENT_READ, accept)

    def watch(self, seconds: float) -> None:
        """Wait for events for at most this many seconds, and handle them."""
        for key, _ in self._poller.select(min(seconds, _SWEEP_SECONDS)):
            key.data()
        now = time.monotonic()
        if now - self._swept_at > _SWEEP_SECONDS:
            self._swept_at = now
            for connection in [one for one in self._connections if one.deadline < now]:
                self._run(connection, self._expire)

    def stop_accepting(self) -> None:
        """Stop accepting connections, and soon close those without a request; the others are answered."""
        self._stopping = True
        for listener in self._listeners:
            self._poller.unregister(listener)
        soon = time.monotonic() + _CLOSING_SECONDS
        for connection in self._connections:
            if connection.state is _State.IDLE or not (connection.request or connection.inbox.held):
                connection.deadline = min(connection.deadline, soon)

    @property
    def is_idle(self) -> bool:
        """Whether no connection is left."""
        return not self._connections

    def close(self) -> None:
        """Close every connection."""
        for connection in list(self._connections):
            connection.socket.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._poller.close()
        self._calls.close()

    def _accept(self, listener: socket.socket) -> None:
        try:
            connected, client = listener.accept()
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                self._drop_one()
            return  # another process accepted it, or the client has closed it
        if len(self._connections) >= self._config.worker_connections:
            self._drop_one()
        connection = Connection(connected, client, listener.getsockname(), self._config)
        self._connections[connection] = None
        self._watch_for(connection, selectors.EVENT_READ, self._readable)

    def _drop_one(self) -> None:
        """Close the connection that has waited longest for its client, to make room for another one."""
        for states in ({_State.CLOSING, _State.IDLE}, {_State.READING}, {_State.WRITING}):
            for connection in self._connections:
                if connection.state in states:
                    self._drop(connection)
                    return

    def _watch_for(self, connection: Connection, events: int, then: Callable[[Connection], None]) -> None:
        def happened() -> None:
            if connection in self._connections:  # an earlier event of the same turn may have closed it
                self._run(connection, then)

        self._poller.register(connection.socket, events, happened)

    def _run(self, connection: Connection, step: Callable[[Connection], None]) -> None:
        """Run one step for a connection; an unexpected failure closes this connection and no other."""
        try:
            step(connection)
        except Exception:
            log.exception("connection failed")
            self._connections.pop(connection, None)
            with contextlib.suppress(KeyError, ValueError):
                self._poller.unregister(connection.socket)
            connection.socket.close()

    def _readable(self, connection: Connection) -> None:
        if not connection.receive():
            self._drop(connection)
            return
        self._poller.unregister(connection.socket)
        self._take(connection)

    def _take(self, connection: Connection) -> None:
        """Start to answer the request where all of it has arrived, else watch for more of it."""
        had_head = connection.request is not None
        try:
            complete = connection.is_complete()
        except Refused as refusal:
            self._refuse(connection, refusal)
            return
        except OSError:
            self._forget(connection)
            return
        if complete:
            connection.state, connection.deadline = _State.WORKING, float("inf")
            may_stay = not self._stopping
            self._submit(connection, lambda: connection.respond(self._application, may_stay=may_stay))
            return
        if connection.request is not None and not had_head:
            connection.deadline = time.monotonic() + BODY_SECONDS
        elif connection.state is _State.IDLE and connection.inbox.held:
            connection.state, connection.deadline = _State.READING, time.monotonic() + HEAD_SECONDS
        self._watch_for(connection, selectors.EVENT_READ, self._readable)

    def _submit(self, connection: Connection, work: Callable[[], None]) -> None:
        def run() -> None:
            gone = False
            try:
                work()
            except OSError:
                gone = True  # the client went away
            except Exception:
                log.exception("answer broken off")
                gone = connection.outbox.sent > 0 or not _say_fault(connection)
            self._calls.put(lambda: self._run(connection, lambda it: self._worked(it, gone=gone)))

        self._pool.submit(run)

    def _worked(self, connection: Connection, *, gone: bool) -> None:
        """Continue with a connection that a thread of the pool has returned."""
        if gone:
            self._forget(connection)
        elif not connection.outbox.is_empty:
            connection.state, connection.deadline = _State.WRITING, connection.write_deadline()
            self._move_to_end(connection)
            self._watch_for(connection, selectors.EVENT_WRITE, self._writable)
        elif connection.stays and not (self._stopping and not connection.inbox.held):
            connection.next_request()
            connection.state = _State.IDLE
            connection.deadline = time.monotonic() + self._config.keepalive
            self._move_to_end(connection)
            self._take(connection)
        else:
            self._linger(connection)

    def _writable(self, connection: Connection) -> None:
        try:
            empty = connection.outbox.flush()
        except OSError:
            self._drop(connection)
            return
        connection.deadline = connection.write_deadline()
        if not empty:
            return
        self._poller.unregister(connection.socket)
        if connection.finished:
            self._worked(connection, gone=False)
        else:
            connection.state, connection.deadline = _State.WORKING, float("inf")
            self._submit(connection, connection.go_on)

    def _refuse(self, connection: Connection, refusal: Refused) -> None:
        """Answer a refused request, and close the connection."""
        log.info("request not served", status=refusal.status.value, reason=str(refusal))
        with contextlib.suppress(OSError):
            connection.outbox.sendall(_plain(refusal.status))
        self._linger(connection)

    def _linger(self, connection: Connection) -> None:
        """Close the sending side, and read what still arrives, so that the answer is not lost."""
        with contextlib.suppress(OSError):
            connection.socket.shutdown(socket.SHUT_WR)
        connection.state, connection.deadline = _State.CLOSING, time.monotonic() + _CLOSING_SECONDS
        self._watch_for(connection, selectors.EVENT_READ, self._drain)

    def _drain(self, connection: Connection) -> None:
        connection.inbox.held.clear()
        if not connection.receive():
            self._drop(connection)

    def _expire(self, connection: Connection) -> None:
        if connection.state is _State.READING and connection.inbox.held:
            self._poller.unregister(connection.socket)
            self._refuse(connection, Refused(HTTPStatus.REQUEST_TIMEOUT, "request too slow"))
        else:
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        """Close a connection that is being watched."""
        self._poller.unregister(connection.socket)
        self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        del self._connections[connection]
        connection.socket.close()  # at once: the pool may be shutting down
        if connection.answering:
            self._pool.submit(connection.close)

    def _move_to_end(self, connection: Connection) -> None:
        del self._connections[connection]
        self._connections[connection] = None


def _say_fault(connection: Connection) -> bool:
    """Answer with 500 where nothing was sent yet; return whether the client got it."""
    try:
        connection.outbox.sendall(_plain(HTTPStatus.INTERNAL_SERVER_ERROR))
    except OSError:
        return False
    return connection.outbox.is_empty


def _plain(status: HTTPStatus) -> bytes:
    """A plain answer, after which the connection is closed."""
    body = f"{status.value} {status.phrase}\n".encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
        f"Cache-Control: no-store\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
