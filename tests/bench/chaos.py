"""`make chaos`: twenty people for five minutes; an office is killed every ten seconds, bad documents come.

Ends with 1 when a good document was not shown, somebody waited more than three times as long as people do at
the median when as many come and all is quiet, or something was left.
"""

import json
import sys
from pathlib import Path

from tests.bench.stacks import stack
from tests.system.chaos import Plan, Stage

_RESULTS = Path("build/chaos.json")
_PEOPLE = 20
_QUIET_SECONDS = 60
_MOST = 3


def main(seconds: float = 300, quiet_seconds: float = _QUIET_SECONDS) -> int:
    """Run it, print and write what was seen; the exit code."""
    with stack() as running:
        stage = Stage(running)
        try:
            quiet = stage.play(Plan(_PEOPLE, quiet_seconds))
            before = stage.held()
            seen = stage.play(Plan(_PEOPLE, seconds, kill_every=10))
            leaks = stage.leaks(before)
        finally:
            stage.clean()
    figures = {
        "quiet_views": len(quiet.waits),
        "quiet_median_seconds": quiet.median,
        "quiet_longest_seconds": max(quiet.waits),
        "views": len(seen.waits),
        "median_seconds": seen.median,
        "longest_seconds": max(seen.waits),
        "longest_to_quiet_median": max(seen.waits) / quiet.median,
        "longer_than_allowed": sum(wait > _MOST * quiet.median for wait in seen.waits),
        "not_shown": [*quiet.not_shown, *seen.not_shown],
        "offices_killed": seen.killed,
        "asked_again": seen.asked_again,
        "bad": dict(seen.bad),
        "leaks": leaks,
    }
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    for name, figure in figures.items():
        print(f"{name:28}{figure}")
    good = not figures["not_shown"] and not leaks and not figures["longer_than_allowed"]
    print("as it should be" if good else "NOT as it should be", f"- written to {_RESULTS}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))
