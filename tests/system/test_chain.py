"""The whole chain, from a link in Mosaic to the document's bytes, for every sample: as HTTP sees it."""

import html
import io
import re
import sqlite3
import uuid

import pikepdf
import pytest
import requests

from tests.system.person import Person
from tests.system.stack import Stack

pytestmark = pytest.mark.system

SHOWN = {
    1001: "application/pdf",
    1002: "application/pdf",
    1003: "application/pdf",
    1004: "application/pdf",
    1005: "application/pdf",
    1006: "application/pdf",
    1007: "application/pdf",
    1008: "application/pdf",
    1009: "application/json",
    1010: "text/plain; charset=utf-8",
    1011: "application/pdf",
    1012: "image/png",
    1013: "image/jpeg",
    1014: "image/gif",
    1015: "image/webp",
    1016: "application/pdf",
    1020: "text/plain; charset=utf-8",
    1022: "audio/wav",
    1040: "text/plain; charset=utf-8",
    1042: "application/pdf",
    1030: "application/pdf",
    1031: "application/pdf",
    1032: "application/pdf",
    1033: "application/pdf",
    1050: "application/pdf",
    1051: "image/jpeg",
    1052: "image/svg+xml",
    1053: "application/pdf",
    1054: "text/plain; charset=utf-8",
    1055: "video/mp4",
    1056: "video/webm",
    1057: "text/plain; charset=utf-8",
}
REFUSED = {
    1017: (422, "password_protected"),
    1018: (422, "password_protected"),
    1019: (422, "corrupt"),
    1021: (422, "empty"),
    1041: (415, "unsupported_type"),
    1099: (404, "not_found"),
}


@pytest.fixture(scope="module")
def worker(running_stack: Stack) -> Person:
    return Person().sign_in()


def link_in_mosaic(stack: Stack, document_id: int) -> str:
    """The address behind a "Display document" button, as the demo's Mosaic wrote it."""
    page = requests.get(stack.mosaic, timeout=10).text
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', page)]
    return next(
        link for link in links if re.search(rf"(?i)documentid\W*={document_id}\b", link.replace("%3D", "="))
    )


@pytest.mark.parametrize("document_id", [*SHOWN, *REFUSED])
def test_every_button_in_mosaic_leads_to_its_documents_page(
    stack: Stack, worker: Person, document_id: int
) -> None:
    page = worker.arrive(link_in_mosaic(stack, document_id))
    assert page.status_code == 200
    assert page.url.startswith(f"{stack.viewer}/documents/edocs/{document_id}")
    assert "person=" in page.url


@pytest.mark.parametrize(("document_id", "media_type"), SHOWN.items())
def test_every_good_sample_is_shown(worker: Person, document_id: int, media_type: str) -> None:
    content = worker.bytes_of(worker.open(document_id))
    assert content.status_code == 200
    assert content.headers["Content-Type"] == media_type
    assert content.headers["Cache-Control"] == "no-store"
    if media_type == "application/pdf":
        with pikepdf.open(io.BytesIO(content.content)) as pdf:
            assert len(pdf.pages) >= (300 if document_id == 1016 else 1)


@pytest.mark.parametrize(("document_id", "expected"), REFUSED.items())
def test_every_bad_sample_is_refused_with_its_reason(
    worker: Person, document_id: int, expected: tuple[int, str]
) -> None:
    answer = worker.open(document_id)
    assert (answer.status_code, answer.headers["X-Error-Code"]) == expected
    assert "MyOffice" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


def test_the_target_survives_signing_in(stack: Stack) -> None:
    link = f"{stack.redirector}/LbhMosaicEDocs/DocumentMenu.aspx?documentId=1001&personId=77"
    page = Person().arrive(link)
    assert page.status_code == 200
    assert page.url.startswith(f"{stack.viewer}/documents/edocs/1001?person=77")


def test_tabs_that_sign_in_at_once_all_arrive(stack: Stack) -> None:
    person = Person()
    numbers = [1001, 1003, 1007, 1011, 1012]
    forms = [person.http.get(f"{stack.viewer}/documents/edocs/{number}", timeout=30) for number in numbers]
    for number, form in reversed(list(zip(numbers, forms, strict=True))):
        page = person.http.post(form.url, data={"sub": person.email}, timeout=30)
        assert page.url == f"{stack.viewer}/documents/edocs/{number}"


@pytest.mark.parametrize(
    ("email", "code", "words"),
    [
        ("outsider@council.test", "not_in_group", "signed in as"),
        ("worker@elsewhere.test", "wrong_domain", "worker@elsewhere.test"),
        ("unverified@council.test", "wrong_domain", "another account"),
    ],
)
def test_strangers_get_their_own_page_and_nothing_else(
    stack: Stack, email: str, code: str, words: str
) -> None:
    stranger = Person(email)
    page = stranger.arrive(f"{stack.viewer}/documents/edocs/1001?person=42")
    assert (page.status_code, page.headers["X-Error-Code"]) == (403, code)
    assert words.lower() in page.text.lower()
    assert stranger.ask(1001).status_code in {401, 403}


