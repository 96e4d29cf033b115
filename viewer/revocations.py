"""From when on a person's sessions, links and tokens count: how they are ended everywhere at once.

Each revocation is a row that stays, with who wanted it. All replicas ask the same table and remember the
answer for two seconds at most. Their clocks should agree (NTP): a session that began on a replica whose clock
is ahead survives a revocation by as much.
"""

import threading
import time

from cachetools import TTLCache
from sqlalchemy import Column, Double, Integer, MetaData, String, Table, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from viewer.database import make_tables, open_database
from viewer.errors import AuditUnavailable

MEMORY_SECONDS = 2
_REMEMBERED_PEOPLE = 10_000

metadata = MetaData()
table = Table(
    "revocations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("address", String(320), nullable=False, index=True),
    Column("valid_from", Double, nullable=False),
    Column("by", String(320), nullable=False),
)


class SharedRevocations:
    """The table, with a short memory in this process."""

    def __init__(self, url: str) -> None:
        """Connect lazily.

        Args:
            url: of the database that all replicas share.
        """
        self._engine = open_database(url, durable=True)
        self._prepared = False
        self._known: TTLCache[str, float] = TTLCache(maxsize=_REMEMBERED_PEOPLE, ttl=MEMORY_SECONDS)
        self._lock = threading.Lock()

    def valid_from(self, email: str) -> float:
        """See `Revocations.valid_from`.

        Raises:
            AuditUnavailable: the table cannot be read; nothing may be shown.
        """
        with self._lock:
            if email in self._known:
                return self._known[email]
        latest = self._latest(email)
        with self._lock:
            self._known[email] = latest
        return latest

    def revoke(self, email: str, by: str) -> None:
        """See `Revocations.revoke`: here at once, elsewhere within two seconds.

        Raises:
            AuditUnavailable: it cannot be written; nothing is revoked.
        """
        row = {"address": email.lower(), "valid_from": time.time(), "by": by}
        try:
            self._prepare()
            with self._engine.begin() as connection:
                connection.execute(insert(table).values(**row))
        except SQLAlchemyError as error:
            raise AuditUnavailable from error
        with self._lock:
            self._known.pop(email.lower(), None)

    def _latest(self, email: str) -> float:
        query = select(func.max(table.c.valid_from)).where(table.c.address == email)
        try:
            self._prepare()
            with self._engine.connect() as connection:
                return connection.execute(query).scalar() or 0.0
        except SQLAlchemyError as error:
            raise AuditUnavailable from error

    def _prepare(self) -> None:
        if not self._prepared:
            make_tables(self._engine, metadata)
            self._prepared = True
