"""The demo's Google sign-in is a real OpenID provider with the demo's people."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

CALLBACK = "http://localhost:8002/sign-in/callback"
REQUEST = {
    "response_type": "code",
    "client_id": "demo-client",
    "redirect_uri": CALLBACK,
    "scope": "openid email profile",
    "state": "the-state",
}


def authorize(google: str, form: dict[str, str]) -> dict[str, list[str]]:
    answer = requests.post(
        f"{google}/oauth2/authorize", params=REQUEST, data=form, allow_redirects=False, timeout=5
    )
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(CALLBACK)
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def claims_of(google: str, sub: str) -> dict[str, Any]:
    arrived = authorize(google, {"sub": sub})
    assert arrived["state"] == ["the-state"]
    form = {"grant_type": "authorization_code", "code": arrived["code"][0], "redirect_uri": CALLBACK}
    client = ("demo-client", "demo-client-secret")
    token = requests.post(f"{google}/oauth2/token", data=form, auth=client, timeout=5).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    claims: dict[str, Any] = requests.get(f"{google}/userinfo", headers=headers, timeout=5).json()
    return claims


@pytest.mark.parametrize(
    ("email", "domain", "verified"),
    [
        ("worker@council.test", "council.test", True),
        ("nested@council.test", "council.test", True),
        ("outsider@council.test", "council.test", True),
        ("worker@elsewhere.test", "elsewhere.test", True),
        ("unverified@council.test", "council.test", False),
    ],
)
def test_each_person_has_googles_claims(google: str, email: str, domain: str, verified: bool) -> None:  # noqa: FBT001 - a table
    claims = claims_of(google, email)
    assert claims["sub"] == claims["email"] == email
    assert claims["hd"] == domain
    assert claims["email_verified"] is verified
    assert claims["name"]


def test_an_address_that_nobody_knows_is_not_verified(google: str) -> None:
    claims = claims_of(google, "stranger@council.test")
    assert not {"hd", "email_verified"} & set(claims)


def test_the_form_offers_everyone_in_one_click_and_needs_nothing_from_other_hosts(google: str) -> None:
    page = requests.get(f"{google}/oauth2/authorize", params=REQUEST, timeout=5).text
    assert 'name="sub" value="worker@council.test"' in page
    assert 'type="text" name="sub"' in page
    assert "https://" not in page


def test_cancelling_sends_the_person_back_with_the_reason(google: str) -> None:
    assert authorize(google, {"action": "deny"})["error"] == ["access_denied"]


@pytest.mark.parametrize("path", ["/oauth2/authorize", "/userinfo"])
def test_sign_in_breaks_on_demand(google: str, path: str) -> None:
    requests.post(f"{google}/_faults", json={"key": "sign_in", "status": 503}, timeout=5)
    assert requests.get(f"{google}{path}", params=REQUEST, timeout=5).status_code == 503


def test_the_debugger_of_the_package_is_off(google: str) -> None:
    answer = requests.get(f"{google}/console", timeout=5)
    assert answer.status_code == 404
