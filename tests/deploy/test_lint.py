"""Each checker of `make lint` finds the fault that it is there for, in a project of that one file."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = ("pyproject.toml", "biome.jsonc", "tsconfig.json", ".yamllint.yaml", ".hadolint.yaml")

FAULTS = {
    "ruff check": ("demo/a.py", '"""A module."""\n\nimport os\n'),
    "ruff format": ("demo/a.py", '"""A module."""\n\nONE=1\n'),
    "mypy deploy": ("deploy/local/a.py", '"""A module."""\n\nONE: int = "one"\n'),
    "tsc": ("viewer/static/a.js", 'export const letters = "one".size;\n'),
    "biome": ("viewer/static/a.js", "var one = 1;\n"),
    "djlint": ("viewer/templates/a.html", "<img src='a.png'>\n"),
    "yamllint": ("a.yaml", "one: 1\none: 2\n"),
    "hadolint": ("demo/Dockerfile", "FROM debian\n"),
    "shellcheck": ("a.sh", "#!/bin/bash\necho $1\n"),
    "typos": ("a.md", "We rec\x69eve documents.\n"),
}
"""The file that each check is given, and what is in it."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with our tools and settings, and without our files."""
    for name in (*SETTINGS, "deploy/local/lint.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for tools in (".venv", "node_modules"):
        (tmp_path / tools).symlink_to(ROOT / tools)
    (tmp_path / ".gitignore").write_text(".venv\nnode_modules\n.mypy_cache\n.ruff_cache\n")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True, timeout=60)
    return tmp_path


def lint(project: Path, *files: str) -> tuple[int, str]:
    """The exit code, and what was printed."""
    command = [sys.executable, "deploy/local/lint.py", *files]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=200)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("check", FAULTS)
def test_a_fault_is_found_and_its_checker_and_its_file_are_named(project: Path, check: str) -> None:
    name, text = FAULTS[check]
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text(text)
    code, said = lint(project, name)
    assert code == 1
    _, mark, found = said.partition(f"--- {check}\n")
    assert mark, said
    assert name in found.partition("\n---")[0]


def test_files_are_shown_to_the_checkers_that_they_concern_alone(project: Path) -> None:
    (project / "a.sh").write_text('#!/bin/bash\necho "$1"\n')
    code, said = lint(project, "a.sh")
    assert code == 0, said
    assert [line.split("  ")[0] for line in said.splitlines()] == ["shellcheck", "typos"]
