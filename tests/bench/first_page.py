"""From a click to a first page on the screen, over a line of 10 Mbit/s and 40 ms, in a real Chromium."""

import io
import statistics
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import docx
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.reader import Reader
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.system.addresses import VIEWER
from tests.system.scans import scan

_LINE = {
    "offline": False,
    "latency": 40,
    "downloadThroughput": 10_000_000 / 8,
    "uploadThroughput": 10_000_000 / 8,
}
_ROUNDS = 3
_FIRST_ID = 910_001
_DRAWN = "html.is-open"
_TIMEOUT_MS = 120_000


@dataclass(frozen=True, slots=True)
class _Sample:
    name: str
    extension: str
    make: Callable[[], bytes]


def measure(folder: Path) -> dict[str, float]:
    """Median milliseconds until a first page is drawn; cold: new bytes, new browser; warm: both seen before.

    Args:
        folder: that the running eDocs stand-in serves.
    """
    samples = (
        _Sample("one_page_docx", "docx", lambda: _word(4)),
        _Sample("300_page_docx", "docx", lambda: _word(300 * 25)),
        _Sample("30_mb_scan", "pdf", lambda: scan(60, uuid.uuid4().int % 1000)),
    )
    figures: dict[str, float] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        for number, sample in enumerate(samples):
            rounds = [
                _cold_and_warm(browser, folder, sample, _FIRST_ID + 10 * number + turn)
                for turn in range(_ROUNDS)
            ]
            cold, warm = zip(*rounds, strict=True)
            figures[f"{sample.name}_cold_ms"] = statistics.median(cold)
            figures[f"{sample.name}_warm_ms"] = statistics.median(warm)
        browser.close()
    return figures


def _cold_and_warm(browser: Browser, folder: Path, sample: _Sample, number: int) -> tuple[float, float]:
    path = folder / f"{number}.{sample.extension}"
    path.write_bytes(sample.make())
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        _sign_in(context)
        with context.new_page() as page:
            page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", _LINE)
            cold = _milliseconds(page, number)
        with context.new_page() as page:
            page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", _LINE)
            return cold, _milliseconds(page, number)
    finally:
        context.close()
        path.unlink()


def _sign_in(context: BrowserContext) -> None:
    """Beforehand, so that only the document's own way is measured; no page of it was seen yet."""
    with Reader(context).visit(f"{VIEWER}/documents/edocs/0/plain"):
        pass


def _milliseconds(page: Page, number: int) -> float:
    started = time.perf_counter()
    page.goto(f"{VIEWER}/documents/edocs/{number}", wait_until="commit")
    page.wait_for_selector(_DRAWN, timeout=_TIMEOUT_MS)
    return (time.perf_counter() - started) * 1000


def _word(paragraphs: int) -> bytes:
    document = docx.Document()
    document.add_heading(f"Case notes {uuid.uuid4()}", 1)
    for _ in range(paragraphs):
        document.add_paragraph(
            "Visited the family at home. All were well, and school starts again on Monday."
        )
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()
