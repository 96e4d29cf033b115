"""A document that the browser cannot draw: it is said soon, and the record has it beside the view."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reader import Reader
from tests.system.addresses import VIEWER

pytestmark = pytest.mark.system

REFERRAL = 1001
SILENT_WORKER = "self.onmessage = () => {};"
PROBLEM = "#trouble:not([hidden])"


@pytest.fixture
def told(laptop: Reader) -> Iterator[list[str]]:
    """The addresses at which pages said that they could not draw."""
    addresses: list[str] = []

    def note(request: Any) -> None:
        if "/not-drawn/" in request.url:
            addresses.append(request.url)

    laptop.context.on("request", note)
    yield addresses
    laptop.context.remove_listener("request", note)


def _with_worker(page: Page, script: str) -> None:
    page.route("**/pdf.worker*", lambda route: route.fulfill(body=script, content_type="text/javascript"))


def test_a_drawing_that_never_ends_is_said_and_given_up(laptop: Reader, told: list[str]) -> None:
    with laptop.read(REFERRAL):
        pass
    page = laptop.context.new_page()
    _with_worker(page, SILENT_WORKER)
    page.clock.install()
    page.goto(f"{VIEWER}/documents/edocs/{REFERRAL}")
    expect(page.locator("#progress-words")).to_have_text("Almost there…")
    page.clock.run_for(9_000)
    expect(page.locator("#progress-words")).to_have_text("Your browser takes long to draw this document…")
    with page.expect_response(lambda answer: "/not-drawn/" in answer.url) as answer:
        page.clock.run_for(30_000)
    assert answer.value.status == 204
    page.wait_for_selector(PROBLEM)
    expect(page.locator("h1.problem__title")).to_have_text("This document could not be drawn")
    assert len(told) == 1
    page.close()


def test_a_pdf_whose_pages_pdf_js_does_not_find_is_refused_at_once(laptop: Reader) -> None:
    """The viewer mends such trees of pages; here one reaches the browser as it is."""
    page = laptop.context.new_page()
    body = _page_tree_without_pages()
    ready = json.dumps(
        {
            "state": "ready",
            "show": "pdf",
            "url": "/content/x",
            "not_drawn_url": "/not-drawn/x",
            "size": len(body),
        }
        | {"digest": "0" * 12, "kind": "pdf", "label": "PDF", "fetched_at": "2026-01-05T10:00:00+00:00"}
    )
    page.route("**/rendition?*", lambda route: route.fulfill(body=ready, content_type="application/json"))
    page.route("**/rendition", lambda route: route.fulfill(body=ready, content_type="application/json"))
    page.route("**/content/x", lambda route: route.fulfill(body=body, content_type="application/pdf"))
    before = time.monotonic()
    page.goto(f"{VIEWER}/documents/edocs/{REFERRAL}")
    page.wait_for_selector(PROBLEM, timeout=20_000)
    assert time.monotonic() - before < 20
    expect(page.locator("h1.problem__title")).to_have_text("This document could not be drawn")
    page.close()


def _page_tree_without_pages() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
        b"2 0 obj\n<</Type/Pages/Count 0/Kids[]>>\nendobj\n"
        b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000056 00000 n \n"
        b"trailer\n<</Size 3/Root 1 0 R>>\nstartxref\n103\n%%EOF\n"
    )
