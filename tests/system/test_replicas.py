"""Two real viewers behind a real HAProxy with a real PostgreSQL: any request may come to either."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tests.system.person import Person
from tests.system.replicas import NAMES, REQUESTS_PER_MINUTE, Replicas, two_replicas, until

pytestmark = pytest.mark.system

FIRST, SECOND = "first-" + "k" * 40, "second-" + "k" * 40
_PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    with two_replicas(tmp_path_factory.mktemp("replicas"), FIRST) as running:
        yield running


def look(person: Person, replicas: int = 2) -> set[tuple[str, int]]:
    """Ask for the front page until so many replicas have answered: each one's name and every status of it."""
    seen: set[tuple[str, int]] = set()

    def ask() -> bool:
        answer = person.http.get(f"{person.viewer}/", headers=_PAGE, allow_redirects=False, timeout=20)
        seen.add((answer.headers["X-Served-By"], answer.status_code))
        return len({name for name, _ in seen}) == replicas

    until(ask, "every replica has answered")
    return seen


def everywhere(status: int) -> set[tuple[str, int]]:
    return {(name, status) for name in NAMES}


def test_a_session_is_good_at_both(replicas: Replicas) -> None:
    worker = replicas.person().sign_in()
    assert look(worker) == everywhere(200)


def test_a_link_from_one_opens_the_bytes_at_the_other(replicas: Replicas) -> None:
    worker = replicas.person("nested@council.test").sign_in()
    opened = worker.open(1001)
    served = {(worker.bytes_of(opened)).headers["X-Served-By"] for _ in range(4)}
    assert served == set(NAMES)
    assert worker.bytes_of(opened).content == worker.pdf(1001)


def test_signing_out_everywhere_holds_at_both_within_seconds(replicas: Replicas) -> None:
    laptop, phone = replicas.person().sign_in(), replicas.person().sign_in()
    colleague = replicas.person("nested@council.test").sign_in()
    assert look(laptop) == look(phone) == everywhere(200)
    own_page = {"Sec-Fetch-Site": "same-origin"}
    laptop.http.post(f"{replicas.url}/sign-out-everywhere", headers=own_page, timeout=20).raise_for_status()
    until(lambda: look(phone) == everywhere(302), "both have heard", 10)
    assert look(colleague) == everywhere(200)


def test_the_emergency_command_holds_at_both_within_seconds(replicas: Replicas) -> None:
    worker = replicas.person().sign_in()
    assert look(worker) == everywhere(200)
    replicas.command("sessions", "revoke", worker.email, "--by", "ops@council.test")
    until(lambda: look(worker) == everywhere(302), "both have heard", 10)
    assert look(worker.sign_in()) == everywhere(200), "who may still sign in can do so again"


def test_who_is_removed_from_the_group_is_out_at_both(replicas: Replicas) -> None:
    requests.put(f"{replicas.google}/_members/outsider@council.test", timeout=10).raise_for_status()
    leaver = replicas.person("outsider@council.test").sign_in()
    assert look(leaver) == everywhere(200)
    requests.delete(f"{replicas.google}/_members/outsider@council.test", timeout=10).raise_for_status()
    until(lambda: look(leaver) == everywhere(403), "the memory of a membership is over", 20)


def test_a_persons_limit_is_one_over_both(replicas: Replicas) -> None:
    requests.put(f"{replicas.google}/_members/outsider@council.test", timeout=10).raise_for_status()
    hasty = replicas.person("outsider@council.test").sign_in()
    until(lambda: time.time() % 60 < 20, "a minute that is young", 60)
    answers = [hasty.ask(1001) for _ in range(REQUESTS_PER_MINUTE + 6)]
    assert [answer.status_code for answer in answers].count(200) == REQUESTS_PER_MINUTE
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.headers["X-Served-By"] for answer in refused} == set(NAMES)
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in refused)
    requests.delete(f"{replicas.google}/_members/outsider@council.test", timeout=10).raise_for_status()


def test_both_write_one_unbroken_record(replicas: Replicas) -> None:
    """Four workers of two replicas write at once; each entry follows the one before."""
    people = [replicas.person(f"{name}@council.test").sign_in() for name in ("worker", "nested")]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: people[number % 2].ask(1001), range(30)))
    assert {(answer.headers["X-Served-By"], answer.status_code) for answer in answers} == everywhere(200)
    verdict = replicas.command("audit", "verify")
    assert verdict.splitlines()[-1] == "whole:    yes"
    search = ("audit", "search", "--document", "1001", "--by", "officer@council.test")
    found = replicas.command(*search, "--outcome", "viewed").splitlines()[-1]
    assert int(found.split()[0].replace(",", "")) >= len(answers)


