"""Refusals: which bytes are refused without being tried again, why, and until when.

They are rows in the audit's database, which all viewers share. They hold the digest of the bytes, and nothing
of their document or of anybody. Times are told by the database's clock alone.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Column, ColumnElement, Double, String, Table, bindparam, delete, select

from viewer.audit.database import Database
from viewer.audit.dialects import Now, insert_into
from viewer.audit.tables import metadata
from viewer.errors import BY_CODE

LONGEST_EVIDENCE = 200
"""Characters; what is longer is cut."""
_CLOCK_SECONDS = 60
"""A refusal that was written further ahead is not in force: the clock was set back since."""

refusals_table = Table(
    "refusals",
    metadata,
    Column("key", String(97), primary_key=True),
    Column("code", String(32), nullable=False),
    Column("evidence", String(LONGEST_EVIDENCE), nullable=False),
    Column("since", Double, nullable=False),
    Column("until", Double, nullable=False),
)
"""`since` and `until` are in seconds since 1970."""
row = refusals_table.c

_IN_FORCE = (row.until > Now()) & (row.since < Now() + _CLOCK_SECONDS)
_IS_KEY = row.key == bindparam("of", type_=String)
_CODE = select(row.code).where(_IS_KEY, _IN_FORCE)  # built once: every opening of new bytes asks it
_ALL = select(refusals_table).where(_IN_FORCE).order_by(row.since.desc())


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is remembered of bytes that are refused.

    Args:
        key: as the rendition's would be; begins with the bytes' SHA-256.
        code: of the error that people read.
        evidence: what was seen, for operators, such as ``child killed by signal 11, twice``.
        since: when it was written down.
        until: when it is forgotten.
    """

    key: str
    code: str
    evidence: str
    since: datetime
    until: datetime


class Refusals:
    """Remembers, answers and forgets.

    Every method raises `AuditUnavailable` when the database cannot be read or written.
    """

    def __init__(self, database: Database) -> None:
        """Use the record's own database, which all viewers share."""
        self._database = database

    def remember(self, key: str, code: str, evidence: str, seconds: float) -> None:
        """Refuse these bytes for so long; in place of what was remembered of them before.

        Args:
            key: of the rendition that there cannot be.
            code: of the error that people read.
            evidence: what was seen, a short technical phrase without anything of the document or of anybody.
            seconds: from now on.
        """
        new = {"code": code, "evidence": _fitted(evidence), "since": Now(), "until": Now() + seconds}
        with self._database.write_beside() as connection:
            insert = insert_into(connection, refusals_table).values(key=key, **new)
            changed = {name: insert.excluded[name] for name in new}
            connection.execute(insert.on_conflict_do_update(index_elements=[row.key], set_=changed))

    def code_for(self, key: str) -> str | None:
        """The error code with which these bytes are refused now, if they are.

        A code that another version of this program wrote and this one does not know refuses nothing.
        """
        with self._database.read() as connection:
            code = connection.execute(_CODE, {"of": key}).scalar()
        return code if code in BY_CODE else None

    def in_force(self) -> list[Refusal]:
        """The refusals of now, the newest first."""
        with self._database.read() as connection:
            found = connection.execute(_ALL).all()
        return [
            Refusal(
                each.key,
                each.code,
                each.evidence,
                datetime.fromtimestamp(each.since, UTC),
                datetime.fromtimestamp(each.until, UTC),
            )
            for each in found
        ]

    def forget(self, key: str) -> None:
        """Remember this refusal no longer: the next person's opening tries the bytes again."""
        self._delete(row.key == key)

    def forget_where(
        self, code: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> int:
        """Remember no longer what fits all that is given; everything, where nothing is.

        Args:
            code: refused with this error code.
            since: written down then or later.
            until: written down before then.

        Returns:
            How many were in force and are forgotten.
        """
        conditions: list[ColumnElement[bool]] = [_IN_FORCE]
        conditions += [row.code == code] if code else []
        conditions += [row.since >= since.timestamp()] if since else []
        conditions += [row.since < until.timestamp()] if until else []
        return self._delete(*conditions)

    def sweep(self) -> int:
        """Delete the refusals that are in force no longer; say how many. Several may sweep at once."""
        return self._delete(~_IN_FORCE)

    def _delete(self, *conditions: ColumnElement[bool]) -> int:
        with self._database.write_beside() as connection:
            return connection.execute(delete(refusals_table).where(*conditions)).rowcount


def _fitted(evidence: str) -> str:
    """As the column takes it: PostgreSQL refuses longer texts, and NUL in any."""
    return "".join(each if each.isprintable() else " " for each in evidence)[:LONGEST_EVIDENCE]
