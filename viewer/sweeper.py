"""In the background of every worker process: deletes what is past its hours, notes the audit's head."""

import threading
import time
from collections.abc import Mapping
from typing import Protocol

import structlog

from viewer.audit import Audit
from viewer.errors import AuditUnavailable, Problem

_SECONDS = 300
_HEAD_SECONDS = 3600

log = structlog.get_logger(__name__)


class Sweepable(Protocol):
    """Keeps things that are of use for a while only."""

    def sweep(self) -> int:
        """Delete what is past its time; say how many things went.

        Raises:
            Problem: not all of it could be deleted.
        """


def sweep_regularly(swept: Mapping[str, Sweepable]) -> None:
    """Sweep each now and every few minutes, until the process ends.

    Args:
        swept: by the names that the log shows.
    """

    def run() -> None:
        while True:
            for name, each in swept.items():
                sweep(name, each)
            time.sleep(_SECONDS)

    threading.Thread(target=run, name="sweeper", daemon=True).start()


def sweep(name: str, swept: Sweepable) -> None:
    """Sweep once; what stands in the way is logged, and tried again the next time."""
    try:
        gone = swept.sweep()
    except Problem as error:
        log.warning("not swept", what=name, code=error.code)
    else:
        if gone:
            log.info("swept", what=name, gone=gone)


def note_head_regularly(audit: Audit) -> None:
    """Note the head of the audit's chain now and every hour, until the process ends."""

    def run() -> None:
        while True:
            note_head(audit)
            time.sleep(_HEAD_SECONDS)

    threading.Thread(target=run, name="audit-head", daemon=True).start()


def note_head(audit: Audit) -> None:
    """Log the head of the audit's chain.

    Logs are kept elsewhere, so whoever rewrites the database cannot rewrite what was noted:
    `audit verify --expect`.
    """
    try:
        head = audit.head()
    except AuditUnavailable:
        log.warning("audit head not noted")
    else:
        log.info("audit head", entry=head.id, hash=head.hash)
