"""The viewer's log lines share the request id, and hold nothing about the person or the document."""

import io
import json
import logging.config
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from shared.logs import configure, dict_config
from tests.viewer import samples
from tests.viewer.conftest import ADMINISTRATOR, OFFICER, OUTSIDER, WORKER, Site
from tests.viewer.stub_server import closed_port

PERSONAL = ("worker", "officer@", "outsider", "council.test", "987654", "424242", "eyJ", "Bearer", "demo-")
"""Parts of addresses, of the document's and the person's number, and of secrets."""
PDF = samples.pdf()
PAGE = "/documents/edocs/424242"
QUERY = "?person=987654&request=journey-0001"


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Log as the service does, at level DEBUG, and return the lines."""
    written = io.StringIO()
    root, level = logging.getLogger(), logging.getLogger().level
    handlers, loggers = root.handlers[:], dict_config("viewer", "DEBUG")["loggers"]
    levels = {name: logging.getLogger(name).level for name in loggers}
    configure("viewer", "DEBUG")
    ours = [handler for handler in root.handlers if handler not in handlers]
    for handler in ours:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def _personal(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if any(part in json.dumps(line) for part in PERSONAL)]


def _visit(site: Site) -> None:
    """Do everything that a person can do, with some errors."""
    site.fake_edocs.put("424242", "424242.pdf", PDF)
    site.visitor().get(PAGE + QUERY)
    worker = site.signed_in()
    worker.get(PAGE + QUERY)
    link = worker.get(f"{PAGE}/rendition{QUERY}").get_json()["url"]
    worker.get(link, headers={"Range": "bytes=0-9"})
    worker.get(link + "x")
    site.signed_in(OUTSIDER).get(PAGE + QUERY)
    site.fake_edocs.status = 500
    worker.get(f"{PAGE}/rendition{QUERY}")
    worker.get("/nowhere/424242")


def test_log_lines_of_a_view_hold_no_personal_data(
    site: Site, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    _visit(site)
    written = lines()
    assert len(written) >= 8
    assert _personal(written) == []
    assert {"journey-0001"} < {line["request_id"] for line in written}
    assert all(line.keys() >= {"at", "level", "event", "service", "logger"} for line in written)
    refused = [line["code"] for line in written if line["event"] == "refused"]
    assert refused == ["link_expired", "not_in_group", "source_unavailable", "page_not_found"]
    routes = {line["route"] for line in written if line["event"] == "request"}
    assert "/documents/<source>/<document_id>/rendition" in routes


def test_log_lines_of_governance_hold_no_personal_data(
    make_site: Callable[..., Site], lines: Callable[[], list[dict[str, Any]]]
) -> None:
    site = make_site(unusual_views_per_hour=1)
    site.fake_edocs.put("424242", "424242.pdf", PDF)
    site.signed_in().get(f"{PAGE}/rendition{QUERY}")
    own_page = {"Sec-Fetch-Site": "same-origin"}
    officer, administrator = site.signed_in(OFFICER), site.signed_in(ADMINISTRATOR)
    officer.get(f"/governance/audit?search=1&person=987654&email={WORKER}")
    assert WORKER in officer.post("/governance/audit.csv", data={"person": "987654"}, headers=own_page).text
    officer.get("/governance/volume")
    form = {"kind": "person", "value": "987654", "reason": "worker of council.test"}
    administrator.post("/administration/blocks", data=form, headers=own_page)
    site.signed_in().get(f"{PAGE}/rendition{QUERY}")
    officer.get("/administration/blocks")
    written = lines()
    assert _personal(written) == []
    assert {"unusual volume", "refused"} <= {line["event"] for line in written}


def test_log_lines_of_outages_hold_no_personal_data(
    make_site: Callable[..., Site], lines: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.sources.edocs._BACKOFF_SECONDS", 0)
    site = make_site(edocs_api_url=f"{closed_port()}/documents/", edocs_attempts=3)
    answer = site.signed_in().get(f"{PAGE}/rendition{QUERY}")
    assert answer.headers["X-Error-Code"] == "source_unavailable"
    assert _personal(lines()) == []


def test_an_unexpected_error_is_logged_with_its_traceback(
    site: Site, lines: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("the fault")

    monkeypatch.setattr("viewer.sandbox.sandbox.Sandbox.read", breaks)
    site.fake_edocs.put("424242", "424242.pdf", PDF)
    assert site.signed_in().get(f"{PAGE}/rendition{QUERY}").status_code == 500
    (fault,) = [line for line in lines() if line["level"] == "error"]
    assert "RuntimeError: the fault" in fault["exception"]
    assert fault["request_id"] == "journey-0001"
    assert _personal([fault]) == []


def test_settings_are_logged_with_their_secrets_masked(site: Site) -> None:
    shown = json.dumps(site.settings.model_dump(mode="json"))
    for secret in ("secret_keys", "google_client_secret", "edocs_api_key", "audit_url"):
        assert getattr(site.settings, secret).get_secret_value() not in shown
    assert WORKER not in shown
