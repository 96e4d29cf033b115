"""Bursts of long, healthy documents: how many are refused, which should be none.

    python -m tests.bench.bursts [--busy] [--long] [--lines 30000] [--repeats 1] [6 20 40]

Five offices behind HAProxy, as shipped, and so many people at once, each with an RTF of so many lines.
`--busy`: two processes compute all the time meanwhile. `--long`: all documents are known to be long, whatever
their size. Writes build/bursts.json; ends with 1 when a document was refused.
"""

import argparse
import io
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.conversion.balancer import balanced
from tests.conversion.offices import guarded
from viewer.documents import Printing
from viewer.errors import Problem
from viewer.office.converter import OfficeConverter

_RESULTS = Path("build/bursts.json")
_OFFICES = 5
_PROCESSORS = 2
_LONG_FILE = 2_000_000
"""Bytes from which on a document that is no zip counts as long."""
_MB = 1024 * 1024


def main() -> int:
    """Run the bursts, print and write what was seen; the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("people", type=int, nargs="*", default=[6, 20, 40])
    parser.add_argument("--busy", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--lines", type=int, default=30_000)
    parser.add_argument("--repeats", type=int, default=1)
    wanted = parser.parse_args()
    with ExitStack() as stack:
        guards = [stack.enter_context(guarded()) for _ in range(_OFFICES)]
        for guard in guards:
            guard.wait_ready()
        port = stack.enter_context(balanced(guards, long_jobs=1))
        if wanted.busy:
            stack.enter_context(_neighbours())
        runs = [
            _burst(f"http://127.0.0.1:{port}", people, wanted.lines, 0 if wanted.long else _LONG_FILE)
            for people in wanted.people
            for _ in range(wanted.repeats)
        ]
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.write_text(
        json.dumps({"busy": wanted.busy, "lines": wanted.lines, "runs": runs}, indent=2) + "\n"
    )
    return 1 if any(run["refused"] for run in runs) else 0


def _burst(url: str, people: int, lines: int, long_from: int) -> dict[str, object]:
    """Everybody opens a document of their own at the same moment."""
    attempts: Counter[str] = Counter()
    converter = OfficeConverter(
        url,
        work_seconds=60,
        queue_seconds=3600,
        max_bytes=50 * _MB,
        max_output_bytes=200 * _MB,
        locale="en-GB",
        on_attempt=lambda outcome, _queue, _work: attempts.update([outcome]),
    )
    started = time.monotonic()

    def one(number: int) -> tuple[str, float]:
        document = io.BytesIO(_document(number, lines))
        printing = Printing(("Rich Text Format",), is_long=len(document.getvalue()) > long_from)
        try:
            converter.convert(document, printing).close()
        except Problem as error:
            return error.code, time.monotonic() - started
        return "ok", time.monotonic() - started

    with ThreadPoolExecutor(people) as pool:
        ended = list(pool.map(one, range(people)))
    refused = Counter(code for code, _ in ended if code != "ok")
    waits = sorted(seconds for _, seconds in ended)
    run: dict[str, object] = {
        "people": people,
        "refused": dict(refused),
        "median_seconds": round(waits[len(waits) // 2], 1),
        "longest_seconds": round(waits[-1], 1),
        "attempts": dict(attempts),
    }
    print(run, flush=True)
    return run


def _document(number: int, lines: int) -> bytes:
    line = b"Line %d of a long document, with some words in it.\\par\n"
    return b"{\\rtf1 Document %d\\par\n" % number + b"".join(line % n for n in range(lines)) + b"}"


@contextmanager
def _neighbours() -> Iterator[None]:
    """Processes that keep all processors busy."""
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
        for _ in range(_PROCESSORS)
    ]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
