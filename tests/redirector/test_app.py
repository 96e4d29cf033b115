"""The redirector over HTTP: redirects to the viewer and nowhere else, and pages in plain words."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs
from werkzeug.test import Client, TestResponse

from redirector import redirects
from redirector.app import create_app, create_service
from redirector.settings import Settings

VIEWER = "https://documents.council.test"
LINK = "/LbhMosaicEDocs/DocumentMenu.aspx?documentId=123&personId=456"
PASTED = "/?url=http%3A%2F%2Fmosaic%2FLbhMosaicEDocs%2FDocumentMenu.aspx%3FdocumentId%3D123%26personId%3D456"
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self'; font-src 'self'; connect-src 'self'; worker-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Cache-Control": "no-store",
}

Count = Callable[..., float]


@pytest.fixture
def count(registry: CollectorRegistry) -> Count:
    def value(name: str, **labels: str) -> float:
        return registry.get_sample_value(name, labels) or 0.0

    return value


def test_a_path_that_starts_with_two_slashes_is_no_host(client: FlaskClient) -> None:
    path, _, query = LINK.partition("?")
    response = client.get("/", environ_overrides={"PATH_INFO": f"/{path}", "QUERY_STRING": query})
    assert location(response) == f"{VIEWER}/documents/edocs/123?person=456"
    response = client.get("/", environ_overrides={"PATH_INFO": "//evil.test/x", "QUERY_STRING": ""})
    assert response.status_code == 404


def location(response: TestResponse) -> str:
    """Where a redirect leads, without the request id."""
    assert response.status_code == 302
    before, _, request_id = response.headers["Location"].partition("request=")
    assert request_id == response.headers["X-Request-ID"]
    return before.rstrip("?&")


@pytest.mark.parametrize(
    "link", [LINK, LINK.lower(), LINK.replace("/", "//")[1:], PASTED, PASTED.replace("url", "URL")]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_link_leads_to_the_viewer_and_is_not_remembered(
    client: FlaskClient, link: str, method: str
) -> None:
    response = client.open(link, method=method)
    assert location(response) == f"{VIEWER}/documents/edocs/123?person=456"
    assert response.data == b""
    for name, value in SECURITY_HEADERS.items():
        assert response.headers.getlist(name) == [value]
    assert "Set-Cookie" not in response.headers


def test_a_pasted_link_need_not_be_encoded(client: FlaskClient) -> None:
    assert location(client.get("/?url=http://mosaic" + LINK)) == f"{VIEWER}/documents/edocs/123?person=456"
    assert location(client.get("/?url=%20http://mosaic" + LINK)) == f"{VIEWER}/documents/edocs/123?person=456"


def test_a_viewer_below_a_path_is_redirected_to() -> None:
    client = create_app(Settings(viewer_url="https://council.test/viewer/")).test_client()
    assert location(client.get(LINK)) == "https://council.test/viewer/documents/edocs/123?person=456"


@pytest.mark.parametrize(
    ("link", "status", "rule", "outcome"),
    [
        ("/nothing", 404, "none", "unknown_link"),
        ("/evil.test/%2e%2e", 404, "none", "unknown_link"),
        ("/?url=https%3A%2F%2Fevil.test%2F", 404, "none", "unknown_link"),
        ("/LbhMosaicEDocs/DocumentMenu.aspx", 400, "mosaic-edocs", "missing_id"),
        ("/LbhMosaicEDocs/DocumentMenu.aspx?documentId=1x", 400, "mosaic-edocs", "malformed_id"),
        (
            "/LbhMosaicEDocs/DocumentMenu.aspx?documentId=1&documentid=2",
            400,
            "mosaic-edocs",
            "conflicting_ids",
        ),
        ("/LbhMosaicEDocs/DocumentMenu.aspx?documentId=1&x=" + "y" * 4000, 400, "none", "too_long"),
    ],
)
def test_other_links_get_a_page_that_says_why(
    client: FlaskClient, count: Count, link: str, status: int, rule: str, outcome: str
) -> None:
    response = client.get(link)
    assert response.status_code == status
    assert f'data-code="{outcome}"' in response.text
    assert "open the document from Mosaic again" in response.text
    assert "MyOffice" in response.text
    assert response.headers["X-Request-ID"] in response.text
    assert "evil" not in response.text
    assert "Location" not in response.headers
    for name, value in SECURITY_HEADERS.items():
        assert response.headers.getlist(name) == [value]
    assert count("redirects_total", rule=rule, outcome=outcome) == 1


def test_redirects_and_dropped_persons_are_counted(client: FlaskClient, count: Count) -> None:
    client.get(LINK)
    client.head(LINK)
    client.get(PASTED.replace("456", "4%2056"))
    assert count("redirects_total", rule="mosaic-edocs", outcome="redirected") == 3
    assert count("persons_dropped_total", rule="mosaic-edocs") == 1
    assert count("http_requests_total", method="HEAD", route="/<anything:link>", status="302") == 1
    assert count("http_requests_total", method="GET", route="/", status="302") == 1


def test_every_count_starts_at_zero(client: FlaskClient, registry: CollectorRegistry) -> None:
    assert (
        registry.get_sample_value("redirects_total", {"rule": "mosaic-edocs", "outcome": "malformed_id"}) == 0
    )
    assert registry.get_sample_value("redirects_total", {"rule": "none", "outcome": "unknown_link"}) == 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("link", [LINK, "/", "/nothing"])
def test_only_get_and_head_are_allowed(client: FlaskClient, method: str, link: str) -> None:
    response = client.open(link, method=method)
    assert response.status_code == 405
    assert {each.strip() for each in response.headers["Allow"].split(",")} == {"GET", "HEAD"}
    assert "Location" not in response.headers
    assert "This address only opens documents" in response.text
    assert response.headers["Content-Security-Policy"] == SECURITY_HEADERS["Content-Security-Policy"]


def test_the_front_page_has_a_form_whose_answer_may_lead_on_to_sign_in(client: FlaskClient) -> None:
    for link in ("/", "/?url=", "/?url=+", "/?x=1"):
        response = client.get(link)
        assert response.status_code == 200
        assert '<form method="get" action="/"' in response.text
        assert response.headers["Content-Security-Policy"] == SECURITY_HEADERS[
            "Content-Security-Policy"
        ].replace("form-action 'self'", "form-action 'self' https:")
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.test"},
        {"Host": "evil.test:9101"},
        {"Host": "evil<>.test"},
        {"Host": ""},
        {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "ftp", "X-Forwarded-For": "1.2.3.4"},
        {"X-Forwarded-Prefix": "//evil.test", "X-Forwarded-Port": "9101"},
        {"Forwarded": "host=evil.test;proto=http"},
        {"X-Original-URL": "/nothing", "X-Rewrite-URL": "/nothing"},
    ],
)
@pytest.mark.parametrize("proxies", [0, 1])
def test_no_header_changes_where_a_redirect_leads(headers: dict[str, str], proxies: int) -> None:
    service = Client(create_service(Settings(viewer_url=VIEWER, trusted_proxies=proxies)))
    response = service.get(LINK, headers=headers, environ_overrides={"SERVER_PORT": "8001"})
    assert location(response) == f"{VIEWER}/documents/edocs/123?person=456"
    for link in ("/nothing", "/nothing//", "/"):
        response = service.get(link, headers=headers, environ_overrides={"SERVER_PORT": "8001"})
        assert response.status_code in {200, 400, 404}
        assert "Location" not in response.headers
        assert "evil" not in response.text


@pytest.mark.parametrize("proxies", [0, 1])
def test_the_operations_pages_are_on_their_own_port_only(proxies: int) -> None:
    service = Client(create_service(Settings(viewer_url=VIEWER, trusted_proxies=proxies)))
    sneaky = {"X-Forwarded-Host": "x:9101", "X-Forwarded-Port": "9101", "Host": "x:9101"}
    for path in ("/metrics", "/live", "/ready"):
        public = service.get(path, headers=sneaky, environ_overrides={"SERVER_PORT": "8001"})
        ops = service.get(path, environ_overrides={"SERVER_PORT": "9101"})
        assert (public.status_code, ops.status_code) == (404, 200)
        assert "redirects_total" not in public.text
    assert "redirects_total" in service.get("/metrics", environ_overrides={"SERVER_PORT": "9101"}).text
    assert service.get(LINK, environ_overrides={"SERVER_PORT": "9101"}).status_code == 404


def test_a_valid_reference_in_the_request_is_kept(client: FlaskClient) -> None:
    response = client.get(LINK, headers={"X-Request-ID": "journey-0001"})
    assert response.headers["Location"] == f"{VIEWER}/documents/edocs/123?person=456&request=journey-0001"
    assert "journey-0002" in client.get("/nothing?request=journey-0002").text


@pytest.mark.parametrize("untrusted_id", ["short", "x" * 65, "a b c d e f", "<script>0", "abc\u00e9abcdef"])
def test_a_reference_of_another_form_is_replaced(client: FlaskClient, untrusted_id: str) -> None:
    response = client.get(LINK, headers={"X-Request-ID": untrusted_id})
    assert len(response.headers["X-Request-ID"]) == 32
    assert untrusted_id not in response.headers["Location"]


def test_log_lines_tell_the_outcome_and_nothing_personal(client: FlaskClient) -> None:
    with capture_logs() as lines:
        client.get(LINK)
        client.get("/nothing?documentId=98765&personId=43210")
    assert [(line["status"], line["route"]) for line in lines] == [
        (302, "/<anything:link>"),
        (404, "/<anything:link>"),
    ]
    for line in lines:
        assert set(line) == {"event", "log_level", "method", "route", "status", "ms"}


def test_an_unexpected_error_is_a_plain_page_with_a_reference(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(redirects, "translate_request", broken)
    with capture_logs() as lines:
        response = client.get(LINK)
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.text
    assert response.headers["X-Request-ID"] in response.text
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert [line["event"] for line in lines] == ["unexpected error", "request"]


def test_a_missing_style_sheet_is_not_an_unknown_link(client: FlaskClient, count: Count) -> None:
    for path in ("/static/none.css", "/shared-static/none.css"):
        response = client.get(path)
        assert response.status_code == 404
        assert "There is no such page" in response.text
    assert count("redirects_total", rule="none", outcome="unknown_link") == 0


CLIENT = create_app(Settings(viewer_url=VIEWER)).test_client()


@settings(deadline=None)  # the first page is slow, since its templates are compiled
@given(path=st.text(max_size=80), query=st.binary(max_size=80))
def test_every_request_is_translated_or_refused(path: str, query: bytes) -> None:
    environ = {
        "PATH_INFO": "/" + path.encode(errors="replace").decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
    }
    for overrides in (
        environ,
        environ | {"PATH_INFO": "/LbhMosaicEDocs/DocumentMenu.aspx"},
        environ | {"PATH_INFO": "/"},
    ):
        response = CLIENT.get("/", environ_overrides=overrides)
        assert response.status_code in {200, 302, 400, 404}
        assert response.headers.get("Location", f"{VIEWER}/documents/edocs/").startswith(
            f"{VIEWER}/documents/edocs/"
        )


@pytest.mark.parametrize("path", ["", "/", "//", "//evil.test", "///evil.test/"])
def test_no_path_leads_to_the_host_that_was_asked_for(client: FlaskClient, path: str) -> None:
    """An absolute request without a path (`GET http://evil.test HTTP/1.1`) has none at all."""
    answer = client.get("/", base_url="http://evil.test/", environ_overrides={"PATH_INFO": path})
    assert "Location" not in answer.headers
    assert "evil.test" not in answer.text
