"""How requests and answers are framed, and what becomes of answers that nobody takes; at a real socket."""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from gunicorn.config import Config

from shared import http_connections
from shared.http_connections import LARGEST_BODY, ConnectionServer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_THREADS = 2
_CHUNKS, _CHUNK = 400, b"0123456789abcdef" * 4096
_PATIENCE_SECONDS = 10
_SMALL_SEGMENT, _SMALL_WINDOW = 536, 2048


@dataclass
class Service:
    """A WSGI application, and what it has seen."""

    port: int
    bodies: list[bytes] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    chunks_taken: int = 0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer `/echo` with the request's body, `/large` with 26 MB, `/fault` with a fault."""
        path = environ["PATH_INFO"]
        if path == "/fault":
            raise ValueError("words")
        if path == "/late-fault":
            start_response("200 OK", [("Content-Length", "10")])
            return _breaks_off()
        if path == "/large":
            start_response("200 OK", [("Content-Length", str(_CHUNKS * len(_CHUNK)))])
            return _Large(self)
        body = environ["wsgi.input"].read()
        self.bodies.append(body)
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]


class _Large:
    def __init__(self, service: Service) -> None:
        self._service = service

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(_CHUNKS):
            self._service.chunks_taken += 1
            yield _CHUNK

    def close(self) -> None:
        self._service.closed.set()


def _breaks_off() -> Iterator[bytes]:
    yield b"half"
    raise ValueError("words")


@contextmanager
def _served(connections: int = 100) -> Iterator[Service]:
    config = Config()
    config.set("worker_connections", connections)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        service = Service(listener.getsockname()[1])
        server = ConnectionServer([listener], service, config, threads=_THREADS)
        over = threading.Event()

        def serve() -> None:
            server.start()
            while not over.is_set():
                server.watch(0.05)
            server.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield service
        finally:
            over.set()
            thread.join()


@pytest.fixture
def service() -> Iterator[Service]:
    with _served() as service:
        yield service


def _connect(service: Service, *, slowly: bool = False) -> socket.socket:
    client = socket.socket()
    if slowly:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_WINDOW)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SMALL_SEGMENT)
    client.settimeout(_PATIENCE_SECONDS)
    client.connect(("127.0.0.1", service.port))
    return client


def _said(service: Service, *parts: bytes) -> bytes:
    """All that is answered until the server closes the connection."""
    with _connect(service) as client:
        for part in parts:
            client.sendall(part)
            time.sleep(0.02)
        said = b""
        while piece := client.recv(65536):
            said += piece
    return said


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


_POST = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
_LAST = b"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def test_a_request_may_come_in_any_pieces(service: Service) -> None:
    whole = _POST + b"Connection: close\r\n\r\nhello"
    assert _said(service, *(whole[at : at + 7] for at in range(0, len(whole), 7))).endswith(b"\r\n\r\nhello")
    assert service.bodies == [b"hello"]


def test_requests_that_come_together_are_answered_in_turn(service: Service) -> None:
    said = _said(service, _POST + b"\r\nfirst" + _POST + b"\r\nlater" + _LAST)
    assert said.count(b"HTTP/1.1 200") == 3
    assert service.bodies == [b"first", b"later", b""]


def test_a_body_that_is_waited_for_is_asked_for(service: Service) -> None:
    with _connect(service) as client:
        client.sendall(_POST + b"Expect: 100-continue\r\nConnection: close\r\n\r\n")
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"hello")
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
    assert service.bodies == [b"hello"]


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (LARGEST_BODY + 1), 413),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 200_000, 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/9.1\r\n\r\n", 400),
        (b"\r\n\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ],
)
def test_what_is_not_served_is_answered_and_closed(service: Service, head: bytes, status: int) -> None:
    assert _said(service, head).startswith(b"HTTP/1.1 %d " % status)
    assert service.bodies == []


def test_a_fault_is_a_500_without_its_words_and_harms_no_other(service: Service) -> None:
    said = _said(service, _LAST.replace(b"/echo", b"/fault"))
    assert said.startswith(b"HTTP/1.1 500 ")
    assert b"words" not in said
    assert _said(service, _LAST).startswith(b"HTTP/1.1 200 ")


def test_an_answer_that_breaks_off_is_not_ended_as_if_it_were_whole(service: Service) -> None:
    assert _said(service, _LAST.replace(b"/echo", b"/late-fault")).endswith(b"\r\n\r\nhalf")


def test_readers_who_take_nothing_hold_no_thread_and_little_memory(service: Service) -> None:
    readers = [_connect(service, slowly=True) for _ in range(5 * _THREADS)]
    for reader in readers:
        reader.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    _until(lambda: service.chunks_taken >= len(readers))
    assert _said(service, _LAST).startswith(b"HTTP/1.1 200 ")
    assert service.chunks_taken < len(readers) * _CHUNKS / 2
    for reader in readers:
        reader.close()
    assert service.closed.wait(_PATIENCE_SECONDS), "the answer is closed when its reader goes"


def test_a_reader_who_takes_his_time_gets_all_of_it(service: Service) -> None:
    with _connect(service) as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        said = 0
        while piece := client.recv(1 << 20):
            said += len(piece)
            time.sleep(0.001)
    assert said > _CHUNKS * len(_CHUNK)
    assert service.closed.is_set()


def test_a_reader_who_takes_nothing_for_too_long_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connections, "WRITE_SECONDS", 0.5)
    with _served() as service, _connect(service, slowly=True) as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        assert service.closed.wait(_PATIENCE_SECONDS)
        assert service.chunks_taken < _CHUNKS


def test_a_reader_who_takes_too_little_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connections, "WRITE_SECONDS", 0.5)
    monkeypatch.setattr(http_connections, "LEAST_BYTES_A_SECOND", 10_000_000)
    with _served() as service, _connect(service, slowly=True) as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        while not service.closed.wait(0.02):
            client.recv(2000)
        assert service.chunks_taken < _CHUNKS


@pytest.mark.parametrize("part", [b"", b"GET / HTT", _POST + b"\r\nhel"])
def test_a_request_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch, part: bytes) -> None:
    monkeypatch.setattr(http_connections, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(http_connections, "BODY_SECONDS", 0.3)
    with _served() as service:
        assert _said(service, part).startswith(b"HTTP/1.1 408 " if part else b"")


def test_the_client_that_has_waited_longest_makes_room() -> None:
    with _served(connections=5) as service:
        idle = [_connect(service) for _ in range(8)]
        assert _said(service, _LAST).startswith(b"HTTP/1.1 200 ")
        assert idle[0].recv(1) == b"", "the first one was closed"
        idle[-1].sendall(_LAST)
        assert idle[-1].recv(65536).startswith(b"HTTP/1.1 200 "), "the last one was not"
        for client in idle:
            client.close()
