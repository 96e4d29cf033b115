"""What tests of several folders share: one running stack, and one real Chromium."""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from xdist.remote import Producer

from tests.running.lanes import Lanes, Seconds
from tests.system.stack import Stack, running

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure(config: pytest.Config) -> None:
    """Let generated examples take their time, as neighbours run; record how long each file takes."""
    settings.register_profile("beside others", deadline=None)
    settings.load_profile("beside others")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Seconds())


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes | None:
    """With `--dist loadfile`, files that start the same programs go to the same workers."""
    return Lanes(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One for all: Playwright runs once in a process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start the stack once; it may take half a minute."""
    with running(tmp_path_factory.mktemp("documents")) as stack:
        yield stack


@pytest.fixture
def stack(running_stack: Stack) -> Iterator[Stack]:
    """The stack, without faults, before and after the test."""
    running_stack.mend()
    yield running_stack
    running_stack.mend()
