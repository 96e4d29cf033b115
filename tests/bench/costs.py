"""What one view costs: the figures of docs/scaling.md. `python -m tests.bench.costs` prints them.

Seconds of a processor rather than of the clock, so that a busy machine tells the same.
"""

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.bench.stacks import stack
from tests.system.person import Person
from tests.system.processes import descendants, memory

_TIMES = 20
_FIRST_ID = 650_001
_SAMPLES = Path("demo/documents")
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Open copies of the sample documents, and say what each part spent on it."""
    with stack() as running:
        root = running.supervisor
        worker = Person().sign_in()
        for sample in ("1001.docx", "1003.xlsx", "1005.pptx", "1002.doc", "1008.rtf", "1010.txt", "1011.pdf"):
            _print_costs(root, worker, _SAMPLES / sample)
        for part in ("viewer.wsgi", "guard.py", "soffice.bin ", "haproxy", "redirector.wsgi"):
            print(f"memory {part:16} {sum(map(memory, _of(root, part))) >> 20:6} MB")


def _print_costs(root: int, worker: Person, sample: Path) -> None:
    numbers = range(_FIRST_ID, _FIRST_ID + _TIMES)
    files = [_SAMPLES / f"{number}{sample.suffix}" for number in numbers]
    try:
        for number, file in zip(numbers, files, strict=True):
            file.write_bytes(_other_bytes(sample, number))
        first = _spent(root, lambda: [worker.pdf(number) for number in numbers])
        again = _spent(root, lambda: [worker.pdf(number) for number in numbers])
        size = len(worker.pdf(_FIRST_ID))
    finally:
        for file in files:
            file.unlink(missing_ok=True)
    words = [f"{part} {first[part] * 1000:6.0f}/{again[part] * 1000:4.0f} ms" for part in first]
    print(f"{sample.name:10} first/again: {'  '.join(words)}  {size >> 10} KB")


def _other_bytes(sample: Path, number: int) -> bytes:
    """The same document with another hash: a comment of its own in the zip, or white space behind the end."""
    if not zipfile.is_zipfile(sample):
        return sample.read_bytes() + b"\n" * (number - _FIRST_ID + 1)
    copy = io.BytesIO(sample.read_bytes())
    with zipfile.ZipFile(copy, "a") as archive:
        archive.comment = str(number).encode()
    return copy.getvalue()


def _spent(root: int, work: Callable[[], object]) -> dict[str, float]:
    """Seconds of a processor that each part spent on one view."""
    marks = {"viewer": "viewer.wsgi", "guard": "guard.py", "office": "office"}
    before = {part: sum(map(_seconds, _of(root, mark))) for part, mark in marks.items()}
    work()
    after = {part: sum(map(_seconds, _of(root, mark))) for part, mark in marks.items()}
    return {part: (after[part] - before[part]) / _TIMES for part in marks}


def _of(root: int, mark: str) -> list[int]:
    return [pid for pid, command in descendants(root).items() if mark in command]


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    main()
