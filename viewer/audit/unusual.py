"""Detects when one person opens unusually many documents; the alert is recorded, counted and logged."""

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

columns = audit_table.c
log = structlog.get_logger(__name__)


_OF_PERSON = (
    select(columns.at).where(columns.email == bindparam("email")).order_by(columns.id.desc()).limit(1)
)
_SEEN = _OF_PERSON.where(columns.outcome.in_([Outcome.VIEWED, Outcome.DOWNLOADED])).offset(
    bindparam("more", type_=Integer)
)
_LAST_ALERT = _OF_PERSON.where(columns.outcome == Outcome.UNUSUAL)


class UnusualVolume:
    """Checks after each view whether the person reached the hourly threshold."""

    def __init__(self, database: Database, threshold: int, on_alert: Callable[[], object]) -> None:
        """Use the audit database.

        Args:
            database: the audit database.
            threshold: the number of views and downloads within an hour that raises an alert; 0 for none.
            on_alert: called for each alert: once an hour for a person, or more often when views coincide.
        """
        self._database = database
        self._threshold = threshold
        self._on_alert = on_alert

    def check(self, view: Entry) -> None:
        """Record an alert if this view, which is recorded already, makes the person's volume unusual.

        Raises:
            AuditUnavailable: the record cannot be read or written.
        """
        if not self._threshold or not self._is_unusual(view.by.email):
            return
        detail = f"{self._threshold} views or more within an hour"
        with self._database.write() as connection:
            append(connection, replace(view, outcome=Outcome.UNUSUAL, code=None, sha256=None, detail=detail))
        self._on_alert()
        log.warning("unusual volume")

    def _is_unusual(self, email: str) -> bool:
        """Whether the person reached the threshold within the last hour without an alert in that hour."""
        start = datetime.now(UTC) - _SPAN
        with self._database.read() as connection:
            at = connection.execute(_SEEN, {"email": email, "more": self._threshold - 1}).scalar()
            if at is None or utc(at) < start:
                return False
            last = connection.execute(_LAST_ALERT, {"email": email}).scalar()
        return last is None or utc(last) < start
