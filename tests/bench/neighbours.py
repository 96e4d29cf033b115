"""`make neighbours`: what a neighbour waits while each of the worst cases is opened, and when idle.

A person opens one worst case after the other, and then six at once, against a running stack of the bench's
own; another one opens small texts, pictures, PDFs, mails and office files all the while. Each case is
compared with the idle time just before it. Ends with 1 where a goal is missed.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.bench.stacks import stack
from tests.hostile import ALL
from tests.system.neighbours import Street, Trouble, Waits
from tests.system.test_neighbours import WORST

_RESULTS = Path("build/neighbours.json")
_VIEWS = 40
_MAX_RATIO, _MAX_SECONDS = 1.5, 1.0
_HEAD = f"{'worst case':44}{'views':>6}{'idle p99':>9}{'p99':>7}{'ratio':>7}{'longest':>8}{'its own':>8}  end"


def main(names: list[str]) -> int:
    """Measure, print, write; the exit code.

    Args:
        names: of the cases; all where there are none.
    """
    rows: list[dict[str, Any]] = []
    with stack() as running:
        street = Street(running)
        try:
            street.idle(_VIEWS)  # the first views of a fresh stack are slower
            before = max(street.workers().values())
            print(_HEAD, flush=True)
            for title, cases in [*((name, [name]) for name in names or ALL), ("six at once", list(WORST))]:
                idle = street.idle(_VIEWS)
                seen = street.meanwhile([ALL[name] for name in cases], _VIEWS)
                rows.append(_row(title, idle, seen))
            grown = max(street.workers().values()) - before
        finally:
            street.clean()
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.write_text(json.dumps({"rows": rows, "grown_megabytes": grown >> 20}, indent=2) + "\n")
    missed = [row["case"] for row in rows if not row["met"]]
    print(f"The largest web worker grew by {grown >> 20} MB. Written to {_RESULTS}.")
    print(f"Missed: {', '.join(missed)}" if missed else "Every goal is met.")
    return 1 if missed else 0


def _row(title: str, idle: Waits, seen: Trouble) -> dict[str, Any]:
    """One line of the table, printed."""
    waits = seen.waits
    ratio = waits.p99 / idle.p99
    met = ratio <= _MAX_RATIO and waits.longest <= _MAX_SECONDS and not waits.not_shown
    figures = (
        f"{len(waits.all()):6}{idle.p99:9.2f}{waits.p99:7.2f}{ratio:7.2f}{waits.longest:8.2f}{seen.took:8.1f}"
    )
    end = ", ".join(said.split(": ", 1)[1] for said in seen.ends)
    refused = f", NOT SHOWN {len(waits.not_shown)}" if waits.not_shown else ""
    print(f"{title:44}{figures}  {end}{refused}{'' if met else ' - MISSED'}", flush=True)
    return {
        "case": title,
        "views": len(waits.all()),
        "idle_p99_seconds": idle.p99,
        "p99_seconds": waits.p99,
        "p99_ratio": ratio,
        "longest_seconds": waits.longest,
        "took_seconds": seen.took,
        "ends": sorted(seen.ends),
        "not_shown": waits.not_shown,
        "met": met,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
