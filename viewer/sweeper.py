"""Deletes what is past its hours, in the background of every worker process."""

import threading
import time

import structlog

from viewer.errors import StoreUnavailable
from viewer.store import ObjectStore

_SECONDS = 300

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
