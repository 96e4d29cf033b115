"""docs/glossary.md names modules, classes and tables that exist, and leaves no domain type out."""

import ast
import re
from pathlib import Path

import pytest

from viewer.access import blocks, rates, revocations
from viewer.audit.tables import metadata
from viewer.opening import claims, refusals, unstored

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([A-Za-z][\w ]*) \| (.+) \| (`.+) \|$", PAGE, re.MULTILINE)
ROWS = [(word, place) for word, _, place in ROWS]

REGISTERED = (blocks, rates, revocations, claims, refusals, unstored)
"""Modules that register tables when they are imported."""
DOMAIN = [
    ROOT / name
    for name in (
        "shared/actor.py",
        "shared/document_ref.py",
        "shared/identity/people.py",
        "viewer/documents.py",
        "viewer/audit/chain.py",
        "viewer/audit/record.py",
        "viewer/audit/seals.py",
    )
]
DOMAIN += [path for folder in ("access", "opening") for path in (ROOT / "viewer" / folder).glob("*.py")]


def _classes(path: Path) -> set[str]:
    """The public classes of a module that are no exceptions."""
    nodes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]
    return {
        node.name
        for node in nodes
        if not node.name.startswith("_")
        and not any(ast.unparse(base) in {"Exception", "ValueError"} for base in node.bases)
    }


def _names(place: str) -> list[str]:
    return re.findall(r"`(\w+)`", place)


@pytest.mark.parametrize(("word", "place"), ROWS, ids=[word for word, _ in ROWS])
def test_the_module_of_each_word_exists_and_uses_the_word(word: str, place: str) -> None:
    modules = re.findall(r"`([\w/]+\.py)`", place)
    assert len(modules) == 1
    text = modules[0] + (ROOT / modules[0]).read_text(encoding="utf-8")
    assert re.search(re.escape(word).replace(r"\ ", r"[\s_]"), text, re.IGNORECASE)


def test_each_word_is_defined_once() -> None:
    words = [word for word, _ in ROWS]
    assert len(words) > 40
    assert sorted(words) == sorted(set(words))


def test_each_class_and_table_of_the_domain_is_on_the_page_and_no_other() -> None:
    named = {name for _, place in ROWS for name in _names(place)}
    classes = set().union(*map(_classes, DOMAIN))
    assert named == classes | set(metadata.tables)
