"""Refusals whose cause passes: the page says so, tries again by itself, and then shows the document."""

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.browser.conftest import new_context
from tests.browser.reader import Reader
from tests.system.another_viewer import another_viewer
from tests.system.stack import Stack

pytestmark = pytest.mark.system

REFERRAL, DRAWING, BUDGET = 1001, 1012, 1003


@pytest.fixture(scope="module")
def strict(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a viewer without converters, for small documents only."""
    with another_viewer(
        tmp_path_factory.mktemp("strict"),
        UNOSERVER_URL="http://127.0.0.1:9",
        QUEUE_SECONDS="0.5",
        MAX_DOCUMENT_MB="1",
        MEMBERSHIP_SECONDS="0",
        EDOCS_ATTEMPTS="1",
    ) as address:
        yield address


@pytest.fixture(params=["laptop", "phone"])
def guest(request: pytest.FixtureRequest, browser: Browser, strict: str) -> Iterator[Reader]:
    context = new_context(browser, request.param)
    yield Reader(context, viewer=strict)
    context.close()


def _break(part: str, key: str, status: int) -> None:
    requests.post(f"{part}/_faults", json={"key": key, "status": status}, timeout=10).raise_for_status()


def _mend(part: str) -> None:
    requests.delete(f"{part}/_faults", timeout=10).raise_for_status()


def test_without_converters_pictures_are_shown_and_the_rest_says_to_wait(guest: Reader) -> None:
    with guest.read(DRAWING) as tab:
        assert tab.painted > 0.003
    with guest.visit(f"{guest.viewer}/documents/edocs/{BUDGET}") as tab:
        tab.wait_until_refused()
        assert tab.heading == "Documents cannot be prepared at the moment"
        expect(tab.page.locator("[data-retry-countdown]")).to_contain_text("Trying again by itself in")
        assert not tab.violations


def test_a_document_that_is_too_large_is_refused_with_the_way_to_it(guest: Reader, stack: Stack) -> None:
    (stack.documents / "6020.txt").write_bytes(b"A long text. " * 200_000)
    with guest.visit(f"{guest.viewer}/documents/edocs/6020") as tab:
        tab.wait_until_refused()
        assert tab.heading == "This document is too large to show here"
        expect(tab.page.locator("[data-retry]")).to_have_count(0)
        expect(tab.page.locator("#trouble")).to_contain_text("How to open it in MyOffice")


def test_when_edocs_is_back_the_document_appears_by_itself(guest: Reader, stack: Stack) -> None:
    _break(stack.edocs, str(DRAWING), 500)
    with guest.visit(f"{guest.viewer}/documents/edocs/{DRAWING}") as tab:
        tab.wait_until_refused()
        assert tab.heading == "The document system is not answering"
        _mend(stack.edocs)
        tab.wait_until_open()
        assert tab.painted > 0.003


def test_when_google_is_back_the_page_can_be_opened_again(guest: Reader, stack: Stack) -> None:
    with guest.visit(f"{guest.viewer}/documents/edocs/{DRAWING}") as tab:
        tab.wait_until_open()
        _break(stack.google, "*", 503)
        tab.page.reload()
        assert tab.heading == "Google sign-in is not answering"
        assert not tab.violations
        _mend(stack.google)
        tab.page.get_by_role("button", name="Try again").click()
        tab.wait_until_open()


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/documents/edocs/abc", "This link does not lead to a document"),
        ("/content/an-old-link", "This page has been open for a while"),
        ("/nowhere", "There is no such page"),
    ],
)
def test_addresses_that_lead_nowhere_say_so(guest: Reader, path: str, heading: str) -> None:
    with guest.visit(guest.viewer + path) as tab:
        assert tab.heading == heading
        assert not tab.violations
        assert tab.sideways == 0
        assert not tab.downloads


def test_a_script_that_is_stuck_on_its_way_is_asked_for_again(laptop: Reader) -> None:
    with laptop.visit(f"{laptop.viewer}/") as tab:
        tab.page.route("**/views.js", lambda _: None, times=1)  # never answered
        tab.page.goto(f"{laptop.viewer}/documents/edocs/{DRAWING}", wait_until="commit")
        tab.wait_until_open()
        assert tab.painted > 0.003
