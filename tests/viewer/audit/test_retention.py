"""Old entries are removed with a seal, the rest verifies, and nothing is removed without a seal."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.viewer.audit.conftest import OFFICER, Record, write_old
from tests.viewer.conftest import audit_entries, create_record
from viewer.audit.retention import ChainBroken, NothingToPrune, Retention
from viewer.audit.seals import Seal
from viewer.audit.verify import verify
from viewer.errors import AuditUnavailable


def prune(record: Record, older_than_days: int) -> Seal:
    retention = Retention(record.audit.database)
    return retention.prune(
        retention.select_expired(datetime.now(UTC) - timedelta(days=older_than_days)), OFFICER
    )


@pytest.fixture
def old(record: Record) -> Record:
    """2,100 entries of forty days ago, 10 of ten days ago, 3 of today."""
    write_old(record.audit, 2100, days_ago=40)
    write_old(record.audit, 10, days_ago=10)
    record.write(3)
    return record


def test_pruning_removes_old_entries_and_the_rest_verifies(old: Record) -> None:
    seal = prune(old, 30)
    assert (seal.count, seal.first_id, seal.last_id) == (2100, 1, 2100)
    assert [row["id"] for row in audit_entries(old.url)] == list(range(2101, 2115))
    verdict = verify(old.audit.database)
    assert (verdict.errors, verdict.entries, verdict.seals) == ([], 14, [seal])


def test_pruning_is_on_record_with_the_seals_hash_and_who_did_it(old: Record) -> None:
    seal = prune(old, 30)
    row = audit_entries(old.url)[-1]
    assert (row["outcome"], row["email"]) == ("pruned", OFFICER.email)
    assert row["detail"] == f"seal 1 {seal.hash}: 2100 entries, 1 to 2100"
    assert seal.by == OFFICER.email


def test_a_seal_says_from_when_to_when(old: Record) -> None:
    first, last = audit_entries(old.url)[0], audit_entries(old.url)[2099]
    seal = prune(old, 30)
    assert seal.first_at[:19] == first["at"].strftime("%Y-%m-%dT%H:%M:%S")
    assert seal.last_at[:19] == last["at"].strftime("%Y-%m-%dT%H:%M:%S")
    assert seal.cut == last["hash"]


def test_pruning_again_and_again_and_everything_still_verifies(old: Record) -> None:
    noted = old.audit.head().hash
    seals = [prune(old, 30), prune(old, 5), prune(old, 0)]
    assert [seal.count for seal in seals] == [2100, 10, 5]
    verdict = verify(old.audit.database)
    assert (verdict.errors, verdict.entries, verdict.seals) == ([], 1, seals)
    assert verify(old.audit.database, seals[0].cut).errors == []
    assert len(verify(old.audit.database, noted).errors) == 1, "it was pruned since, and that is said"
    old.write(2)
    assert verify(old.audit.database).errors == []


def test_pruning_does_nothing_where_no_entry_is_old_enough(old: Record) -> None:
    with pytest.raises(NothingToPrune):
        prune(old, 50)
    assert len(audit_entries(old.url)) == 2113


def test_an_entry_with_a_wrong_time_among_younger_ones_stays(record: Record) -> None:
    write_old(record.audit, 2, days_ago=40)
    record.write(1)
    write_old(record.audit, 1, days_ago=40)
    assert prune(record, 30).last_id == 2
    assert [row["id"] for row in audit_entries(record.url)] == [3, 4, 5]


def test_pruning_removes_nothing_that_does_not_verify(old: Record) -> None:
    old.tamper("UPDATE audit SET email = 'x' WHERE id = 2000")
    with pytest.raises(ChainBroken, match="entry 2000"):
        prune(old, 30)
    assert len(audit_entries(old.url)) == 2113


def test_the_next_run_finishes_an_interrupted_pruning(old: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> int:
        raise AuditUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(Retention, "_remove_portion", lost)
        with pytest.raises(AuditUnavailable):
            prune(old, 30)
    assert len(audit_entries(old.url)) == 2114
    assert verify(old.audit.database).errors == []
    Retention(old.audit.database).delete_sealed()
    assert len(audit_entries(old.url)) == 14
    assert verify(old.audit.database).errors == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE audit_seals SET content = replace(content, '2100', '2000')",
            "seal 1 is not what was written",
        ),
        ("UPDATE audit_seals SET content = '{}'", "a seal cannot be read"),
        ("UPDATE audit_seals SET content = 'x'", "a seal cannot be read"),
        ("UPDATE audit_seals SET last_id = 2101 WHERE number = 1", "seal 1 is not what was written"),
        ("DELETE FROM audit_seals WHERE number = 1", "a seal is missing"),
        ("DELETE FROM audit_seals WHERE number = 2", "does not follow"),
        ("DELETE FROM audit_seals", "does not follow"),
        ("DELETE FROM audit WHERE outcome = 'pruned'", "seal 2 is not on record"),
    ],
)
def test_tampering_with_the_seals_is_found(old: Record, statement: str, words: str) -> None:
    prune(old, 30)
    prune(old, 5)
    old.tamper(statement)
    assert words in " ".join(found.message for found in verify(old.audit.database).errors)


def test_a_seal_that_somebody_made_up_to_remove_entries_is_found(old: Record) -> None:
    """The database accepts such a seal, and verification reports it."""
    engine = create_engine(old.url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO audit_seals VALUES (1, '{}', 2111, 2113, '', 1, '')"))
        connection.execute(text("DELETE FROM audit WHERE id = 2112"))
    engine.dispose()
    assert verify(old.audit.database).errors
    with pytest.raises(ChainBroken):
        Retention(old.audit.database).delete_sealed()
    with pytest.raises(ChainBroken):
        prune(old, 30)
    assert len(audit_entries(old.url)) == 2112, "nothing more goes on its word"


def test_sqlite_keeps_nothing_of_what_was_removed(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    connect = request.getfixturevalue("connect")
    create_record(url := f"sqlite:///{tmp_path}/audit.db")
    record = Record(connect(url), url)
    write_old(record.audit, 300, days_ago=40, person="987654321987")
    record.write(1)
    assert _holds(tmp_path, b"987654321987")
    prune(record, 30)
    assert not _holds(tmp_path, b"987654321987")


def _holds(folder: Path, needle: bytes) -> bool:
    return any(needle in file.read_bytes() for file in folder.iterdir())


def test_the_seal_keeps_the_exports_digest(old: Record) -> None:
    retention = Retention(old.audit.database)
    digest = hashlib.sha256(b"the file").hexdigest()
    retention.prune(retention.select_expired(datetime.now(UTC) - timedelta(days=30)), OFFICER, digest)
    (seal,) = verify(old.audit.database).seals
    assert seal.exported == digest
