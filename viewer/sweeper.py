"""In the background of every worker process: deletes what is past its hours, notes the audit's head."""

import threading
import time

import structlog

from viewer.audit import Audit
from viewer.errors import AuditUnavailable, StoreUnavailable
from viewer.opening.store import ObjectStore

_SECONDS = 300
_HEAD_SECONDS = 3600

log = structlog.get_logger(__name__)


def sweep_regularly(store: ObjectStore) -> None:
    """Sweep now and every few minutes, until the process ends."""

    def run() -> None:
        while True:
            try:
                gone = store.sweep()
            except StoreUnavailable:
                log.warning("store not swept")
            else:
                if gone:
                    log.info("store swept", objects=gone)
            time.sleep(_SECONDS)

    threading.Thread(target=run, name="sweeper", daemon=True).start()


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
