"""What is inside a document, as staff see it and open it."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.reader import Reader, Tab
from tests.system.addresses import VIEWER

pytestmark = pytest.mark.system

BUNDLE, STATEMENT = 1040, 1042
FILES = ["Read me first.txt", "Photographs.zip", "viewer.exe"]


def _new_tab(reader: Reader, tab: Tab, name: str) -> Tab:
    with reader.context.expect_page() as opened:
        tab.page.get_by_role("link", name=name).click()
    return Tab(opened.value, reader.viewer)


def test_an_archive_is_a_list_of_files_under_their_folders(any_reader: Reader) -> None:
    with any_reader.display(BUNDLE) as tab:
        tab.wait_until_open()
        listing = tab.page.get_by_role("region", name="Files in the archive")
        expect(listing).to_contain_text("6 files in this archive")
        assert listing.locator("h2").all_inner_texts() == ["Exhibits", "Letters", "Reports"]
        assert [name in listing.inner_text() for name in FILES] == [True] * 3
        assert tab.sideways == 0
        assert not tab.violations
        assert not tab.complaints


def test_a_file_of_an_archive_opens_in_a_tab_of_its_own_and_leads_back(laptop: Reader) -> None:
    with laptop.display(BUNDLE) as tab:
        tab.wait_until_open()
        letter = _new_tab(laptop, tab, "Referral from the school.docx").wait_until_open()
        expect(letter.page).to_have_title(re.compile("^eDocs document 1040, attachment 2 "))
        assert letter.painted > 0.003
        assert "school" not in letter.page.url
        assert letter.sideways == 0
        assert not letter.violations
        letter.page.get_by_role("link", name="eDocs document 1040").click()
        letter.wait_until_open()
        expect(letter.page.locator("#listing")).to_be_visible()
        letter.page.close()


def test_an_archive_in_an_archive_opens_level_by_level(laptop: Reader) -> None:
    with laptop.display(BUNDLE) as tab:
        tab.wait_until_open()
        inner = _new_tab(laptop, tab, "Photographs.zip").wait_until_open()
        photograph = _new_tab(laptop, inner, "Kitchen before.jpg").wait_until_open()
        assert photograph.painted > 0.003
        assert photograph.page.url.startswith(f"{VIEWER}/documents/edocs/1040?")
        assert "part=5.1" in photograph.page.url
        assert photograph.sideways == 0
        photograph.page.close()
        inner.page.close()


def test_a_pdf_shows_its_attachments_above_it(reader: Reader) -> None:
    with reader.display(STATEMENT) as tab:
        tab.wait_until_open()
        summary = tab.page.get_by_text("2 attachments", exact=True)
        expect(summary).to_be_visible()
        link = tab.page.get_by_role("link", name="Exhibit A.jpg")
        if not link.is_visible():
            summary.click()
        expect(link).to_be_visible()
        assert "13 KB" in tab.page.inner_text("#attachments")
        assert tab.painted > 0.003
        assert tab.sideways == 0
        assert not tab.violations
        picture = _new_tab(reader, tab, "Exhibit A.jpg").wait_until_open()
        assert picture.painted > 0.003
        picture.page.close()
        assert not tab.complaints


def test_a_file_that_cannot_be_shown_says_why_and_which_it_is(laptop: Reader) -> None:
    with laptop.visit(f"{VIEWER}/documents/edocs/1040?part=6") as tab:
        tab.wait_until_refused()
        assert tab.heading == "This kind of file cannot be shown in the browser"
        assert "then open attachment 6 in it" in tab.page.inner_text("#trouble")
        assert tab.sideways == 0
        assert not tab.violations


def test_names_of_any_kind_are_text(laptop: Reader) -> None:
    with laptop.visit(VIEWER + "/") as tab:
        name = "<img src=x onerror=alert(1)>.pdf"
        part = {"number": 1, "folder": name, "name": name, "size": "1 byte", "locked": True, "url": None}
        answer = {"state": "ready", "show": "listing", "url": "/content/x", "size": 0, "digest": "0" * 12}
        answer |= {
            "label": "Archive",
            "file_name": None,
            "fetched_at": "2026-11-28T09:00:00+00:00",
            "notes": [],
        }
        answer |= {"changed": None, "download_url": None, "not_drawn_url": "/not-drawn/x"}
        tab.page.route(
            re.compile(r"/rendition(\?|$)"), lambda route: route.fulfill(json={**answer, "parts": [part]})
        )
        tab.page.goto(f"{VIEWER}/documents/edocs/1040")
        tab.wait_until_open()
        expect(tab.page.locator("#listing img")).to_have_count(0)
        expect(tab.page.locator("#listing")).to_contain_text(name)
        expect(tab.page.locator("#listing")).to_contain_text("locked with a password")
        assert not tab.complaints


def test_without_scripts_an_archive_is_links(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    with Reader(context).visit(f"{VIEWER}/documents/edocs/1040/plain?person=42") as tab:
        tab.page.get_by_role("link", name="Photographs.zip").click()
        expect(tab.page.get_by_role("link", name="Household.png")).to_be_visible()
        expect(tab.page).to_have_title(re.compile("^eDocs document 1040, attachment 5 "))
    context.close()
