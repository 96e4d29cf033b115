"""The whole local stack for tests, started the way a person starts it, and used from outside only."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
_COMMAND = ROOT / "deploy/local/stack.py"
_START_SECONDS = 180
_STOP_SECONDS = 60
_PATIENCE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the parts of the running stack are, and the folder that its eDocs serves.

    Args:
        documents: `<id>.<ext>` files; a test may add and replace them.
        reused: whether it ran before the tests, and will after them.
    """

    documents: Path
    reused: bool = False
    mosaic: str = "http://localhost:8000"
    redirector: str = "http://localhost:8001"
    viewer: str = "http://localhost:8002"
    google: str = "http://localhost:8003"
    edocs: str = "http://localhost:8004"
    redirector_ops: str = "http://127.0.0.1:9101"
    viewer_ops: str = "http://127.0.0.1:9102"
    haproxy_metrics: str = "http://127.0.0.1:9103/metrics"
    logs: Path = field(default=ROOT / "build/logs")

    def mend(self) -> None:
        """End every fault that a test set, and forget what the stand-ins were asked."""
        for stand_in in (self.google, self.edocs):
            requests.delete(f"{stand_in}/_faults", timeout=_PATIENCE_SECONDS).raise_for_status()
            requests.delete(f"{stand_in}/_requests", timeout=_PATIENCE_SECONDS).raise_for_status()


@contextmanager
def running(documents: Path) -> Iterator[Stack]:
    """The stack, until the block ends; nothing of it stays then.

    With REUSE_STACK=1 in the environment a stack that runs already is used and left running; its documents
    are those of the demo.

    Args:
        documents: an empty folder, to hold a copy of the sample documents.

    Raises:
        RuntimeError: it does not start, for instance because a port is taken.
    """
    samples = ROOT / "demo/documents"
    if os.environ.get("REUSE_STACK") == "1":
        yield Stack(Path(os.environ.get("EDOCS_FOLDER", samples)), reused=True)
        return
    shutil.copytree(samples, documents, dirs_exist_ok=True)
    if "already up" in _run("up", _START_SECONDS, {"EDOCS_FOLDER": str(documents)}):
        # it serves other documents
        raise RuntimeError("the stack runs already: `make down` first, or set REUSE_STACK=1 to use it")
    try:
        yield Stack(documents)
    finally:
        _run("down", _STOP_SECONDS, {})


def _run(command: str, seconds: float, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, str(_COMMAND), command],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"stack.py {command} failed:\n{done.stdout}")
    return done.stdout
