"""WCAG 2.2 AA: what axe-core finds, reflow at 400 per cent, keyboard, forced colours, little motion."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.reader import Reader, Tab
from tests.system.addresses import VIEWER

pytestmark = pytest.mark.system

REFERRAL, CALL, DRAWING, CHRONOLOGY, LOCKED, RECORDING = 1001, 1010, 1012, 1016, 1017, 1022
_RENDITION = re.compile(r"/rendition(\?|$)")
_FITS = "() => { const at = document.querySelector('#text-only'); return at.scrollWidth <= at.clientWidth; }"
_SETTLED = """() => document.documentElement.classList.contains("is-open")
  || !document.querySelector("#trouble").hidden"""
_COLOURS = """(icon) => [getComputedStyle(icon).stroke,
  getComputedStyle(icon.closest("button")).backgroundColor]"""


REFLOW = {"width": 320, "height": 256}
"""A window of 1280 by 1024 at 400 per cent (WCAG 2.2, 1.4.10)."""


@pytest.mark.parametrize("number", [REFERRAL, CALL, DRAWING, RECORDING])
def test_at_400_per_cent_nothing_runs_off_sideways(browser: Browser, number: int) -> None:
    context = browser.new_context(viewport=REFLOW)  # type: ignore[arg-type]  # a plain dict serves
    with Reader(context).read(number) as tab:
        assert tab.sideways == 0
        shown = tab.page.locator("#pages, #plain-text, #picture, #media").locator("visible=true").first
        box = shown.bounding_box()
        assert box is not None
        assert box["height"] >= 120, "the document still has room"
        assert not tab.violations
    context.close()


def test_the_text_alone_reflows_at_400_per_cent(browser: Browser) -> None:
    context = browser.new_context(viewport=REFLOW)  # type: ignore[arg-type]  # a plain dict serves
    with Reader(context).read(REFERRAL) as tab:
        tab.press("text-only")
        expect(tab.page.locator("#text-only")).to_be_visible()
        assert tab.page.evaluate(_FITS)
        assert tab.sideways == 0
    context.close()


@pytest.mark.parametrize("number", [REFERRAL, CALL, LOCKED])
def test_forced_colours_and_little_motion_are_honoured(browser: Browser, number: int) -> None:
    context = browser.new_context(forced_colors="active", reduced_motion="reduce")
    with Reader(context).visit(f"{VIEWER}/documents/edocs/{number}") as tab:
        tab.page.wait_for_function(_SETTLED)
        assert tab.animations == 0
        assert not tab.violations
        for icon in tab.page.locator("#toolbar .icon-button:visible .icon").all():
            colours = icon.evaluate(_COLOURS)
            assert colours[0] != colours[1]
    context.close()


def test_little_motion_is_honoured_while_a_document_is_made(browser: Browser) -> None:
    context = browser.new_context(reduced_motion="reduce")
    with Reader(context).visit(f"{VIEWER}/") as tab:
        tab.page.route(_RENDITION, lambda _: None)  # never answered
        tab.page.goto(f"{VIEWER}/documents/edocs/{REFERRAL}")
        expect(tab.page.locator("#progress")).to_be_visible()
        assert tab.animations == 0
        assert not tab.violations
    context.close()


def test_tab_goes_through_all_that_can_be_used_and_is_seen(laptop: Reader) -> None:
    with laptop.read(CHRONOLOGY) as tab:
        tab.page.evaluate("() => { document.activeElement.blur(); getSelection().removeAllRanges(); }")
        tab.page.evaluate("() => document.querySelector('.govuk-skip-link').focus()")
        reached = _tab_through(tab)
        offered = tab.page.locator("#toolbar button:visible, #toolbar input:visible")
        names = offered.evaluate_all("all => all.map((one) => one.dataset.do ?? one.id)")
        assert [name for name in reached if name in names] == names
        assert "pages" in reached


def _tab_through(tab: Tab) -> list[str]:
    """What gets the focus, one Tab after the other, and that it is seen to have it."""
    reached: list[str] = []
    for _ in range(40):
        tab.page.keyboard.press("Tab")
        name, seen = tab.page.evaluate(
            "() => { const at = document.activeElement; const style = getComputedStyle(at);"
            " return [at.dataset.do ?? (at.id || at.className),"
            " style.outlineStyle !== 'none' || style.boxShadow !== 'none']; }"
        )
        assert seen, f"{name} does not show that it has the focus"
        reached.append(name)
        if name == "pages":
            break
    return reached


def test_axe_finds_nothing_on_the_document_page(any_reader: Reader) -> None:
    with any_reader.display(REFERRAL) as tab:
        tab.wait_until_open()
        assert not tab.violations


def test_axe_finds_nothing_with_find_contents_and_help_open(laptop: Reader) -> None:
    with laptop.display(REFERRAL) as tab:
        tab.wait_until_open()
        tab.find("the")
        assert not tab.violations
        tab.page.keyboard.press("Escape")
        tab.page.keyboard.press("c")
        expect(tab.page.locator("#contents button").first).to_be_visible()
        assert not tab.violations
        tab.page.keyboard.press("?")
        assert not tab.violations


def test_headings_of_a_word_document_reach_the_accessibility_tree(laptop: Reader) -> None:
    with laptop.display(REFERRAL) as tab:
        tab.wait_until_open()
        assert "What the family asks for" in tab.headings()
