"""Web workers hand document bytes on: no parser of them is loaded there, and nothing else reads them.

A viewer of its own opens a document of every kind, refused ones and parts among them, while each import and
each read from a file without a name is written down (`watched/sitecustomize.py`). The libraries that a
process has loaded are asked from the kernel besides, which knows whatever Python's own list leaves out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.system.another_viewer import viewer_of_our_own
from tests.system.kinds.refused import REFUSED
from tests.system.person import Person
from tests.system.processes import descendants
from tests.system.stack import Stack
from tests.system.test_kinds import ROWS

pytestmark = pytest.mark.system

_FIRST = 8001
_WATCHED = Path(__file__).parent / "watched"
_PARSERS = frozenset(
    {"pikepdf", "PIL", "olefile", "msoffcrypto", "magic", "nh3", "pi_heif", "pillow_heif", "compressed_rtf"}
    | {"lxml", "pypdfium2", "docx", "openpyxl", "tarfile", "xml.parsers.expat", "xml.dom.minidom", "html.parser"}
)
"""What reads documents. Requests brings charset_normalizer, importlib zipfile, Flask email: not told apart."""
_LIBRARIES = re.compile(
    r"/(?:libqpdf|libmagic|libheif|libtiff|libopenjp2|libwebp|libavif|liblcms2|_imaging|nh3|pikepdf|pillow)[^/]*"
)
_MAY_READ = frozenset({"viewer.files", "viewer.opening.intake", "viewer.opening.store", "viewer.sandbox.client"})
"""Modules that take bytes in, hash them, keep them, and hand them to a child."""
_OFFICE_CLIENT = "viewer.office."


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen of the web workers after all the documents.

    Args:
        imported: modules that they loaded, or tried to.
        readers: modules of the viewer that read from files without a name.
        libraries: native parsers in their memory.
        shown: kinds of the documents that were opened.
    """

    imported: frozenset[str]
    readers: frozenset[str]
    libraries: frozenset[str]
    shown: frozenset[str]


@pytest.fixture(scope="module")
def watched(running_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    events = folder / "events"
    settings = {"PYTHONPATH": str(_WATCHED), "WATCH_FILE": str(events), "WORKERS": "1"}
    with viewer_of_our_own(folder, **settings) as viewer:
        person = Person(viewer=viewer.address).sign_in()
        shown = _open_all(running_stack, person, folder)
        workers = [pid for pid, command in descendants(viewer.pid).items() if "viewer.wsgi" in command]
        assert len(workers) == 2, "gunicorn and its worker"
        libraries = frozenset(name for pid in workers for name in _parsers_in_memory(pid))
        lines = [line.split(" ", 1) for line in events.read_text().splitlines()]
    told = {event: frozenset(name for kind, name in lines if kind == event) for event in ("import", "read")}
    yield Watched(told["import"], told["read"], libraries, shown)


def _open_all(stack: Stack, person: Person, folder: Path) -> frozenset[str]:
    """Open each sample, and the first part of what has parts; the kinds that were shown."""
    kinds = set()
    for number, row in enumerate(ROWS, _FIRST):
        (stack.documents / f"{number}.bin").write_bytes(row.make(_within(folder, number)))
        opened = person.open(number)
        assert opened.status_code == 200, (row, opened.headers.get("X-Error-Code"))
        person.bytes_of(opened)
        kinds.add(opened.json()["kind"])
        if opened.json()["parts"]:
            person.open(number, "42&part=1")
    for number, refused in enumerate(REFUSED, _FIRST + len(ROWS)):
        (stack.documents / f"{number}.{refused.called}").write_bytes(refused.make(_within(folder, number)))
        person.open(number, f"42&part={refused.part}" if refused.part else "42")
    return frozenset(kinds)


def _within(folder: Path, number: int) -> Path:
    inside = folder / str(number)
    inside.mkdir()
    return inside


def _parsers_in_memory(pid: int) -> Iterator[str]:
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        if found := _LIBRARIES.search(line):
            yield found[0]


def test_every_kind_was_opened(watched: Watched) -> None:
    assert watched.shown == {row.kind for row in ROWS}


def test_no_parser_of_documents_is_loaded(watched: Watched) -> None:
    loaded = {name for name in watched.imported if name in _PARSERS or name.split(".")[0] in _PARSERS}
    assert not loaded


def test_nothing_that_belongs_to_the_sandbox_is_loaded(watched: Watched) -> None:
    inside = ("viewer.formats", "viewer.sandbox.tasks", "viewer.sandbox.fork_server")
    assert not {name for name in watched.imported if name.startswith(inside)}


def test_no_library_that_parses_documents_is_in_a_workers_memory(watched: Watched) -> None:
    assert not watched.libraries


def test_only_what_hands_bytes_on_reads_them(watched: Watched) -> None:
    readers = {name for name in watched.readers if not name.startswith(_OFFICE_CLIENT)}
    assert readers <= _MAY_READ


def test_reads_are_seen_at_all(watched: Watched) -> None:
    """A watch that sees nothing proves nothing."""
    assert watched.readers
    assert "viewer.app" in watched.imported
