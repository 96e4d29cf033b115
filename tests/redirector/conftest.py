"""A redirector with the shipped rules, in front of a viewer that is never asked."""

from collections.abc import Iterator

import pytest
import structlog
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry

from redirector.app import create_app
from redirector.rules import Rules, load_rules
from redirector.settings import SHIPPED_RULES, Settings

VIEWER = "https://documents.council.test"


@pytest.fixture(autouse=True)
def _no_left_over_context(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clear the environment and the log context of earlier tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    yield
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def settings() -> Settings:
    return Settings(viewer_url=VIEWER)


@pytest.fixture
def rules() -> Rules:
    return load_rules(SHIPPED_RULES)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def client(settings: Settings, registry: CollectorRegistry) -> FlaskClient:
    return create_app(settings, registry).test_client()
