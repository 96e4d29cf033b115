"""Parts in the page, in addresses and in the view without scripts: positions in addresses, names as text."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from tests.viewer import samples
from tests.viewer.conftest import OUTSIDER, WORKER, Site
from tests.viewer.formats.test_containers import pdf_with
from viewer.access.links import SignedLinks
from viewer.sizes import format_size

PDF = samples.pdf("An attachment.")
NAME = "Smith <b> &amp; family.pdf"
BUNDLE = samples.zipped(
    {f"A & B/{NAME}": PDF, "note.txt": b"x", "inner.zip": samples.zipped({"a.txt": b"a"})}
)
QUERY = "person=123&request=journey-0001"


@pytest.fixture
def worker(site: Site) -> FlaskClient:
    site.fake_edocs.put("77", "77.zip", BUNDLE)
    site.fake_edocs.put("78", "78.pdf", pdf_with({"exhibit.pdf": PDF}))
    return site.signed_in()


def _rendition(client: FlaskClient, number: int, part: str = "") -> Any:
    more = f"&part={part}" if part else ""
    return client.get(f"/documents/edocs/{number}/rendition?{QUERY}{more}")


def test_the_script_is_told_of_each_part(worker: FlaskClient) -> None:
    answer = _rendition(worker, 77).get_json()
    assert answer["show"] == "listing"
    assert answer["parts"][0] == {
        "number": 1,
        "folder": "A & B",
        "name": NAME,
        "size": format_size(len(PDF)),
        "locked": False,
        "url": "/documents/edocs/77?person=123&part=1&request=journey-0001",
    }


def test_a_parts_page_names_it_by_position_and_carries_everything_along(worker: FlaskClient) -> None:
    page = worker.get(f"/documents/edocs/77?{QUERY}&part=3.1").text
    assert "<title>eDocs document 77, attachment 3.1" in page
    assert 'href="/documents/edocs/77?person=123&amp;request=journey-0001"' in page, "the way back"
    assert "/documents/edocs/77/rendition?person=123&amp;part=3.1&amp;request=journey-0001" in page


def test_a_parts_bytes_come_through_a_link_of_its_own(site: Site, worker: FlaskClient) -> None:
    answer = _rendition(worker, 78, "1").get_json()
    assert answer["file_name"] == "exhibit.pdf"
    assert worker.get(answer["url"]).data == PDF
    navigated = worker.get(answer["url"], headers={"Sec-Fetch-Dest": "document"})
    assert navigated.location.startswith("/documents/edocs/78?person=123&part=1&request=")
    assert [row["part"] for row in site.record()] == ["1"]


def test_the_names_of_parts_are_in_no_address(worker: FlaskClient) -> None:
    for number in (77, 78):
        answer = _rendition(worker, number).get_json()
        addresses = [answer["url"], *(part["url"] for part in answer["parts"])]
        assert not [url for url in addresses if re.search("smith|exhibit|note", url, re.IGNORECASE)]


def test_while_a_part_is_converted_its_name_is_told_but_not_in_the_ticket(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(rendition_wait_seconds=0, queue_seconds=0.1, unoserver_url="http://127.0.0.1:9")
    site.fake_edocs.put("79", "79.zip", samples.zipped({"Smith family.docx": samples.word()}))
    answer = _rendition(site.signed_in(), 79, "1")
    assert answer.status_code == 202
    assert answer.get_json()["file_name"] == "Smith family.docx"
    ticket = urlsplit(answer.get_json()["poll_url"]).path.rpartition("/")[2]
    links = SignedLinks(site.settings.keys, 60, lambda _: 0)
    assert links.read_ticket(ticket, WORKER).ref.part == "1"
    assert "Smith" not in str(links._serializer("ticket", WORKER).loads(ticket))


@pytest.mark.parametrize(
    "part", ["", "0", "01", "1.", ".1", "1..2", "-1", "a", "1.1.1.1.1.1", "10000", "1%0A"]
)
def test_a_malformed_position_is_a_malformed_link(site: Site, worker: FlaskClient, part: str) -> None:
    answer = worker.get(f"/documents/edocs/77/rendition?{QUERY}&part={part}")
    assert (answer.status_code, answer.headers["X-Error-Code"]) == (404, "link_malformed")
    assert site.edocs.requests == []


def test_a_part_that_is_gone_says_so_and_where_the_document_is(worker: FlaskClient) -> None:
    answer = _rendition(worker, 77, "9")
    assert (answer.status_code, answer.headers["X-Error-Code"]) == (404, "part_not_found")
    assert "has changed since" in answer.text
    assert re.search(r"number <strong>77</strong>", answer.text)
    assert "attachment <strong>9</strong>" in answer.text


def test_a_stranger_who_asks_for_a_part_is_on_record_with_it(site: Site, worker: FlaskClient) -> None:
    assert worker
    stranger = site.signed_in(OUTSIDER)
    assert _rendition(stranger, 77, "3.1").status_code == 403
    (row,) = site.record()
    assert (row["outcome"], row["part"]) == ("denied", "3.1")


def test_without_scripts_an_archive_is_a_page_of_links(worker: FlaskClient) -> None:
    page = worker.get(f"/documents/edocs/77/plain?{QUERY}")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "This archive holds 3 files." in page.text
    assert "<b>" not in page.text, "names are text"
    assert 'href="/documents/edocs/77/plain?person=123&amp;part=3&amp;request=journey-0001"' in page.text
    inner = worker.get(f"/documents/edocs/77/plain?{QUERY}&part=3")
    assert "a.txt" in inner.text
    assert "part=3.1" in inner.text


def test_without_scripts_a_pdf_with_attachments_is_one_step_further(worker: FlaskClient) -> None:
    page = worker.get(f"/documents/edocs/78/plain?{QUERY}")
    assert "1 attachment" in page.text
    itself = re.search(r'href="([^"]+itself=1)"', page.text)
    assert itself
    document = worker.get(itself[1].replace("&amp;", "&"))
    assert document.headers["Content-Type"] == "application/pdf"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 KB"),
        (9949, "9.9 KB"),
        (9951, "10 KB"),
        (999_499, "999 KB"),
        (999_500, "1.0 MB"),
        (123_456_789, "123 MB"),
        (2**62, "4611686 TB"),
    ],
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert format_size(size) == words
