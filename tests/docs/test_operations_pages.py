"""Pages for operations: commands, log lines and words on error pages exist, each alert has a cure."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from redirector import cli as redirector_cli
from viewer import cli as viewer_cli
from viewer.errors import BY_CODE

ROOT = Path(__file__).parents[2]
ON_CALL = (ROOT / "docs" / "on-call.md").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "docs").glob("*.md"))
PARSERS = {"viewer": viewer_cli._parser, "redirector": redirector_cli._parser}
TOPICS = ("audit", "block", "refusals")
"""The functions that the pages define for short."""


def blocks(page: Path) -> Iterator[str]:
    """The lines of a page's shell commands, continued ones put together."""
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        yield from block.replace("\\\n", " ").splitlines()


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each call of one of our programs: which, and its arguments."""
    for page in PAGES:
        for line in blocks(page):
            text = re.sub(r"<[^<>]*>", "0123456789ab", line.split(" # ")[0])
            for service, rest in re.findall(r"python -m (viewer|redirector)\.cli ([^|;\n]*)", text):
                if '"$@"' not in rest:
                    yield service, _arguments(rest)
            topic = text.split(" ")[0]
            if topic in TOPICS:
                yield "viewer", _arguments(text)


def _arguments(text: str) -> list[str]:
    """Words of a command line, without where its input and output go."""
    words = shlex.split(re.sub(r"\$\([^)]*\)", "2026-11-28", text))
    return words[: next((at for at, word in enumerate(words) if word in {"<", ">"}), len(words))]


def test_the_pages_have_commands() -> None:
    assert len(list(commands())) > 15


@pytest.mark.parametrize(("service", "arguments"), list(commands()), ids=str)
def test_a_command_on_a_page_is_one_that_the_program_takes(service: str, arguments: list[str]) -> None:
    PARSERS[service]().parse_args(arguments)


COMPOSE_1_29 = {
    "logs": {"--no-log-prefix", "--tail"},
    "exec": {"-T", "-e"},
    "up": {"-d", "--detach", "--build", "--scale", "--force-recreate"},
    "build": {"--pull", "--no-cache"},
    "ps": set(),
    "restart": set(),
}
"""Commands of Debian 12's docker-compose, each with those of its options that the pages may use."""


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_docker_compose_is_asked_for_what_every_version_knows(page: Path) -> None:
    """`logs --since`, for one, came with version 2 only."""
    for call in re.findall(r"docker-compose ((?:[^`;|\n]|\\\n)+)", page.read_text(encoding="utf-8")):
        words = call.split(" # ")[0].split()
        while words and words[0] in {"--env-file", "--profile"}:
            words = words[2:]
        if words and words[0] in COMPOSE_1_29:
            ours = words[1 : words.index("python")] if "python" in words else words[1:]
            options = {word for word in ours if word.startswith("-")} - {"-h"}
            assert options <= COMPOSE_1_29[words[0]], call


def events() -> set[str]:
    """What the services and the guards log, by name."""
    found = set()
    for folder in ("viewer", "redirector", "shared", "deploy/unoserver"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                    found.add(str(node.args[0].value))
    return found


def table_of(section: str) -> list[list[str]]:
    """The rows of the table in a section of the page, as cells, without its head."""
    text = ON_CALL.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_log_line_that_the_page_explains_is_written_somewhere() -> None:
    named = {name for row in table_of("Log lines") for name in re.findall(r"`([^`]+)`", row[0])}
    assert len(named) > 10
    assert named <= events()


def test_every_log_line_that_a_command_looks_for_is_written_somewhere() -> None:
    looked_for = set(re.findall(r'"event": "([a-z ]+)"', ON_CALL)) | {
        "office is unhealthy",
        "office did not start",
    }
    assert looked_for <= events()


def test_what_people_read_is_what_the_error_pages_say() -> None:
    told: list[str] = []
    for words, codes, _ in table_of("From what people see"):
        told = re.findall(r'"(.*?)"', words) or told  # "the same" stands for the row above
        for code in re.findall(r"`(\w+)`", codes):
            assert BY_CODE[code].title in told, code


def test_every_alert_has_a_first_command_and_cures() -> None:
    alerts = ON_CALL.split("\n## The alerts\n", 1)[1].split("\n## ", 1)[0].split("\n### ")[1:]
    assert len(alerts) > 5
    for alert in alerts:
        assert "```sh\n" in alert, alert.split("\n", 1)[0]
