"""Every kind of document, one real sample each, through the running stack to what people see of it.

The samples' names tell nothing: a document is what its bytes are. A new kind gets a row in `kinds`.
"""

import pytest

from tests.system.kinds.containers import ARCHIVES, PDFS
from tests.system.kinds.letters import LETTERS
from tests.system.kinds.media import MEDIA
from tests.system.kinds.office import OFFICE
from tests.system.kinds.pictures import PICTURES
from tests.system.kinds.refused import REFUSED, Refused
from tests.system.kinds.row import Row, Seen, sample
from tests.system.kinds.texts import TEXTS
from tests.system.person import Person
from tests.system.stack import Stack

pytestmark = pytest.mark.system

ROWS = [*OFFICE, *LETTERS, *PICTURES, *PDFS, *TEXTS, *MEDIA, *ARCHIVES]
_FIRST_SHOWN, _FIRST_REFUSED = 6001, 6501


@pytest.fixture(scope="module")
def worker(running_stack: Stack) -> Person:
    return Person().sign_in()


@pytest.mark.parametrize(
    ("number", "row"),
    list(enumerate(ROWS, _FIRST_SHOWN)),
    ids=[f"{row.kind}-{row.name or n}" for n, row in enumerate(ROWS)],
)
def test_every_kind_is_shown_with_what_is_in_it(stack: Stack, worker: Person, number: int, row: Row) -> None:
    (stack.documents / f"{number}.bin").write_bytes(sample(row.make))
    seen = Seen.of(worker, number)
    assert seen.told["kind"] == row.kind
    row.check(seen)


@pytest.mark.parametrize(
    ("number", "row"), list(enumerate(REFUSED, _FIRST_REFUSED)), ids=[row.name for row in REFUSED]
)
def test_what_cannot_be_shown_is_refused_with_its_own_reason(
    stack: Stack, worker: Person, number: int, row: Refused
) -> None:
    (stack.documents / f"{number}.{row.called}").write_bytes(sample(row.make))
    part = f"42&part={row.part}" if row.part else "42"
    answers = [worker.open(number, part) for _ in range(2)]  # the reason is remembered, and stays the same
    assert [answer.headers.get("X-Error-Code") for answer in answers] == [row.code, row.code]
