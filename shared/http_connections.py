"""HTTP connections that cost a thread only while the application works for them.

gunicorn's own threaded worker gives a thread to each connection, and waits in it for whatever the client does:
64 clients that send a byte a second hold 64 threads (docs/decisions/0024-slow-clients-and-neighbours.md has the
figures). Here one thread watches all connections. A request gets a thread of the pool once it is there, whole;
its answer gives the thread back whenever the client takes no more, and goes on when it does.

Requests are read by gunicorn's parser, and answers are framed by its `Response`. Bodies of requests are small
forms: they are kept in memory, and one without a length is refused.
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
"""From the first byte of a request, or from the connection's start, to the end of the headers."""
BODY_SECONDS = 20
"""From the end of the headers to the end of the body."""
WRITE_SECONDS = 60
"""The longest time in which a client may take nothing of an answer."""
LEAST_BYTES_A_SECOND = 4096
"""What a client must take of an answer on average after `WRITE_SECONDS`."""
LARGEST_BODY = 64 * 1024
"""Bytes; the forms of the services have some hundreds."""
_LARGEST_HEAD = 128 * 1024
"""Bytes; gunicorn's parser refuses less, by the limits of shared/gunicorn_config.py."""
_CLOSING_SECONDS = 2
"""The patience with a client that was told that the connection ends (RFC 9112, section 9.6)."""
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
"""Answers to requests that gunicorn's parser refuses; to all others 400."""

log = structlog.get_logger(__name__)


class _State(Enum):
    IDLE = auto()
    """Kept open after an answer, nothing of another request is there."""
    READING = auto()
    WORKING = auto()
    WRITING = auto()
    CLOSING = auto()


class _Inbox:
    """What has arrived; gunicorn's parser reads it as if it were a socket."""

    def __init__(self) -> None:
        self.held = bytearray()

    def recv(self, size: int) -> bytes:
        taken = bytes(self.held[:size])
        del self.held[:size]
        return taken


