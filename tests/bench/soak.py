"""`make soak`: 2,000 conversions through one guard, and what its processes hold in memory meanwhile.

Not while an office is being recycled: there are two for some seconds then. Ends with 1
when memory grew by more than a quarter once the first conversions were done.
"""

import json
import sys
from itertools import cycle, islice
from pathlib import Path

from tests.conversion.offices import guarded
from tests.golden.documents import FOLDER
from tests.golden.rendering import render
from tests.running.waiting import wait_until
from tests.system.processes import descendants, memory

_RESULTS = Path("build/soak.json")
_CONVERSIONS = 2000
_EVERY = 100
_WARM = 4
"""Samples until memory has found its level: 240 mixed conversions were seen to take it there."""
_MOST = 1.25
_SECONDS = 60


def main(conversions: int = _CONVERSIONS) -> int:
    """Convert, print the samples, write them; the exit code."""
    samples = []
    with guarded() as guard:
        guard.wait_ready()
        assert guard.process
        for number, path in enumerate(islice(cycle(sorted(FOLDER.iterdir())), conversions), 1):
            if not render(guard, path).startswith(b"%PDF-"):
                raise RuntimeError(path.name)
            if number % _EVERY == 0:
                wait_until(lambda: len(guard.offices()) == 1, _SECONDS, "one office")
                samples.append(sum(map(memory, descendants(guard.process.pid))) >> 20)
                print(f"{number:5} conversions: {samples[-1]} MB", flush=True)
        recycled = len(guard.events("replaced"))
    growth = max(samples[_WARM:], default=0) / samples[min(_WARM, len(samples)) - 1]
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.write_text(
        json.dumps({"megabytes": samples, "growth": growth, "recycled": recycled}, indent=2) + "\n"
    )
    verdict = "flat" if growth <= _MOST else "NOT FLAT"
    print(
        f"{recycled} offices replaced; memory grew to {growth:.2f} times - {verdict}; written to {_RESULTS}"
    )
    return 0 if growth <= _MOST else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
