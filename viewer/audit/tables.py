"""The audit tables: the entries, the seals of pruned entries, and the schema version.

The same database holds other state that all replicas share; those tables are defined beside the code that
uses them.

The record is append-only, and each row is chained to the one before. Triggers refuse to change a row, and to
delete one that no seal covers. The chain reveals changes by somebody who has all rights over the database
(docs/decisions/0015-audit-chain.md).
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

from viewer.audit.chain import GENESIS, ChainPosition, Row, chain_rows
from viewer.errors import AuditUnavailable

VERSION = 3
"""The schema version. Earlier versions were never released, so there is no migration."""
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()
"""The metadata of every table in the database; each module registers its own tables when it is imported."""
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

NEWEST = "newest audit entry"
"""Under this key a connection's `info` holds the position of the newest entry that was written with it."""
_RECORD = {audit_table.name, seals_table.name, _version_table.name}
NO_RECORD = (
    "there is no audit record. A new service creates it once, with `python -m viewer.cli audit init`; "
    "a lost one is restored from its backup (docs/governance.md)"
)

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


def head(connection: Connection) -> ChainPosition:
    """The position of the newest row; `GENESIS` where the table is empty."""
    row = connection.execute(_NEWEST).first()
    return ChainPosition(*row) if row else GENESIS


def append_rows(connection: Connection, contents: Sequence[Row], after: ChainPosition) -> ChainPosition:
    """Write rows after the given position; return the last position. Only inside `Database.write`."""
    rows = list(chain_rows(contents, after))
    connection.execute(insert(audit_table), rows)
    newest = ChainPosition(rows[-1]["id"], rows[-1]["hash"])
    connection.info[NEWEST] = newest
    return newest


def is_ready(connection: Connection) -> bool:
    """Whether the database has every table that this program uses, in this program's schema version.

    Raises:
        AuditUnavailable: the database holds no record, or has another schema version.
    """
    there = set(inspect(connection).get_table_names())
    if not there >= _RECORD:
        raise AuditUnavailable(NO_RECORD)
    version = connection.execute(select(_version_table.c.version)).scalar()
    if version != VERSION:
        raise AuditUnavailable(
            f"the audit database is of version {version}, made by another program; "
            f"this one knows version {VERSION}"
        )
    return metadata.tables.keys() <= there


def add_tables(connection: Connection) -> None:
    """Create the tables beside the record that are missing, such as those that a new version needs.

    Raises:
        AuditUnavailable: the database holds no record, or has another schema version.
    """
    if not is_ready(connection):
        metadata.create_all(connection)


def create(connection: Connection) -> None:
    """Create an empty record and all other tables.

    Raises:
        AuditUnavailable: the database holds a record, or the remains of one.
    """
    if _RECORD & set(inspect(connection).get_table_names()):
        raise AuditUnavailable("there is an audit record already")
    metadata.create_all(connection)
    for trigger in _SQLITE_TRIGGERS if connection.dialect.name == "sqlite" else _POSTGRESQL_TRIGGERS:
        connection.exec_driver_sql(trigger)
    connection.execute(insert(_version_table).values(version=VERSION))
