"""Opens files as people do: each through the viewer's page, to its bytes or its reason."""

import queue
import re
import threading
import time
from pathlib import Path

import requests

from tests.corpus.report import HUNG, NO_ANSWER, NO_BYTES, SHOWN, Result
from tests.system.person import Person

CONVERTERS = 3
"""As many as the local stack has: nobody waits in a queue, so that times are those of the work."""
LIMIT_SECONDS = 90
"""A file that takes longer has hung: the converter's 60, and what a busy machine adds."""
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")
_ASK_AGAIN_SECONDS = 0.1
_PROGRESS_EVERY = 100


def numbered(folder: Path, served: Path) -> list[tuple[int, Path]]:
    """Give every file a number under which eDocs serves it.

    Args:
        folder: the files, in folders of any depth, of any names.
        served: gets a link `<number>.<extension>` to each.
    """
    paths = sorted(path for path in folder.resolve().rglob("*") if path.is_file())
    files = []
    for number, path in enumerate(paths, 1):
        suffix = path.suffix if _SUFFIX.fullmatch(path.suffix) else ".bin"
        (served / f"{number}{suffix}").symlink_to(path)
        files.append((number, path.relative_to(folder.resolve())))
    return files


def visit_all(files: list[tuple[int, Path]]) -> list[Result]:
    """Open every file, `CONVERTERS` at a time; the results are in the files' order."""
    waiting: queue.SimpleQueue[tuple[int, Path]] = queue.SimpleQueue()
    for file in files:
        waiting.put(file)
    results: dict[int, Result] = {}
    people = [threading.Thread(target=_visit, args=(waiting, results)) for _ in range(CONVERTERS)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return [results[number] for number, _ in files]


def _visit(waiting: "queue.SimpleQueue[tuple[int, Path]]", results: dict[int, Result]) -> None:
    person = Person().sign_in()
    while True:
        try:
            number, path = waiting.get_nowait()
        except queue.Empty:
            return
        results[number] = _result(person, number, path)
        if len(results) % _PROGRESS_EVERY == 0:
            print(f"{len(results)} opened", flush=True)


def _result(person: Person, number: int, path: Path) -> Result:
    started = time.monotonic()
    outcome, kind, notes = _opened(person, number, started + LIMIT_SECONDS)
    return Result(path, outcome, time.monotonic() - started, kind, notes)


def _opened(person: Person, number: int, deadline: float) -> tuple[str, str | None, tuple[str, ...]]:
    """How it ended, the kind where it is shown, and the notes on it."""
    try:
        answer = person.ask(number)
        while answer.status_code in {202, 409} and time.monotonic() < deadline:
            time.sleep(_ASK_AGAIN_SECONDS)
            again = answer.status_code == requests.codes.conflict
            answer = person.ask(number) if again else person.follow(answer)
        if answer.status_code != requests.codes.ok:
            still_made = answer.status_code in {202, 409}
            return (HUNG if still_made else answer.headers.get("X-Error-Code", NO_ANSWER)), None, ()
        first = person.bytes_of(answer, Range="bytes=0-0")
    except requests.RequestException:
        return NO_ANSWER, None, ()
    rendition = answer.json()
    shown = first.status_code == requests.codes.partial_content and len(first.content) == 1
    return (SHOWN if shown else NO_BYTES), rendition["kind"], tuple(rendition["notes"])
