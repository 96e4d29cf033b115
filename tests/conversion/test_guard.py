"""The guard with a real LibreOffice: what it takes, what it refuses, and what it answers."""

import http.client
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conversion import papers
from tests.conversion.offices import EXCEL, WORD, Guard, NotConverted, text_of
from tests.running.waiting import wait_until
from tests.viewer import samples

SECRET_TEXT = "Ms Example of 1 Sample Street"
RTF = "Rich Text Format"


@pytest.mark.parametrize(
    ("document", "import_filter", "words"),
    [
        (samples.word("A case note."), WORD, "A case note."),
        (samples.excel(), EXCEL, ""),
        (samples.slides(), "Impress MS PowerPoint 2007 XML", ""),
        (b"{\\rtf1 A letter.}", RTF, "A letter."),
        ("\ufeffPlain £5".encode(), "Text", "Plain £5"),
    ],
    ids=["docx", "xlsx", "pptx", "rtf", "txt"],
)
def test_the_guard_converts_each_usual_kind(
    guard: Guard, document: bytes, import_filter: str, words: str
) -> None:
    pdf = guard.answer(document, import_filter)
    assert pdf.startswith(b"%PDF-")
    assert words in text_of(pdf)


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Import_Filter": ""},
        {"X_Import_Filter": "x" * 101},
        {"X_Import_Filter": "M\xfcller"},
        {"X_Last_Page": "0"},
        {"X_Last_Page": "-1"},
        {"X_Last_Page": "1;ExportNotes=true"},
        {"X_Work_Seconds": "0.00"},
        {"X_Work_Seconds": "nan"},
        {"X_Work_Seconds": "601.0"},
        {"X_Max_Bytes": "all"},
        {"X_Max_Bytes": str(2**31)},
        {"X_Document_Locale": "en-US"},
        {"Content_Length": "+5"},
        {"Content_Length": "-5"},
    ],
    ids=str,
)
def test_the_guard_refuses_malformed_headers(guard: Guard, headers: dict[str, str]) -> None:
    office = guard.offices()
    assert guard.outcome(samples.word(), **headers) == "refused"
    assert guard.offices() == office


def test_an_unknown_filter_loads_nothing(guard: Guard) -> None:
    assert guard.outcome(samples.word(), "no such filter") == "load-failed"
    guard.wait_ready()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_http_methods_get_no_conversion_outcome(guard: Guard, method: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", guard.port, timeout=10)
    connection.request(method, "/")
    answer = connection.getresponse()
    connection.close()
    assert answer.status == 501
    assert answer.getheader("X-Conversion-Outcome") is None


def test_a_pdf_beyond_the_callers_limit_is_thrown_away(rough: Guard) -> None:
    assert rough.outcome(samples.word(), X_Max_Bytes="1000") == "too-large"
    rough.wait_ready()
    assert rough.answer(samples.word())


def test_a_document_beyond_the_cap_is_taken_and_thrown_away(rough: Guard) -> None:
    """Its caller hears why, rather than losing the connection."""
    office = rough.offices()
    assert rough.outcome(bytes(201 * 1024 * 1024)) == "too-large"
    assert rough.offices() == office


def test_the_log_holds_nothing_of_the_documents(guard: Guard) -> None:
    guard.answer(samples.word(SECRET_TEXT))
    assert guard.outcome(samples.word(SECRET_TEXT)[:-300]) == "load-failed"
    converted, refused = guard.events("converted")[-1], guard.events("not converted")[-1]
    assert converted.keys() == {"event", "filter", "bytes", "seconds", "processor_seconds", "service", "at"}
    assert refused.keys() == {"event", "outcome", "error", "seconds", "processor_seconds", "service", "at"}
    assert refused["error"].isidentifier(), "the name of an exception, without its message"
    assert "Example" not in guard.log.read_text()


def test_an_office_converts_one_document_at_a_time(rough: Guard) -> None:
    with ThreadPoolExecutor() as callers:
        slow = callers.submit(rough.outcome, papers.endless())
        wait_until(lambda: rough.at_work, 10, "at work")
        assert rough.outcome(samples.word()) == "busy"
        assert slow.result() == "timeout"


def test_silent_connections_do_not_block_others(guard: Guard) -> None:
    silent = [socket.create_connection(("127.0.0.1", guard.port)) for _ in range(20)]
    assert guard.answer(samples.word())
    for connection in silent:
        connection.close()


def test_an_office_is_free_again_after_its_caller_hung_up(rough: Guard) -> None:
    done = len(rough.events("converted"))
    with socket.create_connection(("127.0.0.1", rough.port)) as hasty:
        document = samples.word()
        head = f"Content-Length: {len(document)}\r\nX-Import-Filter: {WORD}\r\nX-Last-Page: 9\r\n"
        head += "X-Work-Seconds: 3.00\r\nX-Max-Bytes: 999999\r\nX-Document-Locale: en-GB\r\n"
        hasty.sendall(f"POST / HTTP/1.1\r\n{head}\r\n".encode() + document)
    wait_until(lambda: len(rough.events("converted")) > done, 10, "its work is done")
    assert rough.answer(samples.word())


def test_forty_callers_at_once_are_each_answered(guard: Guard) -> None:
    """A caller that is not served hears "busy"; no caller gets another's document."""

    def one(number: int) -> bool:
        try:
            return f"Note {number}." in text_of(guard.answer(samples.word(f"Note {number}.")))
        except NotConverted as failure:
            return failure.outcome == "busy"

    with ThreadPoolExecutor(40) as callers:
        assert all(callers.map(one, range(40)))
