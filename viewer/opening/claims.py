"""Claims: each says which viewer is making a rendition, so that one conversion serves everybody who waits.

Claims are rows in the audit database, which all viewers share and without which nothing is shown. Each change
is one statement, so exactly one of two viewers that claim a rendition at the same time gets it. Ages are
measured by the database's clock. A crash of the database may lose the newest claims; then a document is
converted twice.
"""

import secrets

from sqlalchemy import (
    Column,
    ColumnElement,
    Double,
    Integer,
    String,
    Table,
    bindparam,
    delete,
    func,
    select,
    update,
)

from viewer.audit.database import Database
from viewer.audit.dialects import Now, insert_into
from viewer.audit.tables import metadata

CLAIM_SECONDS = 20
"""A claim expires when it was not renewed for so long: its owner has ended or hangs."""
FAILURE_SECONDS = 10
"""How long a failed claim's error code is kept for those who wait. It does not affect people who open the
document afterwards."""

claims_table = Table(
    "claims",
    metadata,
    Column("key", String(97), primary_key=True),
    Column("owner", String(16), nullable=False),
    Column("number", Integer, nullable=False),
    Column("renewed", Double, nullable=False),
    Column("failure", String(32)),
)
"""`number` gives the order of the claims; `renewed` is in seconds since 1970; `failure` is an error code."""
columns = claims_table.c


def _is_active(now: ColumnElement[float]) -> ColumnElement[bool]:
    """Whether a claim was renewed recently; a time that is far in the future counts as expired too."""
    return columns.renewed.between(now - CLAIM_SECONDS, now + CLAIM_SECONDS) & columns.failure.is_(None)


_IS_ACTIVE = _is_active(Now())
_IS_KEY = columns.key == bindparam("of", type_=String)
_IS_OWN = _IS_KEY & (columns.owner == bindparam("by", type_=String))
_NEXT_NUMBER = select(func.coalesce(func.max(columns.number), 0) + 1).scalar_subquery()
_OWN_NUMBER = select(columns.number).where(_IS_KEY, _IS_ACTIVE).scalar_subquery()

# The queries are built once, since waiting pages run them several times a second.
_CLAIMED = select(columns.key).where(_IS_KEY, _IS_ACTIVE)
_AHEAD = select(func.count()).where(columns.number < _OWN_NUMBER, _IS_ACTIVE)
_RENEW = update(claims_table).where(_IS_OWN).values(renewed=Now())
_RELEASE = delete(claims_table).where(_IS_OWN)
_FAIL = update(claims_table).where(_IS_OWN).values(renewed=Now(), failure=bindparam("code", type_=String))
_FAILURE = select(columns.failure).where(
    _IS_KEY, columns.renewed.between(Now() - FAILURE_SECONDS, Now() + FAILURE_SECONDS)
)
_SWEEP = delete(claims_table).where(~_IS_ACTIVE)


class Claims:
    """The claims of all viewers, as seen and changed by one process.

    Every method raises `AuditUnavailable` when the database cannot be read or written.
    """

    def __init__(self, database: Database) -> None:
        """Use the database that all viewers share. Each process makes its own object, after it was forked."""
        self._database = database
        self._owner = secrets.token_hex(8)

    def claim(self, key: str) -> bool:
        """Try to claim the rendition; return False where another active claim exists.

        The claim expires `CLAIM_SECONDS` after it was last renewed.
        """
        new = {"key": key, "owner": self._owner, "number": _NEXT_NUMBER, "renewed": Now(), "failure": None}
        with self._database.write_volatile() as connection:
            insert = insert_into(connection, claims_table).values(new)
            taken = insert.on_conflict_do_update(
                index_elements=[columns.key],
                set_={name: insert.excluded[name] for name in ("owner", "number", "renewed", "failure")},
                where=~_is_active(insert.excluded.renewed),
            )
            return connection.execute(taken.returning(columns.key)).first() is not None

    def renew(self, key: str) -> None:
        """Keep this process's claim from expiring. Another process's claim is not changed."""
        with self._database.write_volatile() as connection:
            connection.execute(_RENEW, {"of": key, "by": self._owner})

    def is_claimed(self, key: str) -> bool:
        """Whether there is an active claim on the rendition."""
        with self._database.read() as connection:
            return connection.execute(_CLAIMED, {"of": key}).first() is not None

    def ahead(self, key: str) -> int:
        """The number of active claims that are older than the rendition's; 0 where it has no active claim."""
        with self._database.read() as connection:
            return connection.execute(_AHEAD, {"of": key}).scalar_one()

    def release(self, key: str) -> None:
        """Delete this process's claim, whether or not the rendition was made."""
        with self._database.write_volatile() as connection:
            connection.execute(_RELEASE, {"of": key, "by": self._owner})

    def fail(self, key: str, code: str) -> None:
        """End this process's claim with an error code, for those who wait.

        Args:
            key: the rendition's key.
            code: the code of the error that people see.
        """
        with self._database.write_volatile() as connection:
            connection.execute(_FAIL, {"of": key, "by": self._owner, "code": code})

    def failure(self, key: str) -> str | None:
        """The error code with which the last claim failed a moment ago; None where there is none."""
        with self._database.read() as connection:
            return connection.execute(_FAILURE, {"of": key}).scalar()

    def sweep(self) -> int:
        """Delete expired claims and return their number. Several processes may do so at the same time."""
        with self._database.write_volatile() as connection:
            return connection.execute(_SWEEP).rowcount
