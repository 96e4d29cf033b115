"""Membership by the Directory API over HTTP: member, not a member, and unavailable are three results."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pytest
from cachetools import TTLCache

from shared.identity import Person, groups
from shared.identity.groups import CachedGroups, GoogleGroups, ListedGroups
from shared.problems import SignInUnavailable
from tests.viewer.conftest import KnownGroups
from tests.viewer.stub_server import Exchange, StubServer, closed_port, serving

GROUP = "viewers@council.test"
WORKER = "worker@council.test"
PERSON = Person(WORKER)
TIMEOUT = 0.5


class Directory:
    """Google's token endpoint and Directory API, with responses that a test sets."""

    def __init__(self) -> None:
        self.has_member: tuple[int, bytes] = 200, b'{"isMember": true}'
        self.member: tuple[int, bytes] = 404, b"{}"
        self.token: tuple[int, bytes] = 200, b'{"access_token": "the-token", "expires_in": 3600}'
        self.silent = False

    def answer(self, exchange: Exchange) -> None:
        if self.silent:
            exchange.server.stub.stopped.wait(10)
        elif exchange.path == "/token":
            status, body = self.token
            exchange.reply(body, status, Content_Type="application/json")
        else:
            status, body = self.has_member if "/hasMember/" in exchange.path else self.member
            exchange.reply(body, status, Content_Type="application/json")


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Directory:
    monkeypatch.setattr("google.auth._exponential_backoff.time.sleep", lambda _: None)
    return Directory()


@pytest.fixture
def stub(directory: Directory) -> Iterator[StubServer]:
    with serving(directory.answer) as stub:
        yield stub


@pytest.fixture
def outcomes() -> list[str]:
    return []


@pytest.fixture
def google_groups(
    stub: StubServer, service_account: Callable[[str], Path], outcomes: list[str]
) -> GoogleGroups:
    key_file = service_account(f"{stub.url}/token")
    return GoogleGroups(
        f"{stub.url}/directory", GROUP, key_file, "admin@council.test", TIMEOUT, outcomes.append
    )


def test_membership_is_asked_of_has_member_which_counts_nested_groups(
    google_groups: GoogleGroups, stub: StubServer, outcomes: list[str]
) -> None:
    assert google_groups.is_member(PERSON)
    asked = stub.requests[-1]
    assert (asked.method, asked.path) == (
        "GET",
        "/directory/groups/viewers%40council.test/hasMember/worker@council.test",
    )
    assert asked.headers["authorization"] == "Bearer the-token"
    assert outcomes == ["member"]


def test_the_service_account_has_one_scope_and_acts_for_the_admin(
    google_groups: GoogleGroups, stub: StubServer
) -> None:
    google_groups.is_member(PERSON)
    (assertion,) = parse_qs(stub.requests[0].body)["assertion"]
    claims = jwt.decode(assertion, options={"verify_signature": False})
    assert claims["iss"] == "viewer@project.test"
    assert claims["sub"] == "admin@council.test"
    assert claims["scope"] == "https://www.googleapis.com/auth/admin.directory.group.member.readonly"


@pytest.mark.parametrize(
    "email", ["a/b@council.test", "a?b#c@council.test", "../x@council.test", "a b@c.test"]
)
def test_an_odd_email_address_stays_one_segment_of_the_path(
    google_groups: GoogleGroups, stub: StubServer, email: str
) -> None:
    google_groups.is_member(Person(email))
    prefix, _, last = stub.requests[-1].path.rpartition("/")
    assert prefix == "/directory/groups/viewers%40council.test/hasMember"
    assert not set(last) & set("?# ")


@pytest.mark.parametrize(
    ("has_member", "member", "expected"),
    [
        ((200, b'{"isMember": true}'), None, True),
        ((200, b'{"isMember": false}'), None, False),
        ((200, b"{}"), None, False),
        ((200, b'{"isMember": "true"}'), None, False),
        ((400, b"{}"), (404, b"{}"), False),
        ((400, b"{}"), (200, b'{"email": "worker@council.test", "status": "ACTIVE"}'), True),
        ((400, b"{}"), (200, b'{"email": "worker@council.test"}'), True),
        ((400, b"{}"), (200, b'{"email": "worker@council.test", "status": "SUSPENDED"}'), False),
    ],
)
def test_the_directory_tells_members_from_others(
    google_groups: GoogleGroups,
    directory: Directory,
    outcomes: list[str],
    has_member: tuple[int, bytes],
    member: tuple[int, bytes] | None,
    expected: bool,  # noqa: FBT001 - a table's column
) -> None:
    directory.has_member = has_member
    directory.member = member or (500, b"must not be asked")
    assert google_groups.is_member(PERSON) is expected
    assert outcomes == ["member" if expected else "not_member"]


