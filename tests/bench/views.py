"""What the viewer adds: to a conversion at the first view, to the eDocs fetch at the second."""

import io
import statistics
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docx
import requests

from tests.bench.waiting import wait_for_port
from tests.system.addresses import EDOCS
from tests.system.person import Person

_DOCUMENTS = 30
_RAW_PORT = 2191
_OFFICE_PORT = 2192
_FIRST_ID = 900_001
_OPTIONS = ["ExportNotes=false", "UseTaggedPDF=true", "PageRange=1-2000"]


def measure(folder: Path, edocs_key: str) -> dict[str, float]:
    """Median milliseconds of each, taken in turns on one-page documents that nobody opened before.

    Args:
        folder: that the running eDocs stand-in serves.
        edocs_key: its bearer key.
    """
    worker = Person().sign_in()
    edocs = requests.Session()
    edocs.headers["Authorization"] = f"Bearer {edocs_key}"
    rows = []
    with _raw_unoserver() as convert:
        for number in range(_FIRST_ID, _FIRST_ID + _DOCUMENTS):
            document = _one_page(number)
            (folder / f"{number}.docx").write_bytes(document)
            raw = _milliseconds(convert, document)
            first = _milliseconds(_ready, worker, number)
            fetch = _milliseconds(_fetch, edocs, number)
            second = _milliseconds(_ready, worker, number)
            rows.append((raw, first, fetch, second))
    raw, first, fetch, second = (statistics.median(column) for column in zip(*rows, strict=True))
    return {
        "raw_unoserver_ms": raw,
        "first_view_ms": first,
        "first_view_overhead_ms": statistics.median(row[1] - row[0] for row in rows),
        "edocs_fetch_ms": fetch,
        "second_view_ms": second,
        "second_view_overhead_ms": statistics.median(row[3] - row[2] for row in rows),
    }


def _ready(worker: Person, number: int) -> None:
    answer = worker.ask(number)
    if answer.status_code != requests.codes.ok:
        raise RuntimeError(f"document {number}: {answer.status_code} {answer.text[:200]}")


def _fetch(edocs: requests.Session, number: int) -> None:
    edocs.get(f"{EDOCS}/documents/{number}", timeout=30).raise_for_status()


def _one_page(number: int) -> bytes:
    document = docx.Document()
    document.add_heading(f"Case note {number}", 1)
    for _ in range(4):
        document.add_paragraph(
            "Visited the family at home. All were well, and school starts again on Monday. " * 4
        )
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _milliseconds(work: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    work(*arguments)
    return (time.perf_counter() - started) * 1000


@contextmanager
def _raw_unoserver() -> Iterator[Callable[[bytes], object]]:
    """Unoserver as its package ships it, called directly, warm."""
    server = subprocess.Popen(
        [".venv-unoserver/bin/unoserver", "--port", str(_RAW_PORT), "--uno-port", str(_OFFICE_PORT)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(_RAW_PORT)
        proxy = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{_RAW_PORT}", allow_none=True)

        def convert(document: bytes) -> object:
            data = xmlrpc.client.Binary(document)
            return proxy.convert(None, data, None, "pdf", None, _OPTIONS, False, "MS Word 2007 XML")  # noqa: FBT003 - by position is all XML-RPC has

        for _ in range(3):
            convert(_one_page(0))
        yield convert
    finally:
        server.terminate()
        server.wait(timeout=30)