class _Outbox:
    """Where gunicorn's `Response` writes: to the socket what it takes now, and the rest to memory."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._held = memoryview(b"")
        self.sent = 0

    def sendall(self, data: bytes) -> None:
        """Send, or keep; never waits.

        Raises:
            OSError: the client is gone.
        """
        self._held = memoryview(bytes(self._held) + data)
        self.flush()

    def flush(self) -> bool:
        """Send what the socket takes now; whether nothing is left.

        Raises:
            OSError: the client is gone.
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
    """One client's connection: the request that it sends, and the answer that it takes.

    Only the watching thread touches it, except while its state is WORKING.
    """

    def __init__(self, connected: socket.socket, client: Any, server: Any, config: Any) -> None:
        connected.setblocking(False)
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
        """Take what has arrived; whether the client is still there."""
        try:
            data = self.socket.recv(_CHUNK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.inbox.held += data
        return bool(data)

    def is_complete(self) -> bool:
        """Whether a whole request is there.

        Raises:
            Refused: it will not be served.
        """
        if self.request is None:
            if _END_OF_HEAD not in self.inbox.held:
                if len(self.inbox.held) > _LARGEST_HEAD:
                    raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head too long")
                return False
            self._read_head()
        return self._body_bytes() <= len(self.inbox.held)

    def respond(self, application: "WSGIApplication", *, may_stay: bool) -> None:
        """Have the request answered, as far as the client takes the answer now; in a thread of the pool.

        Args:
            application: the service.
            may_stay: whether the connection may be kept for another request.
        """
        self._context = contextvars.copy_context()
        self._context.run(self._respond, application, may_stay=may_stay)

    def go_on(self) -> None:
        """Write more of the answer, as far as the client takes it now; in a thread of the pool."""
        self._context.run(self._write)

    def close(self) -> None:
        """End the answer, whole or not, and the connection; in a thread of the pool where one was begun."""
        self.socket.close()
        self._context.run(self._close_body)

    @property
    def answering(self) -> bool:
        """Whether there is an answer that has not been closed."""
        return bool(self._body)

    @property
    def stays(self) -> bool:
        """Whether the connection is for another request, once this answer is sent."""
        return self.finished and not self.response.should_close()

    def write_deadline(self) -> float:
        """Until when the client must have taken something more."""
        now = time.monotonic()
        on_average = self._began_writing + WRITE_SECONDS + self.outbox.sent / LEAST_BYTES_A_SECOND
        return min(now + WRITE_SECONDS, on_average)

    def next_request(self) -> None:
        """Forget this request, except what the client has sent after it."""
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
        if self.request._expected_100_continue:  # noqa: SLF001 - else gunicorn would say it when the body is there
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
    """A request that is not served; the message is a technical word, never one of the client's.

    Args:
        status: of the answer.
        reason: for the log.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class _Calls:
    """What the pool's threads have to tell the watching thread."""

    def __init__(self) -> None:
        self._calls: deque[Callable[[], None]] = deque()
        self.wakes, self._waker = socket.socketpair()
        self.wakes.setblocking(False)
        self._waker.setblocking(False)

    def put(self, call: Callable[[], None]) -> None:
        self._calls.append(call)
        with contextlib.suppress(BlockingIOError):  # enough bytes are there to wake it
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
    """Serves an application at some listening sockets, with a pool of threads of its own."""

    def __init__(
        self, listeners: "list[socket.socket]", application: "WSGIApplication", config: Any, *, threads: int
    ) -> None:
        """Listen to nobody yet.

        Args:
            listeners: bound and listening; other processes may accept from them too.
            application: the service.
            config: gunicorn's.
            threads: that work at the same time.
        """
        self._listeners = listeners
        self._application = application
        self._config = config
        self._pool = ThreadPoolExecutor(threads, "request")
        self._poller = selectors.DefaultSelector()
        self._calls = _Calls()
        self._poller.register(self._calls.wakes, selectors.EVENT_READ, self._calls.run)
        self._connections: dict[Connection, None] = {}
        """All, those first that have waited longest for their client."""
        self._stopping = False
        self._swept_at = 0.0

    def start(self) -> None:
        """Accept connections from now on."""
        for listener in self._listeners:
            listener.setblocking(False)

            def accept(listener: socket.socket = listener) -> None:
                self._accept(listener)

            self._poller.register(listener, selectors.EVENT_READ, accept)

    def watch(self, seconds: float) -> None:
        """Serve what happens next, and wait so long for it at most."""
        for key, _ in self._poller.select(min(seconds, _SWEEP_SECONDS)):
            key.data()
        now = time.monotonic()
        if now - self._swept_at > _SWEEP_SECONDS:
            self._swept_at = now
            for connection in [one for one in self._connections if one.deadline < now]:
                self._expire(connection)

    def stop_accepting(self) -> None:
        """Answer what is under way, and nothing that comes later than in a moment on kept connections."""
        self._stopping = True
        for listener in self._listeners:
            self._poller.unregister(listener)
        soon = time.monotonic() + _CLOSING_SECONDS
        for connection in self._connections:
            if connection.state is _State.IDLE or not (connection.request or connection.inbox.held):
                connection.deadline = min(connection.deadline, soon)

    @property
    def is_idle(self) -> bool:
        """Whether there is no connection left."""
        return not self._connections

    def close(self) -> None:
        """End, whatever is still open."""
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
            return  # another process was quicker, or the client is gone
        if len(self._connections) >= self._config.worker_connections:
            self._drop_one()
        connection = Connection(connected, client, listener.getsockname(), self._config)
        self._connections[connection] = None
        self._watch_for(connection, selectors.EVENT_READ, self._readable)

    def _drop_one(self) -> None:
        """Make room: the client that has kept us waiting longest goes."""
        for states in ({_State.CLOSING, _State.IDLE}, {_State.READING}, {_State.WRITING}):
            for connection in self._connections:
                if connection.state in states:
                    self._drop(connection)
                    return

    def _watch_for(self, connection: Connection, events: int, then: Callable[[Connection], None]) -> None:
        def happened() -> None:
            if connection in self._connections:  # else it was dropped in this very turn
                then(connection)

        self._poller.register(connection.socket, events, happened)

    def _readable(self, connection: Connection) -> None:
        if not connection.receive():
            self._drop(connection)
            return
        self._poller.unregister(connection.socket)
        self._take(connection)

    def _take(self, connection: Connection) -> None:
        """Have the request answered where it is whole, else wait for more of it; the socket is not watched."""
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
            except Exception as error:  # noqa: BLE001 - one answer fails, the others go on
                log.error("answer broken off", exc_info=error)
                gone = connection.outbox.sent > 0 or not _say_fault(connection)
            self._calls.put(lambda: self._worked(connection, gone=gone))

        self._pool.submit(run)

    def _worked(self, connection: Connection, *, gone: bool) -> None:
        """Go on with a connection that the pool gives back."""
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
        """Answer a request that is not served, where the client takes the answer at once."""
        log.info("request not served", status=refusal.status.value, reason=str(refusal))
        with contextlib.suppress(OSError):
            connection.outbox.sendall(_plain(refusal.status))
        self._linger(connection)

    def _linger(self, connection: Connection) -> None:
        """Say that the connection ends, and read what still comes, so that the answer is not lost."""
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
        """End a connection that is being watched."""
        self._poller.unregister(connection.socket)
        self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        del self._connections[connection]
        if connection.answering:
            self._pool.submit(connection.close)
        else:
            connection.socket.close()

    def _move_to_end(self, connection: Connection) -> None:
        del self._connections[connection]
        self._connections[connection] = None


def _say_fault(connection: Connection) -> bool:
    """Tell the client of a fault of ours, where nothing was sent yet; whether it is still there."""
    try:
        connection.outbox.sendall(_plain(HTTPStatus.INTERNAL_SERVER_ERROR))
    except OSError:
        return False
    return connection.outbox.is_empty


def _plain(status: HTTPStatus) -> bytes:
    """An answer of the server's own, after which the connection ends."""
    body = f"{status.value} {status.phrase}\n".encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
        f"Cache-Control: no-store\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
