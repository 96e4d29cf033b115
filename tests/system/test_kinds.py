"""Every kind of document, one real sample each, through the running stack to what people see of it.

The samples' names tell nothing: a document is what its bytes are. A new kind gets a row in `kinds`.
The viewer that opens them, refused ones and parts among them, is watched: its web worker hands document bytes
on. No parser of them is loaded there, and nothing else reads them.
"""

from collections.abc import Iterator

import pytest

from tests.system.kinds.containers import ARCHIVES, PDFS
from tests.system.kinds.letters import LETTERS
from tests.system.kinds.media import MEDIA
from tests.system.kinds.office import OFFICE
from tests.system.kinds.pictures import PICTURES
from tests.system.kinds.refused import REFUSED, Refused
from tests.system.kinds.row import Row, Seen, sample
from tests.system.kinds.texts import TEXTS
from tests.system.stack import Stack
from tests.system.watch import MAY_READ, Watch, watched_viewer

pytestmark = pytest.mark.system

ROWS = [*OFFICE, *LETTERS, *PICTURES, *PDFS, *TEXTS, *MEDIA, *ARCHIVES]
_FIRST_SHOWN, _FIRST_REFUSED = 6001, 6501


@pytest.fixture(scope="module")
def watch(running_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    with watched_viewer(tmp_path_factory.mktemp("watched")) as watch:
        yield watch


def test_a_worker_that_has_opened_nothing_is_clean(watch: Watch) -> None:
    assert not watch.new_faults()


@pytest.mark.parametrize(
    ("number", "row"),
    list(enumerate(ROWS, _FIRST_SHOWN)),
    ids=[f"{row.kind}-{row.name or n}" for n, row in enumerate(ROWS)],
)
def test_every_kind_is_shown_and_the_worker_stays_clean(
    stack: Stack, watch: Watch, number: int, row: Row
) -> None:
    (stack.documents / f"{number}.bin").write_bytes(sample(row.make))
    seen = Seen.of(watch.person, number)
    assert seen.told["kind"] == row.kind
    row.check(seen)
    if seen.told["parts"]:
        watch.person.open(number, "42&part=1")
    assert not watch.new_faults()


@pytest.mark.parametrize(
    ("number", "row"), list(enumerate(REFUSED, _FIRST_REFUSED)), ids=[row.name for row in REFUSED]
)
def test_what_cannot_be_shown_is_refused_with_its_own_reason_and_the_worker_stays_clean(
    stack: Stack, watch: Watch, number: int, row: Refused
) -> None:
    (stack.documents / f"{number}.{row.called}").write_bytes(sample(row.make))
    part = f"42&part={row.part}" if row.part else "42"
    answers = [
        watch.person.open(number, part) for _ in range(2)
    ]  # the reason is remembered, and stays the same
    assert [answer.headers.get("X-Error-Code") for answer in answers] == [row.code, row.code]
    assert not watch.new_faults()


def test_what_is_watched_is_seen(stack: Stack, watch: Watch) -> None:
    """A watch that sees nothing proves nothing."""
    number = _FIRST_REFUSED - 1
    (stack.documents / f"{number}.txt").write_bytes(b"A note.\n")
    assert watch.person.open(number).status_code == 200
    seen = watch.lines()
    assert ["import", "viewer.app"] in seen
    assert any(event == "read" and module in MAY_READ for event, module in seen)
