"""The rate limit on document requests by one person, counted in the shared database for all replicas.

There is one row for each person: the minute, and the number of requests in it. A window that is fixed to the
minute allows twice the limit around the end of a minute. That is enough against a script that copies case
files, and costs one write.
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
"""The number of document requests by each person in their most recent minute."""

_COUNT = text("""
    INSERT INTO rates (email, minute, count) VALUES (:email, :minute, 1)
    ON CONFLICT (email) DO UPDATE SET
        count = CASE WHEN rates.minute = excluded.minute THEN rates.count + 1 ELSE 1 END,
        minute = excluded.minute
    RETURNING count
""")
"""SQLite and PostgreSQL both understand this statement."""


class RateLimiter:
    """Counts requests and refuses those beyond the limit."""

    def __init__(self, database: Database, limit: int, now: Callable[[], float] = time.time) -> None:
        """Count in the database that all replicas share.

        Args:
            database: the audit database.
            limit: the most requests by one person in a minute.
            now: gives the time in seconds since 1970.
        """
        self._database = database
        self._limit = limit
        self._now = now

    def count(self, email: str) -> None:
        """Count one request.

        Raises:
            TooManyRequests: the limit is exceeded; the error has the seconds until the next minute.
            AuditUnavailable: the request cannot be counted.
        """
        minute, second = divmod(self._now(), _WINDOW_SECONDS)
        with self._database.write_volatile() as connection:
            row = {"email": email, "minute": int(minute)}
            counted = connection.execute(_COUNT, row).scalar_one()
        if counted > self._limit:
            raise TooManyRequests(_WINDOW_SECONDS - int(second))
