"""Whatever somebody opens, others go on reading: nobody waits long, nobody is turned away, nothing grows.

The bounds are generous, since the machine may be busy; `make neighbours` prints the figures and their ratios.
"""

from collections.abc import Iterator

import pytest

from tests.hostile import ALL
from tests.system.neighbours import Street
from tests.system.stack import Stack

pytestmark = pytest.mark.system

_MOST_SECONDS = 15
"""A bound that holds on a busy machine too; who had to wait for the sandbox would wait longer."""
_VIEWS = 10
_MORE_MEMORY = 100 * 1024 * 1024
"""Bytes by which one web worker may grow: some megabytes a thread, and what Python keeps."""
WORST = (
    *("manifest-with-paths", "table-packed-twice", "mail-of-parameters"),
    *("container-whose-index-names-itself", "page-of-nested-elements", "scan-of-large-pages"),
)
"""The dearest of each family, six in number; `make neighbours` opens them all."""


@pytest.fixture(scope="module")
def street(running_stack: Stack) -> Iterator[Street]:
    street = Street(running_stack)
    yield street
    street.clean()


@pytest.mark.parametrize("name", WORST)
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
    seen = street.meanwhile([ALL[name] for name in WORST], _VIEWS)
    assert not seen.waits.not_shown
    assert seen.waits.longest < _MOST_SECONDS
