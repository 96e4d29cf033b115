"""The sweeper deletes expired data from store and database; an outage does not end it."""

from datetime import timedelta

import pytest
import structlog
from structlog.testing import capture_logs

from tests.viewer.conftest import Site
from viewer import sweeper
from viewer.documents import Rendition, Show
from viewer.errors import AuditUnavailable, StoreUnavailable
from viewer.opening import store as store_module
from viewer.sweeper import sweep

KEY = "a" * 64 + "-recipe1"


@pytest.fixture(autouse=True)
def _fresh_logger(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that no test before has bound to a configuration of its own."""
    monkeypatch.setattr(sweeper, "log", structlog.get_logger())


def test_the_sweeper_sweeps_store_claims_and_refusals(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = site.viewer
    viewer.store.put(Rendition(KEY, Show.PDF, "application/pdf", 1, "pdf"), b"x")
    monkeypatch.setattr(store_module, "_age", lambda _: timedelta(days=8))
    with capture_logs() as log:
        for name, each in viewer.swept.items():
            sweep(name, each)
    assert set(viewer.swept) == {"store", "unstored renditions", "claims", "refusals"}
    assert log == [{"event": "expired data deleted", "what": "store", "deleted": 1, "log_level": "info"}]


@pytest.mark.parametrize("error", [StoreUnavailable(), AuditUnavailable()])
def test_a_failed_sweep_is_logged_and_tried_again(error: Exception) -> None:
    class Away:
        def sweep(self) -> int:
            raise error

    with capture_logs() as log:
        sweep("claims", Away())
    assert [(entry["event"], entry["what"]) for entry in log] == [("sweep failed", "claims")]
