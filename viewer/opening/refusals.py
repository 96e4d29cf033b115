"""Refusals: each says that certain bytes are refused without another attempt, why, and until when.

Refusals are rows in the audit database, which all viewers share. They hold the digest of the bytes, and no
other data about the document or a person. Times are measured by the database's clock.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Column, ColumnElement, Double, String, Table, bindparam, delete, select

from viewer.audit.database import Database
from viewer.audit.dialects import Now, insert_into
from viewer.audit.tables import metadata
from viewer.errors import BY_CODE

MAX_EVIDENCE_LENGTH = 200
"""The most characters of evidence that are kept."""
_CLOCK_SECONDS = 60
"""A refusal that was written further in the future is ignored, because the clock was set back since."""

refusals_table = Table(
    "refusals",
    metadata,
    Column("key", String(97), primary_key=True),
    Column("code", String(32), nullable=False),
    Column("evidence", String(MAX_EVIDENCE_LENGTH), nullable=False),
    Column("since", Double, nullable=False),
    Column("until", Double, nullable=False),
)
"""`since` and `until` are in seconds since 1970."""
columns = refusals_table.c

_IN_FORCE = (columns.until > Now()) & (columns.since < Now() + _CLOCK_SECONDS)
_IS_KEY = columns.key == bindparam("of", type_=String)
_CODE = select(columns.code).where(_IS_KEY, _IN_FORCE)  # built once, since every opening of new bytes runs it
_ALL = select(refusals_table).where(_IN_FORCE).order_by(columns.since.desc())


@dataclass(frozen=True, slots=True)
class Refusal:
    """One remembered refusal.

    Args:
        key: the key that the rendition would have; it begins with the bytes' SHA-256.
        code: the code of the error that people see.
        evidence: what was observed, for operators, such as ``child killed by signal 11, twice``.
        since: when the refusal was written.
        until: when it expires.
    """

    key: str
    code: str
    evidence: str
    since: datetime
    until: datetime


class Refusals:
    """Stores, looks up and deletes refusals.

    Every method raises `AuditUnavailable` when the database cannot be read or written.
    """

    def __init__(self, database: Database) -> None:
        """Use the database that all viewers share."""
        self._database = database

    def remember(self, key: str, code: str, evidence: str, seconds: float) -> None:
        """Refuse these bytes from now on; an earlier refusal of the same bytes is replaced.

        Args:
            key: the key that the rendition would have.
            code: the code of the error that people see.
            evidence: what was observed, a short technical phrase without content or personal data.
            seconds: how long to refuse them.
        """
        new = {"code": code, "evidence": _fit_column(evidence), "since": Now(), "until": Now() + seconds}
        with self._database.write_volatile() as connection:
            insert = insert_into(connection, refusals_table).values(key=key, **new)
            changed = {name: insert.excluded[name] for name in new}
            connection.execute(insert.on_conflict_do_update(index_elements=[columns.key], set_=changed))

    def code_for(self, key: str) -> str | None:
        """The error code with which these bytes are refused now; None where they are not.

        A code that this version of the program does not know is ignored.
        """
        with self._database.read() as connection:
            code = connection.execute(_CODE, {"of": key}).scalar()
        return code if code in BY_CODE else None

    def in_force(self) -> list[Refusal]:
        """All active refusals, newest first."""
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
        """Delete this refusal, so that the bytes are tried again when somebody opens them."""
        self._delete(columns.key == key)

    def forget_where(
        self, code: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> int:
        """Delete the active refusals that meet all given conditions; all of them where none is given.

        Args:
            code: only refusals with this error code.
            since: only refusals written at this time or later.
            until: only refusals written before this time.

        Returns:
            The number of deleted refusals.
        """
        conditions: list[ColumnElement[bool]] = [_IN_FORCE]
        conditions += [columns.code == code] if code else []
        conditions += [columns.since >= since.timestamp()] if since else []
        conditions += [columns.since < until.timestamp()] if until else []
        return self._delete(*conditions)

    def sweep(self) -> int:
        """Delete expired refusals and return their number. Several processes may do so at the same time."""
        return self._delete(~_IN_FORCE)

    def _delete(self, *conditions: ColumnElement[bool]) -> int:
        with self._database.write_volatile() as connection:
            return connection.execute(delete(refusals_table).where(*conditions)).rowcount


def _fit_column(evidence: str) -> str:
    """Cut evidence to the column width and blank unprintable characters, as PostgreSQL requires."""
    return "".join(each if each.isprintable() else " " for each in evidence)[:MAX_EVIDENCE_LENGTH]
