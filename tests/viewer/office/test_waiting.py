"""Where a document waits, in which order, and for how long."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.viewer.office.line import (
    BUSY,
    CONVERTED,
    LONG,
    NONE_UP,
    PDF,
    SHORT,
    Line,
    guard_says,
    pdf_of,
)
from tests.viewer.stub_server import Answer, Exchange
from viewer.errors import ConverterBusy
from viewer.office import converter as office


@pytest.mark.parametrize("busy", [BUSY, NONE_UP, guard_says("busy")], ids=["queue", "none up", "guard"])
def test_waits_for_a_free_office(line: Line, busy: Answer) -> None:
    assert line.convert(busy, busy, CONVERTED) == PDF
    assert line.outcomes == ["converter_busy", "converter_busy", "ok"]


@pytest.mark.parametrize("busy", [BUSY, NONE_UP, guard_says("busy")], ids=["queue", "none up", "guard"])
def test_gives_up_at_the_limit(line: Line, busy: Answer) -> None:
    line.answer(busy)
    with pytest.raises(ConverterBusy):
        pdf_of(line.converter(queue_seconds=0.5))


def test_gives_up_sooner_where_no_office_is_well(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "_OUTAGE_SECONDS", 0.3)
    line.answer(NONE_UP)
    with pytest.raises(ConverterBusy):
        pdf_of(line.converter(queue_seconds=60))


def test_goes_on_waiting_while_some_office_is_at_work(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "_OUTAGE_SECONDS", 0)
    assert line.convert(NONE_UP, BUSY, NONE_UP, BUSY, BUSY, CONVERTED) == PDF


def test_says_how_long_it_has_waited_so_that_it_keeps_its_place(line: Line) -> None:
    line.convert(BUSY, guard_says("died"), BUSY, CONVERTED)
    waited = list(map(int, line.headers("x-waited-ms")))
    assert waited == sorted(waited)
    assert waited[0] < 50
    assert waited[-1] >= 200


def test_a_document_that_looks_long_takes_the_long_lane(line: Line) -> None:
    line.convert(CONVERTED, printing=SHORT)
    line.convert(CONVERTED, printing=LONG)
    assert line.lanes == ["/", "/long"]


@pytest.mark.parametrize(
    ("processor", "lanes"), [("0.1000", ["/", "/"]), ("2.5000", ["/", "/long"])], ids=["soon", "late"]
)
def test_a_document_whose_office_died_moves_to_the_long_lane_only_after_long_work(
    line: Line, processor: str, lanes: list[str]
) -> None:
    """The first may be a victim, the second is what hurts offices."""
    line.convert(guard_says("died", processor=processor), CONVERTED)
    assert line.lanes == lanes


def test_a_victim_that_proves_to_be_long_is_no_offender(line: Line) -> None:
    """Its office was killed by something else, then the common lane's time was too short for it."""
    died, stopped = guard_says("died", processor="0.5000"), guard_says("timeout", processor="4.0000")
    assert line.convert(died, stopped, CONVERTED, work_seconds=60) == PDF
    assert line.lanes == ["/", "/", "/long"]


def test_the_common_lane_has_little_time_for_one_document(line: Line) -> None:
    line.convert(CONVERTED, work_seconds=60)
    line.convert(CONVERTED, printing=LONG, work_seconds=60)
    assert list(map(float, line.headers("x-work-seconds"))) == [4, 60]


def test_processor_time_of_one_attempt_is_missing_in_the_next(line: Line) -> None:
    line.convert(guard_says("timeout", processor="4.2500"), CONVERTED, work_seconds=60)
    assert list(map(float, line.headers("x-work-seconds"))) == [4, 55.75]


def test_any_number_of_long_documents_wait_and_short_ones_pass(line: Line) -> None:
    free, begun = threading.Event(), threading.Semaphore(0)

    def answer(exchange: Exchange) -> None:
        begun.release()
        if exchange.path == "/long":
            free.wait()
        CONVERTED(exchange)

    line.stub.answer = answer
    converter = line.converter()
    with ThreadPoolExecutor(40) as people:
        long = [people.submit(pdf_of, converter, LONG) for _ in range(40)]
        assert all(begun.acquire(timeout=10) for _ in long)
        assert pdf_of(converter) == PDF
        free.set()
        assert all(document.result() == PDF for document in long)
