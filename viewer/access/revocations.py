"""Revocations: each ends all of a person's sessions, links and tokens on every replica.

A revocation is a permanent row and is recorded in the audit. All replicas read the same table and cache the
answer for two seconds at most. Their clocks must agree (NTP): a session that began on a replica whose clock
is ahead survives a revocation by the difference.
"""

import threading
import time

from cachetools import TTLCache
from sqlalchemy import Column, Double, Integer, String, Table, bindparam, func, insert, select

from shared.actor import Actor
from viewer.audit.database import Database
from viewer.audit.record import Entry, Outcome, append
from viewer.audit.tables import metadata

CACHE_SECONDS = 2
_CACHED_PEOPLE = 10_000

revocations_table = Table(
    "revocations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("email", String(320), nullable=False, index=True),
    Column("valid_from", Double, nullable=False),
    Column("by", String(320), nullable=False),
    info={"is_backed_up": True},
)
"""`valid_from`: sessions, links and tokens issued up to then, in seconds since 1970, are revoked."""
columns = revocations_table.c
_LATEST = select(func.max(columns.valid_from)).where(columns.email == bindparam("email"))


class SharedRevocations:
    """The revocations of all replicas, with a short-lived cache in this process."""

    def __init__(self, database: Database) -> None:
        """Use the database that all replicas share."""
        self._database = database
        self._cache: TTLCache[str, float] = TTLCache(maxsize=_CACHED_PEOPLE, ttl=CACHE_SECONDS)
        self._revoked = 0
        self._lock = threading.Lock()

    def valid_from(self, email: str) -> float:
        """See `Revocations.valid_from`.

        Raises:
            AuditUnavailable: the table cannot be read; nothing may be shown.
        """
        with self._lock:
            cached = self._cache.get(email)
            revoked = self._revoked
        if cached is not None:
            return cached
        latest = self._latest(email)
        with self._lock:
            if (
                revoked == self._revoked
            ):  # else the table was read before a revocation, and may be out of date
                self._cache[email] = latest
        return latest

    def revoke(self, email: str, by: Actor) -> None:
        """See `Revocations.revoke`: it takes effect here at once, and on other replicas within two seconds.

        Raises:
            AuditUnavailable: the database cannot be written; nothing is revoked.
        """
        email = email.lower()
        entry = Entry(by, Outcome.REVOKED, detail=f"staff {email}")
        revocation = {"email": email, "valid_from": time.time(), "by": by.email}
        with self._database.write() as connection:
            connection.execute(insert(revocations_table).values(revocation))
            append(connection, entry)
        with self._lock:
            self._revoked += 1
            self._cache.pop(email, None)

    def _latest(self, email: str) -> float:
        with self._database.read() as connection:
            return connection.execute(_LATEST, {"email": email}).scalar() or 0.0
