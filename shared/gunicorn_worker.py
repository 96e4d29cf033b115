"""The worker process of gunicorn for both services.

Slow clients hold no threads (`http_connections.py`). In each worker process the operations port has its own
watching thread and its own small pool, so that `/live`, `/ready` and `/metrics` answer whatever the public
port is busy with.
"""

import os
import threading
import time
from types import FrameType
from typing import Any

import structlog
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from shared.http_connections import ConnectionServer

log = structlog.get_logger(__name__)

_OPS_THREADS = 4
_TURN_SECONDS = 1.0
"""The longest pause between two heartbeats for the master process of gunicorn."""


class JsonLogger(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """Logs what gunicorn reports as the services log: as lines of JSON on standard output."""

    def setup(self, cfg: Any) -> None:
        """Remove the handler with gunicorn's own format, so that the handler of the root logger writes."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class ConnectionWorker(Worker):  # type: ignore[misc]  # gunicorn ships no types
    """Serves the public port and the operations port, each with its own threads."""

    def run(self) -> None:
        """Serve until a signal; then finish the requests at work within `graceful_timeout` seconds."""
        first, *others = self.sockets  # in the order of `bind`: the public port, the operations port
        public = ConnectionServer([first], self.wsgi, self.cfg, threads=self.cfg.threads)
        operations = ConnectionServer(others, self.wsgi, self.cfg, threads=_OPS_THREADS)
        threading.Thread(target=self._serve_ops, args=(operations,), name="ops", daemon=True).start()
        public.start()
        while self.alive and self._is_parent_alive():
            self.notify()
            public.watch(_TURN_SECONDS)
        public.stop_accepting()
        deadline = time.monotonic() + self.cfg.graceful_timeout
        while not public.is_idle and time.monotonic() < deadline:
            self.notify()
            public.watch(_TURN_SECONDS)
        public.close()

    def handle_exit(self, _signal: int, _frame: FrameType | None) -> None:
        """Stop at the next turn of the loop."""
        self.alive = False

    def _serve_ops(self, server: ConnectionServer) -> None:
        try:
            server.start()
            while True:
                server.watch(_TURN_SECONDS)
        except Exception:
            log.exception("operations port failed")
            self.alive = False  # the master process starts another worker

    def _is_parent_alive(self) -> bool:
        return bool(self.ppid == os.getppid())
