"""The eDocs client over HTTP: its requests, its handling of each response, and its timeouts."""

import contextlib
import gzip
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import Response

from shared.shares import Share
from tests.viewer.stub_server import Exchange, StubServer, closed_port, serving
from viewer.errors import DocumentNotFound, SourceBusy, SourceUnavailable, TooLarge
from viewer.sources import edocs
from viewer.sources.edocs import EdocsSource

ATTEMPTS = 3
BODY = b"%PDF-1.7 and the rest"


@dataclass
class LimitedSink:
    """A sink with a size limit."""

    limit: int = 1_000_000
    body: bytes = b""

    def write(self, chunk: bytes, /) -> None:
        self.body += chunk
        if len(self.body) > self.limit:
            raise TooLarge


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edocs, "_BACKOFF_SECONDS", 0)


@pytest.fixture
def stub() -> Iterator[StubServer]:
    with serving(lambda exchange: exchange.reply(BODY)) as stub:
        yield stub


@pytest.fixture
def outcomes() -> list[tuple[str, str]]:
    return []


Build = Callable[..., EdocsSource]


@pytest.fixture
def build(stub: StubServer, outcomes: list[tuple[str, str]]) -> Build:
    def build(url: str | None = None, share: Share | None = None, **patience: float) -> EdocsSource:
        seconds = {"connect_seconds": 2.0, "read_seconds": 5.0, "total_seconds": 10.0} | patience
        return EdocsSource(
            url or f"{stub.url}/documents/",
            "the-key",
            attempts=ATTEMPTS,
            share=share or Share(8, SourceBusy),
            on_fetch=lambda source, outcome, _: outcomes.append((source, outcome)),
            **seconds,
        )

    return build


def test_a_fetch_sends_the_key_and_the_request_id_as_headers(
    build: Build, stub: StubServer, outcomes: list[tuple[str, str]]
) -> None:
    into = LimitedSink()
    build().fetch("77", into, "journey-0001")
    (seen,) = stub.requests
    assert (seen.method, seen.path, seen.body) == ("GET", "/documents/77", "")
    assert seen.headers["authorization"] == "Bearer the-key"
    assert seen.headers["x-request-id"] == "journey-0001"
    assert "the-key" not in seen.path
    assert into.body == BODY
    assert outcomes == [("edocs", "ok")]


def test_the_id_is_appended_to_an_address_that_ends_in_a_query(build: Build, stub: StubServer) -> None:
    build(f"{stub.url}/get?id=").fetch("77", LimitedSink(), "r")
    assert stub.requests[0].path == "/get?id=77"


def test_a_chunked_response_of_any_media_type_is_accepted(build: Build, stub: StubServer) -> None:
    into = LimitedSink()
    stub.answer = lambda exchange: exchange.reply_chunked(b"%PDF", b"-1.7", Content_Type="audio/mpeg")
    assert build().fetch("1", into, "r") is None
    assert into.body == b"%PDF-1.7"


def test_every_fetch_asks_edocs_again(build: Build, stub: StubServer) -> None:
    source = build()
    for _ in range(3):
        source.fetch("1", LimitedSink(), "r")
    assert len(stub.requests) == 3


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename=77.docx", "77.docx"),
        ('attachment; filename="case note.docx"', "case note.docx"),
        ("attachment; filename*=UTF-8''caf%C3%A9.docx", "café.docx"),
        ("attachment", None),
        ("", None),
        ("attachment; filename=", ""),
        ("attachment; filename*=undefined''x", None),
        (";;;=;filename", None),
        ("attachment; filename*0*=a; filename*=b; filename*1=c", None),
    ],
)
def test_the_file_name_is_read_where_there_is_one(
    build: Build, stub: StubServer, header: str, name: str | None
) -> None:
    stub.answer = lambda exchange: exchange.reply(BODY, Content_Disposition=header)
    assert (build().fetch("77", LimitedSink(), "r") or "") == (name or "")


