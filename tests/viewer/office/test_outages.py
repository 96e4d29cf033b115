"""The converter behind a real HAProxy with the shipped configuration: no outage is a verdict, and all pass.

The offices are haproxy-ins that speak as guards do, except where LibreOffice itself is to be lost.
"""

import io
import re
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from tests.conversion import papers
from tests.conversion.balancer import HAPROXY_CFG, Balancer, balancing
from tests.conversion.offices import Guard, guarded
from tests.running.waiting import wait_until
from tests.viewer.office.line import CONVERTED, PDF, SHORT, guard_says, pdf_of, saying
from tests.viewer.office.test_verdicts import closing, resetting, silent, truncated
from tests.viewer.stub_server import Answer, Exchange, StubServer, serving
from viewer.documents import Printing
from viewer.errors import ConversionUnavailable, ConverterBusy, DocumentKilledConverter
from viewer.office import client
from viewer.office import converter as office
from viewer.office.converter import OfficeConverter

OUTAGE_ERRORS = (ConversionUnavailable, ConverterBusy)


@dataclass
class HAProxyFixture:
    """HAProxy, the haproxy-in guards behind it, and how attempts ended."""

    balancer: Balancer
    wires: list[StubServer]
    attempts: list[str] = field(default_factory=list)

    @property
    def converter(self) -> OfficeConverter:
        return OfficeConverter(
            self.balancer.url,
            work_seconds=20,
            queue_seconds=60,
            max_bytes=10**6,
            max_output_bytes=10**6,
            locale="en-GB",
            on_attempt=lambda outcome, _queue, _work: self.attempts.append(outcome),
        )

    def answer(self, *answers: Answer) -> None:
        """Both guards give these answers in turn, the last one for ever."""
        left, lock = list(answers), threading.Lock()

        def next_answer(exchange: Exchange) -> None:
            with lock:
                answer = left.pop(0) if len(left) > 1 else left[0]
            answer(exchange)

        for each in self.wires:
            each.answer = next_answer


@pytest.fixture(scope="module")
def shared_haproxy() -> Iterator[HAProxyFixture]:
    with ExitStack() as stack:
        wires = [stack.enter_context(serving(CONVERTED)) for _ in range(2)]
        ports = [urlsplit(each.url).port or 0 for each in wires]
        yield HAProxyFixture(stack.enter_context(balancing(ports, long_jobs=1)), wires)


@pytest.fixture
def haproxy(shared_haproxy: HAProxyFixture, monkeypatch: pytest.MonkeyPatch) -> HAProxyFixture:
    """Everything is well; outages are waited for a few seconds rather than tens."""
    monkeypatch.setattr(office, "_OUTAGE_PAUSES", (0.1, 0.2, 0.5, 1.0))
    monkeypatch.setattr(office, "_OUTAGE_SECONDS", 4)
    shared_haproxy.answer(CONVERTED)
    shared_haproxy.attempts.clear()
    wait_until(lambda: shared_haproxy.balancer.servers_up() == 2, 20, "both up")
    return shared_haproxy


OUTAGE_ANSWERS = {
    "a closed connection": closing,
    "a reset connection": resetting,
    "a body cut short": truncated,
    "an odd answer": saying(b"<html>"),
    "no HTTP": lambda exchange: exchange.wfile.write(b"hello\r\n\r\n"),
    "an odd word": guard_says("refused"),
}


@pytest.mark.parametrize("answer", OUTAGE_ANSWERS.values(), ids=OUTAGE_ANSWERS)
def test_an_invalid_answer_of_a_guard_is_an_outage(haproxy: HAProxyFixture, answer: Answer) -> None:
    haproxy.answer(answer)
    with pytest.raises(OUTAGE_ERRORS):
        pdf_of(haproxy.converter)
    assert "document_killed_converter" not in haproxy.attempts


