"""Calls to other systems end at their deadline whatever the server sends, and a cut answer is never whole."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from shared.outside_calls import (
    ConnectionRetry,
    OddAnswer,
    OutOfTime,
    ask_plainly,
    deadline,
    pieces,
    read_object,
)
from tests.viewer.stub_server import Answer, Exchange, StubServer, serving

_SECONDS = 0.4
_MUCH_LATER = 3
_MAX_BYTES = 1000


def _drip(piece: bytes, before: bytes = b"") -> Answer:
    """An answer that sends the same piece for ever, so often that no read timeout is reached."""

    def answer(exchange: Exchange) -> None:
        exchange.close_connection = True
        exchange.wfile.write(before)
        while not exchange.server.stub.stopped.wait(0.02):
            exchange.wfile.write(piece)

    return answer


_HEAD = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "silence": lambda exchange: exchange.server.stub.stopped.wait(30),
    "a status line that drips": _drip(b"1", b"HTTP/1."),
    "interim answers without end": _drip(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a header that drips": _drip(b"x", _HEAD + b"X-Long: "),
    "a body that drips": _drip(b"x", _HEAD + b"Content-Length: 900\r\n\r\n"),
    "a body without a length that drips": _drip(b"x", _HEAD + b"Connection: close\r\n\r\n"),
    "a chunk header that drips": _drip(b"0", _CHUNKED),
    "a chunk extension that drips": _drip(b"x", _CHUNKED + b"5;"),
    "tiny chunks without end": _drip(b"1\r\nx\r\n", _CHUNKED),
    "a trailer without end": _drip(b"X-More: 1\r\n", _CHUNKED + b"1\r\nx\r\n0\r\n"),
}


@pytest.fixture
def stub() -> Iterator[StubServer]:
    with serving(lambda exchange: exchange.reply(b"{}")) as stub:
        yield stub


def _session(max_bytes: int | None = _MAX_BYTES) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    ask_plainly(session, max_bytes=max_bytes)
    return session


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "in pieces"])
@pytest.mark.parametrize("name", ENDLESS)
def test_a_call_ends_at_its_deadline(stub: StubServer, name: str, *, streamed: bool) -> None:
    stub.answer = ENDLESS[name]
    started = time.monotonic()
    with pytest.raises(OutOfTime), deadline(_SECONDS):
        list(pieces(_session(None if streamed else _MAX_BYTES).get(stub.url, timeout=10, stream=True), 100))
    assert _SECONDS * 0.9 < time.monotonic() - started < _MUCH_LATER


def test_what_was_cut_at_the_deadline_is_not_whole(stub: StubServer) -> None:
    stub.answer = ENDLESS["a body without a length that drips"]  # its end and a cut look alike
    arrived = []

    def read() -> None:
        with deadline(_SECONDS):
            for piece in pieces(_session(None).get(stub.url, timeout=10, stream=True), 100):
                arrived.append(piece)  # noqa: PERF402 - what has arrived by then is the point

    with pytest.raises(OutOfTime):
        read()
    assert arrived


def test_a_kept_connection_has_the_deadline_of_the_call_that_uses_it(stub: StubServer) -> None:
    session = _session()
    with deadline(_SECONDS):
        assert session.get(stub.url, timeout=10).content == b"{}"
    time.sleep(_SECONDS)  # the first deadline would have passed by now
    with deadline(10):
        assert session.get(stub.url, timeout=10).content == b"{}"
    stub.answer = ENDLESS["a header that drips"]
    with pytest.raises(OutOfTime), deadline(_SECONDS):
        session.get(stub.url, timeout=10)


def test_no_retry_outlives_the_deadline(stub: StubServer) -> None:
    def hang_up(exchange: Exchange) -> None:
        exchange.close_connection = True

    stub.answer = hang_up
    session = requests.Session()
    session.trust_env = False
    endless = ConnectionRetry(total=None, connect=10**6, read=10**6, backoff_factor=0.05)
    ask_plainly(session, max_bytes=_MAX_BYTES, retries=endless)
    started = time.monotonic()
    with pytest.raises(OutOfTime), deadline(_SECONDS):
        session.get(stub.url, timeout=10)
    assert time.monotonic() - started < _MUCH_LATER


def test_connecting_to_many_addresses_takes_no_longer_than_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as full:  # its queue is full, so that connecting waits
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.settimeout(0)
            each.connect_ex(("127.0.0.1", port))
        address = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda name, *_, **__: [address] * (20 if name == "many.test" else 1)
        )
        started = time.monotonic()
        with pytest.raises(OutOfTime), deadline(_SECONDS):
            _session().get(f"http://many.test:{port}/", timeout=0.3)
        assert time.monotonic() - started < _MUCH_LATER
        for each in waiting:
            each.close()


def test_a_handshake_of_tls_that_hangs_is_cut() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        with pytest.raises(OutOfTime), deadline(_SECONDS):
            _session().get(f"https://127.0.0.1:{silent.getsockname()[1]}/", timeout=10)
        assert time.monotonic() - started < _MUCH_LATER


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "br", "zstd", "GZIP", "identity, gzip"])
def test_an_answer_with_a_content_encoding_is_refused(stub: StubServer, encoding: str) -> None:
    stub.answer = lambda exchange: exchange.reply(gzip.compress(b"{}"), Content_Encoding=encoding)
    with pytest.raises(OddAnswer):
        _session().get(stub.url, timeout=5)
    assert stub.requests[0].headers["accept-encoding"] == "identity"


def test_an_answer_that_is_said_to_be_plain_is_read(stub: StubServer) -> None:
    stub.answer = lambda exchange: exchange.reply(b"{}", Content_Encoding="Identity")
    assert read_object(_session().get(stub.url, timeout=5)) == {}


def test_an_answer_beyond_the_limit_is_not_read(stub: StubServer) -> None:
    stub.answer = lambda exchange: exchange.reply(b"x" * (_MAX_BYTES + 1))
    with pytest.raises(OddAnswer):
        _session().get(stub.url, timeout=5)


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"7", b"\xff", b"[" * 900, b'{"a":' * 150])
def test_what_is_no_json_object_is_said_so(stub: StubServer, body: bytes) -> None:
    stub.answer = lambda exchange: exchange.reply(body)
    with pytest.raises(OddAnswer):
        read_object(_session().get(stub.url, timeout=5))


def test_nesting_without_end_is_said_so(stub: StubServer) -> None:
    stub.answer = lambda exchange: exchange.reply(b"[" * 100_000)
    with pytest.raises(OddAnswer):
        read_object(_session(1_000_000).get(stub.url, timeout=5))


def _short(exchange: Exchange) -> None:
    exchange.start(Content_Length="100")
    exchange.wfile.write(b"half")
    exchange.close_connection = True


@pytest.mark.parametrize(
    "answer",
    [_short, lambda exchange: exchange.reply_chunked(b"half", whole=False)],
    ids=["length", "chunks"],
)
def test_an_answer_that_breaks_off_is_said_so(stub: StubServer, answer: Answer) -> None:
    stub.answer = answer
    with pytest.raises(requests.ConnectionError):
        _session().get(stub.url, timeout=5)


def test_deadlines_leave_no_thread_and_no_handle_behind(stub: StubServer) -> None:
    session = _session()

    def call() -> None:
        with deadline(30):
            session.get(stub.url, timeout=5)

    call()
    threads, handles = threading.active_count(), _open_handles()
    for _ in range(20):
        call()
    _until(lambda: threading.active_count() <= threads)
    assert _open_handles() <= handles + 1


def _open_handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
