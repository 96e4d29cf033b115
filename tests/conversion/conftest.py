"""One guard for the tests that leave its office alone; tests that hurt an office start their own."""

from collections.abc import Iterator

import pytest

from tests.conversion.offices import Guard, guarded


@pytest.fixture(scope="session")
def guard() -> Iterator[Guard]:
    """A guard whose office is well, and stays so."""
    with guarded() as guard:
        guard.wait_ready()
        yield guard


@pytest.fixture(scope="module")
def _rough() -> Iterator[Guard]:
    with guarded(seconds=3, idle_seconds=1, memory_mb=1200) as guard:
        yield guard


@pytest.fixture
def rough(_rough: Guard) -> Guard:
    """A guard with tight limits, ready, whose office a test may hurt."""
    _rough.wait_ready()
    return _rough
