"""HTTP calls to other systems: each has one deadline, and answers with a content encoding are refused.

A read timeout limits the gap between bytes, not the call: a server that sends headers slowly, or interim
answers or chunk headers without end, never reaches it. So each call has a deadline too, at which its
connection is cut.

    with deadline(20):
        answer = session.get(url, timeout=5)

`ask_plainly` prepares a `requests` session for it. The deadline cannot cut the look-up of a host name, which
the resolver limits (`timeout` and `attempts` in resolv.conf).
"""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)
from urllib3.response import HTTPResponse
from urllib3.util.retry import Retry

if TYPE_CHECKING:
    from urllib3 import PoolManager

_PLAIN = "identity"


class OddAnswer(requests.RequestException):
    """An answer that is encoded, too large or malformed; the message has no word of the answer."""


class OutOfTime(Exception):
    """The call was cut at its deadline. It is no `RequestException`, so that no library retries it."""


class _Deadline:
    """The end of a call, and the connections that are cut then."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._connected: list[socket.socket] = []
        self.has_passed = False

    def bounded(self, patience: Any) -> float:
        """The timeout of one step, limited to the time that is left.

        Raises:
            OutOfTime: the deadline has passed.
        """
        left = self._end - time.monotonic()
        if self.has_passed or left <= 0:
            raise OutOfTime
        return min(left, patience) if isinstance(patience, int | float) else left

    def watch(self, connected: socket.socket) -> None:
        """Cut this connection at the deadline too, through a duplicate handle, since TLS detaches the socket.

        Raises:
            OutOfTime: the deadline has passed.
        """
        same = socket.socket(fileno=os.dup(connected.fileno()))
        with self._lock:
            self._connected.append(same)
            if self.has_passed:
                raise OutOfTime

    def pass_(self) -> None:
        """Cut every connection."""
        with self._lock:
            self.has_passed = True
            for connected in self._connected:
                with suppress(OSError):
                    connected.shutdown(socket.SHUT_RDWR)

    def forget(self) -> None:
        """Release the connections."""
        with self._lock:
            for connected in self._connected:
                connected.close()
            self._connected.clear()


_current: ContextVar[_Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Cut the connections that this thread uses inside the block after this many seconds.

    Raises:
        OutOfTime: the deadline has passed, even where the answer seems complete, since a cut can look so.
    """
    limit = _Deadline(seconds)
    timer = threading.Timer(seconds, limit.pass_)
    timer.daemon = True
    before = _current.set(limit)
    timer.start()
    try:
        yield
    except Exception as error:
        if limit.has_passed and not isinstance(error, OutOfTime):
            raise OutOfTime from error
        raise
    finally:
        timer.cancel()
        limit.forget()
        _current.reset(before)
    if limit.has_passed:
        raise OutOfTime


class ConnectionRetry(Retry):
    """Retries connection errors, but not read timeouts, which have already used the time budget.

    A kept connection fails where the server closes it at the moment of a request. That counts as a read
    error, so allow as many retries for `read` as for `connect`.
    """

    def increment(self, *args: Any, **more: Any) -> Self:
        """See `Retry.increment`.

        Raises:
            ReadTimeoutError: the server did not answer in time.
            OutOfTime: the deadline of the call has passed.
        """
        if isinstance(error := more.get("error"), ReadTimeoutError):
            raise error
        if limit := _current.get():
            limit.bounded(None)
        return super().increment(*args, **more)

    def get_backoff_time(self) -> float:
        """See `Retry.get_backoff_time`; limited by the deadline of the call."""
        limit = _current.get()
        pause = super().get_backoff_time()
        return limit.bounded(pause) if limit else pause


