"""The API: the same documents and rules as the pages, for programs with a bearer token."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.actor import Actor
from tests.viewer import samples
from tests.viewer.conftest import OUTSIDER, PUBLIC_URL, WORKER, Site
from tests.viewer.stub_server import Exchange, StubServer, closed_port, serving
from tests.viewer.tokens import AUDIENCE, COUNCIL_SETTINGS, Keys, bearer, council_token
from viewer.access.blocks import BlockKind, Blocks, Subject
from viewer.errors import AuditUnavailable

DOCUMENT = "/api/v1/documents/edocs/77?person=123"
PDF = "/api/v1/documents/edocs/77/pdf?person=123"
LETTER = samples.pdf()


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys()


@pytest.fixture
def google(keys: Keys) -> Iterator[StubServer]:
    keys.status, keys.asked = 200, 0
    with serving(keys.answer) as stub:
        yield stub


@pytest.fixture
def site(make_site: Callable[..., Site], google: StubServer) -> Site:
    site = make_site(api=True, api_audiences=f"other, {AUDIENCE}", google_keys_url=f"{google.url}/certs")
    site.fake_edocs.put("77", "77.pdf", LETTER)
    return site


@pytest.fixture
def program(site: Site) -> FlaskClient:
    return site.visitor()


def test_metadata_of_the_newest_version(site: Site, program: FlaskClient, keys: Keys) -> None:
    answer = program.get(DOCUMENT, headers=bearer(keys.token()))
    assert answer.status_code == 200
    document = answer.get_json()
    fetched_at = datetime.fromisoformat(document.pop("fetched_at"))
    assert abs((datetime.now(UTC) - fetched_at).total_seconds()) < 60
    assert document == {
        "source": "edocs",
        "id": "77",
        "person": "123",
        "part": None,
        "state": "ready",
        "kind": "pdf",
        "label": "PDF",
        "media_type": "application/pdf",
        "size": len(LETTER),
        "sha256": sha256(LETTER).hexdigest(),
        "file_name": "77.pdf",
        "notes": [],
        "reason": None,
        "links": {
            "self": f"{PUBLIC_URL}{DOCUMENT}",
            "page": f"{PUBLIC_URL}/documents/edocs/77?person=123",
            "pdf": f"{PUBLIC_URL}{PDF}",
        },
    }


def test_the_api_serves_the_pdf(program: FlaskClient, keys: Keys) -> None:
    answer = program.get(PDF, headers=bearer(keys.token()))
    assert (answer.status_code, answer.data) == (200, LETTER)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Length"] == str(len(LETTER))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="edocs-77.pdf"'


def test_each_request_is_on_record_as_what_it_was(site: Site, program: FlaskClient, keys: Keys) -> None:
    for path in (DOCUMENT, PDF):
        program.get(path, headers=bearer(keys.token()))
    rows = [(row["outcome"], row["email"], row["person"], row["sha256"]) for row in site.record()]
    digest = sha256(LETTER).hexdigest()
    assert rows == [("described", WORKER, "123", digest), ("downloaded", WORKER, "123", digest)]


def test_nothing_is_given_that_cannot_be_recorded(
    site: Site, program: FlaskClient, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise AuditUnavailable

    monkeypatch.setattr("viewer.audit.Audit.record", full)
    for path in (DOCUMENT, PDF):
        answer = program.get(path, headers=bearer(keys.token()))
        assert (answer.status_code, answer.get_json()["code"]) == (503, "audit_unavailable")


def test_a_document_that_is_no_pdf_has_metadata_and_no_pdf(
    site: Site, program: FlaskClient, keys: Keys
) -> None:
    site.fake_edocs.put("78", "78.png", samples.picture("PNG"))
    document = program.get("/api/v1/documents/edocs/78", headers=bearer(keys.token())).get_json()
    assert (document["state"], document["kind"], document["links"]["pdf"]) == ("ready", "png", None)
    answer = program.get("/api/v1/documents/edocs/78/pdf", headers=bearer(keys.token()))
    assert (answer.status_code, answer.get_json()["code"]) == (406, "no_pdf")
    assert [row["outcome"] for row in site.record()] == ["described", "refused"]


def test_a_document_that_cannot_be_shown_is_refused_with_its_reason(
    site: Site, program: FlaskClient, keys: Keys
) -> None:
    site.fake_edocs.put("79", "79.pdf", samples.locked_pdf("secret"))
    document = program.get("/api/v1/documents/edocs/79", headers=bearer(keys.token())).get_json()
    assert (document["state"], document["reason"]["code"]) == ("refused", "password_protected")
    answer = program.get("/api/v1/documents/edocs/79/pdf", headers=bearer(keys.token()))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "password_protected")


def test_a_document_in_the_making_is_to_be_asked_for_again(make_site: Callable[..., Site]) -> None:
    def silent(exchange: Exchange) -> None:
        exchange.server.stub.stopped.wait(10)

    with serving(silent) as silent_office:
        site = make_site(**COUNCIL_SETTINGS, unoserver_url=silent_office.url, rendition_wait_seconds=0)
        site.fake_edocs.put("80", "80.docx", samples.word())
        program, headers = site.visitor(), bearer(council_token())
        document = program.get("/api/v1/documents/edocs/80", headers=headers)
        assert (document.status_code, document.get_json()["state"]) == (200, "converting")
        answer = program.get("/api/v1/documents/edocs/80/pdf", headers=headers)
        assert answer.status_code == 202
        assert int(answer.headers["Retry-After"]) >= 1
        site.viewer.checks["audit"]()
        assert site.record() == [], "nothing was seen yet"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/documents/edocs/404", 404, "not_found"),
        ("/api/v1/documents/nowhere/77", 404, "link_malformed"),
        ("/api/v1/documents/edocs/7x", 404, "link_malformed"),
        ("/api/v1/documents/edocs/77?person=x", 400, "bad_parameter"),
        ("/api/v1/documents/edocs/77?person=1&person=2", 400, "bad_parameter"),
        ("/api/v1/documents/edocs/77?person=", 400, "bad_parameter"),
        ("/api/v1/documents/edocs/77?part=0", 400, "bad_parameter"),
        ("/api/v1/documents/edocs/77?part=1&part=2", 400, "bad_parameter"),
        ("/api/v1/documents/edocs/77?part=1", 404, "part_not_found"),
        ("/api/v1/nothing", 404, "page_not_found"),
        ("/api/", 404, "page_not_found"),
    ],
)
def test_every_failure_is_problem_details(
    program: FlaskClient, keys: Keys, path: str, status: int, code: str
) -> None:
    answer = program.get(path, headers=bearer(keys.token()))
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert set(problem) == {"type", "title", "status", "detail", "code", "reference"}
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"urn:document-viewer:problem:{code}"
    assert problem["reference"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_the_api_only_reads(program: FlaskClient, keys: Keys, method: str) -> None:
    answer = program.open(DOCUMENT, method=method, headers=bearer(keys.token()))
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_who_is_not_in_the_group_is_denied_on_record(site: Site, program: FlaskClient, keys: Keys) -> None:
    answer = program.get(DOCUMENT, headers=bearer(keys.token(email=OUTSIDER)))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "not_in_group")
    assert [(row["outcome"], row["email"]) for row in site.record()] == [("denied", OUTSIDER)]


def test_an_unavailable_directory_is_a_503_and_no_denial(
    site: Site, program: FlaskClient, keys: Keys
) -> None:
    site.groups.down = True
    answer = program.get(DOCUMENT, headers=bearer(keys.token()))
    assert (answer.status_code, answer.get_json()["code"]) == (503, "sign_in_unavailable")
    assert answer.headers["Retry-After"]


def test_a_request_without_a_token_is_told_so(program: FlaskClient) -> None:
    answer = program.get(DOCUMENT)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_missing")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_googles_keys_are_fetched_once(program: FlaskClient, keys: Keys) -> None:
    for _ in range(3):
        assert program.get(DOCUMENT, headers=bearer(keys.token())).status_code == 200
    assert keys.asked == 1


def test_invented_key_names_do_not_make_us_ask_google_each_time(program: FlaskClient, keys: Keys) -> None:
    for number in range(5):
        token = keys.token(headers={"kid": f"invented-{number}"})
        assert program.get(DOCUMENT, headers=bearer(token)).status_code == 401
    assert keys.asked == 1


@pytest.mark.parametrize("status", [500, 404, 302])
def test_keys_that_cannot_be_fetched_are_a_503_and_never_a_pass(
    program: FlaskClient, keys: Keys, status: int
) -> None:
    keys.status = status
    answer = program.get(DOCUMENT, headers=bearer(keys.token()))
    assert (answer.status_code, answer.get_json()["code"]) == (503, "sign_in_unavailable")
    keys.status = 200
    assert program.get(DOCUMENT, headers=bearer(keys.token())).status_code == 200, "and it is not remembered"


def test_google_not_listening_is_a_503(make_site: Callable[..., Site], keys: Keys) -> None:
    site = make_site(api=True, api_audiences=AUDIENCE, google_keys_url=closed_port())
    answer = site.visitor().get(DOCUMENT, headers=bearer(keys.token()))
    assert (answer.status_code, answer.get_json()["code"]) == (503, "sign_in_unavailable")


def test_without_the_setting_there_is_no_api(make_site: Callable[..., Site], keys: Keys) -> None:
    program = make_site().visitor()
    for path in (DOCUMENT, PDF, "/api/v1/openapi.json"):
        assert program.get(path, headers=bearer(keys.token())).status_code == 404


def test_the_councils_token_opens_documents_where_it_is_the_way_to_sign_in(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(**COUNCIL_SETTINGS)
    site.fake_edocs.put("77", "77.pdf", LETTER)
    assert site.visitor().get(PDF, headers=bearer(council_token())).data == LETTER


@pytest.mark.parametrize(
    "changes", [{"api": True}, {"api": True, "api_audiences": " , "}, {"api_audiences": AUDIENCE, "api": "x"}]
)
def test_the_api_is_not_opened_to_the_tokens_of_any_program(
    make_site: Callable[..., Site], changes: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"(?i)api"):
        make_site(**changes)


def refusal(answer: Any) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.get_json()["code"]


@pytest.mark.parametrize("path", [DOCUMENT, PDF])
@pytest.mark.parametrize(
    "subject",
    [
        Subject(BlockKind.DOCUMENT, "77", "edocs"),
        Subject(BlockKind.PERSON, "123"),
        Subject(BlockKind.STAFF, WORKER),
    ],
    ids=str,
)
def test_a_block_holds_for_programs_too(
    site: Site, program: FlaskClient, keys: Keys, subject: Subject, path: str
) -> None:
    by = Actor("administrator@council.test", "192.0.2.7", "journey-0001")
    Blocks(site.viewer.audit.database).set(subject, "court order", by)
    assert refusal(program.get(path, headers=bearer(keys.token()))) == (403, "blocked")
    assert site.edocs.requests == []
    row = site.record()[-1]
    assert (row["email"], row["outcome"], row["document_id"]) == (WORKER, "blocked", "77")


def test_whose_metadata_was_asked_for_is_known_as_that_persons(
    site: Site, program: FlaskClient, keys: Keys
) -> None:
    assert program.get(DOCUMENT, headers=bearer(keys.token())).status_code == 200
    by = Actor("administrator@council.test", "192.0.2.7", "journey-0001")
    Blocks(site.viewer.audit.database).set(Subject(BlockKind.PERSON, "123"), "court order", by)
    without = DOCUMENT.partition("?")[0]
    assert refusal(program.get(without, headers=bearer(keys.token()))) == (403, "blocked")


@pytest.mark.parametrize("email", ["officer@council.test", "administrator@council.test"])
def test_who_governs_gets_no_documents_by_the_api(
    site: Site, program: FlaskClient, keys: Keys, email: str
) -> None:
    for path in (DOCUMENT, PDF):
        assert refusal(program.get(path, headers=bearer(keys.token(email=email)))) == (403, "not_in_group")
    assert site.edocs.requests == []


def test_downloads_by_programs_count_as_volume_and_metadata_does_not(
    make_site: Callable[..., Site], google: StubServer, keys: Keys
) -> None:
    site = make_site(
        api=True, api_audiences=AUDIENCE, google_keys_url=f"{google.url}/certs", unusual_views_per_hour=3
    )
    site.fake_edocs.put("77", "77.pdf", LETTER)
    for _ in range(5):
        assert site.visitor().get(DOCUMENT, headers=bearer(keys.token())).status_code == 200
    assert site.counted("viewer_unusual_volume") == 0
    for _ in range(3):
        assert site.visitor().get(PDF, headers=bearer(keys.token())).status_code == 200
    assert site.counted("viewer_unusual_volume") == 1
    assert [row["outcome"] for row in site.record()].count("unusual") == 1
