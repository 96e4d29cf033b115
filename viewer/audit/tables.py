"""The tables: the record, the seals of what was pruned, the blocks, two more on people, and a version.

The record is append-only, each row chained to the one before. The database itself refuses to change a row,
and to remove one that no seal covers. What somebody with all rights over the database could do all the same,
the chain shows (docs/decisions/0015-audit-chain.md).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Double,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
)

from viewer.audit.chain import GENESIS, Link, Row, chained, utc
from viewer.errors import AuditUnavailable

VERSION = 2
"""1 had no chain and no detail, and at first no part."""
_BATCH = 1000
_COLUMNS_OF_1 = (
    *("id", "at", "request_id", "actor", "address", "source", "document_id"),
    *("person", "outcome", "code", "sha256", "part"),
)
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()
audit_table = Table(
    "audit",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("email", String(320), nullable=False),
    Column("network_address", String(64), nullable=False),
    Column("source", String(32)),
    Column("document_id", String(64)),
    Column("part", String(32)),
    Column("person", String(18)),
    Column("outcome", String(16), nullable=False),
    Column("code", String(32)),
    Column("sha256", String(64)),
    Column("detail", String(1000)),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("audit_document", "document_id", "source", "id"),
    Index("audit_person", "person", "id"),
    Index("audit_email", "email", "id"),
    Index("audit_outcome", "outcome", "id"),
    Index("audit_at", "at"),
    Index("audit_request", "request_id"),
)
seals_table = Table(
    "audit_seals",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
    Column("first_id", _NUMBER, nullable=False),
    Column("last_id", _NUMBER, nullable=False),
    Column("cut", String(64), nullable=False),
    Column("recorded_in", _NUMBER, nullable=False),
    Column("hash", String(64), nullable=False),
)
blocks_table = Table(
    "blocks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("source", String(32), nullable=False),
    Column("value", String(320), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),
    Column("set_by", String(320), nullable=False),
    Column("lifted_at", DateTime(timezone=True)),
    Column("lifted_by", String(320)),
    Column("lifted_because", String(500)),
    Index("blocks_value", "value"),
)
revocations_table = Table(
    "revocations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("email", String(320), nullable=False, index=True),
    Column("valid_from", Double, nullable=False),
    Column("by", String(320), nullable=False),
)
"""Since when proofs of who somebody is count, in seconds since 1970: `viewer/access/revocations.py`."""
rates_table = Table(
    "rates",
    metadata,
    Column("email", String(320), primary_key=True),
    Column("minute", Integer, nullable=False),
    Column("count", Integer, nullable=False),
)
"""How often somebody asked for documents in their last minute: `viewer/access/rates.py`."""
_version_table = Table("audit_version", metadata, Column("version", Integer, primary_key=True))

_NEWEST = select(audit_table.c.id, audit_table.c.hash).order_by(audit_table.c.id.desc()).limit(1)

_SQLITE_TRIGGERS = [
    *(
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
        for table, verb in (("audit", "UPDATE"), ("audit_seals", "UPDATE"), ("audit_seals", "DELETE"))
    ),
    """CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit
    WHEN NOT EXISTS (SELECT 1 FROM audit_seals WHERE OLD.id BETWEEN first_id AND last_id)
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
]
_POSTGRESQL_TRIGGERS = [
    """CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_TABLE_NAME = 'audit' AND TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT 1 FROM audit_seals WHERE OLD.id BETWEEN first_id AND last_id)
        THEN RETURN OLD; END IF;
    END IF;
    RAISE EXCEPTION 'the audit is append-only'; END $$""",
    *(
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()"
        for table in ("audit", "audit_seals")
    ),
    *(
        f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        for table in ("audit", "audit_seals")
    ),
]


def head(connection: Connection) -> Link:
    """The newest row, or the beginning where there is none."""
    row = connection.execute(_NEWEST).first()
    return Link(*row) if row else GENESIS


def add(connection: Connection, contents: Sequence[Row], after: Link) -> Link:
    """Write rows that follow the given one; give the last of them. Only inside `Database.write`."""
    rows = list(chained(contents, after))
    connection.execute(insert(audit_table), rows)
    return Link(rows[-1]["id"], rows[-1]["hash"])


def is_ready(connection: Connection) -> bool:
    """Whether the tables are there, in this program's version.

    Raises:
        AuditUnavailable: they are of a later version.
    """
    version = _version(connection)
    if version > VERSION:
        raise AuditUnavailable(
            f"the audit database is of version {version}, made by a newer program; "
            f"this one knows versions up to {VERSION}"
        )
    return version == VERSION


def prepare(connection: Connection) -> None:
    """Make the tables where there are none, and bring those of the version before up to date.

    Raises:
        AuditUnavailable: they are of a later version.
    """
    if is_ready(connection):
        return
    old = _version(connection) == 1
    if old:
        _set_aside(connection)
    metadata.create_all(connection)
    for trigger in _SQLITE_TRIGGERS if _is_sqlite(connection) else _POSTGRESQL_TRIGGERS:
        connection.exec_driver_sql(trigger)
    if old:
        _chain_what_was_there(connection)
    connection.execute(insert(_version_table).values(version=VERSION))


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _version(connection: Connection) -> int:
    """0 where there is nothing yet."""
    tables = inspect(connection)
    if tables.has_table(_version_table.name):
        return int(connection.execute(select(_version_table.c.version)).scalar_one())
    return 1 if tables.has_table(audit_table.name) else 0


def _set_aside(connection: Connection) -> None:
    """Give the old table another name, and free the names of what belongs to it."""
    connection.execute(text("ALTER TABLE audit RENAME TO audit_before"))
    if _is_sqlite(connection):
        for verb in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS audit_no_{verb}"))
    for name in ("document", "person", "actor", "at"):
        connection.execute(text(f"DROP INDEX IF EXISTS audit_{name}"))


def _chain_what_was_there(connection: Connection) -> None:
    """Copy the old table's rows into the chain, say so in the record, and drop the old table."""
    there = {column["name"] for column in inspect(connection).get_columns("audit_before")}
    columns = (Column(name, audit_table.c[name].type) for name in _COLUMNS_OF_1 if name in there)
    old = Table("audit_before", MetaData(), *columns)
    link, count = GENESIS, 0
    while rows := _read(connection, select(old).where(old.c.id > link.id).order_by(old.c.id).limit(_BATCH)):
        link = add(connection, rows, link)
        count += len(rows)
    connection.execute(text("DROP TABLE audit_before"))
    add(connection, [_about_the_copy(count)], link)


def _read(connection: Connection, query: Select[Any]) -> list[Row]:
    return [{**row, "at": utc(row["at"])} for row in connection.execute(query).mappings()]


def _about_the_copy(count: int) -> Row:
    return {
        "at": datetime.now(UTC),
        "request_id": "-",
        "actor": "viewer",
        "address": "",
        "outcome": "chained",
        "detail": f"{count} entries of before were chained now; earlier changes to them cannot be shown",
    }
