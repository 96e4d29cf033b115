"""A further viewer beside the running stack, with settings of its own; all else is the stack's."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.running.demo_settings import demo_settings
from tests.running.ports import free_port
from tests.running.programs import running, service, wait_for
from tests.running.record import create_record
from tests.system.addresses import FOLDER, PORTS
from tests.system.stack import ROOT


@dataclass(frozen=True, slots=True)
class AnotherViewer:
    """A viewer of its own.

    Args:
        address: where people reach it.
        operations: its operations port's address.
        log: what it writes.
        pid: of its gunicorn, of which its workers are children.
        environment: its settings, for commands.
    """

    address: str
    operations: str
    log: Path
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
        AssertionError: it does not start.
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
    create_record(environment)
    log = folder / "log"
    with running([*started_by, *service("viewer")], log, environment) as server:
        wait_for(f"http://127.0.0.1:{ops_port}/ready", server, log)
        yield AnotherViewer(address, f"http://127.0.0.1:{ops_port}", log, server.pid, environment)
