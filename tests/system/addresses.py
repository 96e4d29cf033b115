"""Where the stack is that the tests of this process use: a stack of its own, or one that runs already.

Each process of a test run has a stack of its own, at ports that are free, so two runs, and a demo beside
them, do not meet. With REUSE_STACK=1 in the environment it is the stack that `make up` started, at the ports
of deploy/local/demo.env or those that the environment gives instead.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.running.demo_settings import ROOT, ports
from tests.running.ports import free_port, free_ports

REUSED = os.environ.get("REUSE_STACK") == "1"
_OFFICES = 5
_MEMORY = Path("/dev/shm")
_ENOUGH_MEMORY = 1024**3
"""Bytes; containers often have 64 MB only."""


def _free() -> Iterator[tuple[str, str]]:
    for name in ports({}):
        yield name, str(free_ports(_OFFICES) if "FIRST" in name else free_port())


def _folder() -> Path:
    if REUSED:
        return Path(os.environ.get("STACK") or ROOT / "build").resolve()
    enough = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).total >= _ENOUGH_MEMORY
    return (_MEMORY if enough else Path(tempfile.gettempdir())) / f"viewer-stack-{os.getpid()}"


PORTS = ports(os.environ) if REUSED else dict(_free())
FOLDER = _folder()
"""For the stack's logs, its record and its process id; of a stack of our own, nothing of it stays."""
ENVIRONMENT = PORTS | {"STACK": str(FOLDER)}
"""What `stack.py` is told in its environment."""

MOSAIC, REDIRECTOR, VIEWER, GOOGLE, EDOCS = (
    f"http://localhost:{PORTS[f'{name}_PORT']}"
    for name in ("MOSAIC", "REDIRECTOR", "VIEWER", "GOOGLE", "EDOCS")
)
REDIRECTOR_OPS, VIEWER_OPS, HAPROXY_OPS = (
    f"http://127.0.0.1:{PORTS[f'{name}_OPS_PORT']}" for name in ("REDIRECTOR", "VIEWER", "HAPROXY")
)
