"""Every check that needs no running service: `.venv/bin/python deploy/local/lint.py [FILE …]`.

`make lint` checks everything that git knows or would add. Given files, as pre-commit gives them, it runs
the checks that concern one of them; a check that can look at single files looks at those alone. Checks run
side by side, as many as there are processors. The exit code is 1 where one of them found something.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ("*.py", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Check:
    """One tool with what it is for.

    Args:
        name: as people know the tool.
        command: with its path from the project's folder.
        concerns: patterns of the files whose change can change the outcome, its settings included.
        takes: patterns of the files that are named in the command; empty where the tool finds them by itself.
        only_these: whether it is enough to name the changed ones of those files.
        fails_on: words in its output that mean a finding though the exit code is 0.
    """

    name: str
    command: tuple[str, ...]
    concerns: tuple[str, ...]
    takes: tuple[str, ...] = ()
    only_these: bool = True
    fails_on: str | None = None


CHECKS = (
    # those that take longest come first
    Check("mypy", (".venv/bin/mypy",), PYTHON),
    Check(
        "mypy deploy",
        # names like `settings` exist here once more, so these scripts have a cache of their own
        (".venv/bin/mypy", "--cache-dir=.mypy_cache/deploy"),
        ("deploy/*.py", "docs/*.py", "pyproject.toml"),
        takes=("deploy/*.py", "docs/*.py"),
        only_these=False,
    ),
    Check("import contracts", (".venv/bin/lint-imports", "--no-cache"), PYTHON),
    Check(
        "tsc",
        ("node_modules/.bin/tsc", "-p", "tsconfig.json"),
        ("*.js", "tsconfig.json", "package-lock.json"),
    ),
    Check(
        "markdown links",
        (".venv/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/docs/test_links.py"),
        ("*.md", "Makefile", "tests/docs/test_links.py"),
    ),
    Check(
        "djlint", (".venv/bin/djlint", "--lint", "--quiet"), ("*.html", "pyproject.toml"), takes=("*.html",)
    ),
    Check(
        "biome",
        (
            *("node_modules/.bin/biome", "check", "--reporter=concise", "--diagnostic-level=info"),
            *("--error-on-warnings", "--no-errors-on-unmatched"),
        ),
        ("*.js", "*.css", "*.json", "*.jsonc"),
        takes=("*.js", "*.css", "*.json", "*.jsonc"),
        fails_on="Found ",  # a rule that biome calls a hint
    ),
    Check("yamllint", (".venv/bin/yamllint", "--strict"), ("*.yml", "*.yaml"), takes=("*.yml", "*.yaml")),
    Check(
        "hadolint",
        (".venv/bin/hadolint",),
        ("*Dockerfile", ".hadolint.yaml"),
        takes=("*Dockerfile",),
    ),
    Check(
        "shellcheck",
        (".venv/bin/shellcheck",),
        ("*.sh", ".ci/run", ".shellcheckrc"),
        takes=("*.sh", ".ci/run"),
    ),
    Check("typos", (".venv/bin/typos", "--force-exclude"), ("*",), takes=("*",)),
    Check("ruff check", (".venv/bin/ruff", "check", "--force-exclude"), PYTHON, takes=("*.py",)),
    Check("ruff format", (".venv/bin/ruff", "format", "--check", "--force-exclude"), PYTHON, takes=("*.py",)),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check said, and what it cost in seconds of time and of processor time."""

    name: str
    found: bool
    output: str
    seconds: float
    processor_seconds: float


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Run the checks and say which tool found what."""
    parser = argparse.ArgumentParser(description="Check everything that ships, or the given files.")
    parser.add_argument("files", nargs="*", help="from the project's folder; all of them by default")
    changed: list[str] | None = parser.parse_args(arguments).files or None
    known = _known_files(root)
    commands = {check: _command(check, known, changed) for check in CHECKS}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        runs = [pool.submit(_run, check, command, root) for check, command in commands.items() if command]
    outcomes = [run.result() for run in runs]
    for outcome in outcomes:
        if outcome.found:
            print(f"--- {outcome.name}\n{outcome.output.strip()}\n")
    for outcome in outcomes:
        state = "FOUND SOMETHING" if outcome.found else "ok"
        cost = f"{outcome.seconds:6.1f} s {outcome.processor_seconds:6.1f} s of processor"
        print(f"{outcome.name:18}{cost}  {state}")
    return int(any(outcome.found for outcome in outcomes))


def _known_files(root: Path) -> list[str]:
    """Every file that is there and that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - the developer's own
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


def _command(check: Check, known: list[str], changed: list[str] | None) -> tuple[str, ...] | None:
    """The command with the files that it takes; None where the check has nothing to do."""
    if changed is not None and not _matching(changed, check.concerns):
        return None
    if not check.takes:
        return check.command
    these = _matching(changed or [], check.takes) if check.only_these else []
    files = these or _matching(known, check.takes)
    return (*check.command, *files) if files else None


def _matching(names: list[str], patterns: tuple[str, ...]) -> list[str]:
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]


def _run(check: Check, command: tuple[str, ...], root: Path) -> Outcome:
    """Run one command to its end.

    Raises:
        FileNotFoundError: the tool is not installed; `make setup` installs it.
    """
    begun = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 - the table above and names of files
            command, cwd=root, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().decode(errors="replace")
    found = process.returncode != 0 or (check.fails_on is not None and check.fails_on in said)
    return Outcome(check.name, found, said, time.monotonic() - begun, usage.ru_utime + usage.ru_stime)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
