"""A real HTTP server in a thread that stands in for another service, with responses that a test writes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.running.ports import free_port


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request that the server received, with header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


Answer = Callable[["Exchange"], None]


class Exchange(BaseHTTPRequestHandler):
    """One request and the response to it."""

    protocol_version = "HTTP/1.1"
    server: "_Server"
    received: ReceivedRequest

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="surrogateescape")
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.received = ReceivedRequest(self.command, self.path, headers, body)
        self.server.stub.requests.append(self.received)
        try:
            self.server.stub.answer(self)
        except OSError:
            self.close_connection = True  # the client closed the connection, as some tests intend

    do_GET = do_POST = do_PUT = do_HEAD = _take  # noqa: N815 - http.server's names

    def reply(self, body: bytes = b"", status: int = 200, /, **headers: str) -> None:
        """Send a response with Content-Length; `_` in a header's name stands for `-`."""
        self.start(status, Content_Length=str(len(body)), **headers)
        self.wfile.write(body)

    def start(self, status: int = 200, /, **headers: str) -> None:
        """Send the status line and headers only."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def reply_chunked(self, *chunks: bytes, whole: bool = True, **headers: str) -> None:
        """Send a chunked response; close the connection before its end unless `whole` is set."""
        self.start(Transfer_Encoding="chunked", **headers)
        for chunk in chunks:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if whole:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stub: "StubServer"


@dataclass
class StubServer:
    """The server's address, its responses, and the requests that it received."""

    url: str
    answer: Answer
    requests: list[ReceivedRequest]
    stopped: threading.Event
    """Set when the server stops; a response that must not come waits for it."""

    def hang_up_at(self, number: int) -> None:
        """Close the connection at the request of this number instead of responding to it."""
        usual = self.answer

        def answer(exchange: Exchange) -> None:
            if len(self.requests) == number:
                exchange.close_connection = True
            else:
                usual(exchange)

        self.answer = answer


@contextmanager
def serving(answer: Answer) -> Iterator[StubServer]:
    """Run a server on a free loopback port until the block ends."""
    server = _Server(("127.0.0.1", 0), Exchange)
    server.stub = StubServer(f"http://localhost:{server.server_port}", answer, [], threading.Event())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.stub
    finally:
        server.stub.stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()


def closed_port() -> str:
    """An address on which no server listens, and none will while this process lives."""
    return f"http://localhost:{free_port()}"
