"""How often one person asks for documents, counted in the shared database: one limit over all replicas.

One row a person: the minute, and how often in it. A window that is fixed to the minute lets twice the limit
through around a minute's end; that is enough against a script that empties case files, and costs one write.
"""

import time
from collections.abc import Callable

from sqlalchemy import Column, Integer, String, Table, text

from viewer.audit.database import Database
from viewer.audit.tables import metadata
from viewer.errors import TooManyRequests

_WINDOW_SECONDS = 60

rates_table = Table(
    "rates",
    metadata,
    Column("email", String(320), primary_key=True),
    Column("minute", Integer, nullable=False),
    Column("count", Integer, nullable=False),
)
"""How often somebody asked for documents in their last minute."""

_COUNT = text("""
    INSERT INTO rates (email, minute, count) VALUES (:email, :minute, 1)
    ON CONFLICT (email) DO UPDATE SET
        count = CASE WHEN rates.minute = excluded.minute THEN rates.count + 1 ELSE 1 END,
        minute = excluded.minute
    RETURNING count
""")
"""SQLite and PostgreSQL read it alike."""


class Rates:
    """Counts, and says when it is too often."""

    def __init__(self, database: Database, limit: int, now: Callable[[], float] = time.time) -> None:
        """Count in the record's own database, which all replicas share.

        Args:
            database: the record's.
            limit: requests a minute and person.
            now: seconds since 1970.
        """
        self._database = database
        self._limit = limit
        self._now = now

    def count(self, email: str) -> None:
        """Count one request.

        Raises:
            TooManyRequests: it is beyond the limit; with the seconds until the next minute.
            AuditUnavailable: it cannot be counted.
        """
        minute, second = divmod(self._now(), _WINDOW_SECONDS)
        with self._database.write_beside() as connection:
            row = {"email": email, "minute": int(minute)}
            counted = connection.execute(_COUNT, row).scalar_one()
        if counted > self._limit:
            raise TooManyRequests(_WINDOW_SECONDS - int(second))
