"""The rendition's bytes are served to the link's owner, for some minutes, whole or in ranges."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import pytest
from flask.testing import FlaskClient
from itsdangerous.timed import TimestampSigner
from sqlalchemy import create_engine, text
from werkzeug.test import TestResponse

from tests.viewer import samples
from tests.viewer.conftest import WORKER, Site
from viewer.access.links import SignedLinks
from viewer.documents import Printing

PAGE = "/documents/edocs/77?person=123&request=journey-0001"
RENDITION = "/documents/edocs/77/rendition?person=123&request=journey-0001"
PDF = samples.pdf()
SIZE = len(PDF)


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    site = make_site()
    site.fake_edocs.put("77", "77.pdf", PDF)
    site.groups.members.add("colleague@council.test")
    return site


@pytest.fixture
def worker(site: Site) -> FlaskClient:
    return site.signed_in()


@pytest.fixture
def link(worker: FlaskClient) -> str:
    return str(worker.get(RENDITION).get_json()["url"])


def test_a_view_from_the_page_to_the_bytes(site: Site, worker: FlaskClient) -> None:
    page = worker.get(PAGE)
    assert page.status_code == 200
    assert site.edocs.requests == [], "the page's shell waits for nobody"
    answer = worker.get(RENDITION).get_json()
    assert {name: answer[name] for name in ("state", "show", "kind", "size")} == {
        "state": "ready",
        "show": "pdf",
        "kind": "pdf",
        "size": SIZE,
    }
    content = worker.get(answer["url"])
    assert (content.status_code, content.data) == (200, PDF)
    assert content.headers["Content-Type"] == "application/pdf"
    assert content.headers["Content-Disposition"] == "inline"
    assert content.headers["Content-Length"] == str(SIZE)
    assert content.headers["Accept-Ranges"] == "bytes"
    assert "Content-Encoding" not in content.headers
    assert site.counted("viewer_documents", source="edocs", kind="pdf") == 1
    assert site.edocs.requests[0].headers["x-request-id"] == "journey-0001"


def test_the_record_is_written_before_the_link_is_given(site: Site, link: str) -> None:
    (row,) = site.record()
    assert (row["outcome"], row["document_id"], row["person"]) == ("viewed", "77", "123")
    assert row["request_id"] == "journey-0001"


def test_what_the_browser_could_not_draw_is_on_record_beside_the_view(
    site: Site, worker: FlaskClient
) -> None:
    told_at = worker.get(RENDITION).get_json()["not_drawn_url"]
    assert worker.post(told_at, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 204
    seen, not_drawn = site.record()
    assert (seen["outcome"], not_drawn["outcome"], not_drawn["code"]) == ("viewed", "not-drawn", "undrawable")
    for column in ("document_id", "person", "email", "sha256"):
        assert not_drawn[column] == seen[column] is not None


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.test"}])
def test_only_our_own_page_says_that_it_could_not_draw(
    site: Site, worker: FlaskClient, headers: dict[str, str]
) -> None:
    told_at = worker.get(RENDITION).get_json()["not_drawn_url"]
    assert worker.post(told_at, headers=headers).status_code == 403
    assert worker.get(told_at, headers=headers).status_code == 405
    assert [row["outcome"] for row in site.record()] == ["viewed"]


def test_nobody_else_says_that_somebody_could_not_draw(site: Site, worker: FlaskClient) -> None:
    told_at = worker.get(RENDITION).get_json()["not_drawn_url"]
    own_page = {"Sec-Fetch-Site": "same-origin"}
    assert site.signed_in("colleague@council.test").post(told_at, headers=own_page).status_code == 410
    assert worker.post(told_at[:-2] + "xx", headers=own_page).status_code == 410
    assert [row["outcome"] for row in site.record()] == ["viewed"]


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=100-199", 100, 200),
        ("bytes=500-", 500, SIZE),
        ("bytes=0-", 0, SIZE),
        ("bytes=-1", SIZE - 1, SIZE),
        ("bytes=-100", SIZE - 100, SIZE),
        (f"bytes=-{SIZE}", 0, SIZE),
        (f"bytes=-{SIZE + 500}", 0, SIZE),
        (f"bytes={SIZE - 1}-{SIZE + 500}", SIZE - 1, SIZE),
        (f"bytes=0-{SIZE * 9}", 0, SIZE),
        ("Bytes=5-9", 5, 10),
    ],
)
def test_a_range_is_answered_exactly(
    worker: FlaskClient, link: str, asked: str, start: int, end: int
) -> None:
    answer = worker.get(link, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.data == PDF[start:end]
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["Content-Length"] == str(end - start)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 9}", "bytes=99999999-"])
def test_a_range_beyond_the_end_is_a_416(worker: FlaskClient, link: str, asked: str) -> None:
    answer = worker.get(link, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,5-6", "lines=0-1", "bytes=5-2", "bytes=a-b", "bytes=", "bytes", "0-5", "bytes=--5", "-"],
)
def test_several_or_malformed_ranges_get_the_whole(worker: FlaskClient, link: str, asked: str) -> None:
    answer = worker.get(link, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (200, PDF)


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-9"}])
def test_head_tells_the_length_and_sends_nothing(
    worker: FlaskClient, link: str, headers: dict[str, str]
) -> None:
    answer = worker.head(link, headers=headers)
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(SIZE)


def _is_gone(client: FlaskClient, link: str) -> bool:
    answer = client.get(link)
    assert PDF[:100] not in answer.data
    return (answer.status_code, answer.headers["X-Error-Code"]) == (410, "link_expired")


def test_a_colleague_cannot_use_the_link(site: Site, link: str) -> None:
    assert _is_gone(site.signed_in("colleague@council.test"), link)


def test_a_link_ends_after_its_seconds(
    site: Site, worker: FlaskClient, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = _timestamps(monkeypatch)
    signed["later"] = site.settings.link_seconds - 2
    assert worker.get(link).status_code == 200
    signed["later"] = site.settings.link_seconds + 2
    assert _is_gone(worker, link)


def _timestamps(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Move the clock of the links' signatures only."""
    now, moved = TimestampSigner.get_timestamp, {"later": 0}
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: now(self) + moved["later"])
    return moved


