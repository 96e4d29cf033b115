"""Sign-in by the council's own login: its cookie, and when it is refused."""

import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.identity.sessions import SESSION_COOKIE
from tests.viewer.conftest import PUBLIC_URL, WORKER, Site
from tests.viewer.tokens import COUNCIL_SETTINGS, council_token
from viewer.app import create_app
from viewer.sandbox.client import SandboxClient

TARGET = "/documents/edocs/77?person=123&request=journey-0001"
HOST = "documents.council.test"


@pytest.fixture
def site(make_site: Callable[..., Site], sandbox: SandboxClient) -> Site:
    """A viewer that reads the groups from the token, as it does for real."""
    site = make_site(**COUNCIL_SETTINGS, council_token_minutes=30)
    site.viewer = create_app(site.settings, sandbox=sandbox)
    return site


def bring(client: FlaskClient, token: str) -> None:
    """Set the cookie of the council's login in the browser."""
    client.set_cookie("hackneyToken", token, domain="council.test", origin_only=False, secure=True)


def set_out(client: FlaskClient, target: str = TARGET) -> str:
    """Request a page; return the callback address that the council's login gets."""
    sign_in = client.get(target)
    assert urlsplit(sign_in.location).path == "/sign-in"
    login = client.get(sign_in.location).location
    assert login.startswith("https://auth.council.test/auth?redirect_uri=")
    (back,) = parse_qs(urlsplit(login).query)["redirect_uri"]
    assert back.startswith(f"{PUBLIC_URL}/sign-in/callback?state=")
    return back.removeprefix(PUBLIC_URL)


def sign_in(client: FlaskClient, token: str) -> TestResponse:
    back = set_out(client)
    bring(client, token)
    return client.get(back)


def signed_in(client: FlaskClient) -> bool:
    return client.get_cookie(SESSION_COOKIE, HOST) is not None


def test_from_the_document_through_the_login_back_to_the_document(site: Site) -> None:
    client = site.visitor()
    answer = sign_in(client, council_token())
    assert (answer.status_code, answer.location) == (302, PUBLIC_URL + TARGET)
    assert client.get(TARGET).status_code == 200
    assert site.counted("viewer_sign_ins", outcome="ok") == 1


def test_many_tabs_signing_in_all_reach_their_documents(site: Site) -> None:
    client = site.visitor()
    targets = [f"/documents/edocs/{number}" for number in range(1, 6)]
    ways_back = [set_out(client, target) for target in targets]
    bring(client, council_token())
    for target, back in reversed(list(zip(targets, ways_back, strict=True))):
        assert client.get(back).location == PUBLIC_URL + target


def test_a_cookie_alone_starts_no_session(site: Site) -> None:
    client = site.visitor()
    bring(client, council_token())
    assert urlsplit(client.get(TARGET).location).path == "/sign-in"


def test_a_token_in_the_query_is_not_read(site: Site) -> None:
    client = site.visitor()
    back = set_out(client)
    answer = client.get(f"{back}&hackneyToken={council_token()}&token={council_token()}")
    assert (answer.status_code, answer.headers["X-Error-Code"]) == (400, "sign_in_failed")
    assert not signed_in(client)


def test_an_attempt_can_be_finished_only_in_its_own_browser(site: Site) -> None:
    back = set_out(site.visitor())
    victim = site.visitor()
    bring(victim, council_token())
    assert victim.get(back).status_code == 400
    assert not signed_in(victim)


def test_who_is_not_in_the_group_is_told_so(site: Site) -> None:
    client = site.visitor()
    sign_in(client, council_token(groups=["All staff"]))
    assert (client.get(TARGET).status_code, signed_in(client)) == (403, True)


@pytest.mark.parametrize(
    "groups", [None, "Document readers", {"Document readers": 1}, [["Document readers"]], [1]]
)
def test_groups_of_another_form_are_no_groups(site: Site, groups: object) -> None:
    client = site.visitor()
    sign_in(client, council_token(groups=groups))
    assert client.get(TARGET).status_code == 403


def test_who_leaves_the_group_is_out_with_the_next_token(site: Site) -> None:
    client = site.visitor()
    sign_in(client, council_token())
    bring(client, council_token(groups=["All staff"]))
    assert client.get(TARGET).status_code == 403


def test_a_token_that_grew_too_old_ends_the_session(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client, now = site.visitor(), time.time()
    sign_in(client, council_token())
    minutes = site.settings.council_token_minutes
    monkeypatch.setattr("shared.identity.council.time.time", lambda: now + minutes * 60 - 5)
    assert client.get(TARGET).status_code == 200
    monkeypatch.setattr("shared.identity.council.time.time", lambda: now + minutes * 60 + 5)
    assert client.get(TARGET).status_code == 302


def test_signing_out_at_the_council_ends_the_session(site: Site) -> None:
    client = site.visitor()
    sign_in(client, council_token())
    client.delete_cookie("hackneyToken", domain="council.test")
    assert client.get(TARGET).status_code == 302


def test_another_person_at_the_council_is_not_the_person_of_the_session(site: Site) -> None:
    client = site.visitor()
    sign_in(client, council_token())
    bring(client, council_token(email="colleague@council.test"))
    assert client.get(TARGET).status_code == 302


def test_signing_out_here_holds_though_the_councils_cookie_stays(site: Site) -> None:
    client = site.visitor()
    sign_in(client, council_token())
    client.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"})
    assert urlsplit(client.get(TARGET).location).path == "/sign-in"


def test_addresses_are_kept_in_lower_case(site: Site) -> None:
    client = site.visitor()
    sign_in(client, council_token(email="Worker@Council.TEST"))
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        assert session["email"] == WORKER


def test_signing_in_starts_a_session_that_nobody_prepared(site: Site) -> None:
    client = site.visitor()
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        session.update(email="planted@council.test", planted="x", since=1, seen=1)
    sign_in(client, council_token())
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        assert (session["email"], set(session)) == (WORKER, {"email", "since", "seen"})


@pytest.mark.parametrize(
    ("groups", "path", "status"),
    [
        (["Information governance"], "/governance/audit", 200),
        (["Information governance"], "/administration/blocks", 403),
        (["Information governance"], TARGET, 403),
        (["Administrators"], "/administration/blocks", 200),
        (["Administrators"], "/governance/audit", 403),
        (["All staff"], "/governance/audit", 403),
    ],
)
def test_governance_and_administrators_are_groups_that_the_token_lists(
    make_site: Callable[..., Site], sandbox: SandboxClient, groups: list[str], path: str, status: int
) -> None:
    site = make_site(
        **COUNCIL_SETTINGS, governance_group="Information governance", administrators_group="Administrators"
    )
    site.viewer = create_app(site.settings, sandbox=sandbox)
    client = site.visitor()
    sign_in(client, council_token(groups=groups))
    assert client.get(path).status_code == status


def test_where_no_such_group_is_set_none_is_in_it(site: Site) -> None:
    client = site.visitor()
    sign_in(client, council_token())
    assert client.get("/governance/audit").status_code == 403
    assert client.get("/administration/blocks").status_code == 403
