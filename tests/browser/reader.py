"""Somebody at a real browser, and what they see of the document page. Imports none of our code."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.system.addresses import GOOGLE, MOSAIC, VIEWER

PATIENCE_MS = 60_000
"""A first conversion on a busy small machine, with room to spare."""
_REFUSED = "Failed to load resource: the server responded with a status of"

_DARK_SHARE = """() => {
  const page = document.querySelector("#viewer .page canvas") ?? document.querySelector("#picture img");
  const small = new OffscreenCanvas(120, 160);
  const context = small.getContext("2d");
  context.drawImage(page, 0, 0, small.width, small.height);
  const { data } = context.getImageData(0, 0, small.width, small.height);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at] + data[at + 1] + data[at + 2] < 720) dark += 1;
  return dark / (data.length / 4);
}"""


class Tab:
    """One tab with a document page, or with a page that says why there is none."""

    def __init__(self, page: Page, viewer: str) -> None:
        self.page = page
        self.viewer = viewer
        self.complaints: list[str] = []
        self.downloads: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("download", lambda download: self.downloads.append(download.suggested_filename))

    def _note(self, message: Any) -> None:
        from_us = message.location["url"].startswith(self.viewer)
        if from_us and message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def wait_until_open(self) -> "Tab":
        self.page.wait_for_selector("html.is-open", timeout=PATIENCE_MS)
        return self

    def wait_until_refused(self) -> "Tab":
        self.page.wait_for_selector("#trouble:not([hidden])", timeout=PATIENCE_MS)
        return self

    def press(self, action: str) -> None:
        """Press a button of the toolbar, in its menu on small screens."""
        button = self.page.locator(f"[data-do={action}]")
        if not button.is_visible():
            self.page.click("#more")
        button.click()

    @property
    def heading(self) -> str:
        return self.page.inner_text("h1.problem__title")

    @property
    def unexpected(self) -> list[str]:
        """What the browser complained of, but for the service's own refusals, which it always mentions."""
        return [text for text in self.complaints if not text.startswith(_REFUSED)]

    @property
    def painted(self) -> float:
        """The share of the first page that is not white."""
        return float(self.page.evaluate(_DARK_SHARE))

    @property
    def pages(self) -> int:
        return int(self.page.inner_text("#page-count"))

    @property
    def at(self) -> int:
        return int(self.page.input_value("#page-number"))

    def expect_page(self, number: int) -> None:
        expect(self.page.locator("#page-number")).to_have_value(str(number))

    @property
    def scale(self) -> int:
        return int(self.page.text_content("#scale").rstrip("%"))  # type: ignore[union-attr]  # always there

    def find(self, text: str) -> tuple[int, int]:
        """Find a text by keyboard; which match is selected, and how many there are."""
        self.page.keyboard.press("Control+f")
        self.page.keyboard.type(text)
        count = self.page.locator("#find-count")
        expect(count).to_have_text(re.compile(r"^\d+ of \d+$"), timeout=PATIENCE_MS)
        current, total = re.findall(r"\d+", count.inner_text())
        return int(current), int(total)

    def headings(self) -> list[str]:
        """The headings that assistive technology is told of."""
        session = self.page.context.new_cdp_session(self.page)
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        session.detach()
        return [node["name"]["value"] for node in nodes if node.get("role", {}).get("value") == "heading"]

    @property
    def animations(self) -> int:
        """How many animations run on the page."""
        return int(self.page.evaluate("() => document.getAnimations().length"))

    @property
    def sideways(self) -> int:
        """How many pixels the page is wider than the window."""
        return int(
            self.page.evaluate(
                "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )

    @property
    def violations(self) -> list[tuple[str, str]]:
        """What axe-core finds: rule, first element."""
        found = Axe().run(self.page).response["violations"]
        return [(violation["id"], violation["nodes"][0]["html"][:200]) for violation in found]


class Reader:
    """Somebody with a browser of their own."""

    def __init__(
        self, context: BrowserContext, email: str = "worker@council.test", viewer: str = VIEWER
    ) -> None:
        self.context = context
        self.email = email
        self.viewer = viewer

    @contextmanager
    def display(self, number: int) -> Iterator[Tab]:
        """Press "Display document" in Mosaic, and sign in where asked; the tab closes at the end."""
        with self.context.new_page() as mosaic:
            mosaic.goto(MOSAIC)
            with self.context.expect_page() as opened:
                mosaic.click(f"#display-{number}")
            page = opened.value
            tab = Tab(page, self.viewer)
            page.wait_for_load_state()
            self._sign_in_where_asked(page)
            yield tab
            page.close()

    @contextmanager
    def visit(self, url: str) -> Iterator[Tab]:
        """Open an address in a new tab, and sign in where asked."""
        with self.context.new_page() as page:
            tab = Tab(page, self.viewer)
            page.goto(url)
            self._sign_in_where_asked(page)
            yield tab

    @contextmanager
    def read(self, number: int | str) -> Iterator[Tab]:
        """Open a document's page, and wait until the document is there."""
        with self.visit(f"{self.viewer}/documents/edocs/{number}?person=42") as tab:
            yield tab.wait_until_open()

    def _sign_in_where_asked(self, page: Page) -> None:
        if not page.url.startswith(GOOGLE):
            return
        page.fill("input[name=sub]", self.email)
        page.locator("form", has=page.locator("input[name=sub]")).get_by_role("button").click()
        page.wait_for_url(re.compile(f"^{self.viewer}"))