def test_a_block_holds_at_both_from_the_next_request_on(replicas: Replicas) -> None:
    worker = replicas.person().sign_in()
    opened = worker.open(1001)
    reason = ("--reason", "sent to the wrong file", "--by", "administrator@council.test")
    replicas.command("block", "add", "document", "1001", *reason)
    answers = [worker.bytes_of(opened) for _ in range(4)] + [worker.ask(1001) for _ in range(4)]
    assert {(answer.headers["X-Served-By"], answer.status_code) for answer in answers} == everywhere(403)
    replicas.command("block", "lift", "document", "1001", *reason)
    assert worker.bytes_of(opened).status_code in {200, 206}


def test_an_administrator_signs_somebody_out_at_both_within_seconds(replicas: Replicas) -> None:
    administrator = replicas.person("administrator@council.test").sign_in()
    worker = replicas.person().sign_in()
    assert look(worker) == everywhere(200)
    answer = administrator.http.post(
        f"{replicas.url}/administration/sessions/revoke",
        data={"email": worker.email},
        headers={"Sec-Fetch-Site": "same-origin"},
        timeout=20,
    )
    assert answer.ok
    until(lambda: look(worker) == everywhere(302), "both have heard", 10)


def id_token(replicas: Replicas, email: str, program: str) -> str:
    """The ID token that Google gives a program in which this person signs in."""
    back = "http://localhost:9/callback"
    asked = {"response_type": "code", "client_id": program, "redirect_uri": back, "scope": "openid email"}
    url = f"{replicas.google}/oauth2/authorize?{urlencode(asked)}"
    agreed = requests.post(url, data={"sub": email}, allow_redirects=False, timeout=10)
    (code,) = parse_qs(urlsplit(agreed.headers["Location"]).query)["code"]
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
    answer = requests.post(f"{replicas.google}/oauth2/token", data=grant, auth=(program, "x"), timeout=10)
    return str(answer.json()["id_token"])


@pytest.mark.parametrize(
    ("email", "program", "status"),
    [
        ("worker@council.test", "a-program", 200),
        ("nested@council.test", "a-program", 200),
        ("worker@council.test", "another-program", 401),
        ("outsider@council.test", "a-program", 403),
        ("worker@elsewhere.test", "a-program", 403),
        ("unverified@council.test", "a-program", 403),
    ],
)
def test_a_program_gets_what_its_person_may_see_with_a_token_that_google_made_for_it(
    replicas: Replicas, email: str, program: str, status: int
) -> None:
    url = f"{replicas.url}/api/v1/documents/edocs/1001/pdf"

    def ask() -> requests.Response:
        headers = {"Authorization": f"Bearer {id_token(replicas, email, program)}"}
        return requests.get(url, headers=headers, timeout=30)

    # a token of the very second in which the person's others were revoked counts as one of them
    until(lambda: ask().status_code == status, "a token that is younger", 5)
    answer = ask()
    assert answer.status_code == status
    assert answer.content.startswith(b"%PDF-") is (status == 200)


def test_a_session_does_not_open_the_api(replicas: Replicas) -> None:
    worker = replicas.person().sign_in()
    answer = worker.http.get(f"{replicas.url}/api/v1/documents/edocs/1001/pdf", timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


def test_keys_are_changed_one_replica_at_a_time_and_nobody_is_signed_out(replicas: Replicas) -> None:
    """First both accept the new key, then both sign with it, then both forget the old one."""
    worker = replicas.person().sign_in()
    for keys in (f"{FIRST},{SECOND}", f"{SECOND},{FIRST}"):
        for name in NAMES:
            replicas.restart(name, keys)
            assert look(worker) == everywhere(200)
            assert look(replicas.person().sign_in()) == everywhere(200)
    later = replicas.person().sign_in()
    for name in NAMES:
        replicas.restart(name, SECOND)
    assert look(later) == everywhere(200), "signed with the new key"
    assert look(worker) == everywhere(302), "signed with the old one, which is no longer accepted"


def test_one_replica_alone_carries_on(replicas: Replicas) -> None:
    worker = replicas.person("nested@council.test").sign_in()
    replicas.stop("two")
    until(lambda: replicas.served_by() == {"one"}, "HAProxy has noticed")
    assert look(worker, replicas=1) == {("one", 200)}
    assert worker.pdf(1001).startswith(b"%PDF-")
