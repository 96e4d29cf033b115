"""How the files of a parallel run are given to its workers: those that start the same programs, together.

Most tests wait, so there are more workers than processors. A file is always one worker's, with the fixtures
of its module and its session. Files form lanes by the programs that they start: the whole stack, single
LibreOffices, or none. A worker takes the longest file of its own lane first, and helps in other lanes, those
without programs first, when its own is empty: few workers start a stack of seventeen processes.

The seconds of the longest files are in `seconds.json`; every run writes those of its own files to
build/seconds.json.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

PLAIN, OFFICES, STACK = "plain", "offices", "stack"
_STARTS = {
    "tests/system/": STACK,
    "tests/browser/": STACK,
    "tests/conversion/": OFFICES,
    "tests/golden/": OFFICES,
    "tests/viewer/office/": OFFICES,
}
"""By the start of the path; all else starts nothing that takes long."""
_TURNS = (
    (STACK, PLAIN, OFFICES),
    (PLAIN, OFFICES, STACK),
    (OFFICES, PLAIN, STACK),
    (STACK, PLAIN, OFFICES),
    (PLAIN, OFFICES, STACK),
)
"""The lanes of the first worker, of the second, and so on, and of the sixth as of the first."""
_KNOWN = Path(__file__).with_name("seconds.json")
_MEASURED = Path("build/seconds.json")
_WORTH_KNOWING = 5
"""Seconds; files that take less are not in `seconds.json`."""


def lane(path: str) -> str:
    """The lane of a test file."""
    return next((lane for start, lane in _STARTS.items() if path.startswith(start)), PLAIN)


def seconds_of_files() -> dict[str, float]:
    """How long the longest files take, by path."""
    seconds: dict[str, float] = json.loads(_KNOWN.read_text())
    return seconds


class Lanes(LoadFileScheduling):  # type: ignore[misc]  # xdist ships no types
    """Gives each worker files of its lane, the longest first."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        seconds = seconds_of_files()
        turns = _TURNS[int(node.gateway.id.removeprefix("gw")) % len(_TURNS)]
        chosen = min(self.workqueue, key=lambda path: (turns.index(lane(path)), -seconds.get(path, 0)))
        self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)


class Seconds:
    """Adds up how long each file takes, and writes that when the run ends."""

    def __init__(self) -> None:
        self._seconds: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called for the set-up, the call and the tear-down of each test."""
        self._seconds[report.nodeid.split("::", 1)[0]] += report.duration  # type: ignore[assignment]  # a float

    def pytest_sessionfinish(self) -> None:
        """Write the longest files, the longest first."""
        longest = {path: round(took) for path, took in self._longest() if took >= _WORTH_KNOWING}
        _MEASURED.parent.mkdir(exist_ok=True)
        _MEASURED.write_text(json.dumps(longest, indent=1) + "\n")

    def _longest(self) -> Iterable[tuple[str, float]]:
        return self._seconds.most_common()