class _Bounded(HTTPConnection):
    """A connection that is cut at the deadline of the call that uses it."""

    _watched_by: _Deadline | None = None

    def _new_conn(self) -> socket.socket:
        limit = _current.get()
        if limit is None:
            return super()._new_conn()
        connected = self._connect_to_any(limit)
        self._watched_by = limit
        limit.watch(connected)
        return connected

    def _connect_to_any(self, limit: _Deadline) -> socket.socket:
        """Connect to the first address that answers, within the deadline for all of them together."""
        name, patience = self._dns_host, self.timeout
        failure: HTTPError = NewConnectionError(self, "no address")
        try:
            for address in self._addresses():
                self._dns_host, self.timeout = address, limit.bounded(patience)
                try:
                    return super()._new_conn()
                except (NewConnectionError, ConnectTimeoutError) as error:
                    failure = error
        finally:
            self._dns_host, self.timeout = name, patience
        raise failure

    def _addresses(self) -> list[str]:
        host = self._dns_host.strip("[]")
        try:
            found = socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NameResolutionError(self.host, self, socket.gaierror()) from error
        return [str(each[4][0]) for each in found]

    def request(self, *args: Any, **more: Any) -> None:
        """See `HTTPConnection.request`; a kept connection gets the deadline of the current call."""
        limit = _current.get()
        if limit and self.sock is not None and self._watched_by is not limit:
            self._watched_by = limit
            limit.watch(self.sock)
        super().request(*args, **more)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's own has it
        """See `HTTPConnection.getresponse`, which only logs a head that cannot be parsed.

        Raises:
            ProtocolError: the head is malformed, so that the rest of it, such as a length, would be ignored.
        """
        answer = super().getresponse()
        original = answer._original_response  # noqa: SLF001 - where urllib3 keeps what http.client read
        if original is not None and original.msg.defects:
            answer.close()
            raise ProtocolError("malformed head")
        return answer


class _BoundedTls(_Bounded, HTTPSConnection):
    """A TLS connection that is cut at the deadline of the call that uses it."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Bounded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedTls


class _Adapter(HTTPAdapter):
    """Asks for answers without a content encoding, refuses others, and limits their size."""

    def __init__(self, max_bytes: int | None, **more: Any) -> None:
        self._max_bytes = max_bytes
        super().__init__(**more)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """See `HTTPAdapter.init_poolmanager`."""
        super().init_poolmanager(*args, **more)
        _use_our_pools(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **more: Any) -> Any:
        """See `HTTPAdapter.proxy_manager_for`."""
        manager = super().proxy_manager_for(*args, **more)
        _use_our_pools(manager)
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        """See `HTTPAdapter.send`.

        Raises:
            OddAnswer: the answer has a content encoding, or is too large.
            requests.RequestException: no complete answer arrived.
        """
        request.headers["Accept-Encoding"] = _PLAIN
        answer = super().send(request, *args, **more)
        with ExitStack() as failing:
            failing.callback(answer.close)
            encoding = answer.headers.get("Content-Encoding", _PLAIN).strip().lower()
            if encoding not in {"", _PLAIN}:
                raise OddAnswer("content encoding")
            if self._max_bytes is not None:
                answer._content = _read(answer, self._max_bytes)  # noqa: SLF001 - requests keeps a body there
                answer._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001 - the same
            failing.pop_all()
        return answer


def ask_plainly(
    session: requests.Session, *, max_bytes: int | None, retries: Retry | int = 0, most_at_once: int = 10
) -> None:
    """Let a session use the deadlines of this module, and refuse answers with a content encoding.

    Args:
        session: the session.
        max_bytes: the largest answer, which is read before it is returned; None where the caller reads it by
            `pieces`.
        retries: see urllib3.
        most_at_once: the size of the connection pool; further calls wait.
    """
    adapter = _Adapter(max_bytes, max_retries=retries, pool_maxsize=most_at_once, pool_block=True)
    session.mount("http://", adapter)
    session.mount("https://", adapter)


def pieces(answer: requests.Response, size: int) -> Iterator[bytes]:
    """Yield the body as it arrives; the `iter_content` of requests would wait for full pieces.

    Raises:
        requests.RequestException: the body ended early, or nothing arrived of an answer without a length.
    """
    is_framed = bool(answer.headers.keys() & {"content-length", "transfer-encoding"})
    while piece := _or_request_error(lambda: answer.raw.read1(size, decode_content=False)):
        is_framed = True  # the end of such an answer cannot be told from a cut, but it has begun
        yield piece
    if not is_framed:
        raise requests.ConnectionError("nothing arrived")


def read_object(answer: requests.Response) -> dict[str, Any]:
    """Parse the answer as a JSON object.

    Raises:
        OddAnswer: it is no JSON object, or is nested too deeply.
    """
    try:
        said = json.loads(answer.content)
    except (ValueError, RecursionError) as error:
        raise OddAnswer("no JSON") from error
    if not isinstance(said, dict):
        raise OddAnswer("no object")
    return said


def _read(answer: requests.Response, max_bytes: int) -> bytes:
    body = bytearray()
    for piece in pieces(answer, max_bytes + 1):
        body += piece
        if len(body) > max_bytes:
            raise OddAnswer("too large")
    return bytes(body)


def _or_request_error(read: Any) -> bytes:
    try:
        return bytes(read())
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        raise requests.ConnectionError(type(error).__name__) from error


def _use_our_pools(manager: "PoolManager") -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
