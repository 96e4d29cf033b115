"""The service with the council's own login: people with its cookie, programs with its token."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.system.replicas import Replicas, two_replicas, until

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    with two_replicas(tmp_path_factory.mktemp("council"), "k" * 40, "council") as running:
        yield running


def fetch(replicas: Replicas, token: str) -> requests.Response:
    """The document's PDF, as a program asks for it."""
    url = f"{replicas.url}/api/v1/documents/edocs/1001/pdf?person=42"
    return requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def test_a_member_sees_the_document_and_an_outsider_does_not(replicas: Replicas) -> None:
    page = f"{replicas.url}/documents/edocs/1001?person=42"
    assert replicas.person().arrive(page).url.startswith(page)
    assert replicas.person().sign_in().pdf(1001).startswith(b"%PDF-")
    answer = replicas.person("outsider@council.test").arrive(page)
    assert (answer.status_code, answer.headers["X-Error-Code"]) == (403, "not_in_group")


def test_a_program_with_the_persons_token_gets_the_pdf(replicas: Replicas) -> None:
    worker = replicas.person().sign_in()
    answer = fetch(replicas, worker.http.cookies["hackneyToken"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.content == worker.pdf(1001)
    assert fetch(replicas, worker.http.cookies["hackneyToken"] + "x").status_code == 401


def test_who_is_revoked_is_out_with_session_and_token(replicas: Replicas) -> None:
    worker = replicas.person("nested@council.test").sign_in()
    token = worker.http.cookies["hackneyToken"]
    assert fetch(replicas, token).status_code == 200
    replicas.command("sessions", "revoke", worker.email, "--by", "ops@council.test")
    until(
        lambda: {fetch(replicas, token).status_code for _ in range(4)} == {401}, "every worker has heard", 15
    )
    until(lambda: {worker.ask(1001).status_code for _ in range(4)} == {401}, "for pages too", 15)


def test_the_logs_hold_no_token(replicas: Replicas) -> None:
    worker = replicas.person().sign_in()
    token = worker.http.cookies["hackneyToken"]
    fetch(replicas, token)
    callback = worker.http.get(f"{replicas.url}/sign-in?target=/", allow_redirects=False, timeout=10).headers
    (back,) = parse_qs(urlsplit(callback["Location"]).query)["redirect_uri"]
    logs = "".join(log.read_text() for log in replicas.folder.glob("viewer-*.log"))
    assert '"event": "request"' in logs
    for secret in (token, token.split(".")[2], back.partition("state=")[2], worker.email):
        assert secret not in logs
