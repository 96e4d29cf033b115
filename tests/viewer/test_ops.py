"""The viewer's operations port is selected by the socket, never by a header."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client

from tests.viewer.conftest import PUBLIC_URL, Site
from viewer.app import create_wsgi


@pytest.fixture
def ask(site: Site) -> Callable[..., Any]:
    """Call the service as gunicorn does, on one of its two ports."""
    client = Client(create_wsgi(site.viewer, site.settings))

    def ask(path: str, port: int, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.get(path, environ_overrides={"SERVER_PORT": str(port)}, headers=named)

    return ask


def test_metrics_and_probes_are_on_the_operations_port(site: Site, ask: Callable[..., Any]) -> None:
    metrics = ask("/metrics", site.settings.ops_port)
    assert metrics.status_code == 200
    assert "viewer_refusals_total" in metrics.text
    assert ask("/live", site.settings.ops_port).json == {"live": True}
    ready = ask("/ready", site.settings.ops_port)
    assert (ready.status_code, ready.json) == (200, {"ready": True, "checks": {"audit": True, "store": True}})


def test_documents_are_not_on_the_operations_port(site: Site, ask: Callable[..., Any]) -> None:
    assert ask("/", site.settings.ops_port).status_code == 404
    assert ask("/documents/edocs/7", site.settings.ops_port).status_code == 404


@pytest.mark.parametrize("path", ["/metrics", "/live", "/ready"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "documents.council.test:9102"},
        {"X_Forwarded_Host": "documents.council.test:9102"},
        {"X_Forwarded_Port": "9102", "X_Forwarded_Proto": "http"},
        {"Forwarded": "host=documents.council.test:9102"},
    ],
)
@pytest.mark.parametrize("trusted_proxies", [0, 1])
def test_no_header_opens_the_operations_pages_to_the_public(
    make_site: Callable[..., Site], path: str, headers: dict[str, str], trusted_proxies: int
) -> None:
    site = make_site(trusted_proxies=trusted_proxies)
    client = Client(create_wsgi(site.viewer, site.settings))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.get(path, base_url=PUBLIC_URL, environ_overrides={"SERVER_PORT": "8002"}, headers=named)
    assert answer.status_code == 404
    assert "viewer_refusals" not in answer.text


def test_a_viewer_that_could_show_nothing_is_not_ready(make_site: Callable[..., Site]) -> None:
    site = make_site(audit_url="sqlite:////nowhere/at/all/audit.db")
    client = Client(create_wsgi(site.viewer, site.settings))
    answer = client.get("/ready", environ_overrides={"SERVER_PORT": str(site.settings.ops_port)})
    assert (answer.status_code, answer.json) == (
        503,
        {"ready": False, "checks": {"audit": False, "store": True}},
    )


def test_requests_are_counted_by_route_and_never_by_path(site: Site, ask: Callable[..., Any]) -> None:
    site.signed_in().get("/documents/edocs/424242?person=987654")
    text = ask("/metrics", site.settings.ops_port).text
    assert 'route="/documents/<source>/<document_id>",status="200"' in text
    assert "424242" not in text
    assert "987654" not in text
