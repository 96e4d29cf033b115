"""The operations app: probes name the failed checks, and the socket's port selects the app."""

import pytest
from prometheus_client import CollectorRegistry
from werkzeug.test import Client
from werkzeug.wrappers import Response

from shared.metrics import HttpMetrics
from shared.ops import PortDispatcher, create_ops_app


def _fails() -> None:
    raise OSError("disk of the secret kind")


def test_ready_runs_every_check_and_says_which_failed() -> None:
    checks = {"good": lambda: None, "bad": _fails}
    answer = create_ops_app(CollectorRegistry(), checks).test_client().get("/ready")
    assert (answer.status_code, answer.json) == (
        503,
        {"ready": False, "checks": {"good": True, "bad": False}},
    )
    assert "secret" not in answer.text


def test_live_runs_no_checks() -> None:
    assert create_ops_app(CollectorRegistry(), {"bad": _fails}).test_client().get("/live").status_code == 200


def test_metrics_are_prometheus_text() -> None:
    registry = CollectorRegistry()
    HttpMetrics(registry).requests.labels("GET", "/x", 200).inc()
    answer = create_ops_app(registry, {}).test_client().get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert 'http_requests_total{method="GET",route="/x",status="200"} 1.0' in answer.text


@pytest.mark.parametrize(
    ("port", "app"), [("9102", "ops"), ("8002", "public"), ("", "public"), ("91020", "public")]
)
def test_the_sockets_port_chooses_the_app(port: str, app: str) -> None:
    client = Client(PortDispatcher(Response("public"), Response("ops"), 9102))
    assert client.get("/", environ_overrides={"SERVER_PORT": port}).text == app
