"""One guard for the tests that leave its office alone; tests that hurt an office start their own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conversion.offices import SCRIPTS, Guard, guarded


@pytest.fixture(scope="session")
def guard() -> Iterator[Guard]:
    """A guard whose office stays healthy: no test may hurt it."""
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


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A copy of the guard beside which a test puts an office of its own."""
    shutil.copytree(SCRIPTS, tmp_path / "unoserver", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "unoserver"
