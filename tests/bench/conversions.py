"""Conversions per second: one office and two, against LibreOffice started for each, against bare unoserver.

All on the same documents, the demo's office files, in turns: what else the machine does meets all of them.
"""

import statistics
import subprocess
import tempfile
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path

from tests.bench.waiting import wait_for_port
from tests.conversion.balancer import balanced
from tests.conversion.offices import Call, guarded, post
from tests.golden.rendering import as_sent
from tests.running.ports import free_port

_DOCUMENTS = [path for number in range(1001, 1009) for path in Path("demo/documents").glob(f"{number}.*")]
"""Short ones in Word's, Excel's and PowerPoint's forms, new and old, OpenDocument and RTF."""
_CLIENTS = 6
_TIMES = 4
"""How often each document is converted in a round with several clients."""
_ROUNDS = 5
_OPTIONS = ["ExportNotes=false", "UseTaggedPDF=true", "PageRange=1-2000"]


@dataclass(frozen=True)
class Job:
    """A document, and how it is sent to a guard."""

    path: Path
    call: Call


Convert = Callable[[Job], object]


def measure() -> dict[str, float]:
    """Rates and the medians of the rounds' ratios."""
    jobs = [Job(path, Call(*as_sent(path))) for path in _DOCUMENTS]
    with guarded() as first, guarded() as second, _bare_unoserver(jobs) as bare, _profile(jobs) as profile:
        for guard in (first, second):
            guard.wait_ready()
        with balanced([first]) as one, balanced([first, second]) as two:
            _rate(_through(two), jobs)  # warm
            doubled = [(_rate(_through(one), jobs), _rate(_through(two), jobs)) for _ in range(_ROUNDS)]
            single = [
                _single(_through(one), bare, partial(_one_shot, kept=profile), jobs) for _ in range(_ROUNDS)
            ]
    one_rate, two_rate = (statistics.median(column) for column in zip(*doubled, strict=True))
    ours, raw, cold, kept = (statistics.median(column) for column in zip(*single, strict=True))
    return {
        "one_unoserver_per_second": one_rate,
        "two_unoservers_per_second": two_rate,
        "two_to_one_ratio": statistics.median(pair[1] / pair[0] for pair in doubled),
        "one_by_one_per_second": ours,
        "bare_unoserver_per_second": raw,
        "to_bare_unoserver_ratio": statistics.median(row[0] / row[1] for row in single),
        "one_shot_per_second": cold,
        "to_one_shot_ratio": statistics.median(row[0] / row[2] for row in single),
        "one_shot_kept_profile_per_second": kept,
        "to_one_shot_kept_profile_ratio": statistics.median(row[0] / row[3] for row in single),
    }


def _single(ours: Convert, bare: Convert, kept: Convert, jobs: list[Job]) -> tuple[float, ...]:
    """One client: conversions per second by each way, document by document in turns."""
    ways = (ours, bare, _one_shot, kept)
    spent = [0.0] * len(ways)
    for job in jobs:
        for place, convert in enumerate(ways):
            started = time.perf_counter()
            convert(job)
            spent[place] += time.perf_counter() - started
    return tuple(len(jobs) / seconds for seconds in spent)


def _rate(convert: Convert, jobs: list[Job]) -> float:
    started = time.perf_counter()
    with ThreadPoolExecutor(_CLIENTS) as pool:
        list(pool.map(convert, jobs * _TIMES))
    return len(jobs) * _TIMES / (time.perf_counter() - started)


def _through(port: int) -> Convert:
    def convert(job: Job) -> None:
        answer = post(port, job.call)
        while answer.status == HTTPStatus.SERVICE_UNAVAILABLE:  # its seconds in the queue are over
            answer = post(port, job.call)
        if answer.outcome != "converted":
            raise RuntimeError(f"{answer.status} {answer.outcome}")

    return convert


def _one_shot(job: Job, kept: Path | None = None) -> None:
    """LibreOffice, started for this document.

    Args:
        job: the document.
        kept: a profile that is there already. Without, a fresh one, as a service needs: two at the same time
            cannot share one, and what a document leaves in it must not meet the next.
    """
    with tempfile.TemporaryDirectory(prefix="one-shot-") as folder:
        profile = (kept or Path(folder) / "profile").as_uri()
        command = ["soffice", "--headless", f"-env:UserInstallation={profile}", "--convert-to", "pdf"]
        subprocess.run(
            [*command, "--outdir", folder, str(job.path)],
            check=True,
            timeout=120,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if not Path(folder, job.path.with_suffix(".pdf").name).exists():
            raise RuntimeError("no PDF")


@contextmanager
def _profile(jobs: list[Job]) -> Iterator[Path]:
    """A profile of LibreOffice's that has been used."""
    with tempfile.TemporaryDirectory(prefix="one-shot-") as folder:
        _one_shot(jobs[0], Path(folder))
        yield Path(folder)


@contextmanager
def _bare_unoserver(jobs: list[Job]) -> Iterator[Convert]:
    """Unoserver as its package ships it, called directly, warm."""
    port, office = free_port(), free_port()
    server = subprocess.Popen(
        [".venv-unoserver/bin/unoserver", "--port", str(port), "--uno-port", str(office)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port)
        proxy = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{port}", allow_none=True)

        def convert(job: Job) -> object:
            data = xmlrpc.client.Binary(job.call.document)
            return proxy.convert(None, data, None, "pdf", None, _OPTIONS, False, job.call.import_filter)  # noqa: FBT003 - by position is all XML-RPC has

        for job in jobs:
            convert(job)
        yield convert
    finally:
        server.terminate()
        server.wait(timeout=30)
