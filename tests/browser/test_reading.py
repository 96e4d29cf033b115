"""How each kind of document is read: pages, their text alone, plain text, pictures, recordings."""

import io
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docx
import fpdf
import openpyxl
import pikepdf
import pytest
from pikepdf import Name
from playwright.sync_api import Browser, CDPSession, expect

from tests.browser.conftest import WINDOWS
from tests.browser.reader import Reader, Tab
from tests.system.addresses import VIEWER
from tests.system.person import Person
from tests.system.stack import Stack

pytestmark = pytest.mark.system

REFERRAL, CALL, DRAWING, CHRONOLOGY, RECORDING = 1001, 1010, 1012, 1016, 1022
_RENDITION = re.compile(r"/rendition(\?|$)")
_LETTERS = "() => parseFloat(getComputedStyle(document.querySelector('#text-only p')).fontSize)"


def _put(stack: Stack, name: str, document: Any) -> None:
    file = io.BytesIO()
    document.save(file)
    (stack.documents / name).write_bytes(file.getvalue())


def _fresh_number() -> int:
    """Of a document that nobody opened before, in whatever record the stack has."""
    return 10_000_000 + uuid.uuid4().int % 10_000_000


def test_the_text_alone_has_the_documents_headings_tables_and_words(reader: Reader) -> None:
    with reader.read(REFERRAL) as tab:
        tab.press("text-only")
        words = tab.page.locator("#text-only")
        expect(words.get_by_role("heading", name="What the family asks for")).to_be_visible()
        expect(words.get_by_role("cell", name="Zoë Müller-Sample")).to_be_attached()
        assert not tab.violations
        assert tab.sideways == 0
        before = tab.page.evaluate(_LETTERS)
        tab.page.click("[data-do=zoom-in]")
        after = tab.page.evaluate(_LETTERS)
        assert after > before
        tab.page.keyboard.press("Escape")
        expect(words).to_be_hidden()
        assert tab.painted > 0.003


