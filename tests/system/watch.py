"""A viewer whose web worker is watched: which parsers it loads, and who in it reads document bytes.

Each import, and each read from a file without a name, is written down (`watched/sitecustomize.py`). The
kernel is asked besides which libraries are in the worker's memory: it knows what Python's list may leave out.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.system.another_viewer import AnotherViewer, viewer_of_our_own
from tests.system.person import Person
from tests.system.processes import descendants

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
MAY_READ = frozenset(
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
            if event == "read" and module not in MAY_READ and not module.startswith(_OFFICE_CLIENT):
                yield f"{module} reads document bytes"

    def _libraries(self) -> Iterator[str]:
        workers = [pid for pid, command in descendants(self.viewer.pid).items() if "viewer.wsgi" in command]
        assert len(workers) == 2, "gunicorn and its worker"
        for pid in workers:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                if found := _LIBRARIES.search(line):
                    yield f"{found[0]} is in the memory of the worker"


@contextmanager
def watched_viewer(folder: Path) -> Iterator[Watch]:
    """The viewer with one worker, and somebody who is signed in there, until the block ends.

    Args:
        folder: an empty one.
    """
    events = folder / "events"
    settings = {"PYTHONPATH": str(_WATCHED), "WATCH_FILE": str(events), "WORKERS": "1"}
    with viewer_of_our_own(folder, settings) as viewer:
        yield Watch(viewer, Person(viewer=viewer.address).sign_in(), events)