_PARTS = st.sampled_from(
    [*"=;\"'*% ", "filename", "filename*", "filename*0*", "utf-8''", "undefined''", "%FF", "\r\n ", "é"]
)


@given(st.lists(_PARTS, max_size=12).map("".join))
def test_a_malformed_file_name_header_is_ignored(header: str) -> None:
    response = Response()
    response.headers["Content-Disposition"] = header
    name = edocs._file_name(response)
    assert name is None or isinstance(name, str)


@pytest.mark.parametrize(
    ("status", "error", "requests"),
    [
        (404, DocumentNotFound, 1),
        (400, SourceUnavailable, 1),
        (401, SourceUnavailable, 1),
        (403, SourceUnavailable, 1),
        (429, SourceUnavailable, 1),
        (204, SourceUnavailable, 1),
        (206, SourceUnavailable, 1),
        (500, SourceUnavailable, ATTEMPTS),
        (502, SourceUnavailable, ATTEMPTS),
        (503, SourceUnavailable, ATTEMPTS),
    ],
)
def test_only_temporary_errors_are_retried(
    build: Build,
    stub: StubServer,
    outcomes: list[tuple[str, str]],
    status: int,
    error: type[Exception],
    requests: int,
) -> None:
    stub.answer = lambda exchange: exchange.reply(b"" if status == 204 else b"<Error/>", status)
    into = LimitedSink()
    with pytest.raises(error):
        build().fetch("1", into, "r")
    assert len(stub.requests) == requests
    assert into.body == b"", "an error's body is not a document"
    assert outcomes == [("edocs", error.code)]  # type: ignore[attr-defined]  # every problem has one


def test_a_temporary_edocs_error_is_retried_with_success(build: Build, stub: StubServer) -> None:
    stub.answer = lambda exchange: exchange.reply(BODY, 500 if len(stub.requests) < ATTEMPTS else 200)
    into = LimitedSink()
    build().fetch("1", into, "r")
    assert into.body == BODY


def test_a_kept_connection_that_closes_is_not_noticed(build: Build, stub: StubServer) -> None:
    stub.hang_up_at(2)
    source, into = build(), LimitedSink()
    source.fetch("1", LimitedSink(), "r")
    source.fetch("1", into, "r")
    assert into.body == BODY
    assert len(stub.requests) == 3


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed_so_the_key_is_not_sent_elsewhere(
    build: Build, stub: StubServer, status: int
) -> None:
    stub.answer = lambda exchange: exchange.reply(b"", status, Location=f"{stub.url}/elsewhere")
    with pytest.raises(SourceUnavailable):
        build().fetch("1", LimitedSink(), "r")
    assert [seen.path for seen in stub.requests] == ["/documents/1"]


def test_a_refused_edocs_connection_is_source_unavailable(build: Build) -> None:
    with pytest.raises(SourceUnavailable):
        build(f"{closed_port()}/").fetch("1", LimitedSink(), "r")


