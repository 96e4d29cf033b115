"""All offices at work and the queue full: what people see, with real offices, HAProxy and viewer."""

import http.client
import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.conversion import papers
from tests.conversion.offices import WORD
from tests.running.waiting import wait_until
from tests.viewer import samples
from tests.viewer.conftest import Site
from tests.viewer.offices import Offices
from viewer.documents import Printing

MORE_THAN_WAIT = 64
"""One for each office, and as many as haproxy.cfg lets wait."""


_HEADERS = {
    "X-Import-Filter": WORD,
    "X-Last-Page": "2000",
    "X-Work-Seconds": "15.00",
    "X-Max-Bytes": "50000000",
    "X-Document-Locale": "en-GB",
}


@contextmanager
def crowded(offices: Offices) -> Iterator[None]:
    """Every office at work on something long, and the queue full, until the block ends."""
    address = urlsplit(offices.url).netloc
    crowd = [http.client.HTTPConnection(address, timeout=30) for _ in range(MORE_THAN_WAIT)]
    try:
        for caller in crowd:
            caller.request("POST", "/", papers.endless(), _HEADERS)
        wait_until(lambda: all(guard.at_work for guard in offices.guards), 20, "every office is at work")
        yield
    finally:
        for caller in crowd:
            caller.close()


def test_a_full_queue_is_said_at_once_and_what_needs_no_office_is_shown(
    offices: Offices, make_site: Callable[..., Site]
) -> None:
    site = make_site(unoserver_url=offices.url, queue_seconds=0.5, rendition_wait_seconds=15)
    person = site.signed_in()
    site.fake_edocs.put("1", "1.docx", samples.word("A case note."))
    site.fake_edocs.put("2", "2.pdf", samples.pdf())
    with crowded(offices):
        refused = person.get("/documents/edocs/1/rendition")
        assert refused.status_code == 503
        assert refused.headers["X-Error-Code"] == "converter_busy"
        assert int(refused.headers["Retry-After"]) > 0
        assert "All converters are busy" in refused.text
        assert person.get("/documents/edocs/2/rendition").status_code == 200
    # those who waited have hung up: they are not converted, and the next person is served
    wait_until(
        lambda: person.get("/documents/edocs/1/rendition").status_code == 200, 90, "served when it is over"
    )


@pytest.fixture(autouse=True)
def _offices_are_healthy_again(offices: Offices) -> Iterator[None]:
    yield
    for guard in offices.guards:
        guard.wait_ready()


def test_long_documents_leave_an_office_for_short_ones(offices: Offices) -> None:
    """One less than there are offices is at work on long ones, however many there are."""
    long_one, short_one = papers.steady(0.4), samples.word()

    def converted(document: bytes, *, is_long: bool) -> bytes:
        printing = Printing((WORD,), is_long=is_long)
        with io.BytesIO(document) as file, offices.converter(90).convert(file, printing) as pdf:
            return pdf.read()

    with ThreadPoolExecutor(4) as people:
        waiting = [people.submit(converted, long_one, is_long=True) for _ in range(3)]
        wait_until(lambda: any(guard.at_work for guard in offices.guards), 20, "one is at work")
        for _ in range(2):
            assert converted(short_one, is_long=False).startswith(b"%PDF-")
            assert not all(each.done() for each in waiting), "they were at work all the while"
        assert all(each.result().startswith(b"%PDF-") for each in waiting)
