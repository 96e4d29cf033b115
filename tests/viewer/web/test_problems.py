"""Every problem has a page with a title, a reason and a reference; every response has the headers."""

import re
from collections.abc import Callable
from typing import NoReturn

import pytest
from werkzeug.test import TestResponse

from tests.viewer import samples
from tests.viewer.conftest import OUTSIDER, PUBLIC_URL, WORKER, Site
from viewer import errors
from viewer.errors import Problem

PAGE = "/documents/edocs/77?person=123&request=journey-0001"
RENDITION = "/documents/edocs/77/rendition?person=123&request=journey-0001"
SCRIPT = {"Sec-Fetch-Dest": "empty", "Accept": "application/json"}

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


def _breaks(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("secret-detail-of-the-fault")


def _answer_with(site: Site, status: int) -> TestResponse:
    """A response with this status, requested as a person would."""
    site.fake_edocs.put("77", "77.pdf", samples.pdf())
    worker = site.signed_in()
    if status == 500:
        site.viewer.app.view_functions["documents.page"] = _breaks
    ways: dict[int, Callable[[], TestResponse]] = {
        200: lambda: worker.get(PAGE),
        302: lambda: site.visitor().get(PAGE),
        401: lambda: site.visitor().get(RENDITION, headers=SCRIPT),
        403: lambda: site.signed_in(OUTSIDER).get(PAGE),
        404: lambda: worker.get("/nowhere"),
        405: lambda: worker.delete("/", headers={"Sec-Fetch-Site": "same-origin"}),
        410: lambda: worker.get("/content/x"),
        415: lambda: _view(site, b"MZ" + bytes(200)),
        500: lambda: worker.get(PAGE),
    }
    return ways[status]()


def _view(site: Site, body: bytes) -> TestResponse:
    site.fake_edocs.put("77", "77.bin", body)
    return site.signed_in().get(RENDITION, headers=SCRIPT)


STATUSES = [200, 302, 401, 403, 404, 405, 410, 415, 500]


@pytest.mark.parametrize("status", STATUSES)
def test_every_answer_has_the_security_headers_exactly(site: Site, status: int) -> None:
    answer = _answer_with(site, status)
    assert answer.status_code == status
    assert {name: answer.headers.getlist(name) for name in HEADERS} == {
        name: [value] for name, value in HEADERS.items()
    }
    assert "Strict-Transport-Security" not in answer.headers, "the demo runs on plain http"
    assert "Server" not in answer.headers


@pytest.mark.parametrize("status", STATUSES)
def test_in_production_browsers_stay_with_https(make_site: Callable[..., Site], status: int) -> None:
    strict = {"secret_keys": "k" * 40, "google_client_secret": "x", "edocs_api_key": "demo-edocs-key"[5:]}
    answer = _answer_with(make_site(deployment="production", **strict), status)
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


def test_bytes_of_a_document_may_do_nothing_by_themselves(site: Site) -> None:
    site.fake_edocs.put("77", "77.pdf", samples.pdf())
    worker = site.signed_in()
    answer = worker.get(worker.get(RENDITION).get_json()["url"])
    policy = "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert {name: answer.headers.getlist(name) for name in HEADERS} == {
        name: [value] for name, value in (HEADERS | {"Content-Security-Policy": policy}).items()
    }


def test_the_worker_script_alone_may_run_wasm(site: Site) -> None:
    policies = {
        name: site.visitor().get(f"/static/{name}").headers["Content-Security-Policy"]
        for name in ("vendor/pdfjs/build/pdf.worker.min.mjs", "viewer.js")
    }
    assert policies == {
        "vendor/pdfjs/build/pdf.worker.min.mjs": POLICY.replace(
            "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"
        ),
        "viewer.js": POLICY,
    }


@pytest.mark.parametrize("status", [401, 403, 404, 405, 410, 415, 500])
def test_the_reference_on_the_page_is_the_one_in_header_and_record(site: Site, status: int) -> None:
    answer = _answer_with(site, status)
    reference = answer.headers["X-Request-ID"]
    assert reference in answer.text
    if status in {403, 415}:
        assert site.record()[-1]["request_id"] == reference


