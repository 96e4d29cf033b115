"""Signing in with a real OpenID provider, over real HTTP."""

import base64
import hashlib
import html
import json
import random
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.identity.attempts import ATTEMPT_COOKIE, MAX_ATTEMPTS, same_site_path
from shared.identity.sessions import SESSION_COOKIE
from tests.viewer.conftest import PUBLIC_URL, WORKER, Site
from tests.viewer.stub_server import Exchange, StubServer, closed_port, serving

TARGET = "/documents/edocs/77?person=123&request=journey-0001"
HOST = "documents.council.test"


def _claims(**changes: Any) -> dict[str, Any]:
    return {"email": WORKER, "email_verified": True, "hd": "council.test"} | changes


PEOPLE: dict[str, dict[str, Any]] = {
    "worker": _claims(),
    "capitals": _claims(email="Worker@Council.TEST"),
    "no-hd": {"email": WORKER, "email_verified": True},
    "other-hd": _claims(hd="elsewhere.test"),
    "hd-list": _claims(hd=["council.test"]),
    "hd-longer": _claims(hd="council.test.evil.test"),
    "unverified": _claims(email_verified=False),
    "verified-as-text": _claims(email_verified="true"),
    "not-said-verified": {"email": WORKER, "hd": "council.test"},
    "other-domain": _claims(email="worker@elsewhere.test"),
    "domain-longer": _claims(email="worker@notcouncil.test"),
    "domain-in-front": _claims(email="worker@council.test.evil.test"),
    "no-email": {"email_verified": True, "hd": "council.test"},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A real OpenID provider with these people, in its own process."""
    url = closed_port()
    people = [json.dumps({"sub": sub} | claims) for sub, claims in PEOPLE.items()]
    options = [part for person in people for part in ("--user-claims", person)]
    command = [
        sys.executable,
        "-m",
        "oidc_provider_mock",
        "--host",
        "localhost",
        "--port",
        url.rsplit(":")[-1],
    ]
    with subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(url, process)
            yield url
        finally:
            process.terminate()


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    pause = threading.Event()
    while process.poll() is None:
        with suppress(requests.ConnectionError):
            requests.get(f"{url}/.well-known/openid-configuration", timeout=10)
            return
        pause.wait(0.05)
    raise AssertionError("the provider did not start")


@pytest.fixture(autouse=True)
def _plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def _google(url: str) -> dict[str, str]:
    return {
        "google_authorize_url": f"{url}/oauth2/authorize",
        "google_token_url": f"{url}/oauth2/token",
        "google_userinfo_url": f"{url}/userinfo",
    }


@pytest.fixture
def site(make_site: Callable[..., Site], provider: str) -> Site:
    return make_site(**_google(provider))


def _start(client: FlaskClient, target: str = TARGET) -> str:
    """Begin a sign-in; return the address at Google to which the browser is redirected."""
    answer = client.get("/sign-in?" + urlencode({"target": target}))
    assert answer.status_code == 302
    return answer.location


def _agree(google_url: str, sub: str = "worker") -> str:
    """Choose an account; return the callback address to which Google redirects."""
    answer = requests.post(google_url, data={"sub": sub}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    return answer.headers["Location"]


def _return(client: FlaskClient, callback: str) -> TestResponse:
    assert callback.startswith(PUBLIC_URL + "/")
    return client.get(callback.removeprefix(PUBLIC_URL))


def _sign_in(client: FlaskClient, sub: str = "worker", target: str = TARGET) -> TestResponse:
    return _return(client, _agree(_start(client, target), sub))


def _signed_in(client: FlaskClient) -> bool:
    return client.get_cookie(SESSION_COOKIE, HOST) is not None


def test_from_the_document_through_google_back_to_the_document(site: Site) -> None:
    client = site.visitor()
    sign_in = client.get(TARGET).location
    answer = _return(client, _agree(client.get(sign_in).location))
    assert (answer.status_code, answer.location) == (302, PUBLIC_URL + TARGET)
    assert client.get(TARGET).status_code == 200
    assert site.counted("viewer_sign_ins", outcome="ok") == 1


def test_google_is_asked_for_an_address_of_the_council_with_pkce(site: Site) -> None:
    url = _start(site.visitor())
    asked = dict(parse_qsl(urlsplit(url).query))
    assert len(asked.pop("state")) >= 30
    assert len(asked.pop("code_challenge")) == 43
    assert asked == {
        "response_type": "code",
        "client_id": "viewer",
        "redirect_uri": f"{PUBLIC_URL}/sign-in/callback",
        "scope": "openid email",
        "code_challenge_method": "S256",
        "hd": "council.test",
    }


def test_another_account_can_be_chosen(site: Site) -> None:
    url = site.visitor().get("/sign-in?another=1").location
    assert parse_qs(urlsplit(url).query)["prompt"] == ["select_account"]


def test_no_two_attempts_share_a_state_or_a_challenge(site: Site) -> None:
    queries = [parse_qs(urlsplit(_start(site.visitor())).query) for _ in range(5)]
    assert len({query["state"][0] for query in queries}) == 5
    assert len({query["code_challenge"][0] for query in queries}) == 5


@pytest.mark.parametrize("seed", range(3))
def test_many_tabs_signing_in_at_once_all_arrive_where_they_wanted(site: Site, seed: int) -> None:
    client = site.visitor()
    targets = [
        f"/documents/edocs/{number}?person={number}&request=journey-000{number}" for number in range(1, 9)
    ]
    tabs = [(target, _start(client, target)) for target in targets]
    random.Random(seed).shuffle(tabs)
    for target, url in tabs:
        answer = _return(client, _agree(url))
        assert answer.location == PUBLIC_URL + target
    assert _signed_in(client)
    assert not _attempt_cookies(client), "a finished attempt leaves nothing behind"


def _attempt_cookies(client: FlaskClient) -> list[str]:
    return [key for (_, _, key) in client._cookies or {} if key.startswith(ATTEMPT_COOKIE)]


def test_attempts_that_nobody_finishes_do_not_pile_up(site: Site) -> None:
    client = site.visitor()
    for _ in range(MAX_ATTEMPTS + 10):
        _start(client)
    assert len(_attempt_cookies(client)) <= MAX_ATTEMPTS
    assert _sign_in(client).location == PUBLIC_URL + TARGET


def test_the_cookie_of_an_attempt_is_for_this_host_no_script_and_minutes(site: Site) -> None:
    header = site.visitor().get("/sign-in").headers["Set-Cookie"]
    value, *attributes = header.split("; ")
    assert value.startswith("__Host-sign-in-")
    assert {part for part in attributes if not part.startswith("Expires")} == {
        *("HttpOnly", "Max-Age=600", "Path=/", "SameSite=Lax", "Secure")
    }


def test_addresses_are_kept_in_lower_case(site: Site) -> None:
    client = site.visitor()
    _sign_in(client, "capitals")
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        assert session["email"] == WORKER


@pytest.mark.parametrize("sub", [sub for sub in PEOPLE if sub not in {"worker", "capitals"}])
def test_who_is_not_surely_of_the_council_is_refused_by_name(site: Site, sub: str) -> None:
    client = site.visitor()
    answer = _sign_in(client, sub)
    assert answer.status_code == 403
    assert answer.headers["X-Error-Code"] == "wrong_domain"
    assert not _signed_in(client)
    assert str(PEOPLE[sub].get("email", "")) in answer.text
    assert site.counted("viewer_sign_ins", outcome="wrong_domain") == 1


def test_who_took_the_wrong_account_gets_to_the_document_with_another(site: Site) -> None:
    client = site.visitor()
    (link,) = _links(_sign_in(client, "other-domain"), "/sign-in?another=1")
    assert _return(client, _agree(client.get(link).location)).location == PUBLIC_URL + TARGET


def _links(page: TestResponse, start: str) -> list[str]:
    """The page's links with this prefix."""
    links = [html.unescape(link) for link in re.findall('href="([^"]*)"', page.text)]
    return [link for link in links if link.startswith(start)]


def _with(callback: str, **changes: str | None) -> str:
    query = dict(parse_qsl(urlsplit(callback).query)) | changes
    kept = {name: value for name, value in query.items() if value is not None}
    return f"{PUBLIC_URL}/sign-in/callback?{urlencode(kept)}"


@pytest.mark.parametrize(
    "changes",
    [
        {"code": None, "error": "access_denied"},
        {"code": None},
        {"code": "guessed"},
        {"code": ""},
        {"state": "unknown"},
        {"state": ""},
        {"state": None},
        {"state": None, "code": None},
    ],
)
def test_a_sign_in_that_is_cancelled_or_not_genuine_ends_in_a_page(
    site: Site, changes: dict[str, str | None]
) -> None:
    client = site.visitor()
    answer = _return(client, _with(_agree(_start(client)), **changes))
    assert answer.status_code == 400
    assert answer.headers["X-Error-Code"] == "sign_in_failed"
    assert not _signed_in(client)


def test_who_cancelled_can_try_again_from_the_page(site: Site) -> None:
    client = site.visitor()
    page = _return(client, _with(_agree(_start(client)), code=None, error="access_denied"))
    assert _links(page, "/documents") == [TARGET]


def test_an_attempt_can_be_finished_once(site: Site) -> None:
    client = site.visitor()
    callback = _agree(_start(client))
    assert _return(client, callback).status_code == 302
    assert _return(client, callback).status_code == 400


def test_an_attempt_can_be_finished_only_in_its_own_browser(site: Site) -> None:
    attacker, victim = site.visitor(), site.visitor()
    callback = _agree(_start(attacker))
    _start(victim)
    assert _return(victim, callback).status_code == 400
    assert not _signed_in(victim)


def test_an_attempt_is_good_for_minutes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client = site.visitor()
    callback = _agree(_start(client))
    monkeypatch.setattr("shared.identity.attempts._ATTEMPT_SECONDS", -1)
    assert _return(client, callback).status_code == 400


def test_signing_in_starts_a_session_that_nobody_prepared(site: Site) -> None:
    client = site.visitor()
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        session.update(email="planted@council.test", planted="x", since=1, seen=1)
    _sign_in(client)
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        assert session["email"] == WORKER
        assert set(session) == {"email", "since", "seen"}


def test_the_host_header_does_not_choose_where_google_sends_the_browser(site: Site) -> None:
    answer = site.visitor().get(
        "/sign-in", base_url="https://evil.test", headers={"X-Forwarded-Host": "evil.test"}
    )
    assert parse_qs(urlsplit(answer.location).query)["redirect_uri"] == [f"{PUBLIC_URL}/sign-in/callback"]


class Google:
    """The token and user info endpoints, with responses that a test sets."""

    def __init__(self) -> None:
        self.token: tuple[int, bytes] = (
            200,
            json.dumps(
                {"access_token": "the-access-token", "token_type": "Bearer", "id_token": "the-id-token"}
            ).encode(),
        )
        self.claims: tuple[int, bytes] = 200, json.dumps(_claims()).encode()

    def answer(self, exchange: Exchange) -> None:
        status, body = self.token if exchange.path == "/oauth2/token" else self.claims
        exchange.reply(body, status, Content_Type="application/json")


@pytest.fixture
def google() -> Google:
    return Google()


@pytest.fixture
def stub(google: Google) -> Iterator[StubServer]:
    with serving(google.answer) as stub:
        yield stub


def _come_back(client: FlaskClient) -> tuple[TestResponse, dict[str, str]]:
    """Begin a sign-in and return with a code; return also the parameters of the redirect to Google."""
    asked = dict(parse_qsl(urlsplit(_start(client)).query))
    return client.get("/sign-in/callback?" + urlencode({"state": asked["state"], "code": "c0de"})), asked


def test_the_code_is_redeemed_with_the_verifier_of_the_challenge(
    make_site: Callable[..., Site], stub: StubServer
) -> None:
    _, asked = _come_back(make_site(**_google(stub.url)).visitor())
    token_request, claims_request = stub.requests
    sent = dict(parse_qsl(token_request.body))
    digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
    assert (sent["code"], sent["redirect_uri"]) == ("c0de", f"{PUBLIC_URL}/sign-in/callback")
    basic = base64.b64encode(b"viewer:demo-client-secret").decode()
    assert token_request.headers["authorization"] == f"Basic {basic}"
    assert claims_request.headers["authorization"] == "Bearer the-access-token"


def test_no_token_of_google_is_kept_in_the_browser(make_site: Callable[..., Site], stub: StubServer) -> None:
    client = make_site(**_google(stub.url)).visitor()
    answer, _ = _come_back(client)
    assert _signed_in(client)
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        everything = json.dumps(dict(session)) + str(answer.headers)
    assert "token" not in everything


@pytest.mark.parametrize(
    ("part", "reply", "code"),
    [
        ("token", (500, b"{}"), "sign_in_unavailable"),
        ("token", (503, b"<html>"), "sign_in_unavailable"),
        ("token", (400, b'{"error": "invalid_grant"}'), "sign_in_failed"),
        ("token", (200, b"<html>"), "sign_in_failed"),
        ("token", (200, b"{}"), "sign_in_failed"),
        ("claims", (500, b"{}"), "sign_in_unavailable"),
        ("claims", (401, b"{}"), "sign_in_unavailable"),
        ("claims", (302, b""), "sign_in_unavailable"),
        ("claims", (200, b"<html>"), "sign_in_unavailable"),
        ("claims", (200, b"[]"), "wrong_domain"),
    ],
)
def test_whatever_google_answers_ends_in_a_page_and_no_session(
    make_site: Callable[..., Site],
    stub: StubServer,
    google: Google,
    part: str,
    reply: tuple[int, bytes],
    code: str,
) -> None:
    setattr(google, part, reply)
    client = make_site(**_google(stub.url)).visitor()
    answer, _ = _come_back(client)
    assert answer.headers["X-Error-Code"] == code
    assert not _signed_in(client)


def test_a_google_outage_is_a_503_with_a_way_to_retry(make_site: Callable[..., Site]) -> None:
    answer, _ = _come_back(make_site(**_google(closed_port())).visitor())
    assert (answer.status_code, answer.headers["X-Error-Code"]) == (503, "sign_in_unavailable")
    assert _links(answer, "/documents") == [TARGET]


@pytest.mark.parametrize(
    "target", ["/", "/documents/edocs/7?person=1&request=a-b", "/signed-out", "/a%2Fb?x=//y"]
)
def test_a_path_of_this_site_is_a_valid_target(target: str) -> None:
    assert same_site_path(target) == target


@pytest.mark.parametrize(
    "target",
    [
        *("", "//evil.test", "/\\evil.test", "\\\\evil.test", "https://evil.test", "https:evil.test"),
        *(
            "javascript:alert(1)",
            "data:text/html,x",
            "evil.test",
            " /x",
            "/x\r\nSet-Cookie: a=b",
            "/\t/evil.test",
        ),
        *("/\x00", "/a\\b", "/" + "a" * 600, "?x", "#x", "///evil.test", "/\N{RIGHT-TO-LEFT OVERRIDE}x"),
    ],
)
def test_any_other_target_leads_to_the_home_page(target: str) -> None:
    assert same_site_path(target) == "/"


def test_a_planted_target_leads_home(site: Site) -> None:
    assert _sign_in(site.visitor(), target="https://evil.test/x").location == PUBLIC_URL + "/"
