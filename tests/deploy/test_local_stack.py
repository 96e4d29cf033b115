"""The local stack's configuration hangs together, and its scripts parse."""

import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCAL = ROOT / "deploy/local"


@pytest.fixture(scope="module")
def programs() -> dict[str, dict[str, str]]:
    configuration = ConfigParser(interpolation=None, inline_comment_prefixes=(";",))
    configuration.read(LOCAL / "supervisord.conf")
    sections = [name for name in configuration.sections() if name.startswith("program:")]
    grouped = configuration["group:stack"]["programs"].split(",")
    assert sorted(grouped) == sorted(name.removeprefix("program:") for name in sections)
    return {name.removeprefix("program:"): dict(configuration[name]) for name in sections}


def test_every_part_is_restarted_and_stopped_as_a_whole(programs: dict[str, dict[str, str]]) -> None:
    for program in programs.values():
        assert [program[key] for key in ("autorestart", "stopasgroup", "killasgroup")] == ["true"] * 3


def test_every_part_has_a_log_of_its_name(programs: dict[str, dict[str, str]]) -> None:
    for name, program in programs.items():
        assert program["stdout_logfile"] == f"%(ENV_STACK)s/logs/{program.get('process_name', name)}.log"
        assert program["redirect_stderr"] == "true"


def test_what_meets_hostile_documents_gets_no_settings(programs: dict[str, dict[str, str]]) -> None:
    for name, program in programs.items():
        if name.startswith("unoserver"):
            assert program["command"].startswith(("env -i ", "sh -c 'exec env -i "))


@pytest.mark.parametrize("script", [*LOCAL.glob("*.sh"), ROOT / ".ci/run"], ids=lambda path: path.name)
def test_shell_scripts_parse(script: Path) -> None:
    subprocess.run(["bash", "-n", script], check=True, timeout=10)
