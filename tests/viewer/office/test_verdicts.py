"""What a guard's answer means for the document, and that nothing else means anything for it."""

import io
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from runpy import run_path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.conversion.offices import ROOT
from tests.viewer import samples
from tests.viewer.office.line import (
    BUSY,
    CONVERTED,
    LONG,
    PDF,
    SHORT,
    STATUSES,
    WORD,
    Line,
    guard_says,
    pdf_of,
    saying,
)
from tests.viewer.stub_server import Answer, Exchange, closed_port
from viewer.errors import (
    ConversionTimeout,
    ConversionUnavailable,
    ConverterBusy,
    Corrupt,
    DocumentKilledConverter,
    Problem,
    TooLarge,
)
from viewer.office import client
from viewer.office import converter as office
from viewer.office.client import ConverterClient, NoAnswer, Outcome, Request
from viewer.office.converter import OfficeConverter

TRIES = 5
"""After as many of a document that was sent, and is lost each time, it is given up for now."""
DIED, HUNG = guard_says("died"), guard_says("timeout", processor="0.0500")


@pytest.mark.parametrize(
    ("answer", "error", "lanes"),
    [
        (guard_says("load-failed"), Corrupt, ["/"]),
        (guard_says("too-large"), TooLarge, ["/"]),
        (guard_says("converted", b"%PDF-" + bytes(100_000)), TooLarge, ["/"]),
        (DIED, DocumentKilledConverter, ["/", "/"]),
        # the end of the common lane's time is no strike
        (HUNG, ConversionTimeout, ["/", "/long", "/long"]),
    ],
    ids=["cannot load", "too large", "PDF too large", "died twice", "did nothing twice"],
)
def test_each_outcome_of_a_guard_raises_its_error(
    line: Line, answer: Answer, error: type[Problem], lanes: list[str]
) -> None:
    with pytest.raises(error) as raised:
        line.convert(answer)
    assert type(raised.value) is error
    assert line.lanes == lanes


def test_a_document_that_used_all_its_processor_time_is_not_tried_again(line: Line) -> None:
    with pytest.raises(ConversionTimeout):
        line.convert(guard_says("timeout", processor="5.0000"), printing=LONG)
    assert line.lanes == ["/long"]


def test_an_overloaded_machine_says_nothing_about_the_document(line: Line) -> None:
    with pytest.raises(ConversionUnavailable):
        line.convert(guard_says("overloaded"))
    assert line.lanes == ["/", "/long"]


def test_one_death_and_one_hang_are_two_failures(line: Line) -> None:
    with pytest.raises(ConversionTimeout):
        line.convert(DIED, HUNG, printing=LONG)


def test_one_dead_office_is_no_verdict_on_the_document(line: Line) -> None:
    assert line.convert(DIED, CONVERTED) == PDF
    assert line.outcomes == ["document_killed_converter", "ok"]


def test_a_death_between_two_waits_counts_once(line: Line) -> None:
    assert line.convert(BUSY, DIED, BUSY, CONVERTED) == PDF


def truncated(exchange: Exchange) -> None:
    exchange.start(
        X_Conversion_Outcome="converted",
        Content_Length=str(len(PDF)),
        X_Clock_Seconds="1.0",
        X_Processor_Seconds="1.0",
    )
    exchange.wfile.write(PDF[:-100])
    exchange.close_connection = True


def in_chunks(exchange: Exchange) -> None:
    exchange.reply_chunked(PDF, X_Conversion_Outcome="converted")


def closing(exchange: Exchange) -> None:
    exchange.close_connection = True


def resetting(exchange: Exchange) -> None:
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    exchange.close_connection = True


INVALID_ANSWERS = {
    "HAProxy's 500": saying(b"", 500),
    "HAProxy's 502": saying(b"", 502),
    "HAProxy's 504": saying(b"", 504),
    "somebody's 503": saying(b"", 503),
    "a page": saying(b"<html>hello</html>"),
    "a PDF without the guard's word": saying(PDF),
    "elsewhere": saying(b"", 302, Location="/elsewhere"),
    "an unknown word": saying(PDF, X_Conversion_Outcome="fine"),
    "a word of ours": saying(b"", 503, X_Conversion_Outcome="none-up"),
    "a word with another status": guard_says("converted", PDF, status=500),
    "a failure with success's status": guard_says("died", status=200),
    "refused": guard_says("refused"),
    "no PDF": guard_says("converted", b"no PDF"),
    "nothing": guard_says("converted", b""),
    "cut short": truncated,
    "without a length": in_chunks,
    "hanging up": closing,
    "resetting": resetting,
}


@pytest.mark.parametrize("answer", INVALID_ANSWERS.values(), ids=INVALID_ANSWERS)
def test_any_other_answer_is_an_outage(line: Line, answer: Answer) -> None:
    with pytest.raises(ConversionUnavailable):
        line.convert(answer)
    assert len(line.stub.requests) == TRIES
    assert set(line.outcomes) == {"conversion_unavailable"}