def test_proxies_and_passwords_of_the_environment_are_not_used(
    build: Build, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", closed_port())
    monkeypatch.setenv("no_proxy", "")
    build().fetch("1", LimitedSink(), "r")
    assert len(stub.requests) == 1


def test_a_truncated_response_is_source_unavailable(build: Build, stub: StubServer) -> None:
    stub.answer = lambda exchange: exchange.reply_chunked(b"half", whole=False)
    with pytest.raises(SourceUnavailable):
        build().fetch("1", LimitedSink(), "r")


def test_a_response_shorter_than_its_length_is_source_unavailable(build: Build, stub: StubServer) -> None:
    def short(exchange: Exchange) -> None:
        exchange.start(Content_Length="100")
        exchange.wfile.write(b"half")
        exchange.close_connection = True

    stub.answer = short
    with pytest.raises(SourceUnavailable):
        build().fetch("1", LimitedSink(), "r")


def _seconds_until_given_up(source: EdocsSource) -> float:
    started = time.monotonic()
    with pytest.raises(SourceUnavailable):
        source.fetch("1", LimitedSink(), "r")
    return time.monotonic() - started


def test_a_read_timeout_ends_the_fetch_without_a_retry(build: Build, stub: StubServer) -> None:
    stub.answer = lambda _: stub.stopped.wait(10)  # type: ignore[assignment]  # its answer is silence
    assert _seconds_until_given_up(build(read_seconds=0.2)) < 2
    assert len(stub.requests) == 1


@pytest.mark.parametrize("headers", [{"Transfer_Encoding": "chunked"}, {"Content_Length": "100000"}, {}])
def test_a_server_that_sends_slowly_is_abandoned_at_the_total_limit(
    build: Build, stub: StubServer, headers: dict[str, str]
) -> None:
    def drip(exchange: Exchange) -> None:
        exchange.start(**headers, Connection="close")
        while not stub.stopped.wait(0.02):
            exchange.wfile.write(b"1\r\nx\r\n" if "Transfer_Encoding" in headers else b"x")

    stub.answer = drip
    assert _seconds_until_given_up(build(total_seconds=0.3)) < 2


def test_a_fetch_stops_when_the_sink_raises_too_large(
    build: Build, stub: StubServer, outcomes: list[tuple[str, str]]
) -> None:
    sent = 0

    def endless(exchange: Exchange) -> None:
        nonlocal sent
        exchange.start(Connection="close")
        while not stub.stopped.is_set():
            sent += exchange.wfile.write(b"x" * 65536)

    stub.answer = endless
    with pytest.raises(TooLarge):
        build().fetch("1", LimitedSink(limit=300_000), "r")
    assert sent < 20_000_000, "the rest was not read"
    assert outcomes == [("edocs", "too_large")]


@pytest.mark.parametrize("document_id", ["1", "7", "12345", "2147483647"])
def test_edocs_ids_are_positive_32_bit_integers(build: Build, document_id: str) -> None:
    assert build().accepts(document_id)


@pytest.mark.parametrize(
    "document_id",
    [
        "",
        "0",
        "-1",
        "+1",
        "01",
        "1.0",
        "2147483648",
        "99999999999",
        "1e3",
        "a",
        "1/../2",
        "1 ",
        " 1",
        "1\n",
        "1?x=1",
        "1%2F2",
        "\N{ARABIC-INDIC DIGIT ONE}",
    ],
)
def test_other_texts_are_no_edocs_ids(build: Build, document_id: str) -> None:
    assert not build().accepts(document_id)


_OK = b"HTTP/1.1 200 OK\r\n"
_GZIP = gzip.compress(BODY * 100)
BROKEN = {
    "nothing": b"",
    "no HTTP": b"hello\r\n\r\n",
    "a status that is no number": b"HTTP/1.1 abc OK\r\nContent-Length: 1\r\n\r\nx",
    "another protocol": b"ICY 200 OK\r\nContent-Length: 1\r\n\r\nx",
    "a cut status line": b"HTTP/1.1 2",
    "a cut head": _OK + b"Content-Le",
    "a head that ends with a whole line": _OK + b"Content-Type: application/pdf\r\n",
    "a head with a line that is no header": _OK + b"odd\r\nContent-Length: 100\r\n\r\nhalf",
    "nothing after the head": _OK + b"Content-Type: application/pdf\r\n\r\n",
    "interim answers alone": b"HTTP/1.1 100 Continue\r\n\r\n" * 3,
    "a header of 70 KB": _OK + b"X-Long: " + b"x" * 70_000 + b"\r\n\r\n",
    "200 headers": _OK + b"X-Many: 1\r\n" * 200 + b"\r\n",
    "a length beyond its body": _OK + b"Content-Length: 100\r\n\r\nhalf",
    "a chunk beyond its data": _OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nhalf",
    "chunks without an end": _OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    "a chunk size that is no number": _OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n0\r\n\r\n",
    "a negative chunk size": _OK + b"Transfer-Encoding: chunked\r\n\r\n-4\r\nhalf\r\n0\r\n\r\n",
    "a chunk size without end": _OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 70_000,
    "gzip": _OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(_GZIP) + _GZIP,
    "gzip that is cut": _OK + b"Content-Encoding: gzip\r\nContent-Length: 40\r\n\r\n" + _GZIP[:40],
    "gzip without a length": _OK + b"Content-Encoding: gzip\r\n\r\n" + _GZIP[:60],
    "gzip twice": _OK + b"Content-Encoding: gzip, gzip\r\n\r\n" + gzip.compress(_GZIP),
    "empty deflate blocks": _OK + b"Content-Encoding: deflate\r\n\r\n" + b"\x00\x00\x00\xff\xff" * 1000,
    "an encoding nobody knows": _OK + b"Content-Encoding: x-own\r\nContent-Length: 4\r\n\r\nhalf",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_answer_is_the_sources_fault_and_no_document(
    build: Build, stub: StubServer, outcomes: list[tuple[str, str]], name: str
) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.wfile.write(BROKEN[name])
        exchange.close_connection = True

    stub.answer = answer
    with pytest.raises(SourceUnavailable):
        build(total_seconds=3).fetch("1", LimitedSink(), "r")
    assert outcomes == [("edocs", "source_unavailable")]
    assert "gzip" not in stub.requests[0].headers["accept-encoding"]


_WHOLE = _OK + b"Content-Disposition: attachment; filename=1.pdf\r\nContent-Length: 21\r\n\r\n" + BODY


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.integers(0, len(_WHOLE) - 1), put=st.binary(max_size=3), out=st.integers(0, 5), cut=st.booleans()
)
def test_no_answer_however_odd_is_a_fault_of_ours(
    build: Build, stub: StubServer, at: int, put: bytes, out: int, *, cut: bool
) -> None:
    said = _WHOLE[:at] + put + (b"" if cut else _WHOLE[at + out :])

    def answer(exchange: Exchange) -> None:
        exchange.wfile.write(said)
        exchange.close_connection = True

    stub.answer = answer
    with contextlib.suppress(SourceUnavailable, DocumentNotFound):
        build(read_seconds=1, total_seconds=2).fetch("1", LimitedSink(), "r")


@pytest.mark.parametrize(
    "drip",
    [b"HTTP/1.1 100 Continue\r\n\r\n", b"H", _OK + b"X-Long: "],
    ids=["interim answers", "a status line", "headers"],
)
def test_a_head_that_drips_ends_at_the_limit_for_the_whole(
    build: Build, stub: StubServer, drip: bytes
) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.close_connection = True
        exchange.wfile.write(drip)
        while not stub.stopped.wait(0.02):
            exchange.wfile.write(drip if drip.endswith(b"\n") else b"1")

    stub.answer = answer
    assert _seconds_until_given_up(build(total_seconds=0.3)) < 3


def test_while_edocs_hangs_others_are_told_so_at_once(build: Build, stub: StubServer) -> None:
    stub.answer = lambda _: stub.stopped.wait(30)  # type: ignore[assignment]  # its answer is silence
    source = build(share=Share(2, SourceBusy), read_seconds=20.0, total_seconds=20.0)
    hanging = [
        threading.Thread(target=_give_up, args=(source,), daemon=True, name=f"hanging {number}")
        for number in range(2)
    ]
    for each in hanging:
        each.start()
    while len(stub.requests) < len(hanging):
        time.sleep(0.01)
    started = time.monotonic()
    with pytest.raises(SourceBusy):
        source.fetch("1", LimitedSink(), "r")
    assert time.monotonic() - started < 2
    stub.stopped.set()
    for each in hanging:
        each.join()
    stub.answer = lambda exchange: exchange.reply(BODY)
    source.fetch("1", LimitedSink(), "r")


def _give_up(source: EdocsSource) -> None:
    with contextlib.suppress(SourceUnavailable):
        source.fetch("1", LimitedSink(), "r")
