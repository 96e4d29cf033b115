"""Whatever somebody opens, others go on reading: nobody waits long, nobody is turned away, nothing grows.

The bounds are generous, since the machine may be busy; `make neighbours` prints the figures and their ratios.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import ALL
from tests.system.neighbours import Street
from tests.system.stack import Stack

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[2]
_MOST_SECONDS = 5
_VIEWS = 10
_MORE_MEMORY = 100 * 1024 * 1024
"""Bytes by which one web worker may grow: some megabytes a thread, and what Python keeps."""
_WORST = (
    *("manifest-with-paths", "excel-with-open-rows", "bomb-without-a-directory", "parts-without-a-directory"),
    *("names-that-come-twice-and-hold-something", "object-stream-packed-twice", "table-packed-twice"),
    *("mail-of-parameters", "mail-in-no-encoding", "mail-of-line-ends", "winmail-of-groups"),
    *("winmail-of-empty-recipients", "message-of-many-streams", "container-whose-index-names-itself"),
    *("locked-with-a-long-description", "page-of-blanks-before-an-address", "page-of-nested-elements"),
    *(
        "drawing-that-repeats-itself",
        "psd-of-channels",
        "scan-of-large-pages",
        "tar-of-digits",
        "data-of-brackets",
    ),
)
"""The dearest of each parser; `make neighbours` opens them all."""
SIX = (
    *("psd-of-channels", "names-that-come-twice-and-hold-something", "table-packed-twice"),
    *("mail-of-parameters", "page-of-nested-elements", "scan-of-large-pages"),
)


@pytest.fixture(scope="module")
def street(running_stack: Stack) -> Iterator[Street]:
    street = Street(running_stack.documents, ROOT)
    yield street
    street.clean()


@pytest.mark.parametrize("name", _WORST)
def test_a_neighbour_goes_on_reading_while_the_worst_of_each_kind_is_opened(
    street: Street, name: str
) -> None:
    before = street.workers()
    seen = street.meanwhile([ALL[name]], _VIEWS)
    assert not seen.waits.not_shown
    assert seen.waits.longest < _MOST_SECONDS
    after = street.workers()
    assert after.keys() == before.keys(), "a worker was killed"
    assert {pid: more for pid, size in after.items() if (more := size - before[pid]) > _MORE_MEMORY} == {}


def test_six_bad_documents_of_one_person_leave_room_for_everybody_else(street: Street) -> None:
    seen = street.meanwhile([ALL[name] for name in SIX], _VIEWS)
    assert not seen.waits.not_shown
    assert seen.waits.longest < _MOST_SECONDS
