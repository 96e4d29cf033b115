"""A running stack of the bench's own, whose eDocs has the demo's documents."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.system.stack import Stack, started

DOCUMENTS = Path("demo/documents")


@contextmanager
def stack() -> Iterator[Stack]:
    """The whole local stack until the block ends."""
    with started():
        yield Stack(DOCUMENTS)
