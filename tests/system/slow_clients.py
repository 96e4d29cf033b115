"""Clients that are slow on purpose, and how long others wait meanwhile.

Speaks to running services from outside and imports none of our code.
"""

import contextlib
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

_DRIP_SECONDS = 0.2
_PATIENCE_SECONDS = 20
_SMALL_SEGMENT = 536
_SMALL_WINDOW = 2048
"""Bytes that a slow reader lets the server send ahead."""


@dataclass(frozen=True, slots=True)
class Habit:
    """What a slow client does.

    Args:
        opening: is sent at once.
        drip: is sent again and again, byte by byte; nothing where it is empty.
        reads: whether it reads the answer, a byte at a time.
    """

    opening: bytes
    drip: bytes = b""
    reads: bool = False


def habits(path: str) -> Mapping[str, Habit]:
    """The ways to be slow.

    Args:
        path: of a large answer.
    """
    host = b"Host: localhost\r\n"
    post = b"POST / HTTP/1.1\r\n" + host
    get = f"GET {path} HTTP/1.1\r\n".encode() + host
    return {
        "says nothing": Habit(b""),
        "drips a header": Habit(b"GET / HTTP/1.1\r\n" + host + b"X-Long: ", b"x"),
        "drips a body": Habit(post + b"Content-Length: 60000\r\n\r\n", b"x"),
        "drips a chunked body": Habit(post + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        "reads a byte at a time": Habit(get + b"\r\n", reads=True),
        "stays after the answer": Habit(get.replace(b"GET", b"HEAD") + b"Connection: close\r\n\r\n"),
    }


@contextmanager
def slow_clients(url: str, habit: Habit, count: int) -> Iterator[None]:
    """So many of them at a service, which come again when they are turned away, until the block ends."""
    over, there = threading.Event(), threading.Event()
    thread = threading.Thread(target=_be_slow, args=(url, habit, count, over, there), daemon=True)
    thread.start()
    try:
        assert there.wait(_PATIENCE_SECONDS)
        yield
    finally:
        over.set()
        thread.join()


def _be_slow(url: str, habit: Habit, count: int, over: threading.Event, there: threading.Event) -> None:
    clients = [_connect(url, habit) for _ in range(count)]
    there.set()
    turn = 0
    while not over.wait(_DRIP_SECONDS):
        for number, client in enumerate(clients):
            if not _goes_on(client, habit, turn):
                client.close()
                clients[number] = _connect(url, habit)
        turn += 1
    for client in clients:
        client.close()


def _connect(url: str, habit: Habit) -> socket.socket:
    client = socket.socket()
    if habit.reads:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_WINDOW)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SMALL_SEGMENT)
    parts = urlsplit(url)
    client.settimeout(_PATIENCE_SECONDS)
    with contextlib.suppress(OSError):
        client.connect(("127.0.0.1", parts.port or 80))
        client.sendall(habit.opening)
    client.settimeout(0)
    return client


def _goes_on(client: socket.socket, habit: Habit, turn: int) -> bool:
    """Whether the connection is still there after the next byte."""
    try:
        if habit.drip:
            client.send(habit.drip[turn % len(habit.drip) :][:1])
        if habit.reads:
            return client.recv(1) != b""
        return client.recv(1, socket.MSG_PEEK) != b"" or not habit.drip
    except BlockingIOError:
        return True
    except OSError:
        return False


@dataclass
class Waits:
    """How long one question after the other took, in seconds; what else went wrong."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def p95(self) -> float:
        """The wait that one in twenty exceeds."""
        waits = sorted(self.seconds)
        return waits[math.ceil(len(waits) * 0.95) - 1]


def ask_for(seconds: float, *urls: str) -> list[Waits]:
    """Ask at each address again and again, each in a thread of its own."""
    deadline = time.monotonic() + seconds
    return _together([lambda url=url: _ask_until(deadline, url) for url in urls])  # type: ignore[misc]


def _ask_until(deadline: float, url: str) -> Waits:
    waits = Waits()
    while time.monotonic() < deadline:
        started = time.monotonic()
        try:
            answer = requests.get(url, timeout=_PATIENCE_SECONDS)
            if not answer.ok:
                waits.failures.append(str(answer.status_code))
        except requests.RequestException as error:
            waits.failures.append(type(error).__name__)
        waits.seconds.append(time.monotonic() - started)
        time.sleep(0.02)
    return waits


def _together(questions: "list[Callable[[], Waits]]") -> list[Waits]:
    answers: list[Waits] = [Waits() for _ in questions]

    def run(number: int) -> None:
        answers[number] = questions[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(questions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
