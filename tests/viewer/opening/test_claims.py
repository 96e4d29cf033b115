"""A claim has one owner at a time in both databases, despite crashes and clock changes."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text

from viewer.audit import Audit
from viewer.audit.database import Database
from viewer.errors import AuditUnavailable
from viewer.opening import claims as claims_module
from viewer.opening.claims import CLAIM_SECONDS, Claims

KEY = "a" * 64 + "-recipe1"
OTHER = "b" * 64 + "-recipe1"
_PEOPLE = 10


@pytest.fixture
def viewer(url: str, connect: Callable[[str], Audit]) -> Callable[[], Claims]:
    """Start another viewer, which claims see as another process."""
    return lambda: Claims(connect(url).database)


@pytest.fixture
def claims(viewer: Callable[[], Claims]) -> Claims:
    return viewer()


@pytest.fixture
def shift(url: str) -> Callable[[float], None]:
    """Make all claims younger by some seconds, or older where it is negative."""

    def shift(seconds: float) -> None:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE claims SET renewed = renewed + :by"), {"by": seconds})
        engine.dispose()

    return shift


def _winners(viewers: list[Claims]) -> int:
    """The number of viewers that get the claim when all try at once."""
    together = threading.Barrier(len(viewers))

    def claim(claims: Claims) -> bool:
        together.wait()
        return claims.claim(KEY)

    with ThreadPoolExecutor(len(viewers)) as people:
        return sum(people.map(claim, viewers))


def test_a_rendition_is_unclaimed_at_first(claims: Claims) -> None:
    assert not claims.is_claimed(KEY)
    assert claims.ahead(KEY) == 0


def test_one_of_many_threads_gets_the_claim(claims: Claims) -> None:
    assert _winners([claims] * _PEOPLE) == 1
    assert claims.is_claimed(KEY)
    assert not claims.is_claimed(OTHER)
    assert claims.claim(OTHER)


def test_one_of_many_viewers_gets_the_claim(viewer: Callable[[], Claims]) -> None:
    viewers = [viewer() for _ in range(_PEOPLE)]
    assert _winners(viewers) == 1
    assert all(each.is_claimed(KEY) for each in viewers)
    assert not any(each.claim(KEY) for each in viewers)


def test_a_claim_that_is_given_up_can_be_taken(viewer: Callable[[], Claims]) -> None:
    one, other = viewer(), viewer()
    assert one.claim(KEY)
    one.release(KEY)
    assert not one.is_claimed(KEY)
    assert other.claim(KEY)


def test_releasing_or_renewing_without_a_claim_has_no_effect(claims: Claims) -> None:
    claims.release(KEY)
    claims.renew(KEY)
    assert not claims.is_claimed(KEY)


def test_an_expired_claim_is_taken_over_by_one_of_many(
    viewer: Callable[[], Claims], shift: Callable[[float], None]
) -> None:
    viewers = [viewer() for _ in range(_PEOPLE)]
    assert viewer().claim(KEY)
    shift(-CLAIM_SECONDS - 1)
    assert not viewers[0].is_claimed(KEY)
    assert _winners(viewers) == 1
    assert viewers[0].is_claimed(KEY)


def test_a_claim_stays_active_while_it_is_renewed(claims: Claims, shift: Callable[[float], None]) -> None:
    claims.claim(KEY)
    for _ in range(3):
        shift(-CLAIM_SECONDS + 5)
        assert claims.is_claimed(KEY)
        claims.renew(KEY)
    shift(-CLAIM_SECONDS - 1)
    assert not claims.is_claimed(KEY)


def test_the_owner_of_a_lost_claim_cannot_change_its_successor(
    viewer: Callable[[], Claims], shift: Callable[[float], None]
) -> None:
    frozen, successor = viewer(), viewer()
    frozen.claim(KEY)
    shift(-CLAIM_SECONDS - 1)
    assert successor.claim(KEY)
    frozen.release(KEY)
    assert successor.is_claimed(KEY)
    shift(-CLAIM_SECONDS - 1)
    frozen.renew(KEY)
    assert not successor.is_claimed(KEY)


def test_the_clock_of_a_viewer_does_not_matter(claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module uses no clock but the database's."""
    assert not {"time", "datetime"} & vars(claims_module).keys()
    claims.claim(KEY)
    monkeypatch.setattr("time.time", lambda: 9e9)
    assert claims.is_claimed(KEY)
    assert not claims.claim(KEY)


def test_a_claim_from_the_future_expires_at_once(claims: Claims, shift: Callable[[float], None]) -> None:
    """Such a claim exists after the database moved to a machine with a slow clock."""
    claims.claim(KEY)
    shift(3600)
    assert not claims.is_claimed(KEY)
    assert claims.claim(KEY)
    assert claims.is_claimed(KEY)


def test_an_older_claim_is_counted_as_ahead(viewer: Callable[[], Claims]) -> None:
    one, other = viewer(), viewer()
    other.claim(OTHER)
    one.claim(KEY)
    other.renew(OTHER)
    assert (one.ahead(OTHER), one.ahead(KEY)) == (0, 1)
    other.release(OTHER)
    assert one.ahead(KEY) == 0


def test_expired_claims_are_not_counted_as_ahead(
    viewer: Callable[[], Claims], shift: Callable[[float], None]
) -> None:
    dead, living = viewer(), viewer()
    dead.claim(OTHER)
    shift(-CLAIM_SECONDS - 1)
    living.claim(KEY)
    assert living.ahead(KEY) == 0
    assert dead.claim(OTHER)
    assert dead.ahead(OTHER) == 1, "who comes back is last"


def test_a_sweep_deletes_expired_claims(claims: Claims, shift: Callable[[float], None]) -> None:
    claims.claim(OTHER)
    shift(-CLAIM_SECONDS - 1)
    claims.claim(KEY)
    assert claims.sweep() == 1
    assert claims.is_claimed(KEY)
    assert claims.sweep() == 0


def test_claims_raise_audit_unavailable_without_the_database() -> None:
    claims = Claims(Database("sqlite:////nowhere/at/all/audit.db"))
    for use in (claims.claim, claims.renew, claims.is_claimed, claims.ahead, claims.release):
        with pytest.raises(AuditUnavailable):
            use(KEY)
