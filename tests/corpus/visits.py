"""Opens files as people do: each through the viewer's page, to its bytes or its reason."""

import queue
import re
import threading
import time
from pathlib import Path
from tempfile import NamedTemporaryFile

import requests

from tests.corpus.report import HUNG, NO_ANSWER, NO_BYTES, SHOWN, Result
from tests.corpus.words import Compared, compared
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


def visit_all(files: list[tuple[int, Path]], folder: Path) -> list[Result]:
    """Open every file, `CONVERTERS` at a time, and look for its words; the results are in the files' order.

    Args:
        files: their numbers, and their paths below the folder.
        folder: holds them.
    """
    waiting: queue.SimpleQueue[tuple[int, Path]] = queue.SimpleQueue()
    for file in files:
        waiting.put(file)
    results: dict[int, Result] = {}
    people = [threading.Thread(target=_visit, args=(waiting, results, folder)) for _ in range(CONVERTERS)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return [results[number] for number, _ in files]


def _visit(waiting: "queue.SimpleQueue[tuple[int, Path]]", results: dict[int, Result], folder: Path) -> None:
    person = Person().sign_in()
    while True:
        try:
            number, path = waiting.get_nowait()
        except queue.Empty:
            return
        results[number] = _result(person, number, path, folder)
        if len(results) % _PROGRESS_EVERY == 0:
            print(f"{len(results)} opened", flush=True)


def _result(person: Person, number: int, path: Path, folder: Path) -> Result:
    started = time.monotonic()
    outcome, answer = _opened(person, number, started + LIMIT_SECONDS)
    seconds = time.monotonic() - started
    if answer is None:
        return Result(path, outcome, seconds, None, ())
    told = answer.json()
    found = _words(person, answer, folder / path) if outcome == SHOWN else Compared(reason="not shown")
    return Result(path, outcome, seconds, told["kind"], tuple(told["notes"]), found)


def _opened(person: Person, number: int, deadline: float) -> tuple[str, requests.Response | None]:
    """How it ended, and the answer where there is something to show."""
    try:
        answer = person.ask(number)
        while answer.status_code in {202, 409} and time.monotonic() < deadline:
            time.sleep(_ASK_AGAIN_SECONDS)
            again = answer.status_code == requests.codes.conflict
            answer = person.ask(number) if again else person.follow(answer)
        if answer.status_code != requests.codes.ok:
            still_made = answer.status_code in {202, 409}
            return (HUNG if still_made else answer.headers.get("X-Error-Code", NO_ANSWER)), None
        if answer.json()["show"] == "listing":
            return (SHOWN if answer.json()["parts"] else NO_BYTES), answer
        first = person.bytes_of(answer, Range="bytes=0-0")
    except requests.RequestException:
        return NO_ANSWER, None
    shown = first.status_code == requests.codes.partial_content and len(first.content) == 1
    return (SHOWN if shown else NO_BYTES), answer


def _words(person: Person, answer: requests.Response, path: Path) -> Compared:
    """What became of the file's words; the rendition's bytes are in a temporary file meanwhile."""
    told = answer.json()
    names = " ".join(f"{part.get('folder', '')} {part['name']}" for part in told["parts"])
    if told["show"] == "listing":
        return compared(path, told["kind"], None, "", names, tuple(told["notes"]))
    try:
        content = person.bytes_of(answer)
    except requests.RequestException:
        return Compared(reason="its bytes did not come a second time")
    with NamedTemporaryFile(prefix="corpus-rendition-") as body:
        body.write(content.content)
        body.flush()
        media_type = content.headers["Content-Type"].partition(";")[0]
        return compared(path, told["kind"], Path(body.name), media_type, names, tuple(told["notes"]))
