"""SQL that SQLAlchemy writes differently for SQLite and for PostgreSQL."""

from typing import Any

from sqlalchemy import Connection, Double, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Now(FunctionElement[float]):
    """The time in seconds since 1970 by the database's clock, so that the clocks of viewers do not matter.

    SQLite uses the machine's clock, to the millisecond; all viewers that share the file run on that machine.
    """

    type = Double()
    inherit_cache = True


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert statement with `on_conflict_do_update` for the connection's dialect."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


@compiles(Now, "postgresql")
def _postgresql(_now: Now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"


@compiles(Now, "sqlite")
def _sqlite(_now: Now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"
