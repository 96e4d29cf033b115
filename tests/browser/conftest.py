"""A real Chromium before the running stack, and people with windows of several sizes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize

from tests.browser.reader import Reader
from tests.system.stack import Stack

WINDOWS = {
    "laptop": ViewportSize(width=1280, height=800),
    "phone": ViewportSize(width=390, height=844),
    "phone-on-its-side": ViewportSize(width=844, height=390),
}


@pytest.fixture(scope="session")
def browser(running_stack: Stack, chromium: Browser) -> Browser:
    return chromium


@pytest.fixture(scope="module", params=["laptop", "phone"])
def reader(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Reader]:
    """A worker at a laptop, and one with a phone: for what depends on layout, touch or the toolbar's menu.

    What does not is tested with `laptop` alone.
    """
    yield from _reader(browser, request.param)


@pytest.fixture(scope="module", params=list(WINDOWS))
def any_reader(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Reader]:
    """As `reader`, and one who has turned the phone."""
    yield from _reader(browser, request.param)


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Reader]:
    yield from _reader(browser, "phone")


@pytest.fixture(scope="module")
def laptop(browser: Browser) -> Iterator[Reader]:
    yield from _reader(browser, "laptop")


def _reader(browser: Browser, window: str) -> Iterator[Reader]:
    context = new_context(browser, window)
    yield Reader(context)
    context.close()


def new_context(browser: Browser, window: str) -> BrowserContext:
    """A browser that nobody has used yet."""
    touch = window != "laptop"
    context = browser.new_context(viewport=WINDOWS[window], has_touch=touch, is_mobile=touch)
    context.set_default_timeout(30_000)
    return context
