"""Claims: which viewer is making a rendition, so that one conversion serves everybody who waits for it.

They are rows in the audit's database, which all viewers share and which must be up before anything is shown.
Each change is one statement, so of two viewers that claim the same rendition at once exactly one gets it.
Ages are told by the database's clock alone. A crash of the database may lose the newest claims; then a
document is converted twice.
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
"""A claim that was not renewed for so long is dead: its owner ended or hangs."""
FAILURE_SECONDS = 10
"""For which those who wait can ask why a rendition could not be made. Who opens the document afresh does not
ask: a failure that says nothing about the document stops nobody."""

claims_table = Table(
    "claims",
    metadata,
    Column("key", String(97), primary_key=True),
    Column("owner", String(16), nullable=False),
    Column("number", Integer, nullable=False),
    Column("renewed", Double, nullable=False),
    Column("failure", String(32)),
)
"""`number` is the order in which they were claimed; `renewed` is in seconds since 1970; `failure` is the code
of the error for which a claim was given up."""
row = claims_table.c


def _is_living(now: ColumnElement[float]) -> ColumnElement[bool]:
    """Renewed a short time before, or after: a claim of a time that is far ahead is dead as well."""
    return row.renewed.between(now - CLAIM_SECONDS, now + CLAIM_SECONDS) & row.failure.is_(None)


_LIVING = _is_living(Now())
_IS_KEY = row.key == bindparam("of", type_=String)
_IS_OWN = _IS_KEY & (row.owner == bindparam("by", type_=String))
_NEXT_NUMBER = select(func.coalesce(func.max(row.number), 0) + 1).scalar_subquery()
_OWN_NUMBER = select(row.number).where(_IS_KEY, _LIVING).scalar_subquery()

# Built once: pages that wait ask several times a second.
_CLAIMED = select(row.key).where(_IS_KEY, _LIVING)
_AHEAD = select(func.count()).where(row.number < _OWN_NUMBER, _LIVING)
_RENEW = update(claims_table).where(_IS_OWN).values(renewed=Now())
_RELEASE = delete(claims_table).where(_IS_OWN)
_FAIL = update(claims_table).where(_IS_OWN).values(renewed=Now(), failure=bindparam("code", type_=String))
_FAILURE = select(row.failure).where(
    _IS_KEY, row.renewed.between(Now() - FAILURE_SECONDS, Now() + FAILURE_SECONDS)
)
_SWEEP = delete(claims_table).where(~_LIVING)


class Claims:
    """The claims of one process, among those of all.

    Every method raises `AuditUnavailable` when the database cannot be read or written.
    """

    def __init__(self, database: Database) -> None:
        """Use the record's own database, which all viewers share. One for each process, made after a fork."""
        self._database = database
        self._owner = secrets.token_hex(8)

    def claim(self, key: str) -> bool:
        """Try to become the one who makes this rendition. False: somebody living is at it.

        A claim lasts while `renew` is called at least every few seconds, see `CLAIM_SECONDS`.
        """
        new = {"key": key, "owner": self._owner, "number": _NEXT_NUMBER, "renewed": Now(), "failure": None}
        with self._database.write_beside() as connection:
            insert = insert_into(connection, claims_table).values(new)
            taken = insert.on_conflict_do_update(
                index_elements=[row.key],
                set_={name: insert.excluded[name] for name in ("owner", "number", "renewed", "failure")},
                where=~_is_living(insert.excluded.renewed),
            )
            return connection.execute(taken.returning(row.key)).first() is not None

    def renew(self, key: str) -> None:
        """Say that this process is alive and still at work. Nothing happens where the claim is another's."""
        with self._database.write_beside() as connection:
            connection.execute(_RENEW, {"of": key, "by": self._owner})

    def claimed(self, key: str) -> bool:
        """Whether somebody living is making this rendition."""
        with self._database.read() as connection:
            return connection.execute(_CLAIMED, {"of": key}).first() is not None

    def ahead(self, key: str) -> int:
        """How many living claims are older than this one's; 0 where nobody living claims it."""
        with self._database.read() as connection:
            return connection.execute(_AHEAD, {"of": key}).scalar_one()

    def release(self, key: str) -> None:
        """Give the claim up, whether or not the rendition was made. Another's claim stays."""
        with self._database.write_beside() as connection:
            connection.execute(_RELEASE, {"of": key, "by": self._owner})

    def fail(self, key: str, code: str) -> None:
        """Give the claim up and tell those who wait why. Another's claim stays.

        Args:
            key: of the rendition.
            code: of the error that people read.
        """
        with self._database.write_beside() as connection:
            connection.execute(_FAIL, {"of": key, "by": self._owner, "code": code})

    def failure(self, key: str) -> str | None:
        """Why the rendition could not be made a moment ago, where it was given up with a reason."""
        with self._database.read() as connection:
            return connection.execute(_FAILURE, {"of": key}).scalar()

    def sweep(self) -> int:
        """Delete the claims that are dead; say how many. Several may sweep at once."""
        with self._database.write_beside() as connection:
            return connection.execute(_SWEEP).rowcount
