"""The limits of one document: processor time counts, not the clock, and callers get interim answers."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.conversion import papers
from tests.conversion.offices import WORD, Call, Guard, guarded, post, processes
from tests.running.waiting import listens, wait_until
from tests.viewer import samples

pytestmark = pytest.mark.undisturbed
LONG = papers.steady(1)


@pytest.fixture(scope="module")
def guard() -> Iterator[Guard]:
    with guarded() as guard:
        yield guard


@contextmanager
def neighbours(guard: Guard, number: int) -> Iterator[None]:
    """So many processes that compute all the time, on the only processor that the office may use."""
    one = min(os.sched_getaffinity(0))
    for process in processes(guard.mark):
        for thread in Path(f"/proc/{process}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {one})
    compute = f"import os\nos.sched_setaffinity(0, {{{one}}})\nwhile True: pass"
    with ExitStack() as stack:
        for _ in range(number):
            # each in a session of its own, since the kernel may share a processor between sessions first
            neighbour = subprocess.Popen([sys.executable, "-c", compute], start_new_session=True)
            stack.callback(neighbour.wait)
            stack.callback(neighbour.kill)
        yield


@contextmanager
def starved(guard: Guard) -> Iterator[None]:
    """The office may run for a twentieth of a second out of each half."""
    over = threading.Event()

    def play() -> None:
        while not over.wait(0.05):
            guard.kill_office(signal.SIGSTOP)
            over.wait(0.45)
            guard.kill_office(signal.SIGCONT)

    thread = threading.Thread(target=play)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def processor_seconds(guard: Guard) -> float:
    """That the long document needs."""
    guard.wait_ready()
    return float(post(guard.port, Call(LONG, WORD)).headers["x-processor-seconds"])


def test_a_busy_neighbour_makes_no_document_slow(guard: Guard) -> None:
    needed = processor_seconds(guard)
    guard.wait_ready()
    with neighbours(guard, 4):
        answer = post(guard.port, Call(LONG, WORD, seconds=2 * needed))
    assert answer.outcome == "converted"
    assert float(answer.headers["x-clock-seconds"]) > 2 * needed, "by the clock it took longer than allowed"


def test_a_machine_without_processor_time_is_no_verdict(guard: Guard) -> None:
    guard.wait_ready()
    with starved(guard):
        answer = post(guard.port, Call(papers.endless(), WORD, seconds=2))
        while answer.outcome == "busy":  # with the canary of an idle office
            answer = post(guard.port, Call(papers.endless(), WORD, seconds=2))
    assert (answer.status, answer.outcome) == (504, "overloaded")
    assert float(answer.headers["x-processor-seconds"]) < 2


def test_a_document_that_computes_without_end_is_stopped_at_its_processor_time(guard: Guard) -> None:
    guard.wait_ready()
    answer = post(guard.port, Call(papers.endless(), WORD, seconds=2))
    assert (answer.status, answer.outcome) == (504, "timeout")
    assert 2 <= float(answer.headers["x-processor-seconds"]) < 4


def test_an_office_that_does_nothing_is_stopped_after_as_long(guard: Guard) -> None:
    guard.wait_ready()
    with ThreadPoolExecutor() as callers:
        waiting = callers.submit(post, guard.port, Call(papers.endless(), WORD, seconds=3))
        wait_until(lambda: guard.at_work, 10, "at work")
        started = time.monotonic()
        guard.kill_office(signal.SIGSTOP)
        answer = waiting.result()
    assert answer.outcome == "timeout"
    assert float(answer.headers["x-processor-seconds"]) < 3
    assert time.monotonic() - started < 12, "long before four times its seconds and the proof"


def test_a_caller_hears_twice_a_second_that_its_document_is_at_work(guard: Guard) -> None:
    guard.wait_ready()
    document = papers.endless()
    head = f"Content-Length: {len(document)}\r\nX-Import-Filter: {WORD}\r\nX-Last-Page: 9\r\n"
    head += "X-Work-Seconds: 2.00\r\nX-Max-Bytes: 999999\r\nX-Document-Locale: en-GB\r\n"
    with socket.create_connection(("127.0.0.1", guard.port), timeout=5) as caller:
        caller.sendall(f"POST / HTTP/1.1\r\n{head}\r\n".encode() + document)
        heard = b"".join(iter(lambda: caller.recv(4096), b""))
    assert heard.count(b"HTTP/1.1 100 Continue\r\n\r\n") >= 3
    assert heard.rpartition(b"HTTP/1.1 ")[2].startswith(b"504 ")


def test_an_office_that_had_a_long_document_is_replaced_without_a_gap(guard: Guard) -> None:
    office, replaced = guard.wait_ready(), len(guard.events("replaced"))
    assert post(guard.port, Call(papers.steady(4), WORD)).outcome == "converted"
    assert listens(guard.port), "the fresh office was started while the document was at work"
    assert guard.answer(samples.word())
    assert [event["reason"] for event in guard.events("replaced")[replaced:]] == ["long document"]
    assert office not in guard.offices()