@pytest.mark.parametrize(
    "change",
    [
        lambda link: link[:-3] + ("AAA" if link[-3:] != "AAA" else "BBB"),
        lambda link: link.replace(link[14], "x" if link[14] != "x" else "y", 1),
        lambda link: link + "x",
        lambda _: "/content/x",
        lambda _: "/content/W10.x.y",
    ],
)
def test_a_changed_link_leads_nowhere(worker: FlaskClient, link: str, change: Callable[[str], str]) -> None:
    assert _is_gone(worker, change(link))


def test_a_link_is_no_ticket(worker: FlaskClient, link: str) -> None:
    assert worker.get(link.replace("/content/", "/renditions/")).status_code == 410


def test_a_link_to_a_deleted_rendition_is_expired(site: Site, worker: FlaskClient, link: str) -> None:
    for stored in site.viewer.store._stored():
        site.viewer.store._delete(stored)
    assert _is_gone(worker, link)


def test_opening_the_link_itself_leads_to_the_page(worker: FlaskClient, link: str) -> None:
    answer = worker.get(link, headers={"Sec-Fetch-Dest": "document"})
    assert answer.status_code == 302
    assert answer.location.startswith("/documents/edocs/77?person=123&request=")


def test_a_replaced_document_is_another_link(site: Site, worker: FlaskClient, link: str) -> None:
    newer = samples.pdf("A second version.")
    site.fake_edocs.put("77", "77.pdf", newer)
    answer = worker.get(RENDITION).get_json()
    assert worker.get(answer["url"]).data == newer


class SlowPrinter:
    """A printer that waits until the test lets it finish."""

    recipe = "printer-1"

    def __init__(self) -> None:
        self.may_go_on = threading.Event()

    def convert(
        self, document: BinaryIO, printing: Printing, _tell: Callable[[str], None] = print
    ) -> BinaryIO:
        assert (document.read(2), printing.filters) == (b"PK", ("MS Word 2007 XML",))
        assert self.may_go_on.wait(20)
        return io.BytesIO(PDF)


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowPrinter]:
    printer = SlowPrinter()
    monkeypatch.setattr("viewer.app._printer", lambda *_: printer)
    yield printer
    printer.may_go_on.set()


@pytest.fixture
def slow_site(make_site: Callable[..., Site], printer: SlowPrinter) -> Site:
    """A viewer in which the conversion of a Word document waits."""
    site = make_site(rendition_wait_seconds=0)
    site.groups.members.add("colleague@council.test")
    site.fake_edocs.put("77", "77.docx", samples.word())
    return site


def _followed(worker: FlaskClient, answer: TestResponse) -> Any:
    """The JSON for the page's script once the rendition is ready."""
    deadline = time.monotonic() + 20
    while answer.status_code == 202:
        assert time.monotonic() < deadline
        answer = worker.get(answer.get_json()["poll_url"])
    return answer.get_json()


