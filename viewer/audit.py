"""The record of who saw what: append-only, written before any link to a document is given."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    DDL,
    Column,
    DateTime,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from viewer.errors import AuditUnavailable

_BUSY_SECONDS = 5
"""How long a write waits for another process's write before it counts as impossible."""

metadata = MetaData()
audit_table = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("actor", String(320), nullable=False),
    Column("address", String(64), nullable=False),
    Column("source", String(32), nullable=False),
    Column("document_id", String(64), nullable=False),
    Column("person", String(18)),
    Column("outcome", String(16), nullable=False),
    Column("code", String(32)),
    Column("sha256", String(64)),
    Column("part", String(24)),
    Index("audit_document", "source", "document_id"),
    Index("audit_person", "person"),
    Index("audit_actor", "actor"),
    Index("audit_at", "at"),
)
_APPEND_ONLY = [
    DDL(
        f"CREATE TRIGGER IF NOT EXISTS audit_no_{verb.lower()} BEFORE {verb} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
    ).execute_if(dialect="sqlite")
    for verb in ("UPDATE", "DELETE")
]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the record.

    Args:
        request_id: the reference that logs and error pages carry too.
        actor: the signed-in person's address.
        address: the network address they came from.
        source: the document system.
        document_id: the document's number there.
        person: the Mosaic person whose file led to it, where the link said.
        outcome: ``viewed``, ``downloaded``, ``described`` (its metadata alone), ``refused`` (the document
            cannot be shown) or ``denied`` (this person may not).
        code: the error code, where refused or denied.
        sha256: of the very bytes that were shown or refused, where they were fetched.
        part: the way to the attachment or archive member that it is about, such as ``2.1``.
    """

    request_id: str
    actor: str
    address: str
    source: str
    document_id: str
    person: str | None
    outcome: str
    code: str | None = None
    sha256: str | None = None
    part: str | None = None


class Audit:
    """Writes the record; SQLite for one machine, PostgreSQL for several."""

    def __init__(self, url: str) -> None:
        """Connect lazily: a database that is down at start is a failing readiness check, not a crash loop.

        Args:
            url: SQLAlchemy's form, such as ``sqlite:////var/lib/viewer/audit.db``.
        """
        self._engine = _engine(url)
        self._prepared = False

    def record(self, entry: Entry) -> None:
        """Write one entry durably.

        Raises:
            AuditUnavailable: it is not written; nothing may be shown.
        """
        try:
            self._prepare()
            with self._engine.begin() as connection:
                connection.execute(insert(audit_table).values(at=datetime.now(UTC), **asdict(entry)))
        except SQLAlchemyError as error:
            raise AuditUnavailable from error

    def last_viewed(self, actor: str, source: str, document_id: str, part: str | None = None) -> str | None:
        """The digest of the bytes that this person saw when they last opened this document; None for never.

        Raises:
            AuditUnavailable: the record cannot be read.
        """
        row = audit_table.c
        mine = (row.actor == actor) & (row.source == source) & (row.document_id == document_id)
        mine &= row.part == part  # None is written as IS NULL
        query = select(row.sha256).where(mine & (row.outcome == "viewed")).order_by(row.id.desc()).limit(1)
        try:
            self._prepare()
            with self._engine.connect() as connection:
                return connection.execute(query).scalar()
        except SQLAlchemyError as error:
            raise AuditUnavailable from error

    def check(self) -> None:
        """Return when the record can be reached.

        Raises:
            AuditUnavailable: it cannot.
        """
        try:
            self._prepare()
            with self._engine.connect() as connection:
                connection.execute(select(audit_table.c.id).limit(1))
        except SQLAlchemyError as error:
            raise AuditUnavailable from error

    def _prepare(self) -> None:
        """Make the table where it is missing; several processes may do so at once."""
        if self._prepared:
            return
        with self._engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            metadata.create_all(connection, checkfirst=True)
            for trigger in _APPEND_ONLY if connection.dialect.name == "sqlite" else []:
                connection.execute(trigger)
        self._prepared = True


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": _BUSY_SECONDS})
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _durable(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection has no common type
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    return engine
