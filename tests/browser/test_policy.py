"""What a council allows or asks for: copies, printing, a watermark, a cover over what nobody looks at."""

import io
from collections.abc import Iterator

import pypdfium2
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import new_context
from tests.browser.reader import Reader
from tests.system.another_viewer import another_viewer

pytestmark = pytest.mark.system

REFERRAL, DRAWING, CALL, PRESENTATION = 1001, 1012, 1010, 1005
IDLE_MINUTES = 20
_PAINTED = """() => {
  const picture = getComputedStyle(document.querySelector("#watermark")).backgroundImage;
  return picture.startsWith('url("data:image/png');
}"""


@pytest.fixture(scope="module")
def generous(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a viewer where everything is allowed, and everything is on."""
    with another_viewer(
        tmp_path_factory.mktemp("generous"),
        DOWNLOADS="pdf",
        PRINTING="true",
        WATERMARK="true",
        IDLE_MINUTES=str(IDLE_MINUTES),
    ) as address:
        yield address


@pytest.fixture(scope="module", params=["laptop", "phone"])
def guest(request: pytest.FixtureRequest, browser: Browser, generous: str) -> Iterator[Reader]:
    context = new_context(browser, request.param)
    yield Reader(context, viewer=generous)
    context.close()


def test_a_copy_is_a_deliberate_choice_and_a_pdf(guest: Reader) -> None:
    with guest.read(REFERRAL) as tab:
        tab.press("download")
        expect(tab.page.get_by_role("dialog")).to_contain_text("recorded, with your name")
        assert not tab.downloads
        assert not tab.violations
        with tab.page.expect_download() as download:
            tab.page.click("#download-link")
        path = download.value.path()
        assert download.value.suggested_filename == f"edocs-{REFERRAL}.pdf"
        with pypdfium2.PdfDocument(path) as pdf:
            assert "Rowan" in pdf[0].get_textpage().get_text_range()
        expect(tab.page.get_by_role("dialog")).to_be_hidden()


def test_a_copy_that_was_not_wanted_is_not_made(guest: Reader) -> None:
    with guest.read(REFERRAL) as tab:
        tab.press("download")
        tab.page.get_by_role("button", name="Cancel").click()
        expect(tab.page.get_by_role("dialog")).to_be_hidden()
        assert not tab.downloads


def test_every_page_is_printed_on_paper_of_its_size(browser: Browser, generous: str) -> None:
    context = new_context(browser, "laptop")
    context.add_init_script("window.print = () => { window.printed = true; };")
    with Reader(context, viewer=generous).read(PRESENTATION) as tab:
        tab.page.keyboard.press("Control+p")
        tab.page.wait_for_function("() => window.printed")
        paper = tab.page.pdf(prefer_css_page_size=True)
        with pypdfium2.PdfDocument(io.BytesIO(paper)) as printed:
            assert len(printed) == tab.pages
            width, height = printed[0].get_size()
            assert width > height, "a slide is wider than it is high"
        tab.page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
        assert tab.page.locator("#paper > *").count() == 0, "nothing of it stays in the page"
    context.close()


def test_nothing_is_printed_or_copied_where_policy_is_silent(laptop: Reader) -> None:
    with laptop.read(REFERRAL) as tab:
        expect(tab.page.locator("[data-do=print]")).to_have_count(0)
        expect(tab.page.locator("[data-do=download]")).to_be_hidden()
        expect(tab.page.locator("#watermark")).to_be_hidden()
        with pypdfium2.PdfDocument(io.BytesIO(tab.page.pdf())) as paper:
            words = "".join(page.get_textpage().get_text_range() for page in paper)
        assert "Documents are not printed from here" in words
        assert "Rowan" not in words


@pytest.mark.parametrize("number", [REFERRAL, DRAWING, CALL])
def test_who_looks_lies_over_the_document(guest: Reader, number: int) -> None:
    with guest.read(number) as tab:
        expect(tab.page.locator("#watermark")).to_be_visible()
        assert "worker@council.test" in str(tab.page.get_attribute("#main", "data-watermark"))
        assert tab.page.evaluate(_PAINTED)
        assert not tab.violations


@pytest.mark.parametrize("window", ["laptop", "phone"])
def test_a_document_that_nobody_used_is_covered_until_one_click(
    browser: Browser, generous: str, window: str
) -> None:
    context = new_context(browser, window)
    with Reader(context, viewer=generous).visit(f"{generous}/") as tab:
        tab.page.clock.install()
        tab.page.goto(f"{generous}/documents/edocs/{REFERRAL}")
        tab.page.clock.run_for(2000)
        tab.wait_until_open()
        tab.page.clock.fast_forward(f"{IDLE_MINUTES - 1}:00")
        expect(tab.page.locator("#idle-cover")).to_be_hidden()
        tab.page.clock.fast_forward("01:10")
        expect(tab.page.locator("#idle-cover")).to_be_visible()
        expect(tab.page.locator("#viewer .page canvas").first).to_be_hidden()
        expect(tab.page.locator(".viewer__title")).to_be_hidden()
        expect(
            tab.page.get_by_text(f"Hidden because nobody used it for {IDLE_MINUTES} minutes")
        ).to_be_visible()
        assert not tab.violations
        tab.page.get_by_role("button", name="Show the document again").click()
        expect(tab.page.locator("#idle-cover")).to_be_hidden()
        assert tab.painted > 0.003
    context.close()
