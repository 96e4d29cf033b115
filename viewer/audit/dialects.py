"""What SQLite and PostgreSQL both can, and SQLAlchemy spells differently for each."""

from typing import Any

from sqlalchemy import Connection, Double, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Now(FunctionElement[float]):
    """Seconds since 1970 by the database's own clock, so that the clocks of viewers do not matter.

    SQLite's clock is the machine's own, to the millisecond; all viewers that share a file share that machine.
    """

    type = Double()
    inherit_cache = True


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that can say what happens where the row is there: `on_conflict_do_update`."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


@compiles(Now, "postgresql")
def _postgresql(_now: Now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"


@compiles(Now, "sqlite")
def _sqlite(_now: Now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"
