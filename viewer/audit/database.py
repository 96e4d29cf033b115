"""The database that all viewers share: SQLite for one machine, PostgreSQL for several.

Reads are concurrent. Writes of the audit record are serialised over all threads, processes and replicas,
because each row holds the hash of the row before.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, bindparam, create_engine, event, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError

from viewer.audit.chain import GENESIS
from viewer.audit.tables import NEWEST, NO_RECORD, add_tables, audit_table, create, head, is_ready
from viewer.errors import AuditUnavailable

LOCK_TIMEOUT_SECONDS = 5
"""How long a write waits for a lock or a connection, in seconds, before it fails."""
_SQLITE_POOLS = (32, 4)
_POSTGRESQL_POOLS = (3, 1)
"""Sizes of the pools of each process, for the record and for volatile writes; further threads wait. Ten
replicas of two processes fit into the 97 connections that PostgreSQL offers by default."""
_POSTGRESQL_OPTIONS = " ".join(
    [
        f"-c lock_timeout={LOCK_TIMEOUT_SECONDS}s",
        "-c statement_timeout=30s",
        "-c idle_in_transaction_session_timeout=30s",  # a replica that hangs in a write loses the lock
        "-c timezone=UTC",
    ]
)
_HASH = select(audit_table.c.hash).where(audit_table.c.id == bindparam("of"))
_WRITE_LOCK_ID = 7_305_921_468_013_377
"""The number of the advisory lock that serialises writers on PostgreSQL; any number, the same everywhere."""


class Database:
    """Connections to the shared database, opened when they are first needed."""

    def __init__(self, url: str) -> None:
        """Prepare without connecting: a database that is down fails the readiness check and not the start.

        Args:
            url: an SQLAlchemy address such as ``sqlite:////var/lib/viewer/audit.db``.
        """
        self._url = make_url(url)
        is_sqlite = self._url.get_backend_name() == "sqlite"
        self._file = Path(self._url.database or "") if is_sqlite else None
        own, volatile = _SQLITE_POOLS if is_sqlite else _POSTGRESQL_POOLS
        self._engine = _engine(self._url, own)
        self._volatile_engine = _engine(self._url, volatile, durable=False)
        self._prepared = False
        self._write_lock = threading.Lock()
        self._newest = GENESIS

    @contextmanager
    def create(self) -> Iterator[Connection]:
        """A transaction in which the record has just been created, empty; it exists once the block ends.

        Raises:
            AuditUnavailable: the database holds a record already, or cannot be written.
        """
        engine = _engine(self._url, 1, is_new=True)
        try:
            with _failures(), engine.begin() as connection:
                _take_write_lock(connection)
                create(connection)
                yield connection
        finally:
            engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading.

        Raises:
            AuditUnavailable: the database cannot be reached, or has another schema version.
        """
        with _failures():
            self._prepare()
            with self._engine.connect() as connection:
                yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection on which every query sees the same state of the database, despite concurrent writes.

        Raises:
            AuditUnavailable: as `read`.
        """
        with self.read() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            else:
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """An exclusive, durable transaction, committed when the block ends.

        Raises:
            AuditUnavailable: the database cannot be written, or the lock was not free in time; the
                transaction is rolled back.
        """
        with _failures():
            self._prepare()
            with self._exclusive() as connection:
                self._check_newest(connection)
                yield connection
                newest = connection.info.get(NEWEST, self._newest)
            self._newest = newest

    @contextmanager
    def write_volatile(self) -> Iterator[Connection]:
        """A transaction for claims, refusals and counts, of which a crash may lose the newest.

        It waits neither for the write lock nor for the disk, so it costs microseconds.

        Raises:
            AuditUnavailable: the database cannot be written; the transaction is rolled back.
        """
        with _failures():
            self._prepare()
            with self._volatile_engine.begin() as connection:
                yield connection

    def purge_deleted(self) -> None:
        """Truncate SQLite's write-ahead log, which may hold deleted entries; PostgreSQL has its vacuum.

        Raises:
            AuditUnavailable: the database cannot be written.
        """
        with self.read() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close all connections; they are opened again when they are needed."""
        self._engine.dispose()
        self._volatile_engine.dispose()

    def _prepare(self) -> None:
        """Create missing tables, once in a process; several processes may do so at the same time."""
        if self._prepared:
            return
        if self._file is not None and not self._file.exists():
            raise AuditUnavailable(NO_RECORD)
        with self._engine.connect() as connection:
            ready = is_ready(connection)
        if not ready:
            with self._exclusive() as connection:
                add_tables(connection)
        self._prepared = True

    def _check_newest(self, connection: Connection) -> None:
        """Check that the newest entry that this process wrote is still in the record.

        Raises:
            AuditUnavailable: it is not, because the record was replaced by an older or another one.
        """
        connection.info.pop(NEWEST, None)
        known = self._newest
        if known == GENESIS:
            return
        found = connection.execute(_HASH, {"of": known.id}).scalar()
        is_pruned = found is None and head(connection).id > known.id
        if found != known.hash and not is_pruned:
            raise AuditUnavailable(f"entry {known.id} is gone: the record was replaced under this process")

    @contextmanager
    def _exclusive(self) -> Iterator[Connection]:
        # the threads of a process wait here, where waiting takes no connection and needs no polling
        if not self._write_lock.acquire(timeout=LOCK_TIMEOUT_SECONDS):
            raise AuditUnavailable("the write lock was not free in time")
        try:
            with self._engine.begin() as connection:
                _take_write_lock(connection)
                yield connection
        finally:
            self._write_lock.release()


def _take_write_lock(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITE_LOCK_ID})


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # the library's message may quote the row, so only the class of the error is kept
        raise AuditUnavailable(type(error).__name__) from error


def _engine(url: URL, connections: int, *, durable: bool = True, is_new: bool = False) -> Engine:
    """Connections to a database; a file that is missing is created only where `is_new` says so."""
    pool = {"pool_size": connections, "max_overflow": 0, "pool_timeout": LOCK_TIMEOUT_SECONDS}
    if url.get_backend_name() != "sqlite":
        commit = "on" if durable else "off"
        settings = f"{_POSTGRESQL_OPTIONS} -c synchronous_commit={commit}"
        options = {"connect_timeout": LOCK_TIMEOUT_SECONDS, "options": settings}
        return create_engine(url, pool_pre_ping=True, connect_args=options, hide_parameters=True, **pool)
    mode = "rwc" if is_new else "rw"
    url = url.set(database=f"file:{quote(url.database or '')}", query={"mode": mode, "uri": "true"})
    engine = create_engine(url, connect_args={"timeout": LOCK_TIMEOUT_SECONDS}, hide_parameters=True, **pool)

    @event.listens_for(engine, "connect")
    def _connected(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection has no common type
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    return engine
