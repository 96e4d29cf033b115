"""The record's tables: the entries, the seals of what was pruned, and a version.

The same database holds what all replicas share besides: those tables stand beside the code that uses them.

The record is append-only, each row chained to the one before. The database itself refuses to change a row,
and to remove one that no seal covers. What somebody with all rights over the database could do all the same,
the chain shows (docs/decisions/0015-audit-chain.md).
"""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
)

from viewer.audit.chain import GENESIS, Link, Row, chained
from viewer.errors import AuditUnavailable

VERSION = 3
"""The tables' version. Earlier ones were never released, so nothing takes their entries over."""
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()
"""Of every table in the database: a module that keeps one makes it known here when it is loaded."""
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
    """Whether every table that this program knows is there, in its version.

    Raises:
        AuditUnavailable: they are of another version.
    """
    there = inspect(connection).get_table_names()
    if _version_table.name in there:
        version = connection.execute(select(_version_table.c.version)).scalar_one()
        if version != VERSION:
            raise AuditUnavailable(
                f"the audit database is of version {version}, made by another program; "
                f"this one knows version {VERSION}"
            )
    return metadata.tables.keys() <= set(there)


def prepare(connection: Connection) -> None:
    """Make the tables that are missing.

    Raises:
        AuditUnavailable: those that are there are of another version.
    """
    if is_ready(connection):
        return
    metadata.create_all(connection)
    for trigger in _SQLITE_TRIGGERS if connection.dialect.name == "sqlite" else _POSTGRESQL_TRIGGERS:
        connection.exec_driver_sql(trigger)
    if not connection.execute(select(_version_table.c.version)).first():
        connection.execute(insert(_version_table).values(version=VERSION))
