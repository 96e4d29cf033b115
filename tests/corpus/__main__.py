"""`make corpus [DIR=…] [JSON=…]`: opens every file of a folder through a stack of its own.

The files are served by the demo's eDocs and opened over HTTP by as many people as there are converters.
Says how each ended, and exits with 1 where one ended without a reason of its own, took longer than the
limit, or a service died.
Of the files only names, kinds and times are told, nothing of what is in them.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.corpus.generated.all import write_all
from tests.corpus.report import Result, summary, verdict
from tests.corpus.visits import LIMIT_SECONDS, numbered, visit_all
from tests.system.stack import Stack, started

OWN = Path("build/corpus-files")


def main() -> int:
    """Open everything, print the totals, and give the exit code."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder, _stack(Path(folder)) as stack:
        files = numbered(arguments.folder, Path(folder) / "documents")
        print(f"{len(files)} files")
        results = visit_all(files, arguments.folder.resolve())
        deaths = _deaths(stack)
    print(summary(results))
    if arguments.json:
        _write(arguments, results, deaths)
    problems = verdict(results, LIMIT_SECONDS) + [f"service died: {line}" for line in deaths]
    print("\n".join(problems) if problems else "every file was shown or has its reason")
    return 1 if problems else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument(
        "folder", type=Path, nargs="?", help="all files in it and below it are opened; else files made for it"
    )
    parser.add_argument("--json", type=Path, help="where to write each file's result")
    parser.add_argument("--tell-words", action="store_true", help="write the lost words themselves too")
    arguments = parser.parse_args()
    if arguments.folder is None:
        arguments.folder, arguments.tell_words = OWN, True  # nobody's words
        print(f"{write_all(OWN)} files made in {OWN}", flush=True)
    if not arguments.folder.is_dir():
        parser.error(f"{arguments.folder} is no folder")
    return arguments


@contextmanager
def _stack(folder: Path) -> Iterator[Stack]:
    """A stack of our own with documents, store and audit record in the folder."""
    documents = folder / "documents"
    documents.mkdir()
    settings = {
        "EDOCS_FOLDER": str(documents),
        "STORE_URL": f"file://{folder}/store",
        "AUDIT_URL": f"sqlite:///{folder}/audit.sqlite3",
    }
    with started(settings):
        yield Stack(documents)


def _deaths(stack: Stack) -> list[str]:
    """What the supervisor says of services that ended by themselves."""
    lines = (stack.logs / "supervisord.log").read_text(errors="replace").splitlines()
    return [line for line in lines if " exited: " in line]


def _write(arguments: argparse.Namespace, results: list[Result], deaths: list[str]) -> None:
    path: Path = arguments.json
    path.parent.mkdir(parents=True, exist_ok=True)
    files = [result.as_json(tell_words=arguments.tell_words) for result in results]
    report = {"made_on": datetime.now(UTC).date().isoformat(), "files": files, "services_died": deaths}
    path.write_text(json.dumps(report, indent=1) + "\n")
    print(f"Written to {path}.")


if __name__ == "__main__":
    sys.exit(main())
