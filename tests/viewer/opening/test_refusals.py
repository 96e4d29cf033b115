"""Refusals last for their time, have evidence, and are cleared by key, code and time, in both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from viewer.audit import Audit
from viewer.audit.database import Database
from viewer.errors import AuditUnavailable
from viewer.opening.refusals import MAX_EVIDENCE_LENGTH, Refusals

KEY = "a" * 64 + "-recipe1"
OTHER = "b" * 64 + "-recipe1"
THIRD = "c" * 64 + "-recipe1"
HOUR = 3600


@pytest.fixture
def refusals(url: str, connect: Callable[[str], Audit]) -> Refusals:
    return Refusals(connect(url).database)


@pytest.fixture
def shift(url: str) -> Callable[[str, float], None]:
    """Move the times of one refusal by some seconds."""

    def shift(key: str, seconds: float) -> None:
        engine = create_engine(url)
        with engine.begin() as connection:
            moved = text("UPDATE refusals SET since = since + :by, until = until + :by WHERE key = :key")
            connection.execute(moved, {"by": seconds, "key": key})
        engine.dispose()

    return shift


def _keys(refusals: Refusals) -> list[str]:
    return [each.key for each in refusals.in_force()]


def test_a_refusal_is_remembered_for_its_time(
    refusals: Refusals, shift: Callable[[str, float], None]
) -> None:
    assert refusals.code_for(KEY) is None
    refusals.remember(KEY, "corrupt", "the zip has no end", 60)
    assert refusals.code_for(KEY) == "corrupt"
    assert refusals.code_for(OTHER) is None
    shift(KEY, -59)
    assert refusals.code_for(KEY) == "corrupt"
    shift(KEY, -1.5)
    assert refusals.code_for(KEY) is None
    assert refusals.in_force() == []


def test_everybody_who_shares_the_database_knows_it_with_its_evidence(
    refusals: Refusals, url: str, connect: Callable[[str], Audit]
) -> None:
    before = datetime.now(UTC)
    refusals.remember(KEY, "quarantined", "child killed by signal 11, twice", HOUR)
    (found,) = Refusals(connect(url).database).in_force()
    assert (found.key, found.code, found.evidence) == (KEY, "quarantined", "child killed by signal 11, twice")
    assert abs(found.since - before) < timedelta(seconds=30)
    assert abs(found.until - found.since - timedelta(hours=1)) < timedelta(seconds=1)


def test_a_newer_refusal_replaces_the_older_one(refusals: Refusals) -> None:
    refusals.remember(KEY, "quarantined", "two offices died", HOUR)
    refusals.remember(KEY, "converter_busy", "no room", -1)
    assert refusals.code_for(KEY) is None
    refusals.remember(KEY, "corrupt", "no such stream", HOUR)
    assert [(each.code, each.evidence) for each in refusals.in_force()] == [("corrupt", "no such stream")]


def test_any_evidence_is_made_to_fit_its_column(refusals: Refusals) -> None:
    refusals.remember(KEY, "corrupt", "a\0b\n\x1b[31m" + "é" * 500, HOUR)
    (found,) = refusals.in_force()
    assert found.evidence.startswith("a b  [31mé")
    assert len(found.evidence) == MAX_EVIDENCE_LENGTH


def test_a_code_of_another_version_of_the_program_refuses_nothing(refusals: Refusals) -> None:
    refusals.remember(KEY, "code_of_another_version", "", HOUR)
    assert refusals.code_for(KEY) is None


def test_a_refusal_from_the_future_is_not_in_force(
    refusals: Refusals, shift: Callable[[str, float], None]
) -> None:
    """Such a refusal exists after the database's clock was a year fast and was corrected."""
    refusals.remember(KEY, "corrupt", "", HOUR)
    shift(KEY, 365 * 24 * HOUR)
    assert refusals.code_for(KEY) is None
    assert refusals.sweep() == 1


def test_forgetting_one_leaves_the_others(refusals: Refusals) -> None:
    for key in (KEY, OTHER):
        refusals.remember(key, "corrupt", "", HOUR)
    refusals.forget(KEY)
    refusals.forget(THIRD)
    assert _keys(refusals) == [OTHER]


def test_refusals_are_forgotten_by_code_and_by_time(
    refusals: Refusals, shift: Callable[[str, float], None]
) -> None:
    def remember() -> datetime:
        refusals.remember(KEY, "quarantined", "two offices died", 10 * HOUR)
        refusals.remember(OTHER, "quarantined", "two offices died", 10 * HOUR)
        refusals.remember(THIRD, "corrupt", "", 10 * HOUR)
        shift(OTHER, -2 * HOUR)
        shift(THIRD, -2 * HOUR)
        return datetime.now(UTC) - timedelta(hours=1)

    hour_ago = remember()
    assert _keys(refusals)[0] == KEY, "the newest first"
    assert refusals.forget_where(code="quarantined", until=hour_ago) == 1
    assert set(_keys(refusals)) == {KEY, THIRD}
    remember()
    assert refusals.forget_where(since=hour_ago) == 1
    assert set(_keys(refusals)) == {OTHER, THIRD}
    remember()
    assert refusals.forget_where(code="corrupt") == 1
    assert refusals.forget_where(since=hour_ago - timedelta(hours=2), until=hour_ago) == 1
    assert _keys(refusals) == [KEY]
    remember()
    assert refusals.forget_where() == 3
    assert refusals.forget_where() == 0


def test_a_sweep_deletes_expired_refusals(refusals: Refusals) -> None:
    refusals.remember(KEY, "corrupt", "", HOUR)
    refusals.remember(OTHER, "corrupt", "", -1)
    assert refusals.sweep() == 1
    assert _keys(refusals) == [KEY]


def test_refusals_raise_audit_unavailable_without_the_database() -> None:
    refusals = Refusals(Database("sqlite:////nowhere/at/all/audit.db"))
    with pytest.raises(AuditUnavailable):
        refusals.remember(KEY, "corrupt", "", 1)
    for use in (refusals.in_force, refusals.sweep, lambda: refusals.code_for(KEY)):
        with pytest.raises(AuditUnavailable):
            use()
