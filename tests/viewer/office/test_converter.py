"""The office converter: the `Converter` contract against real offices, and odd answers on the wire."""

import io
import threading
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import openpyxl
import pikepdf
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.conversion import papers
from tests.conversion.offices import text_of, wait_until
from tests.viewer import samples
from tests.viewer.offices import MAX_BYTES, WORK_SECONDS, Offices
from tests.viewer.wire import Answer, Exchange, Wire, closed_port, serving
from viewer.documents import Kind
from viewer.errors import (
    ConversionTimeout,
    ConverterBroken,
    ConverterBusy,
    Corrupt,
    TooLarge,
    ViewerError,
)
from viewer.formats.recognition import RTF
from viewer.office import converter as office
from viewer.office.converter import OfficeConverter

DOCX = Kind("docx", "Word document", import_filter="MS Word 2007 XML")
XLSX = Kind("xlsx", "Excel spreadsheet", import_filter="Calc MS Excel 2007 XML")
ODT = Kind("odt", "Text document", import_filter="writer8")
RECOVERY_SECONDS = 20


class TestWithRealOffices:
    """What the pipeline can count on."""

    @pytest.mark.parametrize(
        ("document", "kind"),
        [
            (samples.word("Ünï £5"), DOCX),
            (b"{\\rtf1 \\'dcn\\'ef \\'a35}", RTF),
        ],
        ids=["docx", "rtf"],
    )
    def test_a_document_becomes_a_pdf_with_its_text(
        self, offices: Offices, document: bytes, kind: Kind
    ) -> None:
        assert "Ünï £5" in text_of(offices.converter().convert(document, kind))
        assert offices.outcomes == ["ok"]

    def test_the_pdf_is_tagged_for_screen_readers(self, offices: Offices) -> None:
        with pikepdf.open(io.BytesIO(offices.converter().convert(samples.word(), DOCX))) as pdf:
            assert pdf.Root.MarkInfo.Marked
            assert "/StructTreeRoot" in pdf.Root

    @pytest.mark.parametrize(
        "document", [samples.word()[:-3000], b"PK\x03\x04 no zip", samples.locked_word()]
    )
    def test_what_cannot_be_read_hurts_no_office(self, offices: Offices, document: bytes) -> None:
        before = [guard.offices() for guard in offices.guards]
        with pytest.raises(Corrupt):
            offices.converter().convert(document, DOCX)
        assert offices.outcomes == ["corrupt"]
        assert [guard.offices() for guard in offices.guards] == before

    def test_an_office_killed_at_work_costs_nobody_the_document(self, offices: Offices) -> None:
        with ThreadPoolExecutor() as people:
            waiting = people.submit(offices.converter().convert, papers.steady(1), DOCX)
            wait_until(lambda: any(guard.at_work for guard in offices.guards), 10, "at work")
            next(guard for guard in offices.guards if guard.at_work).kill_office()
            assert waiting.result(timeout=RECOVERY_SECONDS + 10)
        assert offices.outcomes[0] == "converter_broken"
        assert offices.outcomes[-1] == "ok"

    def test_all_offices_killed_at_once_cost_a_few_seconds(self, offices: Offices) -> None:
        started = time.monotonic()
        for guard in offices.guards:
            guard.kill_office()
        assert "A case note." in text_of(offices.converter().convert(samples.word(), DOCX))
        assert time.monotonic() - started < RECOVERY_SECONDS
        assert offices.outcomes.count("converter_broken") <= 1, "not blamed for what befell all offices"

    def test_many_people_at_once_each_get_their_own(self, offices: Offices) -> None:
        converter = offices.converter()
        with ThreadPoolExecutor(24) as people:
            pdfs = people.map(lambda n: converter.convert(samples.word(f"Note {n}."), DOCX), range(24))
            assert all(f"Note {n}." in text_of(pdf) for n, pdf in enumerate(pdfs))

    def test_nobody_waits_behind_a_document_that_hangs(self, offices: Offices) -> None:
        """Not even those who came while the other office was away: it takes them all when it is back."""
        converter = offices.converter()
        with ThreadPoolExecutor(11) as people:
            hanging = people.submit(converter.convert, papers.endless(), DOCX)
            wait_until(lambda: any(guard.at_work for guard in offices.guards), 10, "at work")
            next(guard for guard in offices.guards if not guard.at_work).kill_office()
            others = [people.submit(converter.convert, samples.word(), DOCX) for _ in range(10)]
            assert all(text_of(other.result(timeout=WORK_SECONDS)) for other in others)
            assert not hanging.done()
            with pytest.raises(ConversionTimeout):
                hanging.result()

    def test_a_document_with_too_many_pages_is_refused_not_cut(
        self, offices: Offices, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(office, "MAX_PAGES", 3)
        with pytest.raises(TooLarge):
            offices.converter().convert(b"{\\rtf1 1\\page 2\\page 3\\page 4\\page 5}", RTF)
        assert offices.converter().convert(b"{\\rtf1 1\\page 2}", RTF)

    def test_a_long_spreadsheet_is_cut_not_refused(self, offices: Offices) -> None:
        pdf = offices.converter().convert(_book([["x"]] * 1000), replace(XLSX, cut_after=3))
        assert _pages(pdf) == 3

    def test_a_sheet_is_as_wide_as_its_page_and_bears_its_name(self, offices: Offices) -> None:
        pdf = offices.converter().convert(_book([[f"column {n}" for n in range(40)]]), XLSX)
        assert _pages(pdf) == 1
        assert "Costs" in text_of(pdf)
        assert "column 39" in text_of(pdf)

    def test_hidden_sheets_and_the_authors_print_range_leave_nothing_else_out(self, offices: Offices) -> None:
        def change(book: Any) -> None:
            book["Costs"].print_area = "A1:A2"
            book.create_sheet("Old")["A1"] = "unseen"
            book["Old"].sheet_state = "hidden"
            book.create_sheet("Family")["A1"] = "seen too"

        text = text_of(offices.converter().convert(_book([["first"], ["second"], ["third"]], change), XLSX))
        assert "third" in text
        assert "seen too" in text
        assert "unseen" not in text

    def test_a_cell_far_away_brings_no_empty_pages(self, offices: Offices) -> None:
        def change(book: Any) -> None:
            book["Costs"]["XFD1048576"] = "far away"

        pdf = offices.converter().convert(_book([["near"]], change), XLSX)
        assert _pages(pdf) == 2
        assert "far away" in text_of(pdf)

    def test_another_filter_of_the_family_is_tried_where_the_first_cannot_load(
        self, offices: Offices
    ) -> None:
        kind = replace(DOCX, import_filter="writer8", other_filters=("MS Word 2007 XML",))
        assert "A case note." in text_of(offices.converter().convert(samples.word(), kind))
        assert offices.outcomes == ["corrupt", "ok"]


def _book(rows: list[list[str]], change: Callable[[Any], None] = lambda _book: None) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "Costs"
    for row in rows:
        book.active.append(row)
    change(book)
    book.save(out)
    book.close()
    return out.getvalue()


def _pages(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


def answering(value: Any) -> bytes:
    return xmlrpc.client.dumps((value,), methodresponse=True).encode()


def fault(code: Any) -> bytes:
    return xmlrpc.client.dumps(xmlrpc.client.Fault(code, "words")).encode()


PDF = answering(xmlrpc.client.Binary(samples.pdf()))


@dataclass
class Line:
    """A server that answers as the test says, and the converter that talks to it."""

    wire: Wire
    attempts: list[str] = field(default_factory=list)

    @property
    def lanes(self) -> list[str]:
        """Where each call was sent."""
        return [exchange.path for exchange in self.wire.seen]

    def converter(
        self, work_seconds: float = 5, queue_seconds: float = 0.5, max_bytes: int = MAX_BYTES
    ) -> OfficeConverter:
        return OfficeConverter(
            self.wire.url,
            work_seconds=work_seconds,
            queue_seconds=queue_seconds,
            max_bytes=max_bytes,
            max_output_bytes=100_000,
            long_jobs=2,
            observe=lambda outcome, _queue, _work: self.attempts.append(outcome),
        )

    def convert(self, *answers: Answer) -> bytes:
        """Convert; the last answer is given for ever."""
        left = list(answers)

        def next_answer(exchange: Exchange) -> None:
            answer = left.pop(0) if len(left) > 1 else left[0]
            answer(exchange)

        self.wire.answer = next_answer
        return self.converter().convert(samples.word(), DOCX)


@pytest.fixture(autouse=True)
def _no_pause_after_a_strike(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "offices" not in request.fixturenames:
        monkeypatch.setattr(office, "_PAUSE_AFTER_STRIKE", 0)


@pytest.fixture
def line() -> Iterator[Line]:
    with serving(lambda exchange: exchange.reply(PDF)) as wire:
        yield Line(wire)


def saying(body: bytes, status: int = 200, **headers: str) -> Answer:
    return lambda exchange: exchange.reply(body, status, **headers)


def cut_short(exchange: Exchange) -> None:
    exchange.start(Content_Length=str(len(PDF)))
    exchange.wfile.write(PDF[:-100])
    exchange.close_connection = True


def cut_short_in_chunks(exchange: Exchange) -> None:
    exchange.reply_chunked(PDF[:-100], whole=False)


def hanging_up(exchange: Exchange) -> None:
    exchange.close_connection = True


def silent(exchange: Exchange) -> None:
    exchange.server.wire.over.wait()


class TestAnswers:
    """What comes over the wire, and what it means."""

    @pytest.mark.parametrize(
        ("answer", "error", "attempts"),
        [
            (saying(fault(1)), Corrupt, 1),
            (saying(fault(2)), ConversionTimeout, 3),  # the common lane's limit is no strike
            (saying(fault(3)), ConverterBroken, 2),
            (saying(fault(4)), TooLarge, 1),
            (saying(fault(5)), ConverterBroken, 2),
            (saying(fault(99)), ConverterBroken, 2),
            (saying(fault("text")), ConverterBroken, 2),
            (saying(fault([1])), ConverterBroken, 2),
            (saying(b"", 500), ConverterBroken, 2),
            (saying(b"", 502), ConverterBroken, 2),
            (saying(b"", 504), ConverterBroken, 2),
            (saying(b"", 302, Location="/elsewhere"), ConverterBroken, 2),
            (saying(b""), ConverterBroken, 2),
            (saying(b"garbage"), ConverterBroken, 2),
            (saying(b"<methodResponse/>"), ConverterBroken, 2),
            (saying(b"<value></array></value>"), ConverterBroken, 2),
            (saying(b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + PDF), ConverterBroken, 2),
            (saying(b" " * 5000 + b"<!DOCTYPE a>" + PDF), ConverterBroken, 2),
            (saying(answering(1)), ConverterBroken, 2),
            (saying(PDF.replace(b"</param>", b"</param><param><value/></param>")), ConverterBroken, 2),
            (saying(answering(xmlrpc.client.Binary(b"no PDF"))), ConverterBroken, 2),
            (saying(answering(xmlrpc.client.Binary(bytes(100_001)))), TooLarge, 1),
            (saying(bytes(3 * 1024 * 1024)), TooLarge, 1),
            (cut_short, ConverterBroken, 2),
            (cut_short_in_chunks, ConverterBroken, 2),
            (hanging_up, ConverterBroken, 2),
        ],
    )
    def test_each_answer_has_its_meaning(
        self, line: Line, answer: Answer, error: type[ViewerError], attempts: int
    ) -> None:
        """What may be the document's doing is tried once more elsewhere, never a third time."""
        with pytest.raises(error) as raised:
            line.convert(answer)
        assert type(raised.value) is error
        assert len(line.wire.seen) == attempts
        assert line.attempts[-1] in {error.code, "ok"}

    @pytest.mark.parametrize("busy", [saying(b"", 503), saying(fault(6))], ids=["no office free", "busy"])
    def test_waits_for_a_free_office(self, line: Line, busy: Answer) -> None:
        assert line.convert(busy, busy, saying(PDF)) == samples_pdf(PDF)
        assert line.attempts == ["converter_busy", "converter_busy", "ok"]

    @pytest.mark.parametrize("busy", [saying(b"", 503), saying(fault(6))], ids=["no office free", "busy"])
    def test_gives_up_waiting_at_the_limit(self, line: Line, busy: Answer) -> None:
        started = time.monotonic()
        with pytest.raises(ConverterBusy):
            line.convert(busy)
        assert time.monotonic() - started < 1

    def test_a_document_beyond_the_cap_is_sent_nowhere(self, line: Line) -> None:
        document = samples.word()
        line.wire.answer = saying(PDF)
        with pytest.raises(TooLarge):
            line.converter(max_bytes=len(document) - 1).convert(document, DOCX)
        assert not line.wire.seen
        assert line.converter(max_bytes=len(document)).convert(document, DOCX)

    def test_a_death_between_two_waits_is_one_strike(self, line: Line) -> None:
        busy = saying(b"", 503)
        assert line.convert(busy, saying(fault(3)), busy, saying(PDF))
        assert line.attempts == ["converter_busy", "converter_broken", "converter_busy", "ok"]

    def test_no_more_filters_are_tried_than_the_bound(self, line: Line) -> None:
        line.wire.answer = saying(fault(1))
        kind = replace(DOCX, other_filters=("a", "b", "c", "d"))
        with pytest.raises(Corrupt):
            line.converter().convert(samples.word(), kind)
        assert [_filter(exchange.body) for exchange in line.wire.seen] == [DOCX.import_filter, "a", "b"]

    def test_all_tries_share_the_documents_time(self, line: Line) -> None:
        line.wire.answer = saying(fault(1), X_Work_Seconds="4.5000")
        with pytest.raises(Corrupt):
            line.converter(work_seconds=5).convert(samples.word(), replace(DOCX, other_filters=("a",)))
        assert len(line.wire.seen) == 1

    def test_work_and_waiting_are_told_apart(self, line: Line) -> None:
        seen: list[tuple[str, float, float]] = []
        line.wire.answer = saying(PDF, X_Work_Seconds="1.2500")
        converter = OfficeConverter(
            line.wire.url,
            work_seconds=5,
            queue_seconds=1,
            max_bytes=MAX_BYTES,
            max_output_bytes=10**6,
            long_jobs=2,
            observe=lambda *attempt: seen.append(attempt),
        )
        converter.convert(samples.word(), DOCX)
        assert [(outcome, work) for outcome, _, work in seen] == [("ok", 1.25)]

    @pytest.mark.parametrize("seconds", ["", "nan", "1e999", "-5", "soon"])
    def test_an_odd_figure_for_work_costs_nothing(self, line: Line, seconds: str) -> None:
        assert line.convert(saying(PDF, X_Work_Seconds=seconds))

    def test_silence_ends_at_the_limit(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(office, "_GRACE_SECONDS", 0)
        line.wire.answer = silent
        with pytest.raises(ConversionTimeout):
            line.converter(work_seconds=0.1, queue_seconds=0.1).convert(samples.word(), DOCX)

    def test_a_dripping_answer_ends_at_the_limit(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        def drip(exchange: Exchange) -> None:
            exchange.start(Content_Length="100000")
            while not line.wire.over.wait(0.05):
                exchange.wfile.write(b" ")
                exchange.wfile.flush()

        monkeypatch.setattr(office, "_GRACE_SECONDS", 0)
        line.wire.answer = drip
        started = time.monotonic()
        with pytest.raises(ConversionTimeout):
            line.converter(work_seconds=0.2, queue_seconds=0.2).convert(samples.word(), DOCX)
        assert time.monotonic() - started < 3

    def test_the_document_travels_as_bytes_with_its_filter(self, line: Line) -> None:
        line.convert(saying(PDF))
        parameters, method = xmlrpc.client.loads(line.wire.seen[0].body, use_builtin_types=True)
        options = ["ExportNotes=false", "UseTaggedPDF=true", "PageRange=1-2000"]
        assert method == "convert"
        assert parameters == (None, samples_body(line), None, "pdf", None, options, False, DOCX.import_filter)


class TestLanes:
    """Where a document waits, and how it gets on after a failure."""

    @pytest.mark.parametrize(
        ("document", "lane"),
        [
            (samples.word(), "/"),
            (papers.steady(1), "/long"),
            (b"{\\rtf1 " + b"word " * 500_000 + b"}", "/long"),
        ],
        ids=["short", "much text", "much of what is no zip"],
    )
    def test_a_document_that_looks_long_takes_the_long_lane(
        self, line: Line, document: bytes, lane: str
    ) -> None:
        line.converter().convert(document, DOCX)
        assert line.lanes == [lane]

    @pytest.mark.parametrize(
        ("seconds", "lanes"), [("0.1000", ["/", "/"]), ("2.5000", ["/", "/long"])], ids=["soon", "late"]
    )
    def test_one_whose_office_died_is_long_only_if_it_took_long(
        self, line: Line, seconds: str, lanes: list[str]
    ) -> None:
        """The first may be a victim, the second is what hurts offices."""
        line.convert(saying(fault(3), X_Work_Seconds=seconds), saying(PDF))
        assert line.lanes == lanes

    def test_a_victim_that_proves_to_be_long_is_no_offender(self, line: Line) -> None:
        """Its office was killed by something else, then the common lane's time was too short for it."""
        died, stopped = saying(fault(3), X_Work_Seconds="0.5"), saying(fault(2), X_Work_Seconds="4.0")
        answers = iter([died, stopped, saying(PDF)])

        def answer(exchange: Exchange) -> None:
            next(answers)(exchange)

        line.wire.answer = answer
        assert line.converter(work_seconds=60).convert(samples.word(), DOCX)
        assert line.lanes == ["/", "/", "/long"]

    def test_long_documents_leave_room_for_short_ones(self, line: Line) -> None:
        free, begun = threading.Event(), threading.Semaphore(0)

        def answer(exchange: Exchange) -> None:
            begun.release()
            if exchange.path == "/long":
                free.wait()
            exchange.reply(PDF)

        line.wire.answer = answer
        converter = line.converter()
        with ThreadPoolExecutor(2) as people:
            long = [people.submit(converter.convert, papers.steady(1), DOCX) for _ in range(2)]
            assert all(begun.acquire(timeout=10) for _ in long)
            with pytest.raises(ConverterBusy):
                converter.convert(papers.steady(1), DOCX)
            assert converter.convert(samples.word(), DOCX)
            free.set()
            assert all(document.result() for document in long)
        assert converter.convert(papers.steady(1), DOCX)

    @pytest.mark.parametrize(
        "answer",
        [saying(fault(3), X_Work_Seconds="0.1"), saying(fault(6)), saying(b"", 503)],
        ids=["died", "away", "503"],
    )
    def test_whoever_lost_an_office_says_so(self, line: Line, answer: Answer) -> None:
        """HAProxy lets it pass by the others then."""
        line.convert(answer, saying(PDF))
        assert [exchange.headers["x-again"] for exchange in line.wire.seen] == ["0", "1"]

    def test_the_common_lane_has_little_time_for_one_document(self, line: Line) -> None:
        line.converter(work_seconds=60).convert(samples.word(), DOCX)
        line.converter(work_seconds=60).convert(papers.steady(1), DOCX)
        short, long = (float(exchange.headers["x-seconds-left"]) for exchange in line.wire.seen)
        assert (short, long) == (4, 60)


def _filter(call: str) -> Any:
    parameters, _ = xmlrpc.client.loads(call, use_builtin_types=True)
    return parameters[7]


def samples_pdf(answer: bytes) -> bytes:
    (pdf,), _ = xmlrpc.client.loads(answer, use_builtin_types=True)
    assert isinstance(pdf, bytes)
    return pdf


def samples_body(line: Line) -> bytes:
    parameters, _ = xmlrpc.client.loads(line.wire.seen[0].body, use_builtin_types=True)
    document = parameters[1]
    assert isinstance(document, bytes)
    assert document.startswith(b"PK")
    return document


@pytest.mark.parametrize(
    "address", [closed_port, lambda: "http://nobody.invalid:2000"], ids=["nobody listens", "no such name"]
)
def test_nobody_there_means_busy_within_the_limit(address: Callable[[], str]) -> None:
    """HAProxy is being restarted: nobody has seen the document, so it has no strike."""
    attempts: list[str] = []
    converter = OfficeConverter(
        address(),
        work_seconds=5,
        queue_seconds=0.5,
        max_bytes=MAX_BYTES,
        max_output_bytes=1,
        long_jobs=2,
        observe=lambda outcome, _queue, _work: attempts.append(outcome),
    )
    started = time.monotonic()
    with pytest.raises(ConverterBusy):
        converter.convert(samples.word(), DOCX)
    assert time.monotonic() - started < 5
    assert set(attempts) == {"converter_busy"}


def test_the_environments_proxy_never_sees_a_document(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", closed_port())
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert line.convert(saying(PDF))


NAMES = [
    *("methodResponse", "params", "param", "value", "fault", "struct", "member", "name", "array", "data"),
    *("int", "base64", "nil", "boolean", "double", "dateTime.iso8601"),
]


def _element(name: str, inside: list[str]) -> str:
    return f"<{name}>{''.join(inside)}</{name}>"


ELEMENTS = st.recursive(
    st.sampled_from(["", "1", "a", "YQ==", "faultCode"]),
    lambda inside: st.builds(_element, st.sampled_from(NAMES), st.lists(inside, min_size=1, max_size=3)),
    max_leaves=8,
)


@given(ELEMENTS)
@example("<fault></fault>")
@example("<fault><value><string>a</string></value></fault>")
def test_no_answer_breaks_the_reader(inside: str) -> None:
    """Whatever an office says, the pipeline hears one of the errors it knows, or bytes."""
    try:
        result = office._result(_element("methodResponse", [inside]).encode())
    except (ViewerError, office._NobodyFree):
        return
    assert isinstance(result, bytes)
