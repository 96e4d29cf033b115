"""The demo's Google Directory API behaves like the real one."""

import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

SCOPE = "https://www.googleapis.com/auth/admin.directory.group.member.readonly"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GROUP = "documents@council.test"


def assertion(key_file: Path, key: str | None = None, **changes: Any) -> str:
    account = json.loads(key_file.read_text())
    now = int(time.time())
    claims = {
        "iss": account["client_email"],
        "sub": "admin@council.test",
        "aud": account["token_uri"],
        "scope": SCOPE,
        "iat": now,
        "exp": now + 3600,
        **changes,
    }
    return jwt.encode(claims, key or account["private_key"], algorithm="HS256" if key else "RS256")


def ask_token(google: str, signed: str, grant: str = GRANT) -> requests.Response:
    return requests.post(f"{google}/token", data={"grant_type": grant, "assertion": signed}, timeout=5)


@pytest.fixture
def token(google: str, key_file: Path) -> str:
    answer = ask_token(google, assertion(key_file))
    assert answer.status_code == 200
    assert answer.json()["expires_in"] == 3600
    return str(answer.json()["access_token"])


def ask(google: str, token: str, question: str, email: str, group: str = GROUP) -> requests.Response:
    url = f"{google}/admin/directory/v1/groups/{group}/{question}/{email}"
    return requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=5)


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "worker@council.test"},
        {"aud": "http://elsewhere.test/token"},
        {"iss": "someone@else.test"},
        {"scope": "openid"},
        {"exp": int(time.time()) - 60},
        {"exp": int(time.time()) + 8000},
        {"iat": None},
        {"key": "a shared secret that is long enough, 32"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_assertion_that_is_not_right_gets_no_token(
    google: str, key_file: Path, changes: dict[str, Any]
) -> None:
    answer = ask_token(google, assertion(key_file, **changes))
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


def test_only_the_jwt_grant_is_known(google: str, key_file: Path) -> None:
    assert ask_token(google, assertion(key_file), grant="password").status_code == 400


def test_the_directory_wants_a_token(google: str) -> None:
    assert ask(google, "invented", "hasMember", "worker@council.test").status_code == 401


@pytest.mark.parametrize(
    ("email", "member"),
    [
        ("worker@council.test", True),
        ("nested@council.test", True),
        ("outsider@council.test", False),
        ("nobody@council.test", False),
    ],
)
def test_has_member_counts_nested_groups(google: str, token: str, email: str, member: bool) -> None:  # noqa: FBT001 - a table
    answer = ask(google, token, "hasMember", email)
    assert answer.status_code == 200
    assert answer.json() == {"isMember": member}


def test_has_member_answers_400_for_another_domain(google: str, token: str) -> None:
    assert ask(google, token, "hasMember", "worker@elsewhere.test").status_code == 400


def test_members_knows_direct_members_only(google: str, token: str) -> None:
    assert ask(google, token, "members", "worker@council.test").json()["status"] == "ACTIVE"
    assert ask(google, token, "members", "nested@council.test").status_code == 404
    assert ask(google, token, "members", "worker@elsewhere.test").status_code == 404


def test_an_unknown_group_is_404(google: str, token: str) -> None:
    assert ask(google, token, "hasMember", "worker@council.test", "other@council.test").status_code == 404


def test_membership_changes_while_it_runs(google: str, token: str) -> None:
    requests.put(f"{google}/_members/outsider@council.test", timeout=5)
    requests.delete(f"{google}/_members/worker@council.test", timeout=5)
    assert ask(google, token, "hasMember", "outsider@council.test").json() == {"isMember": True}
    assert ask(google, token, "hasMember", "worker@council.test").json() == {"isMember": False}


@pytest.mark.parametrize(("part", "status"), [("directory", 503), ("directory", 429)])
def test_the_directory_breaks_on_demand(google: str, token: str, part: str, status: int) -> None:
    requests.post(f"{google}/_faults", json={"key": part, "status": status}, timeout=5)
    assert ask(google, token, "hasMember", "worker@council.test").status_code == status
    requests.delete(f"{google}/_faults", timeout=5)
    assert ask(google, token, "hasMember", "worker@council.test").status_code == 200
