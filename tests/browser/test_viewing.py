"""Staff press "Display document" in Mosaic and read, on a laptop and on a phone."""

import re

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import WINDOWS
from tests.browser.reader import Reader
from tests.system.addresses import VIEWER
from tests.system.scans import scan
from tests.system.stack import Stack

pytestmark = pytest.mark.system

TEXTS = {
    1001: "Rowan",
    1002: "Rowan",
    1003: "Kinder",
    1004: "Kinder",
    1005: "football",
    1006: "football",
    1007: "Rowan",
    1008: "Rowan",
    1011: "assessment",
    1016: "duty worker",
}
"""Samples that become pages, and a word that stands in each."""
PICTURES = [1012, 1013, 1014, 1015]
LOCKED, DAMAGED, PROGRAM, EMPTY, DELETED = 1017, 1019, 1041, 1021, 1099
CHRONOLOGY = 1016
REFERRAL = 1001


@pytest.mark.parametrize("number", TEXTS)
def test_a_document_is_drawn_and_searchable(laptop: Reader, number: int) -> None:
    _is_drawn_and_searchable(laptop, number)


@pytest.mark.parametrize("number", [REFERRAL, CHRONOLOGY])
def test_a_document_is_drawn_and_searchable_on_a_phone(phone: Reader, number: int) -> None:
    _is_drawn_and_searchable(phone, number)


def _is_drawn_and_searchable(reader: Reader, number: int) -> None:
    with reader.display(number) as tab:
        tab.wait_until_open()
        assert tab.painted > 0.003
        assert tab.pages == 300 if number == CHRONOLOGY else tab.pages >= 1
        _, total = tab.find(TEXTS[number])
        assert total >= 1
        assert not tab.complaints
        assert not tab.downloads


@pytest.mark.parametrize("number", PICTURES)
def test_a_picture_is_drawn_and_zooms(laptop: Reader, number: int) -> None:
    _is_drawn_and_zooms(laptop, number)


def test_a_picture_is_drawn_and_zooms_on_a_phone(phone: Reader) -> None:
    _is_drawn_and_zooms(phone, PICTURES[0])


def _is_drawn_and_zooms(reader: Reader, number: int) -> None:
    with reader.display(number) as tab:
        tab.wait_until_open()
        assert tab.painted > 0.003
        before = tab.scale
        tab.page.click("[data-do=zoom-in]")
        assert tab.scale > before
        assert not tab.complaints
        assert not tab.downloads


def test_the_page_fits_its_window(any_reader: Reader) -> None:
    with any_reader.display(REFERRAL) as tab:
        tab.wait_until_open()
        assert tab.sideways == 0
        toolbar = tab.page.locator("#toolbar").bounding_box()
        assert toolbar is not None
        assert toolbar["height"] <= 56
        window = tab.page.viewport_size
        assert window is not None
        pages = tab.page.locator("#pages").bounding_box()
        assert pages is not None
        assert pages["height"] >= 0.8 * window["height"], "the document gets the space"
        for button in tab.page.locator("#toolbar > * .icon-button:visible").all():
            box = button.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= window["width"]


def test_pages_turn_by_button_number_and_key(reader: Reader) -> None:
    with reader.display(CHRONOLOGY) as tab:
        tab.wait_until_open()
        tab.page.click("[data-do=next]")
        tab.expect_page(2)
        tab.page.fill("#page-number", "150")
        tab.page.press("#page-number", "Enter")
        tab.expect_page(150)
        tab.page.keyboard.press("n")
        tab.expect_page(151)
        tab.page.keyboard.press("p")
        tab.expect_page(150)
        tab.page.keyboard.press("r")
        tab.expect_page(150)


def test_the_place_and_the_zoom_survive_a_reload(laptop: Reader) -> None:
    with laptop.display(CHRONOLOGY) as tab:
        tab.wait_until_open()
        tab.page.keyboard.press("+")
        tab.page.fill("#page-number", "42")
        tab.page.press("#page-number", "Enter")
        tab.expect_page(42)
        scale = tab.scale
        tab.page.wait_for_function("() => history.state?.place?.page === 42")
        tab.page.reload()
        tab.wait_until_open()
        tab.expect_page(42)
        assert tab.scale == scale


def test_nothing_of_the_document_is_kept_by_the_browser(laptop: Reader) -> None:
    with laptop.display(REFERRAL) as tab:
        tab.wait_until_open()
        tab.page.keyboard.press("+")
        tab.page.wait_for_function("() => history.state?.place")
        kept = tab.page.evaluate(
            "async () => ({local: {...localStorage}, session: {...sessionStorage},"
            " caches: await caches.keys(), databases: await indexedDB.databases(),"
            " place: Object.keys(history.state?.place ?? {}).sort()})"
        )
        assert kept["local"] == {}
        assert set(kept["session"]) <= {"zoom", "single-keys"}
        assert kept["caches"] == []
        assert kept["databases"] == []
        assert kept["place"] == ["left", "page", "rotation", "top"]


def test_find_steps_through_the_matches(laptop: Reader) -> None:
    with laptop.display(REFERRAL) as tab:
        tab.wait_until_open()
        first, total = tab.find("the")
        assert total > 2
        count = tab.page.locator("#find-count")
        tab.page.keyboard.press("Enter")
        expect(count).to_have_text(f"{first % total + 1} of {total}")
        tab.page.keyboard.press("Shift+Enter")
        expect(count).to_have_text(f"{first} of {total}")
        tab.page.fill("#find-text", "xyzzyx")
        expect(count).to_have_text("No matches")
        tab.page.keyboard.press("Escape")
        expect(tab.page.locator("#find-bar")).to_be_hidden()


