"""Notices when one person opens unusually many documents: on record, counted, and logged without a name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Integer, bindparam, select

from viewer.audit.chain import utc
from viewer.audit.database import Database
from viewer.audit.record import Entry, Outcome, append
from viewer.audit.tables import audit_table

_SPAN = timedelta(hours=1)

row = audit_table.c
log = structlog.get_logger(__name__)


_BY_THEM = select(row.at).where(row.email == bindparam("email")).order_by(row.id.desc()).limit(1)
_SEEN = _BY_THEM.where(row.outcome.in_([Outcome.VIEWED, Outcome.DOWNLOADED])).offset(
    bindparam("more", type_=Integer)
)
_TOLD = _BY_THEM.where(row.outcome == Outcome.UNUSUAL)


class UnusualVolume:
    """Looks at each view, whether it is the one too many within an hour."""

    def __init__(self, database: Database, least: int, observe: Callable[[], object]) -> None:
        """Watch for so many.

        Args:
            database: the record's own.
            least: views and downloads by one person within an hour that are unusual; 0 for never.
            observe: told of each alert; once an hour for a person at most, unless two views come at once.
        """
        self._database = database
        self._least = least
        self._observe = observe

    def look(self, seen: Entry) -> None:
        """Put it on record where this view, which is on record already, makes the volume unusual.

        Raises:
            AuditUnavailable: the record cannot be read or written.
        """
        if not self._least or not self._is_unusual(seen.by.email):
            return
        detail = f"{self._least} views or more within an hour"
        with self._database.write() as connection:
            append(connection, replace(seen, outcome=Outcome.UNUSUAL, code=None, sha256=None, detail=detail))
        self._observe()
        log.warning("unusual volume")

    def _is_unusual(self, email: str) -> bool:
        """Whether the view that many ago is younger than an hour, and there was no alert since."""
        start = datetime.now(UTC) - _SPAN
        with self._database.read() as connection:
            at = connection.execute(_SEEN, {"email": email, "more": self._least - 1}).scalar()
            if at is None or utc(at) < start:
                return False
            last = connection.execute(_TOLD, {"email": email}).scalar()
        return last is None or utc(last) < start
