"""One running stack for all tests that use it: those of the system, and those of its pages in a browser."""

from collections.abc import Iterator

import pytest

from tests.system.stack import Stack, running


@pytest.fixture(scope="session")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start the stack once; it may take half a minute."""
    with running(tmp_path_factory.mktemp("documents")) as stack:
        yield stack


@pytest.fixture
def stack(running_stack: Stack) -> Iterator[Stack]:
    """The stack, without faults, before and after the test."""
    running_stack.mend()
    yield running_stack
    running_stack.mend()
