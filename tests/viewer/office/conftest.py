"""A stand-in for HAProxy, and no pauses where nothing real is waited for."""

from collections.abc import Iterator

import pytest

from tests.viewer.office.line import Line, a_line
from viewer.office import converter


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    monkeypatch.setattr(converter, "_PAUSE_AFTER_FAILURE", 0)
    monkeypatch.setattr(converter, "_OUTAGE_PAUSES", (0.0, 0.0, 0.0, 0.0))
    with a_line() as line:
        yield line
