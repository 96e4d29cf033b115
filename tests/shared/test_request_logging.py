"""Every request gets an id; a valid id in the request is kept."""

import pytest
from flask import Flask
from prometheus_client import CollectorRegistry

from shared.metrics import HttpMetrics
from shared.request_logging import log_requests, request_id


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def app(registry: CollectorRegistry) -> Flask:
    app = Flask(__name__, static_folder=None)
    log_requests(app, HttpMetrics(registry))
    app.add_url_rule("/things/<number>", "thing", lambda number: request_id())  # noqa: ARG005 - Flask names it
    return app


@pytest.mark.parametrize(
    ("path", "header", "expected"),
    [
        ("/things/1?request=journey-0001", None, "journey-0001"),
        ("/things/1?a=b&request=journey-0001&c=d", None, "journey-0001"),
        ("/things/1", "journey-0002", "journey-0002"),
        ("/things/1?request=journey-0001", "journey-0002", "journey-0001"),
        ("/things/1?request=short", None, None),
        ("/things/1?request=" + "a" * 65, None, None),
        ("/things/1?request=journey%0A0001", None, None),
        ("/things/1?myrequest=journey-0001", None, None),
        ("/things/1", "journey 0002", None),
        ("/things/1", "<script>alert(1)</script>", None),
        ("/things/1", None, None),
    ],
)
def test_a_valid_request_id_is_kept_and_any_other_replaced(
    app: Flask, path: str, header: str | None, expected: str | None
) -> None:
    answer = app.test_client().get(path, headers={"X-Request-ID": header} if header else {})
    assert answer.headers["X-Request-ID"] == answer.text
    if expected:
        assert answer.text == expected
    else:
        assert len(answer.text) == 32
        assert answer.text.isalnum()


def test_requests_are_counted_by_route_method_and_status(app: Flask, registry: CollectorRegistry) -> None:
    client = app.test_client()
    for path, method in (
        ("/things/1", "GET"),
        ("/things/2", "GET"),
        ("/nowhere", "GET"),
        ("/things/1", "BREW"),
    ):
        client.open(path, method=method)
    counted = {
        tuple(sample.labels.values()): sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == "http_requests_total"
    }
    assert counted == {
        ("GET", "/things/<number>", "200"): 2,
        ("GET", "(none)", "404"): 1,
        ("(other)", "(none)", "405"): 1,
    }
