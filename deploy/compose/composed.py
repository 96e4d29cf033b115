"""The composed stack as the smoke run handles it: up, down, containers, and commands inside them.

Standard library only. The compose command and its options come from the environment variable COMPOSE.
"""

import json
import os
import shlex
import subprocess
import time
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")

COMPOSE = shlex.split(os.environ.get("COMPOSE", "docker-compose"))
_BUILD_SECONDS = 3600
_COMMAND_SECONDS = 300
_PAUSE_SECONDS = 0.5


class NotAsPromised(Exception):
    """Something that the composed stack promises does not hold."""


def promise(holds: object, sentence: str) -> None:
    """Go on when it holds.

    Raises:
        NotAsPromised: with the sentence.
    """
    if not holds:
        raise NotAsPromised(sentence)


def compose(*arguments: str) -> str:
    """Run the compose command; give its output.

    Raises:
        NotAsPromised: it failed.
    """
    return _run([*COMPOSE, *arguments], _BUILD_SECONDS)


def docker(*arguments: str) -> str:
    """Run docker; give its output.

    Raises:
        NotAsPromised: it failed.
    """
    return _run(["docker", *arguments], _COMMAND_SECONDS)


def containers(service: str) -> list[str]:
    """The ids of a service's containers."""
    return compose("ps", "-q", service).split()


def inside(container: str, python: str) -> str:
    """Run Python code in a container as its own user; give what it prints.

    Raises:
        NotAsPromised: the code failed.
    """
    return docker("exec", container, "python3", "-c", python)


def addresses(container: str) -> list[str]:
    """A container's addresses on all its networks."""
    networks = json.loads(docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", container))
    return [network["IPAddress"] for network in networks.values()]


def health(container: str) -> str:
    """What Docker thinks of a container: its health where it has a check, else its state."""
    state = json.loads(docker("inspect", "--format", "{{json .State}}", container))
    found = state.get("Health", {}).get("Status") or state["Status"]
    return str(found)


def wait_until(what: str, question: Callable[[], _T | None], seconds: float) -> _T:
    """Ask until the answer is true; give the answer.

    Raises:
        NotAsPromised: it never was.
    """
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        promise(time.monotonic() < deadline, f"{what}: not within {seconds:g} s")
        time.sleep(_PAUSE_SECONDS)
    return answer


def _run(command: list[str], seconds: float) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603 - fixed
    promise(
        done.returncode == 0,
        f"{shlex.join(command[:12])} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}",
    )
    return done.stdout
