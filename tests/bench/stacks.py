"""A running stack of the bench's own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_COMMAND = "deploy/local/stack.py"


@contextmanager
def stack() -> Iterator[None]:
    """The whole local stack until the block ends."""
    subprocess.run([sys.executable, _COMMAND, "up"], check=True)
    try:
        yield
    finally:
        subprocess.run([sys.executable, _COMMAND, "down"], check=True)
