"""An officer searches, an administrator blocks, a worker meets the block: on a laptop and a phone."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import WINDOWS
from tests.browser.reader import Reader, Tab
from tests.system.addresses import VIEWER

pytestmark = pytest.mark.system

AUDIT, VOLUME = f"{VIEWER}/governance/audit", f"{VIEWER}/governance/volume"
BLOCKS = f"{VIEWER}/administration/blocks"
PERSON = "42000042"
DOCUMENT = 1012
Sign = Callable[..., Reader]


@pytest.fixture(params=["laptop", "phone"])
def sign_in(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Sign]:
    """Somebody with a browser of their own, with scripts or without."""
    contexts = []

    def sign(email: str, *, scripts: bool = True) -> Reader:
        phone = request.param == "phone"
        context = browser.new_context(
            viewport=WINDOWS[request.param], has_touch=phone, is_mobile=phone, java_script_enabled=scripts
        )
        contexts.append(context)
        return Reader(context, f"{email}@council.test")

    yield sign
    for context in contexts:
        context.close()


def is_well(tab: Tab) -> None:
    assert tab.violations == []
    assert tab.sideways == 0
    assert not tab.complaints


def test_an_officer_finds_who_saw_a_persons_document(sign_in: Sign) -> None:
    with sign_in("worker").visit(f"{VIEWER}/documents/edocs/{DOCUMENT}?person={PERSON}") as tab:
        tab.wait_until_open()
    with sign_in("officer").visit(AUDIT) as tab:
        is_well(tab)
        tab.page.fill("#person", PERSON)
        tab.page.select_option("#outcome", "viewed")
        tab.page.get_by_role("button", name="Search").click()
        expect(tab.page.locator("#found")).to_have_text(re.compile("entr"))
        expect(tab.page.locator("td", has_text="worker@council.test").first).to_be_visible()
        is_well(tab)
        with tab.page.expect_download() as taken:
            tab.page.get_by_role("button", name="CSV").click()
        assert re.fullmatch(r"audit-[\d-]+\.csv", taken.value.suggested_filename)
        assert PERSON in taken.value.path().read_text()
        tab.page.goto(f"{AUDIT}?search=1&since=yesterday")
        expect(tab.page.get_by_role("alert")).to_contain_text("The first day")
        assert tab.violations == []
        tab.page.goto(VOLUME)
        assert (tab.violations, tab.sideways) == ([], 0)


def test_a_block_stops_a_page_that_is_open_and_lifting_it_opens_it_again(sign_in: Sign) -> None:
    """The administrator's browser runs no script."""
    document = f"{VIEWER}/documents/edocs/{DOCUMENT}?person={PERSON}"
    administrator = sign_in("administrator", scripts=False)
    with sign_in("worker").visit(document) as worker, administrator.visit(BLOCKS) as blocks:
        worker.wait_until_open()
        blocks.page.check("input[type=radio][name=kind][value=person]")
        blocks.page.fill("#value", PERSON)
        blocks.page.fill("#reason", "court order 77")
        blocks.page.get_by_role("button", name="Block", exact=True).click()
        expect(blocks.page.get_by_role("alert")).to_contain_text("in force")
        worker.page.reload()
        worker.wait_until_refused()
        assert worker.heading == "This cannot be opened at the moment"
        assert worker.violations == []
        row = blocks.page.locator("tr", has_text=PERSON).first
        row.get_by_label("Why it is lifted").fill("order lifted")
        row.get_by_role("button", name="Lift").click()
        expect(blocks.page.get_by_role("alert")).to_contain_text("lifted")
        worker.page.reload()
        worker.wait_until_open()


def test_the_administrators_page_is_well(sign_in: Sign) -> None:
    with sign_in("administrator").visit(BLOCKS) as tab:
        is_well(tab)
        tab.page.get_by_role("button", name="Block", exact=True).click()
        expect(tab.page.get_by_role("alert")).to_contain_text("Choose what to block")
        assert (tab.violations, tab.sideways) == ([], 0)


def test_the_front_page_leads_each_to_their_pages(sign_in: Sign) -> None:
    for email, link, heading in (
        ("officer", "Search the audit", "Audit: who saw what"),
        ("administrator", "emergency blocks", "Emergency blocks"),
    ):
        with sign_in(email).visit(f"{VIEWER}/") as tab:
            is_well(tab)
            tab.page.get_by_role("link", name=link).click()
            expect(tab.page.locator("h1")).to_have_text(heading)


def test_an_administrator_signs_somebody_out(sign_in: Sign) -> None:
    document = f"{VIEWER}/documents/edocs/{DOCUMENT}?person={PERSON}"
    with sign_in("nested").visit(document) as reader, sign_in("administrator").visit(BLOCKS) as blocks:
        reader.wait_until_open()
        blocks.page.fill("#email", "nested@council.test")
        blocks.page.get_by_role("button", name="Sign them out").click()
        expect(blocks.page.get_by_role("alert")).to_contain_text("signed out everywhere")
        until_asked_to_sign_in(reader, document)


def until_asked_to_sign_in(tab: Tab, address: str) -> None:
    """Other workers hear of it within two seconds."""
    deadline = time.monotonic() + 20
    while tab.page.url.startswith(VIEWER):
        assert time.monotonic() < deadline
        tab.page.goto(address)