@pytest.mark.parametrize("answer", INVALID_ANSWERS.values(), ids=INVALID_ANSWERS)
def test_a_document_is_converted_after_an_outage(line: Line, answer: Answer) -> None:
    assert line.convert(answer, answer, CONVERTED) == PDF


@pytest.mark.parametrize("answer", INVALID_ANSWERS.values(), ids=INVALID_ANSWERS)
def test_an_outage_does_not_count_as_a_failed_office(line: Line, answer: Answer) -> None:
    assert line.convert(answer, DIED, answer, CONVERTED) == PDF


def refusing_the_document(exchange: Exchange) -> None:
    """As HAProxy does where the office closed its port in this moment: the document was never asked for."""
    exchange.reply(b"", 502)


def test_a_document_that_was_never_sent_may_be_retried_more_often(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Exchange, "handle_expect_100", lambda _exchange: True)
    monkeypatch.setattr(Exchange, "do_POST", lambda exchange: exchange.server.stub.answer(exchange))
    left = [refusing_the_document] * (2 * TRIES)

    def answer(exchange: Exchange) -> None:
        (left.pop() if left else BUSY)(exchange)

    line.stub.answer = answer
    with pytest.raises(ConverterBusy):
        line.converter(queue_seconds=1).convert(io.BytesIO(samples.word()), SHORT)
    assert line.outcomes.count("conversion_unavailable") == 2 * TRIES


@pytest.mark.parametrize("seconds", ["", "nan", "1e999", "-5", "soon"])
def test_a_malformed_duration_header_is_ignored(line: Line, seconds: str) -> None:
    assert line.convert(guard_says("converted", PDF, processor=seconds))


def silent(exchange: Exchange) -> None:
    exchange.server.stub.stopped.wait()


def dripping(exchange: Exchange) -> None:
    exchange.start(X_Conversion_Outcome="converted", Content_Length="100000", Connection="close")
    exchange.wfile.write(b"%PDF-")
    while not exchange.server.stub.stopped.wait(0.05):
        exchange.wfile.write(b" ")
        exchange.wfile.flush()


def at_work_for_ever(exchange: Exchange) -> None:
    while not exchange.server.stub.stopped.wait(0.05):
        exchange.send_response_only(100)
        exchange.end_headers()


