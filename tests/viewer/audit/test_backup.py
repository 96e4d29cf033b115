"""Backups of the record: nothing replaces a lost record silently, and a restored one says what it lacks."""

import gzip
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from shared.document_ref import DocumentRef
from tests.running.postgres import Cluster
from tests.viewer.audit.conftest import ENTRY, OFFICER, Record, entry, write_old
from tests.viewer.audit.test_retention import prune
from tests.viewer.conftest import audit_entries, create_record
from viewer.access.blocks import BlockKind, Blocks, Subject
from viewer.access.revocations import SharedRevocations
from viewer.audit import Audit
from viewer.audit.backup import InvalidBackup, restore, write_backup
from viewer.audit.database import Database
from viewer.audit.verify import verify
from viewer.errors import AuditUnavailable

Connect = Callable[[str], Audit]
KINDS = ["sqlite", "postgresql"]


@pytest.fixture(params=KINDS)
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without a record, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/restored.db"
    server: Cluster = request.getfixturevalue("postgres")
    return server.url(server.new_database())


def _destroy(url: str) -> None:
    """Lose the database as a broken disk does."""
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        for path in file.parent.glob(f"{file.name}*"):
            path.unlink()
        return
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


def test_a_lost_record_is_not_replaced_by_an_empty_one(record: Record, connect: Connect) -> None:
    record.write(3)
    record.audit.database.close()
    _destroy(record.url)
    with pytest.raises(AuditUnavailable, match="there is no audit record"):
        connect(record.url).record(ENTRY)
    with pytest.raises(AuditUnavailable, match="there is no audit record"):
        connect(record.url).check()


def test_a_record_is_created_once(url: str, connect: Connect) -> None:
    connect(url).record(ENTRY)
    with pytest.raises(AuditUnavailable, match="already"):
        create_record(url)
    assert len(audit_entries(url)) == 1


def _hashes(url: str) -> list[str]:
    return [row["hash"] for row in audit_entries(url)]


@pytest.mark.parametrize("lost", ["audit", "audit_seals", "audit_version"])
def test_the_remains_of_a_record_are_neither_used_nor_replaced(
    record: Record, connect: Connect, lost: str
) -> None:
    record.write(1)
    record.tamper(f"DROP TABLE {lost}")
    with pytest.raises(AuditUnavailable, match="there is no audit record"):
        connect(record.url).record(ENTRY)
    with pytest.raises(AuditUnavailable, match="already"):
        create_record(record.url)


def test_an_older_copy_put_in_place_under_a_running_viewer_is_noticed(record: Record) -> None:
    record.write(5)
    record.tamper("DELETE FROM audit WHERE id > 3")
    with pytest.raises(AuditUnavailable, match="entry 5 is gone"):
        record.audit.record(ENTRY)
    assert len(audit_entries(record.url)) == 3


def test_a_file_copied_over_a_running_record_is_noticed(
    tmp_path: Path, connect: Connect, new_sqlite_url: str
) -> None:
    create_record(new_sqlite_url)
    audit = connect(new_sqlite_url)
    for number in range(40):
        audit.record(entry(document_id=str(number)))
    file = tmp_path / "record.db"
    audit.database.purge_deleted()
    shutil.copy(file, tmp_path / "copy.db")
    for number in range(20):
        audit.record(entry(document_id=str(number)))
    audit.database.close()
    for path in tmp_path.glob("record.db-*"):
        path.unlink()
    shutil.copy(tmp_path / "copy.db", file)
    with pytest.raises(AuditUnavailable, match="entry 60 is gone"):
        audit.record(ENTRY)


