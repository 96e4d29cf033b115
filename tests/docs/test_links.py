"""Every link between our own pages leads to a page and a section that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
_LINK = re.compile(r"\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)")


def anchors(page: Path) -> set[str]:
    """The sections of a page, as links name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_our_pages_leads_somewhere(page: Path) -> None:
    for path, anchor in _LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{path} is not there"
        assert not anchor or anchor in anchors(target), f"{path} has no section {anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)\b", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets


def test_the_contents_page_lists_every_page() -> None:
    contents = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert pages <= {path for path, _ in _LINK.findall(contents)}


def test_the_list_of_decisions_is_whole() -> None:
    folder = ROOT / "docs" / "decisions"
    contents = (folder / "README.md").read_text(encoding="utf-8")
    assert {page.name for page in folder.glob("0*.md")} == {path for path, _ in _LINK.findall(contents)}


OWN_WORDS = {"settings.md", "metrics.md", "glossary.md", "fidelity.md"}
"""Pages to look something up, whose reader is plain from their names."""


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_a_page_says_first_who_reads_it(page: Path) -> None:
    if page.name not in OWN_WORDS:
        assert page.read_text(encoding="utf-8").split("\n\n")[1].startswith("For ")


def test_every_picture_is_shown_somewhere_and_small() -> None:
    shown = {Path(path).name for page in PAGES for path, _ in _LINK.findall(page.read_text(encoding="utf-8"))}
    pictures = list((ROOT / "docs" / "pictures").glob("*"))
    assert {picture.name for picture in pictures} <= shown
    assert all(picture.stat().st_size < 150_000 for picture in pictures)