@pytest.mark.parametrize("answer", OUTAGE_ANSWERS.values(), ids=OUTAGE_ANSWERS)
def test_the_document_is_shown_when_the_outage_is_over(haproxy: HAProxyFixture, answer: Answer) -> None:
    haproxy.answer(answer, answer, CONVERTED)
    assert pdf_of(haproxy.converter) == PDF


def test_haproxy_passes_a_guards_outcome_through(haproxy: HAProxyFixture) -> None:
    """Or else nothing would ever be a verdict."""
    haproxy.answer(guard_says("died"))
    with pytest.raises(DocumentKilledConverter):
        pdf_of(haproxy.converter)


def test_a_silent_guard_times_out_within_seconds_and_the_document_is_retried(haproxy: HAProxyFixture) -> None:
    """Its machine vanished: no connection closes, nothing more comes."""
    haproxy.answer(silent, CONVERTED)
    started = time.monotonic()
    assert pdf_of(haproxy.converter) == PDF
    assert time.monotonic() - started < 15
    assert haproxy.attempts[0] == "conversion_unavailable"


def test_a_conversion_longer_than_haproxys_timeout_is_not_cut_off(haproxy: HAProxyFixture) -> None:
    """HAProxy's patience is 8 seconds; a guard says twice a second that it is at work."""

    def at_work(exchange: Exchange) -> None:
        for _ in range(24):
            exchange.server.stub.stopped.wait(0.4)
            exchange.send_response_only(100)
            exchange.end_headers()
        CONVERTED(exchange)

    haproxy.answer(at_work)
    assert pdf_of(haproxy.converter, Printing(SHORT.filters, is_long=True)) == PDF
    assert haproxy.attempts == ["ok"]


