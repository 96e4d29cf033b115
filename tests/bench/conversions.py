"""Conversions per second: one office and two, against LibreOffice started for each, against bare unoserver.

All on the same documents, taken in turns, so that what else the machine does meets all of them.
"""

import itertools
import statistics
import subprocess
import tempfile
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.bench.waiting import wait_for_port
from tests.conversion.offices import WORD, balanced, call, free_port, guarded, post

_DOCUMENT = Path("tests/golden/documents/letter.docx")
_CLIENTS = 6
_AT_ONCE = 40
"""Conversions of one round with several clients."""
_ROUNDS = 5
_ONE_BY_ONE = 15

Convert = Callable[[bytes], object]


def measure() -> dict[str, float]:
    """Rates and the medians of the rounds' ratios."""
    document = _DOCUMENT.read_bytes()
    with guarded() as first, guarded() as second, _bare_unoserver() as bare:
        for guard in (first, second):
            guard.wait_ready()
        with balanced([first]) as one, balanced([first, second]) as two:
            _rate(_through(two), document, _CLIENTS, _AT_ONCE)  # warm
            doubled = [_scaling(one, two, document) for _ in range(_ROUNDS)]
            single = [_single(one, bare, document) for _ in range(_ROUNDS)]
    one_rate, two_rate = (statistics.median(column) for column in zip(*doubled, strict=True))
    ours, raw, cold = (statistics.median(column) for column in zip(*single, strict=True))
    return {
        "one_unoserver_per_second": one_rate,
        "two_unoservers_per_second": two_rate,
        "two_to_one_ratio": statistics.median(pair[1] / pair[0] for pair in doubled),
        "one_by_one_per_second": ours,
        "bare_unoserver_per_second": raw,
        "to_bare_unoserver_ratio": statistics.median(row[0] / row[1] for row in single),
        "one_shot_per_second": cold,
        "to_one_shot_ratio": statistics.median(row[0] / row[2] for row in single),
    }


def _scaling(one: int, two: int, document: bytes) -> tuple[float, float]:
    return tuple(_rate(_through(port), document, _CLIENTS, _AT_ONCE) for port in (one, two))  # type: ignore[return-value]


def _single(one: int, bare: Convert, document: bytes) -> tuple[float, float, float]:
    """One client: ours and bare unoserver alternate document by document; then one-shot."""
    through, spent = _through(one), [0.0, 0.0]
    for _ in range(_ONE_BY_ONE):
        for place, convert in enumerate((through, bare)):
            spent[place] += _seconds(convert, document)
    cold = _seconds(_one_shot, document)
    return _ONE_BY_ONE / spent[0], _ONE_BY_ONE / spent[1], 1 / cold


def _rate(convert: Convert, document: bytes, clients: int, times: int) -> float:
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(convert, itertools.repeat(document, times)))
    return times / (time.perf_counter() - started)


def _seconds(convert: Convert, document: bytes) -> float:
    started = time.perf_counter()
    convert(document)
    return time.perf_counter() - started


def _through(port: int) -> Convert:
    def convert(document: bytes) -> None:
        (pdf,), _ = xmlrpc.client.loads(post(port, call(document, WORD)), use_builtin_types=True)
        if not (isinstance(pdf, bytes) and pdf.startswith(b"%PDF-")):
            raise RuntimeError(repr(pdf)[:200])

    return convert


_profile = tempfile.TemporaryDirectory(prefix="one-shot-")


def _one_shot(document: bytes) -> None:
    """LibreOffice, started for this document; its profile is there already, as it would be."""
    folder = Path(_profile.name)
    source = folder / "letter.docx"
    source.write_bytes(document)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, timeout=120, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not (folder / "letter.pdf").exists():
        raise RuntimeError("no PDF")


@contextmanager
def _bare_unoserver() -> Iterator[Convert]:
    """Unoserver as its package ships it, called directly, warm."""
    port, office = free_port(), free_port()
    server = subprocess.Popen(
        [".venv-unoserver/bin/unoserver", "--port", str(port), "--uno-port", str(office)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port)
        convert = _through(port)
        for _ in range(3):
            convert(_DOCUMENT.read_bytes())
        _one_shot(_DOCUMENT.read_bytes())
        yield convert
    finally:
        server.terminate()
        server.wait(timeout=30)
        _profile.cleanup()