def test_an_unexpected_error_is_a_page_that_reveals_nothing(site: Site) -> None:
    answer = _answer_with(site, 500)
    assert answer.headers["X-Error-Code"] == "unexpected"
    assert not re.search("secret-detail|Traceback|RuntimeError", answer.text)
    assert site.counted("viewer_refusals", code="unexpected") == 1


def test_a_method_that_is_not_allowed_names_those_that_are(site: Site) -> None:
    assert "GET" in _answer_with(site, 405).headers["Allow"]


ALL = sorted(
    (error for error in errors.BY_CODE.values() if error.__module__ in {"shared.problems", "viewer.errors"}),
    key=lambda error: error.code,
)


@pytest.mark.parametrize("script", [False, True], ids=["page", "script"])
@pytest.mark.parametrize("error", ALL, ids=lambda error: error.code)
def test_every_error_tells_what_happened_and_the_way_on(
    site: Site,
    error: type[Problem],
    script: bool,  # noqa: FBT001 - a table's column
) -> None:
    def raise_it(**_: str) -> NoReturn:
        raise error

    site.viewer.app.view_functions["documents.page"] = raise_it
    answer = site.signed_in().get(PAGE, headers=SCRIPT if script else {})
    assert answer.status_code == error.status
    assert answer.headers["X-Error-Code"] == error.code
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert error.title in answer.text
    assert "{" not in answer.text.split("<article")[1].split("</article")[0], "all names are filled in"
    assert ("Retry-After" in answer.headers) is error.retry
    assert ("data-retry" in answer.text) is (error.retry or error is errors.SignedOut)
    assert ("MyOffice</h2>" in answer.text) is error.myoffice
    assert ("<html" in answer.text) is not script
    assert "journey-0001" in answer.text
    assert site.counted("viewer_refusals", code=error.code) == 1


def test_a_missing_document_names_its_number(site: Site) -> None:
    answer = site.signed_in().get(RENDITION)
    assert (answer.status_code, answer.headers["X-Error-Code"]) == (404, "not_found")
    assert "77" in answer.text
    assert site.counted("viewer_source_fetches", source="edocs", outcome="not_found") == 1


@pytest.mark.parametrize(
    "path", ["/documents/edocs/0", "/documents/comino/7", "/documents/edocs/abc", "/documents/X/1"]
)
def test_an_address_of_no_document_is_said_so_and_nobody_asked(site: Site, path: str) -> None:
    for address in (path, f"{path}/rendition"):
        answer = site.signed_in().get(address)
        assert (answer.status_code, answer.headers["X-Error-Code"]) == (404, "link_malformed")
    assert site.edocs.requests == []


def test_edocs_down_is_no_missing_document(site: Site) -> None:
    site.fake_edocs.put("77", "77.pdf", samples.pdf())
    site.fake_edocs.status = 500
    answer = site.signed_in().get(RENDITION)
    assert (answer.status_code, answer.headers["X-Error-Code"]) == (502, "source_unavailable")


def test_without_a_record_there_is_no_link(make_site: Callable[..., Site]) -> None:
    site = make_site(audit_url="sqlite:////nowhere/at/all/audit.db")
    site.fake_edocs.put("77", "77.pdf", samples.pdf())
    answer = site.signed_in().get(RENDITION)
    assert (answer.status_code, answer.headers["X-Error-Code"]) == (503, "audit_unavailable")
    assert "/content/" not in answer.text


@pytest.mark.parametrize(
    ("trusted_proxies", "address"), [(0, "127.0.0.1"), (1, "192.0.2.7"), (2, "203.0.113.9")]
)
def test_only_trusted_proxies_say_where_a_person_is(
    make_site: Callable[..., Site], trusted_proxies: int, address: str
) -> None:
    site = make_site(trusted_proxies=trusted_proxies)
    site.fake_edocs.put("77", "77.pdf", samples.pdf())
    site.signed_in().get(RENDITION, headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.7"})
    assert site.record()[0]["network_address"] == address


def test_the_page_says_who_is_signed_in_and_escapes_it(site: Site) -> None:
    odd = '"><script>x</script>@council.test'
    site.groups.members.add(odd)
    for person in (WORKER, odd):
        text = site.signed_in(person).get("/").text
        assert "<script>x" not in text
    assert WORKER in site.signed_in().get("/").text
    assert PUBLIC_URL not in text