def test_everything_is_reached_by_keyboard(laptop: Reader) -> None:
    with laptop.display(CHRONOLOGY) as tab:
        tab.wait_until_open()
        before = tab.scale
        tab.page.keyboard.press("+")
        assert tab.scale > before
        tab.page.keyboard.press("c")
        expect(tab.page.locator("#contents")).to_be_visible()
        tab.page.keyboard.press("Escape")
        expect(tab.page.locator("#contents")).to_be_hidden()
        tab.page.keyboard.press("?")
        expect(tab.page.locator("#help")).to_be_visible()
        tab.page.keyboard.press("Escape")
        expect(tab.page.locator("#help")).to_be_hidden()


@pytest.mark.parametrize(
    ("number", "heading"),
    [
        (LOCKED, "This document is locked with a password"),
        (DAMAGED, "This document is damaged"),
        (PROGRAM, "This kind of file cannot be shown in the browser"),
        (EMPTY, "This document is empty"),
        (DELETED, "There is no document with this number"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(laptop: Reader, number: int, heading: str) -> None:
    _says_why_and_what_to_do(laptop, number, heading)


def test_a_refusal_fits_on_a_phone(phone: Reader) -> None:
    _says_why_and_what_to_do(phone, PROGRAM, "This kind of file cannot be shown in the browser")


def _says_why_and_what_to_do(reader: Reader, number: int, heading: str) -> None:
    with reader.display(number) as tab:
        tab.wait_until_refused()
        assert tab.heading == heading
        words = tab.page.inner_text("#trouble")
        assert "How to open it in MyOffice" in words
        assert str(number) in words
        assert re.search(r"Reference\s+[0-9a-f-]{8,}", words)
        assert tab.sideways == 0
        assert not tab.unexpected
        assert not tab.violations
        assert not tab.downloads


def test_a_link_that_has_expired_is_renewed_quietly(laptop: Reader) -> None:
    with laptop.visit(VIEWER + "/") as tab:
        tab.page.route("**/content/*", lambda route: route.fulfill(status=410), times=1)
        tab.page.goto(f"{VIEWER}/documents/edocs/{REFERRAL}")
        tab.wait_until_open()
        assert tab.painted > 0.003
        expect(tab.page.locator("#banner")).to_be_hidden()


def test_a_lost_connection_is_explained_and_tried_again_by_itself(laptop: Reader) -> None:
    with laptop.visit(VIEWER + "/") as tab:
        tab.page.route(_RENDITION, lambda route: route.abort(), times=1)
        tab.page.goto(f"{VIEWER}/documents/edocs/{REFERRAL}")
        tab.wait_until_refused()
        assert tab.heading == "The connection was lost"
        expect(tab.page.locator("[data-retry-countdown]")).to_contain_text("Trying again by itself")
        assert not tab.violations
        tab.wait_until_open()


def test_a_version_that_was_replaced_while_it_was_opened_gives_way_to_the_new_one(laptop: Reader) -> None:
    with laptop.visit(VIEWER + "/") as tab:
        tab.page.route(_RENDITION, _answer_as_an_older_version, times=1)
        tab.page.route("**/content/*", lambda route: route.fulfill(status=410), times=1)
        tab.page.goto(f"{VIEWER}/documents/edocs/{REFERRAL}")
        tab.wait_until_open()
        assert tab.painted > 0.003


_RENDITION = re.compile(r"/rendition(\?|$)")


def _answer_as_an_older_version(route: Route) -> None:
    route.fulfill(
        json={
            "state": "ready",
            "show": "pdf",
            "url": "/content/of-an-older-version",
            "size": 4096,
            "fetched_at": "2026-11-23T10:42:00Z",
            "digest": "0" * 12,
            "changed": None,
            "label": "Word document",
        }
    )


@pytest.mark.parametrize("email", ["outsider@council.test", "worker@elsewhere.test"])
def test_the_wrong_account_is_told_so_and_can_change(browser: Browser, email: str) -> None:
    context = browser.new_context(viewport=WINDOWS["phone"])
    with Reader(context, email).display(REFERRAL) as tab:
        expect(tab.page.get_by_role("button", name="Use another account")).to_be_visible()
        assert email in tab.page.inner_text("main")
        assert not tab.violations
        assert tab.sideways == 0
    context.close()


def test_signing_out_ends_in_a_calm_page(browser: Browser) -> None:
    context = browser.new_context(viewport=WINDOWS["laptop"])
    with Reader(context).visit(VIEWER + "/") as tab:
        assert not tab.violations
        tab.page.get_by_role("button", name="Sign out", exact=True).click()
        expect(tab.page.get_by_role("heading", name="You have signed out")).to_be_visible()
        assert not tab.violations
    context.close()


def test_without_scripts_the_page_says_so(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    with Reader(context).display(REFERRAL) as tab:
        # the browser shows it; Playwright's own look at pages skips every <noscript>
        assert tab.page.locator("noscript h2").bounding_box() is not None
    context.close()


def test_a_long_scan_shows_its_first_page_before_two_megabytes_have_arrived(
    laptop: Reader, stack: Stack
) -> None:
    (stack.documents / "6005.pdf").write_bytes(scan(pages=60, mark=6005))
    assert (stack.documents / "6005.pdf").stat().st_size > 25_000_000
    with laptop.visit(f"{VIEWER}/") as tab:
        session = tab.page.context.new_cdp_session(tab.page)
        arrived: list[int] = []
        session.on("Network.loadingFinished", lambda event: arrived.append(int(event["encodedDataLength"])))
        session.send("Network.enable")
        tab.page.goto(f"{VIEWER}/documents/edocs/6005")
        tab.wait_until_open()
        assert tab.painted > 0.1
        assert 0 < sum(arrived) < 2_000_000
        session.detach()
