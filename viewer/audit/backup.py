"""Backups of the record: one file from which it is restored, on SQLite or on PostgreSQL.

A backup is a gzip file of JSON lines: a header with the newest entry, the rows of the record and of what must
survive with it (blocks and revocations), and a last line with the number of rows. A file without its last
line was cut short.
"""

import gzip
import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, DateTime, Table, insert, select

from viewer.audit.chain import ChainPosition, utc
from viewer.audit.database import Database
from viewer.audit.tables import VERSION, audit_table, head, metadata, seals_table
from viewer.audit.verify import Verification, verify_on

_FORMAT = "document-viewer audit"
_BATCH = 1000


class InvalidBackup(Exception):
    """The file is no backup, was cut short, or was made by another version of this program."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds.

    Args:
        made: when it was made, ISO 8601 in UTC.
        head: the position of its newest entry.
        rows: the number of its rows.
    """

    made: str
    head: ChainPosition
    rows: int


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of restoring a backup.

    Args:
        backup: what was restored.
        verification: of the record that was restored.
    """

    backup: Backup
    verification: Verification


def write_backup(database: Database, file: Path) -> Backup:
    """Write a backup beside the file and rename it when it is complete; viewers may go on writing meanwhile.

    Raises:
        AuditUnavailable: the record cannot be read.
        OSError: the file cannot be written.
    """
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.touch(mode=0o600)
    with database.snapshot() as connection, unfinished.open("wb") as raw:
        with gzip.open(raw, "wt", encoding="utf-8") as lines:
            backup = _write_rows(connection, lines)
        raw.flush()
        os.fsync(raw.fileno())
    unfinished.replace(file)
    return backup


def restore(database: Database, file: Path) -> Restored:
    """Create the record from a backup; nothing is left of it where that fails.

    Args:
        database: one without a record.
        file: the backup.

    Raises:
        InvalidBackup: the file is not a complete backup of this version.
        AuditUnavailable: the database cannot be written, or has a record already.
        OSError: the file cannot be read.
    """
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines, database.create() as connection:
            backup = _read_into(connection, lines)
            return Restored(backup, verify_on(connection))
    except (EOFError, gzip.BadGzipFile, zlib.error, ValueError, KeyError, TypeError) as error:
        raise InvalidBackup(f"{file} is no complete backup") from error


def _write_rows(connection: Connection, lines: IO[str]) -> Backup:
    newest = head(connection)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    _write(lines, {"format": _FORMAT, "version": VERSION, "made": made, **newest._asdict()})
    rows = 0
    for table in _tables():
        for values in _rows(connection, table):
            _write(lines, {"table": table.name, "row": values})
            rows += 1
    _write(lines, {"rows": rows})
    return Backup(made, newest, rows)


def _read_into(connection: Connection, lines: IO[str]) -> Backup:
    header = json.loads(lines.readline())
    if header["format"] != _FORMAT or header["version"] != VERSION:
        raise InvalidBackup(f"the backup is of version {header['version']}; this program knows {VERSION}")
    tables = {table.name: table for table in _tables()}
    waiting: dict[str, list[dict[str, Any]]] = {name: [] for name in tables}
    rows = 0
    for line in lines:
        said = json.loads(line)
        if "rows" in said:
            if said["rows"] != rows or lines.read():  # to the end, where gzip checks the file's digest
                raise ValueError("rows are missing")
            break
        batch = waiting[said["table"]]
        batch.append(_decoded(tables[said["table"]], said["row"]))
        rows += 1
        if len(batch) == _BATCH:
            connection.execute(insert(tables[said["table"]]), batch)
            batch.clear()
    else:
        raise ValueError("the last line is missing")
    for name, batch in waiting.items():
        if batch:
            connection.execute(insert(tables[name]), batch)
    return Backup(header["made"], ChainPosition(header["id"], header["hash"]), rows)


def _tables() -> list[Table]:
    """The tables that a backup holds: the record's, and those that say so of themselves."""
    others = [table for table in metadata.sorted_tables if table.info.get("is_backed_up")]
    return [seals_table, audit_table, *others]


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    """The rows in the order of their keys, without numbers that the database gives by itself."""
    columns = [each for each in table.columns if each.autoincrement is not True]
    query = select(*columns).order_by(*table.primary_key.columns)
    for row in connection.execution_options(yield_per=_BATCH).execute(query).mappings():
        yield {name: _encoded(value) for name, value in row.items() if value is not None}


def _encoded(value: Any) -> Any:
    return utc(value).isoformat() if isinstance(value, datetime) else value


def _decoded(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """The values of every column, so that all rows of a batch have the same ones."""
    return {
        each.name: datetime.fromisoformat(value)
        if isinstance(each.type, DateTime) and (value := row.get(each.name))
        else row.get(each.name)
        for each in table.columns
        if each.autoincrement is not True
    }


def _write(lines: IO[str], said: dict[str, Any]) -> None:
    lines.write(json.dumps(said, separators=(",", ":")) + "\n")
