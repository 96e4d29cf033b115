"""The fast tests of what was changed: `python -m tests.running.changed` runs them, for `make check`.

Changed is what differs from the commit where this branch left main, uncommitted and new files included. A
test file stands for itself; any other file for the tests in the folder that is named as its own is. Tests
that start the stack or a LibreOffice are left to `make test`.
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from tests.running.lanes import PLAIN, lane

_ALWAYS = ("tests/test_import_rules.py", "tests/docs")
"""A second or two, and they are about every file."""
_MOST_SECONDS = 60


def main() -> int:
    """Run them, and give pytest's exit code."""
    chosen = sorted({*_ALWAYS, *relevant_tests(_changed())})
    print("tests:", *chosen, flush=True)
    options = ["-q", "-n", "2", "--dist", "loadfile", f"--timeout={_MOST_SECONDS}"]
    return subprocess.run([sys.executable, "-m", "pytest", *options, *chosen], check=False).returncode


def relevant_tests(files: Iterable[str]) -> Iterator[str]:
    """Test files and folders, relative to the project's folder, for changed files relative to it too."""
    for file in files:
        path = PurePosixPath(file)
        found = path if _is_test(path) else _folder_of_tests(path)
        if found and lane(f"{found}/") == PLAIN and Path(found).exists():
            yield str(found)


def _is_test(path: PurePosixPath) -> bool:
    return path.parts[0] == "tests" and path.name.startswith("test_")


def _folder_of_tests(path: PurePosixPath) -> PurePosixPath | None:
    """The deepest folder of tests that goes with a file; none for what belongs to all of them."""
    folder = path.parent if path.parts[0] == "tests" else "tests" / path.parent
    while not Path(folder).is_dir():
        folder = folder.parent
    return folder if len(folder.parts) > 1 else None


def _changed() -> list[str]:
    base = _git("merge-base", "HEAD", "main") or ["HEAD"]
    return _git("diff", "--name-only", base[0]) + _git("ls-files", "--others", "--exclude-standard")


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()


if __name__ == "__main__":
    sys.exit(main())
