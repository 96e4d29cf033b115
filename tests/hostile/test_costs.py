"""Every worst case ends by itself, in a result or a typed refusal, soon and in a part of a child's memory.

Processor time and memory are those of the child alone, so that a busy machine changes nothing.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from tests.hostile import ALL
from tests.hostile.__main__ import WAYS, Cost, cost_of, is_good_end

_SECONDS, _MEGABYTES = 5.0, 1000
"""Of a child's 20 s and 1,536 MB. What costs most today: 19 MB of markup, and pictures of 80 million dots."""
_SLOWER = {"no-table-but-objects": 20.0}
"""Cases that nothing stops before a child's limit does: qpdf looks for a million objects one by one."""
_HOLDS_PARTS = frozenset({"zip", "tar", "gz", "pdf", "eml", "msg", "dat"})
_SIDE_BY_SIDE = 2


def _costs(name: str) -> dict[str, Cost]:
    """What the case costs, each way that applies to its kind; built once."""
    case = ALL[name]
    body = case.build()
    ways = {"read"} | ({"extract"} if case.suffix in _HOLDS_PARTS else set())
    ways |= {"inspect"} if case.suffix == "pdf" else set()
    return {way: cost_of(WAYS[way], body) for way in sorted(ways)}


def test_worst_cases_end_soon_in_a_result_or_a_refusal() -> None:
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(_SIDE_BY_SIDE, mp_context=context) as children:
        found = dict(zip(ALL, children.map(_costs, ALL), strict=True))
    bad = [
        f"{name}, {way}: {cost}"
        for name, costs in found.items()
        for way, cost in costs.items()
        if not is_good_end(cost.end)
        or cost.seconds > _SLOWER.get(name, _SECONDS)
        or cost.megabytes > _MEGABYTES
    ]
    assert not bad, "\n".join(bad)
