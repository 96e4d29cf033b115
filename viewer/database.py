"""The database that all workers and replicas share, for what must be known to all but is not the record.

It is the audit's own (`AUDIT_URL`): no further service to run, and without it nothing is shown anyway.
"""

from sqlalchemy import Engine, MetaData, create_engine, event

_BUSY_SECONDS = 5
"""How long a write waits for another process's write before it counts as impossible."""


def open_database(url: str, *, durable: bool) -> Engine:
    """Connect lazily.

    Args:
        url: SQLAlchemy's form: SQLite, or PostgreSQL for several replicas.
        durable: whether each write survives a power cut. Without, it costs microseconds instead of a disk's
            flush, and a crash may lose the last ones.
    """
    if not url.startswith("sqlite"):
        options = "" if durable else "-c synchronous_commit=off"
        arguments = {"connect_timeout": _BUSY_SECONDS, "options": options}
        return create_engine(url, pool_pre_ping=True, connect_args=arguments)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _write_ahead(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection has no common type
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        cursor.close()

    return engine


def make_tables(engine: Engine, metadata: MetaData) -> None:
    """Make the tables where they are missing; several processes may do so at once."""
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        metadata.create_all(connection, checkfirst=True)


_LOCK = 7_226_104_001
"""PostgreSQL fails when two replicas make a table at once; an advisory lock of this number lets one after the
other."""
