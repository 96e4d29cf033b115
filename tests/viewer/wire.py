"""A real HTTP server in a thread, whose answers a test writes itself: what a neighbour does on the wire."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


Answer = Callable[["Exchange"], None]


class Exchange(BaseHTTPRequestHandler):
    """One request and the answer to it."""

    protocol_version = "HTTP/1.1"
    server: "_Server"
    seen: Seen

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="surrogateescape")
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.seen = Seen(self.command, self.path, headers, body)
        self.server.wire.seen.append(self.seen)
        try:
            self.server.wire.answer(self)
        except OSError:
            self.close_connection = True  # the client went away, as some tests want it to

    do_GET = do_POST = do_PUT = do_HEAD = _take  # noqa: N815 - http.server's names

    def reply(self, body: bytes = b"", status: int = 200, /, **headers: str) -> None:
        """Answer with a length. `_` in a header's name stands for `-`."""
        self.start(status, Content_Length=str(len(body)), **headers)
        self.wfile.write(body)

    def start(self, status: int = 200, /, **headers: str) -> None:
        """Send the head of an answer alone."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def reply_chunked(self, *chunks: bytes, whole: bool = True, **headers: str) -> None:
        """Answer without a length, in chunks; break off before the end unless it is to be whole."""
        self.start(Transfer_Encoding="chunked", **headers)
        for chunk in chunks:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if whole:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    wire: "Wire"


@dataclass
class Wire:
    """What the server does, and what it was asked."""

    url: str
    answer: Answer
    seen: list[Seen]
    over: threading.Event
    """Set when the test is over: an answer that is to stay silent waits for it."""

    def hang_up_at(self, number: int) -> None:
        """Close the connection at the so-manieth request, instead of answering it."""
        usual = self.answer

        def answer(exchange: Exchange) -> None:
            if len(self.seen) == number:
                exchange.close_connection = True
            else:
                usual(exchange)

        self.answer = answer


@contextmanager
def serving(answer: Answer) -> Iterator[Wire]:
    """A server on a free port of loopback, until the block ends."""
    server = _Server(("127.0.0.1", 0), Exchange)
    server.wire = Wire(f"http://localhost:{server.server_port}", answer, [], threading.Event())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.wire
    finally:
        server.wire.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def closed_port() -> str:
    """An address at which nothing listens."""
    with serving(lambda _: None) as gone:
        return gone.url
