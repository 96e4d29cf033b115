"""`make pictures`: takes the pictures of docs/pictures anew, from the demo's pages in a real Chromium.

Starts a stack of its own and stops it at the end. Look at every picture before you commit it.
"""

import io
import re
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.conftest import WINDOWS
from tests.browser.reader import Reader
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.system.addresses import GOOGLE, MOSAIC, VIEWER
from tests.system.stack import ROOT, running

FOLDER = ROOT / "docs" / "pictures"
MAX_BYTES = 150_000
"""Of one picture."""
_COLOURS = 256
"""A palette makes a picture of a page a third as large, and nobody sees the difference."""
_CASE_FILE_PERSON = "4210077"


def main() -> int:
    """Take all of them; give 1 where one is too large to be kept."""
    with (
        tempfile.TemporaryDirectory(prefix="pictures-") as documents,
        running(Path(documents)),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        _steps(browser)
        _documents(browser)
        _phone(browser)
        _audit(browser)
        browser.close()
    large = [path.name for path in FOLDER.glob("*.png") if path.stat().st_size > MAX_BYTES]
    print(f"larger than {MAX_BYTES} bytes: {', '.join(large)}" if large else f"taken: {FOLDER}")
    return 1 if large else 0


def _steps(browser: Browser) -> None:
    """The three steps of the demo: the case file, the sign-in, the document."""
    page = _window(browser, "laptop").new_page()
    page.goto(MOSAIC)
    _take("case-file", page)
    with page.context.expect_page() as opened:
        page.click("#display-1001")
    document = opened.value
    document.wait_for_url(re.compile(f"^{GOOGLE}"))
    _take("sign-in", document)
    document.get_by_role("button", name="worker@council.test").click()
    document.wait_for_selector("html.is-open")
    _take("document", document)
    page.context.close()


def _documents(browser: Browser) -> None:
    """A spreadsheet, an e-mail with attachments, and a document that cannot be shown."""
    context = _window(browser, "laptop")
    reader = Reader(context)
    for name, number in (("spreadsheet", 1003), ("e-mail", 1030)):
        with reader.display(number) as tab:
            _take(name, tab.wait_until_open().page)
    with reader.display(1017) as tab:
        _take("refusal", tab.wait_until_refused().page)
    context.close()


def _phone(browser: Browser) -> None:
    context = _window(browser, "phone")
    with Reader(context).display(1001) as tab:
        _take("phone", tab.wait_until_open().page)
    context.close()


def _audit(browser: Browser) -> None:
    """What the others left on record, as information governance finds it."""
    context = _window(browser, "laptop")
    with Reader(context, "officer@council.test").visit(f"{VIEWER}/governance/audit") as tab:
        tab.page.fill("#person", _CASE_FILE_PERSON)
        tab.page.get_by_role("button", name="Search").click()
        expect(tab.page.locator("#found")).to_have_text(re.compile("entr"))
        tab.page.locator("#found").evaluate("found => found.scrollIntoView({block: 'center'})")
        _take("audit", tab.page)
    context.close()


def _window(browser: Browser, window: str) -> BrowserContext:
    """A browser that nobody has used yet, of a person in the United Kingdom."""
    touch = window != "laptop"
    context = browser.new_context(
        viewport=WINDOWS[window],
        has_touch=touch,
        is_mobile=touch,
        locale="en-GB",
        timezone_id="Europe/London",
    )
    context.set_default_timeout(30_000)
    return context


def _take(name: str, page: Page) -> None:
    page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    small = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    FOLDER.mkdir(exist_ok=True)
    small.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