@pytest.mark.parametrize("answer", [silent, dripping, at_work_for_ever])
def test_an_answer_that_does_not_end_is_cut_off(
    line: Line, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    """Silence after seconds; what goes on and on when no guard could be at it any more."""
    monkeypatch.setattr(client, "_READ_TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(client, "_GRACE_SECONDS", 0.2)
    monkeypatch.setattr(office, "_OUTAGE_SECONDS", 0)
    started = time.monotonic()
    with pytest.raises(ConversionUnavailable):
        line.convert(answer, work_seconds=0.1)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "address", [closed_port(), "http://nobody.invalid:2000"], ids=["closed port", "unknown host"]
)
def test_an_unreachable_haproxy_is_an_outage(
    line: Line, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(office, "_OUTAGE_SECONDS", 0.3)
    converter = OfficeConverter(
        address,
        work_seconds=5,
        queue_seconds=5,
        max_bytes=10**6,
        max_output_bytes=10**6,
        locale="en-GB",
        on_attempt=lambda *attempt: line.attempts.append(attempt),
    )
    with pytest.raises(ConversionUnavailable):
        converter.convert(io.BytesIO(samples.word()), SHORT)
    assert set(line.outcomes) == {"conversion_unavailable"}


def test_the_locale_is_asked_for_and_part_of_the_recipe(line: Line) -> None:
    british, french = line.converter(), line.converter(locale="fr-FR")
    assert british.recipe != french.recipe
    assert pdf_of(french) == PDF
    assert line.headers("x-document-locale") == ["fr-FR"]


def test_frames_are_asked_for_where_pictures_are_missing(line: Line) -> None:
    line.convert(CONVERTED)
    line.convert(CONVERTED, printing=replace(SHORT, has_linked_pictures=True))
    assert line.headers("x-linked-pictures") == ["0", "1"]


def test_a_document_beyond_the_size_limit_is_not_sent(line: Line) -> None:
    document = samples.word()
    with pytest.raises(TooLarge):
        line.converter(max_bytes=len(document) - 1).convert(io.BytesIO(document), SHORT)
    assert not line.stub.requests
    line.converter(max_bytes=len(document)).convert(io.BytesIO(document), SHORT).close()
    assert line.stub.requests


class TestFilters:
    """Which of a family's import filters read a document."""

    def test_the_next_filter_is_tried_only_where_the_office_cannot_load_the_document(
        self, line: Line
    ) -> None:
        printing = replace(SHORT, filters=("a", "b", "c"))
        assert line.convert(guard_says("load-failed"), DIED, CONVERTED, printing=printing) == PDF
        assert line.headers("x-import-filter") == ["a", "b", "b"]

    def test_at_most_three_filters_are_tried(self, line: Line) -> None:
        with pytest.raises(Corrupt):
            line.convert(guard_says("load-failed"), printing=replace(SHORT, filters=tuple("abcd")))
        assert line.headers("x-import-filter") == ["a", "b", "c"]

    def test_all_filters_share_the_documents_processor_time(self, line: Line) -> None:
        answer = guard_says("load-failed", processor="4.5000")
        with pytest.raises(Corrupt):
            line.convert(answer, printing=replace(SHORT, filters=("a", "b")))
        assert len(line.stub.requests) == 1


class TestRequest:
    """What is sent."""

    def test_the_request_holds_the_unchanged_document_and_its_headers(self, line: Line) -> None:
        document = io.BytesIO(b"PK\x03\x04 \xff\xfe anything")
        document.seek(3)
        line.answer(CONVERTED)
        with line.converter().convert(document, replace(SHORT, cut_after=300)) as pdf:
            assert pdf.tell() == 0
        [seen] = line.stub.requests
        assert seen.body.encode(errors="surrogateescape") == document.getvalue()
        assert seen.headers["x-import-filter"] == WORD
        assert seen.headers["x-last-page"] == "300"
        assert seen.headers["x-max-bytes"] == "100000"

    def test_every_attempt_sends_the_whole_document(self, line: Line) -> None:
        line.convert(DIED, BUSY, CONVERTED)
        assert len({seen.body for seen in line.stub.requests}) == 1

    def test_queueing_and_conversion_are_measured_separately(self, line: Line) -> None:
        line.convert(CONVERTED)
        assert [(outcome, clock) for outcome, _, clock in line.attempts] == [("ok", 0.2)]

    def test_the_environments_proxy_never_sees_a_document(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", closed_port())
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert line.convert(CONVERTED) == PDF

    def test_no_document_is_sent_before_an_office_asks_for_it(self) -> None:
        """A document that waits in HAProxy's queue takes no room there."""
        with socket.create_server(("127.0.0.1", 0)) as haproxy:
            sender = ConverterClient(f"http://127.0.0.1:{haproxy.getsockname()[1]}", 10, "en-GB")
            head = _sent_without_answer(haproxy, sender)
        assert head.endswith(b"\r\n\r\n")
        assert b"expect: 100-continue" in head.lower()


def _sent_without_answer(haproxy: socket.socket, sender: ConverterClient) -> bytes:
    document = samples.word()
    request = Request(io.BytesIO(document), len(document), "/", WORD, 9, 1, 0)
    with ThreadPoolExecutor() as people:
        waiting = people.submit(sender.send, request)
        connection, _ = haproxy.accept()
        with connection:
            head = connection.recv(100_000)
            connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nX-Converters-Up: 1\r\n\r\n")
        assert waiting.result().outcome is Outcome.BUSY
    return head


def test_viewer_and_guard_have_the_same_outcomes() -> None:
    jobs = run_path(str(Path(ROOT, "deploy/unoserver/jobs.py")))
    assert {str(word) for word in jobs["Outcome"]} == {
        *(str(word) for word in Outcome if word is not Outcome.NONE_UP),
        "refused",
    }
    assert {str(word): int(status) for word, status in jobs["STATUSES"].items()} == STATUSES


HEAD = st.lists(
    st.tuples(
        st.sampled_from(
            ["X-Conversion-Outcome", "Content-Length", "Transfer-Encoding", "X-Converters-Up", "Connection"]
        ),
        st.sampled_from(["converted", "died", "5", "0", "-1", "chunked", "9" * 30, "", "close"]),
    ),
    max_size=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    status=st.sampled_from(["100", "200", "204", "500", "503", "x"]), head=HEAD, body=st.binary(max_size=30)
)
@example(status="200", head=[("X-Conversion-Outcome", "converted"), ("Content-Length", "5")], body=b"%PDF-")
def test_any_answer_is_a_known_outcome_or_an_outage(
    line: Line, status: str, head: list[tuple[str, str]], body: bytes
) -> None:
    """Whatever is answered, it is one of the known outcomes or none."""

    def answer(exchange: Exchange) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in head)
        exchange.wfile.write(f"HTTP/1.1 {status} words\r\n{lines}\r\n".encode() + body)
        exchange.close_connection = True

    line.stub.answer = answer
    request = Request(io.BytesIO(b"a"), 1, "/", WORD, 9, 1, 0)
    try:
        said = ConverterClient(line.stub.url, 100, "en-GB").send(request)
    except NoAnswer:
        return
    assert (said.pdf is not None) == (said.outcome is Outcome.CONVERTED)
    if said.pdf:
        said.pdf.close()


def test_an_attempt_without_any_answer_ends(line: Line) -> None:
    line.answer(BUSY)
    with pytest.raises(ConverterBusy):
        line.converter(queue_seconds=0.5).convert(io.BytesIO(samples.word()), SHORT)
