"""The local stack's configuration hangs together, and its scripts parse."""

import os
import socket
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.running import demo_settings
from tests.running.changed import relevant_tests
from tests.running.lanes import seconds_of_files
from tests.running.ports import free_port

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


def test_a_taken_port_is_named_with_its_setting_and_who_has_it(tmp_path: Path) -> None:
    ports = {name: str(port) for name, port in zip(demo_settings.ports({}), iter(free_port, 0), strict=False)}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports["EDOCS_PORT"] = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, LOCAL / "stack.py", "up"],
            env={**os.environ, **ports, "STACK": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    said = f"port {ports['EDOCS_PORT']} (EDOCS_PORT) is taken by process {os.getpid()}: "
    assert said in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_longest_test_files_are_there() -> None:
    assert [path for path in seconds_of_files() if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        ("tests/viewer/web/test_api.py", ["tests/viewer/web/test_api.py"]),
        ("viewer/formats/pdf/inspection.py", ["tests/viewer/formats/pdf"]),
        ("redirector/rules.toml", ["tests/redirector"]),
        ("deploy/local/stack.py", ["tests/deploy"]),
        ("tests/system/stack.py", []),
        ("pyproject.toml", []),
    ],
)
def test_make_check_runs_the_fast_tests_of_what_was_changed(changed: str, tests: list[str]) -> None:
    assert list(relevant_tests([changed])) == tests