def test_a_slow_conversion_answers_202_with_a_poll_address(slow_site: Site, printer: SlowPrinter) -> None:
    worker = slow_site.signed_in()
    answer = worker.get(RENDITION)
    for _ in range(3):
        assert (answer.status_code, answer.get_json()["state"]) == (202, "converting")
        assert answer.get_json()["retry_after_ms"] > 0
        answer = worker.get(answer.get_json()["poll_url"])
    printer.may_go_on.set()
    assert worker.get(_followed(worker, answer)["url"]).data == PDF
    assert [row["outcome"] for row in slow_site.record()] == ["viewed"]


def test_a_colleague_cannot_use_the_ticket(slow_site: Site) -> None:
    poll_url = slow_site.signed_in().get(RENDITION).get_json()["poll_url"]
    assert slow_site.signed_in("colleague@council.test").get(poll_url).status_code == 410


def test_a_ticket_whose_maker_died_says_to_start_again(slow_site: Site) -> None:
    worker = slow_site.signed_in()
    poll_url = worker.get(RENDITION).get_json()["poll_url"]
    engine = create_engine(slow_site.settings.audit_url.get_secret_value())
    with engine.begin() as connection:
        assert connection.execute(text("DELETE FROM claims")).rowcount == 1
    engine.dispose()
    answer = worker.get(poll_url)
    assert (answer.status_code, answer.get_json()) == (409, {"state": "restart"})


def _claims(site: Site) -> int:
    engine = create_engine(site.settings.audit_url.get_secret_value())
    with engine.begin() as connection:
        count = connection.execute(text("SELECT count(*) FROM claims")).scalar_one()
    engine.dispose()
    return int(count)


def _older(site: Site, poll_url: str, seconds: float) -> str:
    """The poll address, as if the document had been fetched some time ago."""
    links = SignedLinks(site.settings.keys, 300, lambda _: 0)
    path, _, query = poll_url.partition("?")
    ticket = links.read_ticket(path.rpartition("/")[2], WORKER)
    old = links.ticket(replace(ticket, fetched_at=ticket.fetched_at - seconds), WORKER)
    return f"/renditions/{old}?{query}"


def test_who_waited_a_minute_asks_for_the_newest_version_again(slow_site: Site, printer: SlowPrinter) -> None:
    worker = slow_site.signed_in()
    poll_url = worker.get(RENDITION).get_json()["poll_url"]
    assert worker.get(_older(slow_site, poll_url, 30)).status_code == 202
    stale = worker.get(_older(slow_site, poll_url, 61))
    assert (stale.status_code, stale.get_json()) == (409, {"state": "restart"})
    assert slow_site.record() == [], "nothing was shown"
    again = worker.get(RENDITION)
    assert again.status_code == 202
    assert len(slow_site.edocs.requests) == 2
    assert _claims(slow_site) == 1, "the conversion goes on under its claim"
    slow_site.fake_edocs.put("77", "77.pdf", PDF)
    printer.may_go_on.set()
    shown = _followed(worker, worker.get(RENDITION))
    assert shown["kind"] == "pdf", "the newest version, not the one that was made"


def test_an_old_ticket_shows_no_old_version_though_it_is_made(slow_site: Site, printer: SlowPrinter) -> None:
    worker = slow_site.signed_in()
    poll_url = worker.get(RENDITION).get_json()["poll_url"]
    printer.may_go_on.set()
    assert worker.get(_older(slow_site, poll_url, 61)).get_json() == {"state": "restart"}


def test_the_queue_is_mentioned_only_where_there_is_one(slow_site: Site) -> None:
    slow_site.fake_edocs.put("78", "78.docx", samples.word("another"))
    worker = slow_site.signed_in()
    first = worker.get(RENDITION).get_json()
    second = worker.get(RENDITION.replace("77", "78")).get_json()
    assert first["message"] == "Converting the document…"
    assert second["message"] == "Converting documents in turn, 1 before this one…"


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (f'"{"x" * 12_000}.docx"', "…" + "x" * 249 + ".docx"),
        ("*=UTF-8''a%0D%0Ab%00%E2%80%AEfdp.docx", "abfdp.docx"),
        ('"letter.docx"', "letter.docx"),
    ],
    ids=["long", "unseen", "usual"],
)
def test_what_edocs_calls_a_file_is_cleaned_and_in_no_address(
    slow_site: Site, printer: SlowPrinter, header: str, shown: str
) -> None:
    slow_site.fake_edocs.put("77", header, samples.word())
    worker = slow_site.signed_in()
    answer = worker.get(RENDITION).get_json()
    assert answer["file_name"] == shown
    assert len(answer["poll_url"]) < 400
    printer.may_go_on.set()
    deadline = time.monotonic() + 20
    while (ready := worker.get(answer["poll_url"]).get_json())["state"] != "ready":
        assert time.monotonic() < deadline
    assert len(ready["url"]) < 400
    assert worker.get(RENDITION).get_json()["file_name"] == shown
