"""The database of the audit and the blocks: SQLite for one machine, PostgreSQL for several.

Reads go side by side. Writes of the record go one after the other, over all threads, processes and replicas,
since each row carries the hash of the row before.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from viewer.audit.tables import is_ready, prepare
from viewer.errors import AuditUnavailable

BUSY_SECONDS = 5
"""How long a write waits for its turn before it counts as impossible."""
_CONNECTIONS = 32
"""Of one process, at most; more threads wait for one."""
_CONNECTIONS_BESIDE = 4
"""The same, for what is written beside the record."""
_POSTGRESQL_OPTIONS = " ".join(
    [
        f"-c lock_timeout={BUSY_SECONDS}s",
        "-c statement_timeout=30s",
        "-c idle_in_transaction_session_timeout=30s",  # a replica that froze in a write gives its turn up
        "-c timezone=UTC",
    ]
)
_TURN = 7_305_921_468_013_377
"""The advisory lock that PostgreSQL's writers take; any number, the same everywhere."""


class Database:
    """Connections to the one database, made when they are first needed."""

    def __init__(self, url: str) -> None:
        """Connect lazily: a database that is down at start is a failing readiness check, not a crash loop.

        Args:
            url: SQLAlchemy's form, such as ``sqlite:////var/lib/viewer/audit.db``.
        """
        self._engine = _engine(url, _CONNECTIONS)
        self._beside = _engine(url, _CONNECTIONS_BESIDE, durable=False)
        self._prepared = False
        self._turn = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with.

        Raises:
            AuditUnavailable: the database cannot be reached, or is of another version.
        """
        with _failures():
            self._prepare()
            with self._engine.connect() as connection:
                yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection that sees the database as it is at its first look, whatever is written meanwhile.

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
        """A transaction that nobody else's write overlaps; durable once the block is left.

        Raises:
            AuditUnavailable: the database cannot be written, or its turn did not come in time; nothing of
                the block is kept.
        """
        with _failures():
            self._prepare()
            with self._alone() as connection:
                yield connection

    @contextmanager
    def write_beside(self) -> Iterator[Connection]:
        """A transaction beside the record: for counts.

        It waits neither for the record's turn nor for the disk, so it costs microseconds, and a crash may
        lose the last ones.

        Raises:
            AuditUnavailable: the database cannot be written; nothing of the block is kept.
        """
        with _failures():
            self._prepare()
            with self._beside.begin() as connection:
                yield connection

    def forget_what_was_deleted(self) -> None:
        """Empty SQLite's log, which may still hold what was deleted; PostgreSQL's vacuum does so by itself.

        Raises:
            AuditUnavailable: the database cannot be written.
        """
        with self.read() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give all connections up; they are made anew when they are needed."""
        self._engine.dispose()
        self._beside.dispose()

    def _prepare(self) -> None:
        """Make the tables where they are missing. Several processes may: the second finds it done."""
        if self._prepared:
            return
        with self._engine.connect() as connection:
            ready = is_ready(connection)
        if not ready:
            with self._alone() as connection:
                prepare(connection)
        self._prepared = True

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        # the threads of a process queue here, where waiting costs no connection and no polling
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise AuditUnavailable("no turn to write")
        try:
            with self._engine.begin() as connection:
                _take_turn(connection)
                yield connection
        finally:
            self._turn.release()


def _take_turn(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # the library's message may quote the row, so its kind alone is told
        raise AuditUnavailable(type(error).__name__) from error


def _engine(url: str, connections: int, *, durable: bool = True) -> Engine:
    pool = {"pool_size": connections, "max_overflow": 0, "pool_timeout": BUSY_SECONDS}
    if not url.startswith("sqlite"):
        commit = "on" if durable else "off"
        settings = f"{_POSTGRESQL_OPTIONS} -c synchronous_commit={commit}"
        options = {"connect_timeout": BUSY_SECONDS, "options": settings}
        return create_engine(url, pool_pre_ping=True, connect_args=options, hide_parameters=True, **pool)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True, **pool)

    @event.listens_for(engine, "connect")
    def _connected(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection has no common type
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    return engine