@pytest.mark.parametrize("days_pruned", [None, 30])
def test_a_backup_restores_everything_that_must_survive(
    record: Record, new_url: str, connect: Connect, tmp_path: Path, days_pruned: int | None
) -> None:
    """From SQLite and from PostgreSQL, to each of them."""
    write_old(record.audit, 1500, days_ago=40)
    record.write(1200)
    blocks = Blocks(record.audit.database)
    blocks.set(Subject(BlockKind.PERSON, "9"), "court order", OFFICER)
    blocks.set(Subject(BlockKind.PERSON, "8"), "a mistake", OFFICER)
    blocks.lift(Subject(BlockKind.PERSON, "8"), "it was one", OFFICER)
    SharedRevocations(record.audit.database).revoke(ENTRY.by.email, OFFICER)
    if days_pruned:
        prune(record, days_pruned)
    backup = write_backup(record.audit.database, tmp_path / "backup")
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0, "it holds who saw what"
    restored = restore(Database(new_url), tmp_path / "backup")
    assert restored.verification.errors == []
    assert restored.verification.head == record.audit.head() == backup.head
    assert _hashes(new_url) == _hashes(record.url)
    audit = connect(new_url)
    assert Blocks(audit.database).is_document_blocked(DocumentRef("edocs", "4711", "9"))
    assert not Blocks(audit.database).is_document_blocked(DocumentRef("edocs", "4712", "8"))
    revoked = SharedRevocations(record.audit.database).valid_from(ENTRY.by.email)
    assert SharedRevocations(audit.database).valid_from(ENTRY.by.email) == revoked
    Blocks(audit.database).set(Subject(BlockKind.PERSON, "7"), "after the restore", OFFICER)
    audit.record(ENTRY)
    assert verify(audit.database, backup.head.hash).errors == []


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_backup_that_was_cut_short_restores_nothing(
    record: Record, new_url: str, tmp_path: Path, part: float
) -> None:
    record.write(50)
    write_backup(record.audit.database, tmp_path / "backup")
    whole = (tmp_path / "backup").read_bytes()
    (tmp_path / "backup").write_bytes(whole[: int(len(whole) * part)])
    _refused(new_url, tmp_path / "backup")


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:-1],
        lambda lines: lines[:2] + lines[3:],
        lambda lines: [lines[0].replace(b"document-viewer", b"somebody else"), *lines[1:]],
        lambda lines: [lines[0].replace(b'"version":', b'"version":9'), *lines[1:]],
        lambda lines: [lines[0], b'{"table":"rates","row":{}}', *lines[1:]],
        lambda lines: [lines[0], b"[]", *lines[1:]],
        lambda _: [b"PK"],
    ],
)
def test_a_file_that_is_no_complete_backup_restores_nothing(
    record: Record, new_url: str, tmp_path: Path, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    record.write(5)
    write_backup(record.audit.database, tmp_path / "backup")
    lines = gzip.decompress((tmp_path / "backup").read_bytes()).splitlines()
    (tmp_path / "backup").write_bytes(gzip.compress(b"\n".join(change(lines))))
    _refused(new_url, tmp_path / "backup")


def _refused(url: str, backup: Path) -> None:
    with pytest.raises(InvalidBackup):
        restore(Database(url), backup)
    create_record(url)  # nothing is in the way of another try


def test_a_changed_backup_is_restored_and_said_to_be_not_whole(
    record: Record, new_url: str, tmp_path: Path
) -> None:
    """Another one may not exist: the officer decides, and sees where."""
    record.write(5)
    write_backup(record.audit.database, tmp_path / "backup")
    told = gzip.decompress((tmp_path / "backup").read_bytes())
    changed = told.replace(b'"worker@council.test"', b'"nobody@council.test"', 1)
    (tmp_path / "backup").write_bytes(gzip.compress(changed))
    (error,) = restore(Database(new_url), tmp_path / "backup").verification.errors
    assert "entry 1 is not what was written" in error.message


def test_a_restore_never_touches_a_record(record: Record, tmp_path: Path) -> None:
    record.write(5)
    write_backup(record.audit.database, tmp_path / "backup")
    record.write(2)
    with pytest.raises(AuditUnavailable, match="already"):
        restore(Database(record.url), tmp_path / "backup")
    assert len(audit_entries(record.url)) == 7


def test_the_drill(record: Record, connect: Connect, tmp_path: Path) -> None:
    """Under load everything but the backup is destroyed; what is lost is what came after it, and is said."""
    ends = threading.Event()

    def work() -> None:
        audit = connect(record.url)
        while not ends.is_set():
            audit.record(ENTRY)

    record.write(20)
    viewers = [threading.Thread(target=work) for _ in range(3)]
    for viewer in viewers:
        viewer.start()
    try:
        backup = write_backup(record.audit.database, tmp_path / "backup")
        while record.audit.head().id < backup.head.id + 20:
            pass
    finally:
        ends.set()
        for viewer in viewers:
            viewer.join()
    noted = record.audit.head()
    record.audit.database.close()
    _destroy(record.url)
    restored = restore(Database(record.url), tmp_path / "backup")
    assert restored.verification.errors == []
    assert restored.verification.head == backup.head
    again = connect(record.url)
    assert len(verify(again.database, noted.hash).errors) == 1, "the entries after the backup are missed"
    again.record(ENTRY)
    assert verify(again.database, backup.head.hash).errors == []
