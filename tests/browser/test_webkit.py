"""The demo works in WebKit, which Safari is made of: it drops cookies that demand https on http://localhost."""

from pathlib import Path

import pytest

from tests.running.waiting import wait_until
from tests.running.webkit import webkit
from tests.system.stack import Stack

pytestmark = pytest.mark.system

_SECONDS = 60


def test_a_worker_signs_in_to_the_demo_and_sees_a_document(stack: Stack, tmp_path: Path) -> None:
    address = f"{stack.viewer}/documents/edocs/1001?person=42"
    with webkit(tmp_path) as browser:
        browser.open(address)
        assert browser.url.startswith(stack.google)
        browser.fill("input[name=sub]", "worker@council.test")
        browser.click("form:has(input[name=sub]) button")
        wait_until(lambda: browser.url == address, _SECONDS, "signed in")
        wait_until(lambda: "Rowan" in browser.text("#viewer"), _SECONDS, "the document is drawn")
