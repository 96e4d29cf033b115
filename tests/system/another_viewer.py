"""A further viewer beside the running stack, with settings of its own; all else is the stack's."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

import requests

from tests.system.stack import ROOT

_START_SECONDS = 60
_STOP_SECONDS = 30
_PORT, _OPS_PORT = 8012, 9112


@contextmanager
def another_viewer(folder: Path, **settings: str) -> Iterator[str]:
    """Its address, until the block ends.

    Args:
        folder: an empty one, for its store and its audit record.
        settings: by their names in the environment; the others are the local stack's.

    Raises:
        RuntimeError: it does not start.
    """
    address = f"http://localhost:{_PORT}"
    environment = {
        **os.environ,
        **_demo_settings(folder),
        "SERVICE_NAME": "viewer",
        "PORT": str(_PORT),
        "OPS_PORT": str(_OPS_PORT),
        "PUBLIC_URL": address,
        "AUDIT_URL": f"sqlite:///{folder}/audit.sqlite3",
        **settings,
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:shared.gunicorn_config", "viewer.wsgi:app"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(server, folder / "log")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=_STOP_SECONDS)


def _demo_settings(folder: Path) -> dict[str, str]:
    text = (ROOT / "deploy/local/demo.env").read_text()
    filled = Template(text).substitute(ROOT=str(ROOT), STORE=str(folder / "store"))
    lines = [line for line in filled.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def _wait_until_ready(server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if requests.get(f"http://127.0.0.1:{_OPS_PORT}/ready", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise RuntimeError(f"the viewer does not start:\n{log.read_text()}")
