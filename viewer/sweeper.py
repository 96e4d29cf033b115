"""The background threads of each worker process: they delete expired data and log the audit head."""

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
    """Something that holds data which expires."""

    def sweep(self) -> int:
        """Delete expired data and return the number of deleted items.

        Raises:
            Problem: some of it could not be deleted.
        """


def sweep_regularly(swept: Mapping[str, Sweepable]) -> None:
    """Sweep each of them now and every five minutes, until the process ends.

    Args:
        swept: what to sweep, by the names that log lines show.
    """

    def run() -> None:
        while True:
            for name, each in swept.items():
                sweep(name, each)
            time.sleep(_SECONDS)

    threading.Thread(target=run, name="sweeper", daemon=True).start()


def sweep(name: str, swept: Sweepable) -> None:
    """Sweep once; a failure is logged, and the next sweep tries again."""
    try:
        deleted = swept.sweep()
    except Problem as error:
        log.warning("sweep failed", what=name, code=error.code)
    else:
        if deleted:
            log.info("expired data deleted", what=name, deleted=deleted)


def log_head_regularly(audit: Audit) -> None:
    """Log the head of the audit chain now and every hour, until the process ends."""

    def run() -> None:
        while True:
            log_head(audit)
            time.sleep(_HEAD_SECONDS)

    threading.Thread(target=run, name="audit-head", daemon=True).start()


def log_head(audit: Audit) -> None:
    """Log the head of the audit chain, for `audit verify --expect`.

    Logs are kept elsewhere, so that a person who rewrites the database cannot rewrite them.
    """
    try:
        head = audit.head()
    except AuditUnavailable:
        log.warning("audit head could not be read")
    else:
        log.info("audit head", entry=head.id, hash=head.hash)