@pytest.mark.parametrize(
    ("part", "answer"),
    [
        *(("has_member", (status, b"{}")) for status in (301, 401, 403, 404, 429, 500, 503)),
        ("has_member", (200, b"<html>")),
        ("has_member", (200, b"[true]")),
        ("has_member", (200, b"")),
        ("has_member", (200, b'{"isMember": true, "x": "%b"}' % (b"x" * 70_000))),
        *(("member", (status, b"{}")) for status in (400, 401, 403, 500)),
        ("token", (400, b'{"error": "invalid_grant"}')),
        ("token", (401, b"{}")),
        ("token", (500, b"{}")),
        ("token", (200, b"<html>")),
        ("token", (200, b"{}")),
        ("token", (200, b"[]")),
    ],
)
def test_other_directory_answers_are_unavailable_and_never_no(
    google_groups: GoogleGroups,
    directory: Directory,
    outcomes: list[str],
    part: str,
    answer: tuple[int, bytes],
) -> None:
    if part == "member":
        directory.has_member = 400, b"{}"
    setattr(directory, part, answer)
    with pytest.raises(SignInUnavailable):
        google_groups.is_member(PERSON)
    assert outcomes == ["unavailable"]


def test_a_directory_read_timeout_is_unavailable(google_groups: GoogleGroups, directory: Directory) -> None:
    directory.silent = True
    with pytest.raises(SignInUnavailable):
        google_groups.is_member(PERSON)


def test_a_read_timeout_of_the_directory_alone_is_unavailable(
    google_groups: GoogleGroups, directory: Directory
) -> None:
    assert google_groups.is_member(PERSON)
    directory.silent = True
    with pytest.raises(SignInUnavailable):
        google_groups.is_member(PERSON)


def test_a_refused_directory_connection_is_unavailable(service_account: Callable[[str], Path]) -> None:
    gone = closed_port()
    groups = GoogleGroups(gone, GROUP, service_account(f"{gone}/token"), "a@b.test", TIMEOUT, lambda _: None)
    with pytest.raises(SignInUnavailable):
        groups.is_member(PERSON)


def test_one_access_token_serves_several_membership_checks(
    google_groups: GoogleGroups, stub: StubServer
) -> None:
    for _ in range(3):
        google_groups.is_member(PERSON)
    assert [seen.path for seen in stub.requests].count("/token") == 1


def test_a_kept_connection_that_closes_is_not_noticed(google_groups: GoogleGroups, stub: StubServer) -> None:
    stub.hang_up_at(3)
    assert google_groups.is_member(PERSON)
    assert google_groups.is_member(PERSON)
    assert len(stub.requests) == 4


class _Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    clock = _Clock()
    monkeypatch.setattr(groups, "TTLCache", lambda maxsize, ttl: TTLCache(maxsize, ttl, timer=clock))
    return clock


def test_a_member_is_cached_for_the_seconds_and_no_longer(clock: _Clock) -> None:
    known = KnownGroups()
    remembered = CachedGroups(known, 300)
    assert remembered.is_member(PERSON)
    known.members.clear()
    clock.now += 299
    assert remembered.is_member(PERSON)
    assert known.asked == 1
    clock.now += 2
    assert not remembered.is_member(PERSON)


def test_a_lookup_does_not_prolong_the_cache(clock: _Clock) -> None:
    known = KnownGroups()
    remembered = CachedGroups(known, 300)
    for _ in range(4):
        assert remembered.is_member(PERSON)
        clock.now += 100
    assert known.asked == 2


def test_a_non_member_is_never_cached(clock: _Clock) -> None:
    known = KnownGroups(members=set())
    remembered = CachedGroups(known, 300)
    assert not remembered.is_member(PERSON)
    known.members.add(WORKER)
    assert remembered.is_member(PERSON)


def test_an_outage_is_not_cached_and_cached_members_stay(clock: _Clock) -> None:
    known = KnownGroups(members={WORKER, "other@council.test"})
    remembered = CachedGroups(known, 300)
    assert remembered.is_member(PERSON)
    known.down = True
    assert remembered.is_member(PERSON)
    with pytest.raises(SignInUnavailable):
        remembered.is_member(Person("other@council.test"))
    known.down = False
    assert remembered.is_member(Person("other@council.test"))


def test_a_cache_of_zero_seconds_asks_each_time() -> None:
    known = KnownGroups()
    remembered = CachedGroups(known, 0)
    assert all(remembered.is_member(PERSON) for _ in range(3))
    assert known.asked == 3


def test_google_groups_read_only_the_key_file_at_start(stub: StubServer, google_groups: GoogleGroups) -> None:
    assert not stub.requests


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"Documents"}, True),
        ({"Others", "Documents"}, True),
        (set(), False),
        ({"documents"}, False),
        ({"Documents "}, False),
        ({"All Documents"}, False),
    ],
)
def test_a_listed_group_matches_by_the_exact_name(
    groups: set[str],
    expected: bool,  # noqa: FBT001 - a table's column
) -> None:
    assert ListedGroups("Documents").is_member(Person(WORKER, frozenset(groups))) is expected
