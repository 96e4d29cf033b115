"""A further viewer beside the running stack, with settings of its own; all else is the stack's."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.running.demo_settings import demo_settings
from tests.running.ports import free_port
from tests.system.addresses import FOLDER, PORTS
from tests.system.stack import ROOT

_START_SECONDS = 60
_STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class AnotherViewer:
    """A viewer of its own.

    Args:
        address: where people reach it.
        pid: of its gunicorn, of which its workers are children.
        environment: its settings, for commands.
    """

    address: str
    pid: int
    environment: dict[str, str]

    def command(self, *arguments: str) -> str:
        """Run one of the operators' commands, which must end well; what it printed."""
        command = [sys.executable, "-m", "viewer.cli", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, timeout=60, capture_output=True, text=True
        )
        return done.stdout


@contextmanager
def another_viewer(folder: Path, **settings: str) -> Iterator[str]:
    """Its address, until the block ends.

    Args:
        folder: an empty one, for its store and its audit record.
        settings: by their names in the environment; the others are the local stack's.

    Raises:
        RuntimeError: it does not start.
    """
    with viewer_of_our_own(folder, settings) as viewer:
        yield viewer.address


@contextmanager
def viewer_of_our_own(
    folder: Path, settings: Mapping[str, str] | None = None, *, started_by: tuple[str, ...] = ()
) -> Iterator[AnotherViewer]:
    """The same, with its processes and commands.

    Args:
        folder: for its store and its audit record; one that was used before keeps both.
        settings: see `another_viewer`.
        started_by: a program and its arguments that replaces itself with the viewer.
    """
    port, ops_port = free_port(), free_port()
    address = f"http://localhost:{port}"
    environment = {
        **os.environ,
        **demo_settings(STACK=str(FOLDER), STORE=str(folder / "store"), **PORTS),
        "SERVICE_NAME": "viewer",
        "PORT": str(port),
        "OPS_PORT": str(ops_port),
        "PUBLIC_URL": address,
        "AUDIT_URL": f"sqlite:///{folder}/audit.sqlite3",
        **(settings or {}),
    }
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:shared.gunicorn_config", "viewer.wsgi:app"]
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(
            [*started_by, *gunicorn], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_ready(server, ops_port, folder / "log")
        yield AnotherViewer(address, server.pid, environment)
    finally:
        server.terminate()
        server.wait(timeout=_STOP_SECONDS)


def _wait_until_ready(server: "subprocess.Popen[bytes]", ops_port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if requests.get(f"http://127.0.0.1:{ops_port}/ready", timeout=5).ok:
                return
        except requests.RequestException:  # not yet listening, or a busy machine
            time.sleep(0.1)
    raise RuntimeError(f"the viewer does not start:\n{log.read_text()}")