def _with_a_tag_of_any_name(name: str) -> pikepdf.Pdf:
    """A tagged page whose one element has a role of the document's own making."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    words = b"BT /F1 20 Tf 72 700 Td (The words of the page) Tj ET"
    page.Contents = pdf.make_stream(b"/%b <</MCID 0>> BDC %b EMC" % (name.encode(), words))
    font = pikepdf.Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.StructParents = 0
    tags = pdf.make_indirect(pikepdf.Dictionary(Type=Name.StructTreeRoot))
    element = pdf.make_indirect(pikepdf.Dictionary(S=Name(f"/{name}"), P=tags, Pg=page.obj, K=0))
    tags.K = element
    tags.ParentTree = pikepdf.Dictionary(Nums=[0, [element]])
    pdf.Root.StructTreeRoot = tags
    pdf.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
    return pdf


def test_a_tag_with_a_name_that_javascript_knows_does_not_cost_the_text(laptop: Reader, stack: Stack) -> None:
    _put(stack, "6015.pdf", _with_a_tag_of_any_name("constructor"))
    with laptop.read(6015) as tab:
        tab.press("text-only")
        expect(tab.page.locator("#text-only")).to_contain_text("The words of the page")


def test_the_text_alone_opens_at_the_page_that_was_read(laptop: Reader) -> None:
    with laptop.read(CHRONOLOGY) as tab:
        tab.page.fill("#page-number", "120")
        tab.page.press("#page-number", "Enter")
        tab.expect_page(120)
        tab.page.keyboard.press("t")
        expect(tab.page.get_by_role("heading", name="Page 120", exact=True)).to_be_in_viewport()
        tab.page.click("[data-do=next]")
        expect(tab.page.get_by_role("heading", name="Page 121", exact=True)).to_be_in_viewport()
        tab.page.keyboard.press("t")
        tab.expect_page(121)


def test_plain_text_is_read_as_text_and_grows(reader: Reader) -> None:
    with reader.read(CALL) as tab:
        sheet = tab.page.locator("#plain-text")
        expect(sheet).to_contain_text("The school paid £49 for the meter")
        assert tab.scale == 100
        tab.page.click("[data-do=zoom-in]")
        assert tab.scale > 100
        assert tab.sideways == 0
        assert not tab.violations
        assert not tab.complaints


def test_a_recording_plays(laptop: Reader) -> None:
    with laptop.read(RECORDING) as tab:
        player = tab.page.locator("audio")
        assert player.evaluate("player => player.duration") == pytest.approx(3, abs=0.2)
        player.evaluate("player => { player.muted = true; player.play(); }")
        tab.page.wait_for_function("() => document.querySelector('audio').currentTime > 0.5")
        player.evaluate("player => { player.currentTime = 2.5; }")
        tab.page.wait_for_function("() => document.querySelector('audio').ended")
        assert not tab.violations
        assert not tab.complaints
        assert not tab.downloads


def test_what_is_not_shown_is_said_with_the_way_to_see_it(reader: Reader, stack: Stack) -> None:
    book = openpyxl.Workbook()
    for number in (1, 2):
        book.create_sheet(f"Hidden {number}").sheet_state = "hidden"
    book.active["A1"] = "Costs"
    _put(stack, "6001.xlsx", book)
    with reader.read(6001) as tab:
        notes = tab.page.locator("#notes")
        expect(notes.locator("summary")).to_have_text("Not everything is shown: 1 note")
        notes.locator("summary").click()
        expect(notes).to_contain_text("This spreadsheet has 2 hidden sheets, which are not shown.")
        expect(notes).to_contain_text("open document 6001 in MyOffice")
        assert tab.sideways == 0
        assert not tab.violations


def test_a_version_that_is_new_since_the_last_look_is_called_new(laptop: Reader, stack: Stack) -> None:
    number = _fresh_number()
    for words, tag in (("First.", ""), ("First.", "Unchanged"), ("Second.", "New version")):
        document = docx.Document()
        document.add_paragraph(words)
        if tag != "Unchanged":
            _put(stack, f"{number}.docx", document)
        with laptop.read(number) as tab:
            freshness = tab.page.locator("#freshness")
            expect(freshness).to_contain_text(re.compile(r"Fetched .*\d\d:\d\d"))
            expect(freshness.locator(".change-tag")).to_have_count(1 if tag else 0)
            expect(freshness).to_contain_text(tag)


def test_waiting_is_told_in_words_that_are_read_aloud(laptop: Reader) -> None:
    words = ["Converting documents in turn, 2 before this one…", "Converting the document…"]
    with laptop.visit(f"{laptop.viewer}/") as tab:
        tab.page.add_init_script(
            "addEventListener('DOMContentLoaded', () => { window.said = [];"
            " const region = document.querySelector('#progress-words');"
            " const note = () => window.said.push(region.textContent);"
            " new MutationObserver(note).observe(region, {childList: true}); })"
        )
        answers = iter(words)

        def _still_at_it(route: Any) -> None:
            answer = next(answers, None)
            if answer is None:
                route.continue_()
                return
            poll = f"/documents/edocs/{REFERRAL}/rendition?again"
            route.fulfill(
                status=202,
                json={"state": "converting", "message": answer, "poll_url": poll, "retry_after_ms": 50},
            )

        tab.page.route(_RENDITION, _still_at_it)
        tab.page.goto(f"{laptop.viewer}/documents/edocs/{REFERRAL}")
        tab.wait_until_open()
        said = tab.page.evaluate("() => window.said")
        assert [text for text in said if text in words] == words
        assert tab.page.get_attribute("#progress-words", "role") == "status"


_A_MINUTE_AT_EACH_POLL = """() => {
  const [now, fetching] = [Date.now, window.fetch];
  let later = 0;
  Date.now = () => now() + later;
  window.fetch = (url, init) => {
    if (`${url}`.includes("/renditions/")) later += 61000;
    return fetching(url, init);
  };
}"""


def _answer_with_restarts(tab: Tab, times: int) -> list[str]:
    """Let the service say so often that the document is being made, and to ask for it again at the poll."""
    asked: list[str] = []
    converting = {
        "state": "converting",
        "message": "Converting the document…",
        "poll_url": "/renditions/x",
        "retry_after_ms": 50,
    }

    def _converting(route: Any) -> None:
        asked.append(route.request.url)
        if len(asked) <= times:
            route.fulfill(status=202, json=converting)
        else:
            route.continue_()

    tab.page.route(_RENDITION, _converting)
    tab.page.route("**/renditions/x", lambda route: route.fulfill(status=409, json={"state": "restart"}))
    return asked


def test_a_long_wait_asks_for_the_newest_version_each_minute_and_never_gives_up(laptop: Reader) -> None:
    with laptop.visit(f"{laptop.viewer}/") as tab:
        tab.page.add_init_script(f"({_A_MINUTE_AT_EACH_POLL})()")
        asked = _answer_with_restarts(tab, times=7)
        tab.page.goto(f"{laptop.viewer}/documents/edocs/{REFERRAL}")
        tab.wait_until_open()
        assert len(asked) == 8


def test_a_document_whose_maker_is_lost_again_and_again_ends_with_a_message(laptop: Reader) -> None:
    with laptop.visit(f"{laptop.viewer}/") as tab:
        asked = _answer_with_restarts(tab, times=99)
        tab.page.goto(f"{laptop.viewer}/documents/edocs/{REFERRAL}")
        tab.wait_until_refused()
        assert len(asked) == 4
        assert tab.heading == "This document could not be drawn"


def test_a_queue_is_told_by_how_many_are_ahead(stack: Stack, laptop: Reader) -> None:
    """More documents than converters, each of some seconds: the last one waits for the others."""
    numbers = [_fresh_number() for _ in range(8)]
    for number in numbers:
        _put(stack, f"{number}.docx", _long_document(number))
    worker = Person().sign_in()
    with ThreadPoolExecutor(len(numbers)) as people, laptop.visit(f"{laptop.viewer}/") as tab:
        others = [people.submit(worker.open, number) for number in numbers[:-1]]
        tab.page.goto(f"{laptop.viewer}/documents/edocs/{numbers[-1]}", wait_until="commit")
        words = tab.page.locator("#progress-words")
        expect(words).to_have_text(
            re.compile(r"Converting documents in turn, \d+ before this one…"), timeout=30_000
        )
        assert all(other.result().status_code == 200 for other in others)
        tab.wait_until_open()


def _long_document(number: int) -> Any:
    document = docx.Document()
    for _ in range(2000):
        document.add_paragraph(f"{number} A case note of some length. " * 10)
    return document


def test_links_in_a_document_open_a_new_tab_that_learns_nothing(laptop: Reader, stack: Stack) -> None:
    document = fpdf.FPDF()
    document.add_page()
    document.set_font("Helvetica", size=20)
    document.cell(text="The council's page", link="https://council.example/help")
    (stack.documents / "6004.pdf").write_bytes(bytes(document.output()))
    with laptop.read(6004) as tab:
        link = tab.page.locator(".annotationLayer a")
        expect(link).to_have_attribute("href", "https://council.example/help")
        expect(link).to_have_attribute("target", "_blank")
        assert {"noopener", "noreferrer"} <= set((link.get_attribute("rel") or "").split())


def test_two_fingers_zoom(phone: Reader) -> None:
    for number in (REFERRAL, DRAWING):
        with phone.read(number) as tab:
            before = tab.scale
            session = tab.page.context.new_cdp_session(tab.page)
            _spread_fingers(session)
            tab.page.wait_for_function(
                f"() => parseInt(document.querySelector('#scale').textContent) > {before}"
            )
            session.detach()


def _spread_fingers(session: CDPSession) -> None:
    def touch(kind: str, apart: int) -> None:
        points = [{"x": 195 - apart, "y": 400}, {"x": 195 + apart, "y": 400}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if apart == 0 else points})

    touch("touchStart", 40)
    for apart in range(50, 150, 10):
        touch("touchMove", apart)
    touch("touchEnd", 0)


def test_turning_the_phone_keeps_the_page(phone: Reader) -> None:
    with phone.read(CHRONOLOGY) as tab:
        tab.page.fill("#page-number", "33")
        tab.page.press("#page-number", "Enter")
        tab.expect_page(33)
        tab.page.set_viewport_size(WINDOWS["phone-on-its-side"])
        tab.page.wait_for_function("() => innerWidth > innerHeight")
        tab.expect_page(33)
        tab.page.set_viewport_size(WINDOWS["phone"])
        tab.expect_page(33)
        assert tab.sideways == 0


def test_without_scripts_a_link_shows_the_document_inline(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    with Reader(context).visit(f"{VIEWER}/documents/edocs/{CALL}") as tab:
        way = tab.page.locator("noscript").inner_html()
        address = re.search(r'href="([^"]+/plain[^"]*)"', way)
        assert address
        with tab.page.expect_response(re.compile("/plain")) as answered:
            tab.page.goto(VIEWER + address.group(1).replace("&amp;", "&"))
        assert answered.value.headers["content-disposition"] == "inline"
        assert answered.value.headers["cache-control"] == "no-store"
        assert "The school paid £49" in tab.page.inner_text("body")
        assert not tab.downloads
    context.close()
