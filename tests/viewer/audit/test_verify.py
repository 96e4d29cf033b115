"""Verification finds every kind of tampering, and its place."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import structlog
from sqlalchemy import select

from tests.viewer.audit.conftest import ENTRY, Record, write_old
from viewer.audit import Audit, audit_table
from viewer.audit.chain import GENESIS, digest
from viewer.audit.verify import verify
from viewer.sweeper import log_head


def errors(record: Record, expected: str | None = None) -> list[tuple[int, str]]:
    return [(found.id, found.message) for found in verify(record.audit.database, expected).errors]


def test_a_record_that_nobody_touched_is_whole(record: Record) -> None:
    assert verify(record.audit.database).head == GENESIS
    write_old(record.audit, 2500, days_ago=1)
    verdict = verify(record.audit.database)
    assert verdict.errors == []
    assert verdict.entries == 2500
    assert verdict.head.id == 2500


@pytest.mark.parametrize(
    "column",
    ["at", "request_id", "email", "network_address", "source", "document_id", "person", "outcome", "sha256"],
)
def test_a_changed_entry_is_found_whatever_was_changed(record: Record, column: str) -> None:
    record.write(5)
    changed = "2020-01-01 00:00:00.000000" if column == "at" else "9"
    record.tamper(f"UPDATE audit SET {column} = '{changed}' WHERE id = 3")
    assert errors(record) == [(3, "entry 3 is not what was written: something in it was changed")]


@pytest.mark.parametrize("column", ["part", "code", "detail"])
def test_something_added_to_an_entry_is_found(record: Record, column: str) -> None:
    record.write(5)
    record.tamper(f"UPDATE audit SET {column} = 'x' WHERE id = 3")
    assert [where for where, _ in errors(record)] == [3]


def test_a_changed_entry_with_its_hash_made_anew_is_found_at_the_next(record: Record) -> None:
    record.write(5)
    with record.audit.database.read() as connection:
        row = dict(connection.execute(select(audit_table).where(audit_table.c.id == 3)).mappings().one())
    forged = digest({name: value for name, value in row.items() if name != "hash"} | {"email": "x"})
    record.tamper(f"UPDATE audit SET email = 'x', hash = '{forged}' WHERE id = 3")
    assert [where for where, _ in errors(record)] == [4]


@pytest.mark.parametrize(("gone", "where"), [("= 1", 2), ("= 3", 4), ("IN (2, 3)", 4)])
def test_a_removed_entry_is_found(record: Record, gone: str, where: int) -> None:
    record.write(5)
    record.tamper(f"DELETE FROM audit WHERE id {gone}")
    ((found, what),) = errors(record)
    assert found == where
    assert "missing" in what


def test_an_inserted_entry_is_found(record: Record) -> None:
    record.write(5)
    copied = "at, request_id, email, network_address, outcome, previous, hash"
    record.tamper(
        "DELETE FROM audit WHERE id = 3",
        f"INSERT INTO audit (id, {copied}) SELECT 3, {copied} FROM audit WHERE id = 4",
    )
    assert {where for where, _ in errors(record)} == {3, 4}


def test_entries_that_changed_places_are_found(record: Record) -> None:
    record.write(5)
    record.tamper(
        "UPDATE audit SET id = 99 WHERE id = 2",
        "UPDATE audit SET id = 2 WHERE id = 3",
        "UPDATE audit SET id = 3 WHERE id = 99",
    )
    assert {where for where, _ in errors(record)} == {2, 3, 4}


def test_a_noted_head_shows_that_the_end_was_cut_off(record: Record) -> None:
    record.write(5)
    noted = record.audit.head().hash
    record.write(3)
    assert errors(record, noted) == []
    record.tamper("DELETE FROM audit WHERE id >= 5")
    assert errors(record) == [], "nothing in the database itself can show it"
    ((_, what),) = errors(record, noted)
    assert noted in what


def test_a_noted_head_shows_that_everything_was_written_anew(
    record: Record, connect: Callable[[str], Audit]
) -> None:
    record.write(5)
    noted = record.audit.head().hash
    record.tamper("DELETE FROM audit")
    anew = Record(connect(record.url), record.url)
    anew.write(5, replace(ENTRY, person="999"))
    assert errors(record) == []
    assert len(errors(record, noted)) == 1


def test_the_head_is_noted_in_the_log_as_verify_wants_it(record: Record) -> None:
    record.write(3)
    with structlog.testing.capture_logs() as lines:
        log_head(record.audit)
    (line,) = lines
    assert (line["event"], line["entry"]) == ("audit head", 3)
    record.write(2)
    assert errors(record, line["hash"]) == []


def test_a_head_that_cannot_be_read_is_no_fault(connect: Callable[[str], Audit]) -> None:
    with structlog.testing.capture_logs() as lines:
        log_head(connect("sqlite:////nowhere/at/all/audit.db"))
    assert [line["event"] for line in lines] == ["audit head could not be read"]


def test_the_hash_is_the_documented_one() -> None:
    """The hash of one entry equals what `sha256sum` computes of its JSON."""
    content = {"id": 1, "email": "worker@council.test", "person": None, "previous": GENESIS.hash}
    assert digest(content) == "56ab2df7d1f961cd7f93222023a680f7e0e532c2b86ee5d81c7d4c6426825721"
