"""What stands together on a sheet, and what is so far away that it gets pages of its own."""

import importlib.util
import sys
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conversion.offices import SCRIPTS


def _loaded() -> ModuleType:
    """The script's module: the office's own Python runs it, which has no tests."""
    spec = importlib.util.spec_from_file_location("sheets", SCRIPTS / "sheets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sheets"] = module  # dataclasses look their module up
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPTS)  # where its own imports are
        spec.loader.exec_module(module)
    return module


sheets = _loaded()
Box = tuple[int, int, int, int]


@pytest.mark.parametrize(
    ("boxes", "groups"),
    [
        ([], []),
        ([(0, 0, 3, 9)], [(0, 0, 3, 9)]),
        ([(0, 0, 3, 9), (5, 150, 6, 150)], [(0, 0, 6, 150)]),
        ([(0, 0, 0, 0), (0, 1_048_575, 0, 1_048_575)], [(0, 0, 0, 0), (0, 1_048_575, 0, 1_048_575)]),
        ([(0, 0, 0, 0), (16_383, 0, 16_383, 0)], [(0, 0, 0, 0), (16_383, 0, 16_383, 0)]),
        ([(0, 0, 0, 0), (0, 100, 0, 300), (9, 310, 9, 310)], [(0, 0, 9, 310)]),
    ],
    ids=["nothing", "one", "near", "far below", "far to the right", "a chain"],
)
def test_neighbouring_cells_are_one_group(boxes: list[Box], groups: list[Box]) -> None:
    assert sheets.group_boxes(boxes) == groups


_AT = st.tuples(st.integers(0, 400), st.integers(0, 2000))


@given(st.lists(_AT, max_size=30))
def test_no_cell_is_left_out_of_the_groups(cells: list[tuple[int, int]]) -> None:
    groups = sheets.group_boxes([(column, row, column, row) for column, row in cells])
    for column, row in cells:
        assert any(g[0] <= column <= g[2] and g[1] <= row <= g[3] for g in groups)


def test_cells_scattered_beyond_the_bound_are_not_grouped_at_all() -> None:
    assert sheets.group_boxes([(0, row * 1000, 0, row * 1000) for row in range(200)]) == []


@pytest.mark.parametrize(("width", "least"), [(19_000, 0.99), (60_000, 0.7), (160_000, 0.7)])
def test_the_paper_is_wide_enough_to_read(width: int, least: float) -> None:
    class Style:
        Width = 0

    style = Style()
    sheets._fit(style, width, 0)
    assert (style.Width - 2000) / width >= least
