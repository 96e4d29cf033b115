"""Every worst case ends by itself, in a result or a typed refusal, before a child's limits end it."""

import pytest

from tests.hostile import ALL
from tests.hostile.__main__ import WAYS, cost_of, is_good_end

_HOLDS_PARTS = frozenset({"zip", "tar", "gz", "pdf", "eml", "msg", "dat"})
_RUNS = [
    (name, way)
    for name, case in ALL.items()
    for way in WAYS
    if way == "read" or (way == "extract" and case.suffix in _HOLDS_PARTS) or case.suffix == "pdf"
]


@pytest.mark.parametrize(("name", "way"), _RUNS)
def test_a_worst_case_ends_in_a_result_or_a_refusal(name: str, way: str) -> None:
    cost = cost_of(WAYS[way], ALL[name].build())
    assert is_good_end(cost.end), cost
