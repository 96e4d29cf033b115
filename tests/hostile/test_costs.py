"""Worst cases end by themselves, in a result or a typed refusal, in a part of what a child may use.

Processor time and memory are those of the child alone, so that a busy machine changes nothing. One or two
cases stand for each family; `make hostile` opens them all.
"""

import pytest

from tests.hostile import ALL
from tests.hostile.__main__ import WAYS, cost_of, is_good_end

_SECONDS, _MEGABYTES = 10.0, 1200
"""Of processor time and of memory; a child has 60 s and 1,536 MB."""
_CASES = (
    *("manifest-with-paths", "excel-with-open-rows", "parts-without-a-directory", "bomb-without-a-directory"),
    *("names-that-come-twice-and-hold-something", "table-packed-twice", "object-stream-packed-twice"),
    *("one-page-a-million-times", "object-stream-of-objects", "container-whose-index-names-itself"),
    *("locked-with-a-long-description", "mail-of-parameters", "mail-of-line-ends", "mail-of-winmails"),
    *("mail-of-boundaries-at-all-levels", "mail-that-names-its-pictures", "winmail-of-a-long-text"),
    *("winmail-of-groups", "page-of-attributes", "page-of-nested-elements", "drawing-that-repeats-itself"),
    *("scan-of-pages", "scan-of-large-pages", "scan-of-long-tags", "jpeg-of-scans", "png-of-pieces"),
    *("webp-of-frames", "tar-of-digits", "data-of-brackets"),
)


@pytest.mark.parametrize("name", _CASES)
def test_a_worst_case_ends_in_a_result_or_a_refusal(name: str) -> None:
    case = ALL[name]
    body = case.build()
    for way in ("read", "inspect") if case.suffix == "pdf" else ("read",):
        cost = cost_of(WAYS[way], body)
        assert is_good_end(cost.end), cost
        assert cost.seconds < _SECONDS, cost
        assert cost.megabytes < _MEGABYTES, cost
