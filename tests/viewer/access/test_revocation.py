"""Revocations and rate limits hold on all replicas."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from cachetools import TTLCache
from flask.testing import FlaskClient

from shared.identity.sessions import SESSION_COOKIE
from tests.viewer import samples
from tests.viewer.audit.conftest import OFFICER
from tests.viewer.conftest import WORKER, Site
from tests.viewer.tokens import COUNCIL_SETTINGS, bearer, council_token
from viewer import cli
from viewer.access import revocations
from viewer.access.rates import RateLimiter
from viewer.access.revocations import SharedRevocations
from viewer.audit.database import Database
from viewer.errors import AuditUnavailable, TooManyRequests

PAGE = "/documents/edocs/77"
RENDITION = "/documents/edocs/77/rendition"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
COLLEAGUE = "colleague@council.test"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """Control the clock of the revocation cache."""
    now = [1000.0]
    monkeypatch.setattr(revocations, "TTLCache", lambda maxsize, ttl: TTLCache(maxsize, ttl, lambda: now[0]))

    def pass_by(seconds: float = revocations.CACHE_SECONDS + 0.1) -> float:
        now[0] += seconds
        return now[0]

    return pass_by


@pytest.fixture
def replicas(make_site: Callable[..., Site], clock: Callable[[], float]) -> tuple[Site, Site]:
    """Two viewers that share the database and the keys."""
    one, other = make_site(), make_site()
    for site in (one, other):
        site.fake_edocs.put("77", "77.pdf", samples.pdf())
        site.groups.members.add(COLLEAGUE)
    return one, other


def at(site: Site, client: FlaskClient) -> FlaskClient:
    """The same browser with another replica."""
    cookie = client.get_cookie(SESSION_COOKIE, "documents.council.test")
    assert cookie
    visitor = site.visitor()
    visitor.set_cookie(SESSION_COOKIE, cookie.value, domain="documents.council.test", secure=True)
    return visitor


def later() -> None:
    """Wait for the next second, since tokens hold whole seconds."""
    second = int(time.time())
    while int(time.time()) == second:
        time.sleep(0.01)  # the clock's next tick


def test_signing_out_everywhere_ends_every_session_of_the_person_on_every_replica(
    replicas: tuple[Site, Site], clock: Callable[[], float]
) -> None:
    here, there = replicas
    laptop, phone, colleague = here.signed_in(), there.signed_in(), there.signed_in(COLLEAGUE)
    assert phone.get(PAGE).status_code == colleague.get(PAGE).status_code == 200
    assert laptop.post("/sign-out-everywhere", headers=OWN_PAGE).status_code == 303
    clock()
    assert laptop.get(PAGE).status_code == 302
    assert phone.get(PAGE).status_code == 302
    assert colleague.get(PAGE).status_code == 200, "it is about one person"


def test_signing_out_everywhere_is_on_record(site: Site) -> None:
    headers = {**OWN_PAGE, "X-Request-ID": "journey-0001"}
    site.signed_in().post("/sign-out-everywhere", headers=headers)
    (row,) = site.record()
    assert (row["email"], row["outcome"], row["detail"]) == (WORKER, "revoked", f"staff {WORKER}")
    assert (row["request_id"], row["network_address"]) == ("journey-0001", "127.0.0.1")


def test_a_revocation_that_cannot_be_recorded_has_no_effect(
    site: Site, clock: Callable[[], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise AuditUnavailable

    client = site.signed_in()
    with monkeypatch.context() as patch:
        patch.setattr(revocations, "append", down)
        assert client.post("/sign-out-everywhere", headers=OWN_PAGE).status_code == 503
    clock()
    assert client.get(PAGE).status_code == 200


def test_a_revocation_is_immediate_on_the_same_replica(replicas: tuple[Site, Site]) -> None:
    here, _ = replicas
    laptop, other_tab = here.signed_in(), here.signed_in()
    assert other_tab.get(PAGE).status_code == 200
    laptop.post("/sign-out-everywhere", headers=OWN_PAGE)
    assert other_tab.get(PAGE).status_code == 302


def test_a_copy_of_the_cookie_does_not_bring_the_session_back(replicas: tuple[Site, Site]) -> None:
    here, _ = replicas
    laptop = here.signed_in()
    copy = at(here, laptop)
    laptop.post("/sign-out-everywhere", headers=OWN_PAGE)
    assert copy.get(PAGE).status_code == 302


def test_links_and_tickets_issued_before_a_revocation_are_refused(replicas: tuple[Site, Site]) -> None:
    here, _ = replicas
    laptop = here.signed_in()
    link = laptop.get(RENDITION).get_json()["url"]
    assert laptop.get(link).status_code == 200
    laptop.post("/sign-out-everywhere", headers=OWN_PAGE)
    later()
    again = here.signed_in()
    assert again.get(link).status_code == 410
    assert again.get(again.get(RENDITION).get_json()["url"]).status_code == 200


def test_the_front_page_offers_signing_out_everywhere(site: Site) -> None:
    assert 'action="/sign-out-everywhere"' in site.signed_in().get("/").text


def test_a_bearer_token_issued_before_a_revocation_is_refused(make_site: Callable[..., Site]) -> None:
    site = make_site(**COUNCIL_SETTINGS)
    token = bearer(council_token())
    assert site.visitor().get("/api/v1/documents/edocs/404", headers=token).status_code == 404
    SharedRevocations(site.viewer.audit.database).revoke(WORKER, OFFICER)
    site = make_site(**COUNCIL_SETTINGS)
    answer = site.visitor().get("/api/v1/documents/edocs/404", headers=token)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_refused")


def test_the_command_revokes_by_address(
    settings_values: dict[str, Any], replicas: tuple[Site, Site], clock: Callable[[], float]
) -> None:
    here, _ = replicas
    laptop = here.signed_in()
    assert laptop.get(PAGE).status_code == 200
    environment = {name.upper(): str(value) for name, value in settings_values.items()}
    command = [sys.executable, "-m", "viewer.cli", "sessions", "revoke", "Worker@Council.test"]
    command += ["--by", "Ops@Council.test"]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    clock()
    assert laptop.get(PAGE).status_code == 302
    row = here.record()[-1]
    assert (row["outcome"], row["detail"]) == ("revoked", f"staff {WORKER}")
    assert (row["email"], row["network_address"]) == ("ops@council.test", "command line")


@pytest.mark.parametrize("address", ["worker", "@council.test", "worker@", "a b@council.test", ""])
def test_the_command_wants_an_address(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["sessions", "revoke", address, "--by", WORKER])
    assert stopped.value.code == 2
    assert "not an e-mail address" in capsys.readouterr().err


def test_nobody_is_let_in_while_revocations_cannot_be_read(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> float:
        raise AuditUnavailable

    monkeypatch.setattr(SharedRevocations, "valid_from", down)
    assert site.signed_in().get(PAGE).status_code == 503


def test_one_minute_of_one_person_has_its_limit_over_all_replicas(make_site: Callable[..., Site]) -> None:
    one, other = make_site(requests_per_minute=3), make_site(requests_per_minute=3)
    for site in (one, other):
        site.fake_edocs.put("77", "77.pdf", samples.pdf())
        site.groups.members.add(COLLEAGUE)
    while time.time() % 60 > 50:
        time.sleep(0.1)  # the test must not cross a minute's end
    answers = [site.signed_in().get(RENDITION) for site in (one, other, one, other)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["X-Error-Code"] == "too_many_requests"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert one.signed_in(COLLEAGUE).get(RENDITION).status_code == 200, "it is one person's limit"
    assert one.signed_in().get(PAGE).status_code == 200, "the page itself costs nothing"


def test_pages_and_programs_share_one_limit(make_site: Callable[..., Site]) -> None:
    site = make_site(**COUNCIL_SETTINGS, requests_per_minute=1)
    while time.time() % 60 > 50:
        time.sleep(0.1)  # as above
    program, token = site.visitor(), bearer(council_token())
    assert program.get("/api/v1/documents/edocs/404", headers=token).status_code == 404
    answer = program.get("/api/v1/documents/edocs/404", headers=token)
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_a_new_minute_is_a_new_count(settings_values: dict[str, Any]) -> None:
    now = [60_000.0]
    rates = RateLimiter(Database(settings_values["audit_url"]), 2, lambda: now[0])
    rates.count(WORKER)
    rates.count(WORKER)
    now[0] += 45
    with pytest.raises(TooManyRequests) as refused:
        rates.count(WORKER)
    assert refused.value.retry_seconds == 15
    now[0] += 15
    rates.count(WORKER)


def test_the_session_survives_a_change_of_keys_and_dies_with_its_key(make_site: Callable[..., Site]) -> None:
    old, new = "o" * 40, "n" * 40
    client = make_site(secret_keys=old).signed_in()
    link_site = make_site(secret_keys=old)
    link_site.fake_edocs.put("77", "77.pdf", samples.pdf())
    link = at(link_site, client).get(RENDITION).get_json()["url"]
    rotated = make_site(secret_keys=f"{new},{old}")
    kept = at(rotated, client)
    assert kept.get(PAGE).status_code == 200
    assert kept.get(link).status_code == 200, "links are signed with the same keys"
    assert at(make_site(secret_keys=new), client).get(PAGE).status_code == 302
