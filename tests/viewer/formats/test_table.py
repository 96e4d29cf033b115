"""The table of kinds: each has one row."""

import ast
from pathlib import Path

import pytest

from viewer import formats
from viewer.formats import media, table
from viewer.formats.document import Kind
from viewer.formats.table import Row, recipe_of, table_of

_ROOT = Path(formats.__file__).parent
_MODULES = sorted(_ROOT.rglob("*.py"))
_STRANGERS = (
    "viewer.sandbox",
    "viewer.office",
    "viewer.web",
    "viewer.opening",
    "viewer.access",
    "viewer.audit",
)


def test_a_kind_that_is_registered_twice_fails() -> None:
    row = Row({"a", "b"}, "1", media.read)
    assert set(table_of([row])) == {"a", "b"}
    with pytest.raises(ValueError, match="kind b"):
        table_of([row, Row({"b"}, "2", media.read)])


def test_the_recipe_changes_with_that_of_any_row() -> None:
    recipes = {
        recipe_of(table_of([Row({"a"}, first, media.read), Row({"b"}, second, media.read)]))
        for first, second in (("1", "1"), ("2", "1"), ("1", "2"))
    }
    assert len(recipes) == 3
    assert recipe_of(table.TABLE) == formats.RECIPE


def test_every_kind_that_can_be_recognised_has_a_row() -> None:
    for path in _MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == Kind.__name__
            ):
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    assert name.value in formats.KINDS, path


@pytest.mark.parametrize("path", _MODULES, ids=lambda path: path.relative_to(_ROOT).as_posix())
def test_formats_know_nothing_of_the_rest_of_the_viewer(path: Path) -> None:
    imported = {
        node.module or ""
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
    }
    assert not [name for name in imported if name.startswith((*_STRANGERS, "flask", "requests"))]
