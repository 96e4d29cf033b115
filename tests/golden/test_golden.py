"""Documents look as they did: an upgrade of LibreOffice or a font that changes one shows it here."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import ImageChops, ImageFilter

from tests.conversion.offices import Guard
from tests.golden import looks
from tests.golden.documents import FOLDER
from tests.golden.rendering import render

_MOST_BYTES = 1024 * 1024


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_a_document_looks_as_it_did(guard: Guard, path: Path) -> None:
    now = looks.pages_of(render(guard, path))
    found = list(looks.differences(path.name, now, looks.expected(path.name)))
    then = (looks.EXPECTED / "versions.txt").read_text()
    hint = "See build/golden. If it is as it should be: `make golden`."
    assert not found, "\n".join([*found, hint, "Then:", then, "Now:", looks.versions()])


def test_every_document_has_its_look_and_every_look_its_document() -> None:
    kept = {path.name.removesuffix(".txt") for path in looks.EXPECTED.glob("*.*.txt")}
    assert kept == {path.name for path in FOLDER.iterdir()}


def test_the_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in looks.EXPECTED.iterdir()) < _MOST_BYTES


@pytest.fixture
def page() -> looks.Page:
    return looks.expected("letter.docx")[0]


@pytest.fixture(autouse=True)
def _pictures_elsewhere(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if "page" in request.fixturenames:
        monkeypatch.setattr(looks, "DIFFERENT", tmp_path)


def test_a_line_that_moved_is_noticed(page: looks.Page, tmp_path: Path) -> None:
    moved = replace(page, picture=ImageChops.offset(page.picture, 0, 8))
    assert list(looks.differences("letter", [moved], [page]))
    assert [path.name for path in tmp_path.iterdir()] == ["letter-01.png"]


def test_a_picture_that_is_missing_is_noticed(page: looks.Page) -> None:
    width, height = page.picture.size
    bare = page.picture.copy()
    bare.paste("white", (0, height * 3 // 5, width, height * 9 // 10))
    assert list(looks.differences("letter", [replace(page, picture=bare)], [page]))


def test_a_word_that_is_missing_and_a_page_too_many_are_noticed(page: looks.Page) -> None:
    without = replace(page, text=page.text.replace("landlord", ""))
    assert list(looks.differences("letter", [without], [page]))
    assert list(looks.differences("letter", [page, page], [page]))


def test_letters_that_are_smoothed_otherwise_are_not(page: looks.Page) -> None:
    softer = replace(page, picture=page.picture.filter(ImageFilter.GaussianBlur(0.7)))
    assert not list(looks.differences("letter", [softer], [page]))