def test_a_hanging_haproxy_is_an_outage(haproxy: HAProxyFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_READ_TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(office, "_OUTAGE_SECONDS", 2)
    with haproxy.balancer.hanging():
        started = time.monotonic()
        with pytest.raises(ConversionUnavailable):
            pdf_of(haproxy.converter)
        assert time.monotonic() - started < 10
    assert pdf_of(haproxy.converter) == PDF


def test_a_document_survives_a_haproxy_that_hangs_for_a_moment(
    haproxy: HAProxyFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_READ_TIMEOUT_SECONDS", 1)
    with ThreadPoolExecutor() as people:
        with haproxy.balancer.hanging():
            waiting = people.submit(pdf_of, haproxy.converter)
            wait_until(lambda: haproxy.attempts, 10, "a try has failed")
        assert waiting.result() == PDF


def test_a_haproxy_that_is_down_is_an_outage_until_it_starts(haproxy: HAProxyFixture) -> None:
    """Nothing listens; it is started again while the second document waits."""
    with haproxy.balancer.away():
        with pytest.raises(ConversionUnavailable):
            pdf_of(haproxy.converter)
        haproxy.attempts.clear()
        with ThreadPoolExecutor() as people:
            waiting = people.submit(pdf_of, haproxy.converter)
            wait_until(lambda: haproxy.attempts, 10, "a try has failed")
            haproxy.balancer.start()
            assert waiting.result() == PDF


def test_a_retried_document_keeps_its_place_in_the_queue(haproxy: HAProxyFixture) -> None:
    """Both offices are at work for longer than a document may stay in HAProxy's queue."""
    free, order = {"first 1": threading.Event(), "first 2": threading.Event()}, []

    def answer(exchange: Exchange) -> None:
        name = exchange.received.headers["x-import-filter"]
        order.append(name)
        while name in free and not free[name].wait(0.5):
            exchange.send_response_only(100)
            exchange.end_headers()
        CONVERTED(exchange)

    haproxy.answer(answer)
    third = HAProxyFixture(haproxy.balancer, haproxy.wires)
    with ThreadPoolExecutor() as people:

        def open_it(name: str, of: HAProxyFixture = haproxy) -> None:
            waiting.append(people.submit(pdf_of, of.converter, Printing((name,), is_long=False)))

        waiting: list[Future[bytes]] = []
        for name in free:
            open_it(name)
        wait_until(lambda: len(order) == 2, 10, "both offices are at work")
        open_it("third", third)
        wait_until(lambda: third.attempts, 10, "the third document has left the queue once")
        for name in ("fourth", "fifth"):
            open_it(name)
        wait_until(lambda: len(haproxy.attempts) >= 2, 20, "the fourth and the fifth have left it too")
        sent_back = len(third.attempts)
        wait_until(lambda: len(third.attempts) > sent_back, 10, "the third has just left it again")
        wait_until(lambda: haproxy.balancer.queued() == 3, 3, "all three are back in the queue")
        free["first 1"].set()
        wait_until(lambda: len(order) == 5, 10, "one office has served the queue")
        free["first 2"].set()
    assert order[2] == "third"
    assert all(each.result() == PDF for each in waiting)


def test_haproxys_timeouts_are_shorter_than_the_viewers_read_timeout() -> None:
    """Two queues and the silence of a guard together, or else a wait would look like an outage."""
    text = HAPROXY_CFG.read_text()
    [queue] = map(int, re.findall(r"^ +timeout queue (\d+)s", text, re.MULTILINE))
    of_guards, of_common_lane = map(int, re.findall(r"^ +timeout server (\d+)s", text, re.MULTILINE))
    assert queue + of_guards <= of_common_lane
    assert queue + of_common_lane < client._READ_TIMEOUT_SECONDS


@dataclass
class LostConversion:
    """A document that is at work in a real office."""

    guards: list[Guard]
    waiting: "Future[bytes]"
    attempts: list[str]

    @property
    def guard(self) -> Guard:
        """That has the document."""
        return next(guard for guard in self.guards if guard.at_work)


@pytest.fixture
def at_work() -> Iterator[LostConversion]:
    with ExitStack() as stack:
        guards = [stack.enter_context(guarded()) for _ in range(2)]
        for guard in guards:
            guard.wait_ready()
        balancer = stack.enter_context(balancing([guard.port for guard in guards], long_jobs=1))
        haproxy = HAProxyFixture(balancer, [])
        people = stack.enter_context(ThreadPoolExecutor())
        document = io.BytesIO(papers.steady(0.5))
        printing = Printing(("MS Word 2007 XML",), is_long=True)
        converter = haproxy.converter
        lost = LostConversion(guards, people.submit(_pdf, converter, document, printing), haproxy.attempts)
        wait_until(lambda: any(guard.at_work for guard in guards), 20, "at work")
        yield lost


def _pdf(converter: OfficeConverter, document: io.BytesIO, printing: Printing) -> bytes:
    with converter.convert(document, printing) as pdf:
        return pdf.read()


def test_a_document_survives_a_real_office_killed_at_work(at_work: LostConversion) -> None:
    at_work.guard.kill_office()
    assert at_work.waiting.result(timeout=100).startswith(b"%PDF-")
    assert at_work.attempts.count("document_killed_converter") == 1


def test_a_document_survives_a_real_guard_killed_at_work(at_work: LostConversion) -> None:
    """With its office, as when a container is killed."""
    process = at_work.guard.process
    assert process
    process.kill()
    assert at_work.waiting.result(timeout=100).startswith(b"%PDF-")
    assert at_work.attempts[0] == "conversion_unavailable"
    assert "document_killed_converter" not in at_work.attempts


def test_a_document_survives_a_real_guard_that_hangs(at_work: LostConversion) -> None:
    """As when its machine vanishes: HAProxy's patience with its silence ends first."""
    process = at_work.guard.process
    assert process
    process.send_signal(signal.SIGSTOP)
    try:
        assert at_work.waiting.result(timeout=100).startswith(b"%PDF-")
    finally:
        process.send_signal(signal.SIGCONT)
    assert at_work.attempts[0] == "conversion_unavailable"
    assert "document_killed_converter" not in at_work.attempts
