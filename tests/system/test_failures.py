"""What breaks while people look at documents, and that they get them all the same."""

import io
import os
import signal
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import docx
import pytest
import requests

from tests.system.person import Person
from tests.system.processes import descendants, is_running
from tests.system.stack import Stack

pytestmark = pytest.mark.system

_PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def worker(running_stack: Stack) -> Person:
    return Person().sign_in()


def soffices(stack: Stack, *, busy: bool = False) -> list[int]:
    """Process ids of the stack's LibreOffices; of those that work, where asked."""
    offices = [pid for pid, command in descendants(stack.supervisor).items() if "soffice.bin " in command]
    return [pid for pid in offices if not busy or is_running(pid)]


def long_document(words: str, paragraphs: int) -> bytes:
    """A .docx that takes LibreOffice a few seconds."""
    document = docx.Document()
    for number in range(paragraphs):
        document.add_paragraph(f"{number} {words} " * 12)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_killing_an_office_during_a_conversion_still_ends_in_the_document(
    stack: Stack, worker: Person
) -> None:
    (stack.documents / "5101.docx").write_bytes(long_document(f"kill -9 {uuid.uuid4()}", 3000))
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(worker.pdf, 5101)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        busy: list[int] = []
        while not busy and not opening.done() and time.monotonic() < deadline:
            busy = soffices(stack, busy=True)
        assert busy, "no office was seen at work"
        for pid in busy:
            os.kill(pid, signal.SIGKILL)
        assert opening.result().startswith(b"%PDF-")


def test_killing_every_office_at_once_only_delays_the_document(stack: Stack, worker: Person) -> None:
    (stack.documents / "5102.docx").write_bytes(
        long_document(f"A note that arrives later. {uuid.uuid4()}", 1)
    )
    killed = soffices(stack)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while set(killed) & set(soffices(stack)) and time.monotonic() < deadline:
        time.sleep(0.01)  # a process of this size takes a moment to be gone
    assert worker.pdf(5102).startswith(b"%PDF-")


def test_one_conversion_serves_everybody_who_opens_the_same_document(stack: Stack) -> None:
    (stack.documents / "5103.docx").write_bytes(long_document(f"together {uuid.uuid4()}", 400))
    people = [Person().sign_in() for _ in range(6)]
    before = _conversions(stack)
    start = threading.Barrier(len(people))

    def open_together(person: Person) -> bytes:
        start.wait()
        return person.pdf(5103)

    with ThreadPoolExecutor(len(people)) as pool:
        results = set(pool.map(open_together, people))
    assert len(results) == 1
    assert _conversions(stack) == before + 1


def _conversions(stack: Stack) -> float:
    figures = requests.get(f"{stack.viewer_ops}/metrics", timeout=10).text
    lines = [
        line for line in figures.splitlines() if line.startswith('viewer_conversions_total{outcome="ok"}')
    ]
    return float(lines[0].split()[-1]) if lines else 0.0