def test_a_member_through_another_group_gets_in(stack: Stack) -> None:
    assert Person("nested@council.test").arrive(f"{stack.viewer}/documents/edocs/1001").status_code == 200


def test_a_replaced_file_is_seen_at_the_next_view(stack: Stack, worker: Person) -> None:
    file = stack.documents / "5001.txt"
    file.write_text(f"The first version. {uuid.uuid4()}")
    first = worker.open(5001).json()["digest"]
    assert worker.open(5001).json()["digest"] == first
    file.write_text(f"The second version. {uuid.uuid4()}")
    assert worker.open(5001).json()["digest"] != first


def test_edocs_is_asked_at_every_view_and_hears_the_request_id(stack: Stack, worker: Person) -> None:
    for _ in range(3):
        worker.open(1010)
    request_id = "journey-0123456789"
    link = f"{stack.redirector}/LbhMosaicEDocs/DocumentMenu.aspx?documentId=1010&personId=42"
    redirect = requests.get(link, headers={"X-Request-ID": request_id}, allow_redirects=False, timeout=10)
    worker.ask(1010, f"42&request={request_id}")
    asked = requests.get(f"{stack.edocs}/_requests", timeout=10).text
    assert redirect.status_code == 302
    assert request_id in redirect.headers["Location"]
    assert asked.count("1010") >= 4
    assert request_id in asked


def test_google_that_does_not_answer_is_a_503_and_never_a_pass(stack: Stack) -> None:
    fault = {"key": "directory", "status": 500, "fail_times": 50}
    requests.post(f"{stack.google}/_faults", json=fault, timeout=10).raise_for_status()
    # somebody whose membership nobody remembers
    requests.put(f"{stack.google}/_members/outsider@council.test", timeout=10)
    try:
        page = Person("outsider@council.test").arrive(f"{stack.viewer}/documents/edocs/1001")
    finally:
        requests.delete(f"{stack.google}/_members/outsider@council.test", timeout=10).raise_for_status()
    assert (page.status_code, page.headers["X-Error-Code"]) == (503, "sign_in_unavailable")


def test_edocs_that_fails_once_is_asked_again_and_one_that_stays_down_is_named(
    stack: Stack, worker: Person
) -> None:
    faults = f"{stack.edocs}/_faults"
    requests.post(faults, json={"key": "1001", "status": 500, "fail_times": 1}, timeout=10).raise_for_status()
    assert worker.open(1001).status_code == 200
    requests.post(
        faults, json={"key": "1001", "status": 500, "fail_times": 50}, timeout=10
    ).raise_for_status()
    answer = worker.open(1001)
    assert (answer.status_code, answer.headers["X-Error-Code"]) == (502, "source_unavailable")


def test_every_view_is_on_record_before_its_link(stack: Stack, worker: Person) -> None:
    answer = worker.open(1001, "4242")
    with sqlite3.connect(f"file:{stack.audit}?mode=ro", uri=True) as audit:
        rows = audit.execute(
            "SELECT email, source, document_id, person, outcome, length(sha256) FROM audit"
            " WHERE request_id = ?",
            [answer.headers["X-Request-ID"]],
        ).fetchall()
    assert rows == [("worker@council.test", "edocs", "1001", "4242", "viewed", 64)]


def test_no_log_holds_personal_data(stack: Stack, worker: Person) -> None:
    person = "4242424242"  # longer than any fraction of a second in a log
    worker.open(1001, person)
    worker.open(1099, person)
    logs = "".join(
        (stack.logs / f"{name}.log").read_text()
        for name in ("viewer", "redirector", *(f"unoserver-{number}" for number in range(1, 6)))
    )
    assert logs.count("\n") > 10
    for personal in (
        "worker@council.test",
        "outsider@council.test",
        person,
        "demo-edocs-key",
        "demo-client-secret",
    ):
        assert personal not in logs


def test_metrics_tell_what_happened_and_only_on_the_operations_port(stack: Stack, worker: Person) -> None:
    worker.open(1011)
    figures = requests.get(f"{stack.viewer_ops}/metrics", timeout=10).text
    for name in (
        'http_requests_total{method="GET",route="/documents/<source>/<document_id>/rendition",status="200"}',
        'viewer_sign_ins_total{outcome="ok"}',
        'viewer_source_fetches_total{outcome="ok",source="edocs"}',
        'viewer_conversions_total{outcome="ok"}',
        'viewer_store_lookups_total{outcome="hit"}',
        'viewer_refusals_total{code="corrupt"}',
        "viewer_conversion_queue_seconds_bucket",
        "viewer_conversion_work_seconds_bucket",
    ):
        assert name in figures, name
    redirects = requests.get(f"{stack.redirector_ops}/metrics", timeout=10).text
    assert 'redirects_total{outcome="redirected"' in redirects
    ops = stack.viewer_ops.replace("http://127.0.0.1", "localhost")
    for public in (stack.viewer, stack.redirector):
        spoofed = {"X-Forwarded-Host": ops, "X-Forwarded-Port": ops.rpartition(":")[2], "Host": ops}
        answer = requests.get(f"{public}/metrics", headers=spoofed, allow_redirects=False, timeout=10)
        assert answer.status_code != 200
