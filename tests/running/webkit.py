"""WebKit, the engine of Safari, driven by the W3C's WebDriver protocol: https://www.w3.org/TR/webdriver2/."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.running.ports import free_port
from tests.running.programs import running
from tests.running.waiting import answers, wait_until

_BROWSERS = Path("/usr/lib")
_TIMEOUT = 60
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The name under which the protocol refers to elements (section 12)."""


class WebKit:
    """One window, and cookies of its own."""

    def __init__(self, session: str) -> None:
        self._session = session

    def open(self, url: str) -> None:
        """Go there, and wait until the page is loaded."""
        self._post("/url", url=url)

    def fill(self, selector: str, text: str) -> None:
        """Type into a field."""
        self._post(f"/element/{self._find(selector)}/value", text=text)

    def click(self, selector: str) -> None:
        """Click an element, and wait for the page that it leads to, if any."""
        self._post(f"/element/{self._find(selector)}/click")

    def text(self, selector: str) -> str:
        """What is to be read in an element; empty where there is none."""
        found: str = self._post(
            "/execute/sync",
            script="return document.querySelector(arguments[0])?.innerText ?? ''",
            args=[selector],
        )
        return found

    @property
    def url(self) -> str:
        """The address of the page."""
        return str(requests.get(f"{self._session}/url", timeout=_TIMEOUT).json()["value"])

    def _find(self, selector: str) -> str:
        found = self._post("/element", using="css selector", value=selector)
        return str(found[_ELEMENT])

    def _post(self, command: str, **body: Any) -> Any:
        answer = requests.post(f"{self._session}{command}", json=body, timeout=_TIMEOUT)
        assert answer.ok, (command, answer.text[:500])
        return answer.json()["value"]


@contextmanager
def webkit(folder: Path) -> Iterator[WebKit]:
    """A browser that nobody has used yet, until the block ends.

    Args:
        folder: for its logs and its profile; empty.
    """
    port = free_port()
    driver = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        environment = {
            "DISPLAY": stack.enter_context(_display(folder)),
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "GDK_BACKEND": "x11",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
            # it cannot run in every container, and the pages are our own
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
            "no_proxy": "*",
        }
        stack.enter_context(
            running(["WebKitWebDriver", f"--port={port}"], folder / "driver.log", environment)
        )
        wait_until(lambda: answers(f"{driver}/status"), _TIMEOUT, "WebKitWebDriver")
        options = {
            "binary": str(max(_BROWSERS.glob("*/webkit2gtk-4.*/MiniBrowser"))),
            "args": ["--automation"],
        }
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        answer = requests.post(f"{driver}/session", json=wanted, timeout=_TIMEOUT)
        assert answer.ok, answer.text[:500]
        session = f"{driver}/session/{answer.json()['value']['sessionId']}"
        stack.callback(requests.delete, session, timeout=_TIMEOUT)
        yield WebKit(session)


@contextmanager
def _display(folder: Path) -> Iterator[str]:
    """A screen in memory, by the name that programs are given: Xvfb chooses a free number."""
    reading, writing = os.pipe()
    with (folder / "display.log").open("ab") as log:
        screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
            pass_fds=[writing],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        os.close(writing)
        with os.fdopen(reading) as number:
            yield f":{number.readline().strip()}"
    finally:
        screen.terminate()
        screen.wait(_TIMEOUT)
