"""The whole local stack for tests, started the way a person starts it, and used from outside only."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.system import addresses

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
    mosaic: str = addresses.MOSAIC
    redirector: str = addresses.REDIRECTOR
    viewer: str = addresses.VIEWER
    google: str = addresses.GOOGLE
    edocs: str = addresses.EDOCS
    redirector_ops: str = addresses.REDIRECTOR_OPS
    viewer_ops: str = addresses.VIEWER_OPS
    haproxy_metrics: str = f"{addresses.HAPROXY_OPS}/metrics"
    folder: Path = addresses.FOLDER

    @property
    def logs(self) -> Path:
        """One file for each part."""
        return self.folder / "logs"

    @property
    def audit(self) -> Path:
        """The SQLite file of the viewer's audit record."""
        return self.folder / "demo/audit.sqlite3"

    @property
    def supervisor(self) -> int:
        """The process from which all others of the stack come."""
        return int((self.folder / "supervisord.pid").read_text())

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
        RuntimeError: it does not start.
    """
    samples = ROOT / "demo/documents"
    if addresses.REUSED:
        yield Stack(Path(os.environ.get("EDOCS_FOLDER", samples)), reused=True)
        return
    shutil.copytree(samples, documents, dirs_exist_ok=True)
    with started({"EDOCS_FOLDER": str(documents)}):
        yield Stack(documents)


@contextmanager
def started(settings: dict[str, str] | None = None) -> Iterator[None]:
    """A stack of this process's own until the block ends.

    Args:
        settings: by their names in the environment; the others are those of deploy/local/demo.env.

    Raises:
        RuntimeError: it does not start.
    """
    environment = addresses.ENVIRONMENT | (settings or {})
    addresses.FOLDER.mkdir(mode=0o711)
    try:
        _run("up", _START_SECONDS, environment)
        try:
            yield
        finally:
            _run("down", _STOP_SECONDS, environment)
    finally:
        shutil.rmtree(addresses.FOLDER)


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
