"""The eDocs adapter on the wire: what it asks, what it makes of each answer, and when it gives up."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Response

from tests.viewer.wire import Exchange, Wire, closed_port, serving
from viewer.errors import DocumentNotFound, SourceUnavailable, TooLarge
from viewer.sources import edocs
from viewer.sources.edocs import EdocsSource

ATTEMPTS = 3
BODY = b"%PDF-1.7 and the rest"


@dataclass
class Tray:
    """A sink with room for so many bytes."""

    room: int = 1_000_000
    body: bytes = b""

    def write(self, chunk: bytes, /) -> None:
        self.body += chunk
        if len(self.body) > self.room:
            raise TooLarge


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edocs, "_BACKOFF_SECONDS", 0)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with serving(lambda exchange: exchange.reply(BODY)) as wire:
        yield wire


@pytest.fixture
def outcomes() -> list[tuple[str, str]]:
    return []


Build = Callable[..., EdocsSource]


@pytest.fixture
def build(wire: Wire, outcomes: list[tuple[str, str]]) -> Build:
    def build(url: str | None = None, **patience: float) -> EdocsSource:
        seconds = {"connect_seconds": 2.0, "read_seconds": 5.0, "total_seconds": 10.0} | patience
        return EdocsSource(
            url or f"{wire.url}/documents/",
            "the-key",
            attempts=ATTEMPTS,
            on_fetch=lambda source, outcome, _: outcomes.append((source, outcome)),
            **seconds,
        )

    return build


def test_asks_for_the_document_with_the_key_in_its_header_and_the_journeys_id(
    build: Build, wire: Wire, outcomes: list[tuple[str, str]]
) -> None:
    into = Tray()
    build().fetch("77", into, "journey-0001")
    (seen,) = wire.seen
    assert (seen.method, seen.path, seen.body) == ("GET", "/documents/77", "")
    assert seen.headers["authorization"] == "Bearer the-key"
    assert seen.headers["x-request-id"] == "journey-0001"
    assert "the-key" not in seen.path
    assert into.body == BODY
    assert outcomes == [("edocs", "ok")]


def test_an_address_that_ends_in_a_query_gets_the_id_appended_too(build: Build, wire: Wire) -> None:
    build(f"{wire.url}/get?id=").fetch("77", Tray(), "r")
    assert wire.seen[0].path == "/get?id=77"


def test_takes_chunks_without_a_length_and_whatever_media_type(build: Build, wire: Wire) -> None:
    into = Tray()
    wire.answer = lambda exchange: exchange.reply_chunked(b"%PDF", b"-1.7", Content_Type="audio/mpeg")
    assert build().fetch("1", into, "r") is None
    assert into.body == b"%PDF-1.7"


def test_asks_again_at_every_call(build: Build, wire: Wire) -> None:
    source = build()
    for _ in range(3):
        source.fetch("1", Tray(), "r")
    assert len(wire.seen) == 3


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
    ],
)
def test_reads_the_file_name_where_there_is_one(
    build: Build, wire: Wire, header: str, name: str | None
) -> None:
    wire.answer = lambda exchange: exchange.reply(BODY, Content_Disposition=header)
    assert (build().fetch("77", Tray(), "r") or "") == (name or "")


_PARTS = st.sampled_from(
    [*"=;\"'*% ", "filename", "filename*", "filename*0*", "utf-8''", "undefined''", "%FF", "\r\n ", "é"]
)


@given(st.lists(_PARTS, max_size=12).map("".join))
def test_no_header_however_odd_costs_anybody_the_document(header: str) -> None:
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
def test_retries_what_may_pass_and_nothing_else(
    build: Build,
    wire: Wire,
    outcomes: list[tuple[str, str]],
    status: int,
    error: type[Exception],
    requests: int,
) -> None:
    wire.answer = lambda exchange: exchange.reply(b"" if status == 204 else b"<Error/>", status)
    into = Tray()
    with pytest.raises(error):
        build().fetch("1", into, "r")
    assert len(wire.seen) == requests
    assert into.body == b"", "an error's body is not a document"
    assert outcomes == [("edocs", error.code)]  # type: ignore[attr-defined]  # every problem has one


def test_a_passing_fault_is_not_noticed(build: Build, wire: Wire) -> None:
    wire.answer = lambda exchange: exchange.reply(BODY, 500 if len(wire.seen) < ATTEMPTS else 200)
    into = Tray()
    build().fetch("1", into, "r")
    assert into.body == BODY


def test_a_kept_connection_that_closes_is_not_noticed(build: Build, wire: Wire) -> None:
    wire.hang_up_at(2)
    source, into = build(), Tray()
    source.fetch("1", Tray(), "r")
    source.fetch("1", into, "r")
    assert into.body == BODY
    assert len(wire.seen) == 3


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_follows_no_redirect_so_the_key_stays_here(build: Build, wire: Wire, status: int) -> None:
    wire.answer = lambda exchange: exchange.reply(b"", status, Location=f"{wire.url}/elsewhere")
    with pytest.raises(SourceUnavailable):
        build().fetch("1", Tray(), "r")
    assert [seen.path for seen in wire.seen] == ["/documents/1"]


def test_nothing_listening_is_said_so(build: Build) -> None:
    with pytest.raises(SourceUnavailable):
        build(f"{closed_port()}/").fetch("1", Tray(), "r")


def test_proxies_and_passwords_of_the_environment_are_not_used(
    build: Build, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", closed_port())
    monkeypatch.setenv("no_proxy", "")
    build().fetch("1", Tray(), "r")
    assert len(wire.seen) == 1


def test_a_document_that_breaks_off_is_no_document(build: Build, wire: Wire) -> None:
    wire.answer = lambda exchange: exchange.reply_chunked(b"half", whole=False)
    with pytest.raises(SourceUnavailable):
        build().fetch("1", Tray(), "r")


def test_a_document_shorter_than_promised_is_no_document(build: Build, wire: Wire) -> None:
    def short(exchange: Exchange) -> None:
        exchange.start(Content_Length="100")
        exchange.wfile.write(b"half")
        exchange.close_connection = True

    wire.answer = short
    with pytest.raises(SourceUnavailable):
        build().fetch("1", Tray(), "r")


def _seconds_until_given_up(source: EdocsSource) -> float:
    started = time.monotonic()
    with pytest.raises(SourceUnavailable):
        source.fetch("1", Tray(), "r")
    return time.monotonic() - started


def test_a_silent_server_is_left_at_the_read_limit_without_a_second_try(build: Build, wire: Wire) -> None:
    wire.answer = lambda _: wire.over.wait(10)  # type: ignore[assignment]  # its answer is silence
    assert _seconds_until_given_up(build(read_seconds=0.2)) < 2
    assert len(wire.seen) == 1


@pytest.mark.parametrize("headers", [{"Transfer_Encoding": "chunked"}, {"Content_Length": "100000"}, {}])
def test_a_dripping_server_is_left_at_the_limit_for_the_whole(
    build: Build, wire: Wire, headers: dict[str, str]
) -> None:
    def drip(exchange: Exchange) -> None:
        exchange.start(**headers, Connection="close")
        while not wire.over.wait(0.02):
            exchange.wfile.write(b"1\r\nx\r\n" if "Transfer_Encoding" in headers else b"x")

    wire.answer = drip
    assert _seconds_until_given_up(build(total_seconds=0.3)) < 2


def test_reading_stops_where_the_sink_says_too_large(
    build: Build, wire: Wire, outcomes: list[tuple[str, str]]
) -> None:
    sent = 0

    def endless(exchange: Exchange) -> None:
        nonlocal sent
        exchange.start(Connection="close")
        while not wire.over.is_set():
            sent += exchange.wfile.write(b"x" * 65536)

    wire.answer = endless
    with pytest.raises(TooLarge):
        build().fetch("1", Tray(room=300_000), "r")
    assert sent < 20_000_000, "the rest was not read"
    assert outcomes == [("edocs", "too_large")]


@pytest.mark.parametrize("document_id", ["1", "7", "12345", "2147483647"])
def test_accepts_32_bit_ids(build: Build, document_id: str) -> None:
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
def test_accepts_nothing_else(build: Build, document_id: str) -> None:
    assert not build().accepts(document_id)
