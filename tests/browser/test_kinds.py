"""Scans, phone pictures, drawings, data, tables and films, as staff see them on a laptop and on a phone."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.reader import PATIENCE_MS, Reader
from tests.system.addresses import VIEWER
from tests.system.kinds.media import MEDIA
from tests.system.kinds.row import Row
from tests.system.stack import Stack

pytestmark = pytest.mark.system

CONTACTS = 1009
SCAN, PHONE_PHOTO, GENOGRAM, BROKEN_PDF, EXPORT, FILM, FILM_WEBM = range(1050, 1057)
_MEASURE = (
    "() => { const it = document.querySelector('#picture img'); return [it.naturalWidth, it.naturalHeight]; }"
)
_PLAY = "() => { const it = document.querySelector('#media video'); it.muted = true; return it.play(); }"
FREE = 1998
"""A number that no sample has."""


@pytest.mark.parametrize(("number", "pages"), [(SCAN, 3), (BROKEN_PDF, 2)])
def test_scans_and_mended_pdfs_have_all_their_pages(laptop: Reader, number: int, pages: int) -> None:
    with laptop.display(number) as tab:
        tab.wait_until_open()
        assert tab.pages == pages
        assert tab.painted > 0.003
        assert not tab.complaints


@pytest.mark.parametrize(("number", "size"), [(PHONE_PHOTO, [480, 640]), (GENOGRAM, [640, 420])])
def test_pictures_of_other_forms_are_upright(laptop: Reader, number: int, size: list[int]) -> None:
    with laptop.display(number) as tab:
        tab.wait_until_open()
        assert tab.page.evaluate(_MEASURE) == size
        assert tab.painted > 0.003
        assert not tab.complaints


def test_a_drawing_runs_nothing_and_loads_nothing(laptop: Reader, stack: Stack) -> None:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60" onload="window.ran = 1">'
        '<script>window.ran = 1; top.ran = 1</script><image href="/static/viewer.css" width="9" height="9"/>'
        f'<image href="{VIEWER}/documents/edocs/1001" width="9" height="9"/>'
        '<rect width="90" height="60"/></svg>'
    )
    path: Path = stack.documents / f"{FREE}.svg"
    path.write_text(drawing)
    try:
        answered: list[str] = []
        laptop.context.on("response", lambda response: answered.append(response.url))
        for way in ("", "/plain"):
            with laptop.visit(f"{VIEWER}/documents/edocs/{FREE}{way}") as tab:
                if not way:
                    tab.wait_until_open()
                    notes = tab.page.locator("#notes-list")
                    expect(notes).to_contain_text("Scripts in this drawing were not run.")
                assert tab.page.evaluate("() => window.ran") is None
        assert not [url for url in answered if url.endswith("/edocs/1001")]
    finally:
        path.unlink()


def test_data_is_readable(laptop: Reader) -> None:
    with laptop.display(EXPORT) as tab:
        tab.wait_until_open()
        shown = tab.page.inner_text("#plain-text")
        assert len(shown.splitlines()) > 20
        assert json.loads(shown)["child"]["name"] == "Rowan Sample"


@pytest.mark.parametrize("number", [FILM, FILM_WEBM])
def test_a_film_plays(laptop: Reader, number: int) -> None:
    with laptop.display(number) as tab:
        tab.wait_until_open()
        assert 1.5 < float(tab.page.evaluate("() => document.querySelector('#media video').duration")) < 3
        tab.page.evaluate(_PLAY)
        tab.page.wait_for_function("() => document.querySelector('#media video').currentTime > 0.2")
        assert not tab.complaints


@pytest.mark.parametrize("row", MEDIA, ids=[row.kind for row in MEDIA])
def test_every_kind_of_recording_plays(laptop: Reader, stack: Stack, tmp_path: Path, row: Row) -> None:
    path: Path = stack.documents / f"{FREE}.bin"
    path.write_bytes(row.make(tmp_path))
    try:
        with laptop.visit(f"{VIEWER}/documents/edocs/{FREE}") as tab:
            tab.wait_until_open()
            player = "document.querySelector('#media :is(audio, video)')"
            assert abs(float(tab.page.evaluate(f"() => {player}.duration")) - 2) < 0.2
            tab.page.evaluate(f"() => {{ {player}.muted = true; return {player}.play(); }}")
            tab.page.wait_for_function(f"() => {player}.currentTime > 0.2")
            assert not tab.complaints
    finally:
        path.unlink()


def test_a_table_has_rows_columns_and_names_and_is_accessible(reader: Reader) -> None:
    with reader.display(CONTACTS) as tab:
        tab.wait_until_open()
        table = tab.page.get_by_role("table")
        expect(table.get_by_role("columnheader")).to_have_text(["Name", "Role", "Telephone", "Note"])
        expect(table.get_by_role("row")).to_have_count(5)
        expect(table.get_by_role("cell", name="020 7946 0104", exact=True)).to_be_visible()
        assert tab.violations == []
        assert tab.sideways == 0
        assert not tab.unexpected


def test_a_long_table_keeps_its_names_in_sight_and_says_what_it_leaves_out(
    reader: Reader, stack: Stack
) -> None:
    path: Path = stack.documents / f"{FREE}.csv"
    rows = "".join(f"{number},Rowan Sample,{number * 1.5:.2f},seen at home\n" for number in range(25_000))
    path.write_text("Number,Name,Cost,Note\n" + rows)
    try:
        with reader.visit(f"{VIEWER}/documents/edocs/{FREE}") as tab:
            tab.wait_until_open()
            expect(tab.page.locator("#notes-list")).to_contain_text("its last 5,001 rows are not shown")
            tab.page.wait_for_function("() => document.querySelectorAll('.table__block').length === 200")
            tab.page.locator("#table").focus()
            tab.page.keyboard.press("End")
            last = tab.page.locator(".table__block:last-child .table__row:last-child")
            expect(last).to_contain_text("19998")
            expect(last).to_be_in_viewport(timeout=PATIENCE_MS)
            expect(tab.page.locator(".table__head")).to_be_in_viewport()
    finally:
        path.unlink()
