"""From when on a person's sessions, links and tokens count: how they are ended everywhere at once.

Each revocation is a row that stays, and is on record. All replicas ask the same table and remember the answer
for two seconds at most. Their clocks should agree (NTP): a session that began on a replica whose clock is
ahead survives a revocation by as much.
"""

import threading
import time

from cachetools import TTLCache
from sqlalchemy import Column, Double, Integer, String, Table, bindparam, func, insert, select

from shared.actor import Actor
from viewer.audit.database import Database
from viewer.audit.record import Entry, Outcome, append
from viewer.audit.tables import metadata

MEMORY_SECONDS = 2
_REMEMBERED_PEOPLE = 10_000

revocations_table = Table(
    "revocations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("email", String(320), nullable=False, index=True),
    Column("valid_from", Double, nullable=False),
    Column("by", String(320), nullable=False),
)
"""Since when proofs of who somebody is count, in seconds since 1970."""
row = revocations_table.c
_LATEST = select(func.max(row.valid_from)).where(row.email == bindparam("email"))


class SharedRevocations:
    """The table, with a short memory in this process."""

    def __init__(self, database: Database) -> None:
        """Use the record's own database, which all replicas share."""
        self._database = database
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

    def revoke(self, email: str, by: Actor) -> None:
        """See `Revocations.revoke`: here at once, elsewhere within two seconds.

        Raises:
            AuditUnavailable: it can be neither written nor put on record; nothing is revoked.
        """
        email = email.lower()
        act = Entry(by, Outcome.REVOKED, detail=f"staff {email}")
        revocation = {"email": email, "valid_from": time.time(), "by": by.email}
        with self._database.write() as connection:
            connection.execute(insert(revocations_table).values(revocation))
            append(connection, act)
        with self._lock:
            self._known.pop(email, None)

    def _latest(self, email: str) -> float:
        with self._database.read() as connection:
            return connection.execute(_LATEST, {"email": email}).scalar() or 0.0
