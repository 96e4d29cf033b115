"""Web workers hand document bytes on: no parser of them is loaded there, and nothing else reads them.

A viewer of its own opens a document of every kind, refused ones and parts among them, while each import and
each read from a file without a name is written down (`watched/sitecustomize.py`). The kernel is asked besides
which libraries are in a process's memory: it knows what Python's own list may leave out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.system.another_viewer import AnotherViewer, viewer_of_our_own
from tests.system.kinds.refused import REFUSED, Refused
from tests.system.kinds.row import Row, sample
from tests.system.person import Person
from tests.system.processes import descendants
from tests.system.stack import Stack
from tests.system.test_kinds import ROWS

pytestmark = pytest.mark.system

_FIRST_SHOWN, _FIRST_REFUSED = 8001, 8501
_WATCHED = Path(__file__).parent / "watched"
_PARSERS = frozenset(
    {"pikepdf", "PIL", "olefile", "msoffcrypto", "magic", "nh3", "pi_heif", "pillow_heif", "compressed_rtf"}
    | {
        "lxml",
        "pypdfium2",
        "docx",
        "openpyxl",
        "tarfile",
        "xml.parsers.expat",
        "xml.dom.minidom",
        "html.parser",
    }
)
"""What reads documents. Requests brings charset_normalizer, importlib zipfile, Flask email: left out here."""
_LIBRARIES = re.compile(
    r"/(?:libqpdf|libmagic|libheif|libtiff|libopenjp2|libwebp|libavif|liblcms2|_imaging|nh3|pikepdf|pillow)[^/]*"
)
_MAY_READ = frozenset(
    {"viewer.files", "viewer.opening.intake", "viewer.opening.store", "viewer.sandbox.client"}
)
"""Modules that take bytes in, hash them, keep them, and hand them to a child."""
_OFFICE_CLIENT = "viewer.office."
_SANDBOX = ("viewer.formats", "viewer.sandbox.tasks", "viewer.sandbox.fork_server")
"""Modules that the sandbox alone may load."""


@dataclass
class Watch:
    """A viewer whose web worker is watched.

    Args:
        viewer: it.
        person: somebody who is signed in there.
        events: what was written down.
        told: the faults that were told of already.
    """

    viewer: AnotherViewer
    person: Person
    events: Path
    told: set[str] = field(default_factory=set)

    def lines(self) -> list[list[str]]:
        """Event and module, in the order in which they were seen."""
        return [line.split(" ", 1) for line in self.events.read_text().splitlines()]

    def new_faults(self) -> list[str]:
        """What happened since the last look and must not: sentences."""
        found = {*self._events(), *self._libraries()} - self.told
        self.told |= found
        return sorted(found)

    def _events(self) -> Iterator[str]:
        for event, module in self.lines():
            if event == "import" and (module in _PARSERS or module.split(".")[0] in _PARSERS):
                yield f"the worker loads the parser {module}"
            if event == "import" and module.startswith(_SANDBOX):
                yield f"the worker loads {module}, which belongs to the sandbox"
            if event == "read" and module not in _MAY_READ and not module.startswith(_OFFICE_CLIENT):
                yield f"{module} reads document bytes"

    def _libraries(self) -> Iterator[str]:
        workers = [pid for pid, command in descendants(self.viewer.pid).items() if "viewer.wsgi" in command]
        assert len(workers) == 2, "gunicorn and its worker"
        for pid in workers:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                if found := _LIBRARIES.search(line):
                    yield f"{found[0]} is in the memory of the worker"


@pytest.fixture(scope="module")
def watch(running_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    assert running_stack
    folder = tmp_path_factory.mktemp("watched")
    events = folder / "events"
    settings = {"PYTHONPATH": str(_WATCHED), "WATCH_FILE": str(events), "WORKERS": "1"}
    with viewer_of_our_own(folder, settings) as viewer:
        yield Watch(viewer, Person(viewer=viewer.address).sign_in(), events)


def test_a_worker_that_has_opened_nothing_is_clean(watch: Watch) -> None:
    assert not watch.new_faults()


@pytest.mark.parametrize(
    ("number", "row"),
    list(enumerate(ROWS, _FIRST_SHOWN)),
    ids=[f"{row.kind}-{row.name or n}" for n, row in enumerate(ROWS)],
)
def test_a_worker_stays_clean_when_a_document_is_opened(
    stack: Stack, watch: Watch, number: int, row: Row
) -> None:
    (stack.documents / f"{number}.bin").write_bytes(sample(row.make))
    opened = watch.person.open(number)
    assert opened.status_code == 200, opened.headers["X-Error-Code"]
    watch.person.bytes_of(opened)
    if opened.json()["parts"]:
        watch.person.open(number, "42&part=1")
    assert not watch.new_faults()


@pytest.mark.parametrize(
    ("number", "row"), list(enumerate(REFUSED, _FIRST_REFUSED)), ids=[row.name for row in REFUSED]
)
def test_a_worker_stays_clean_when_a_document_is_refused(
    stack: Stack, watch: Watch, number: int, row: Refused
) -> None:
    (stack.documents / f"{number}.{row.called}").write_bytes(sample(row.make))
    watch.person.open(number, f"42&part={row.part}" if row.part else "42")
    assert not watch.new_faults()


def test_what_is_watched_is_seen(stack: Stack, watch: Watch) -> None:
    """A watch that sees nothing proves nothing."""
    (stack.documents / f"{_FIRST_REFUSED - 1}.txt").write_bytes(b"A note.\n")
    assert watch.person.open(_FIRST_REFUSED - 1).status_code == 200
    seen = watch.lines()
    assert ["import", "viewer.app"] in seen
    assert any(event == "read" and module in _MAY_READ for event, module in seen)
