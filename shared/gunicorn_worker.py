"""gunicorn's worker process for both services: slow clients cost no threads, and probes have their own.

The public port is served by `threads` threads. The operations port has a watcher and a few threads of its
own in each worker, so that `/live`, `/ready` and `/metrics` answer whatever the public port is busy with.
"""

import contextlib
import os
import threading
import time
from types import FrameType

from gunicorn.workers.base import Worker

from shared.http_connections import ConnectionServer
from shared.ops import PortDispatcher

_OPS_THREADS = 4
_TURN_SECONDS = 1.0
"""The longest pause between two signs of life for gunicorn's master process."""


class ConnectionWorker(Worker):  # type: ignore[misc]  # gunicorn ships no types
    """One process: two ports, each served by threads of its own."""

    def run(self) -> None:
        """Serve until told to stop; then answer what is under way, for `graceful_timeout` seconds at most."""
        service: PortDispatcher = self.wsgi
        ops = [one for one in self.sockets if one.getsockname()[1] == service.ops_port]
        public = ConnectionServer(
            [one for one in self.sockets if one not in ops], service, self.cfg, threads=self.cfg.threads
        )
        threading.Thread(
            target=self._serve_ops,
            args=(ConnectionServer(ops, service, self.cfg, threads=_OPS_THREADS),),
            name="ops",
            daemon=True,
        ).start()
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
        """Begin to stop; the watcher notices within a moment."""
        self.alive = False

    def _serve_ops(self, server: ConnectionServer) -> None:
        server.start()
        while True:
            with contextlib.suppress(OSError):
                server.watch(_TURN_SECONDS)

    def _is_parent_alive(self) -> bool:
        return bool(self.ppid == os.getppid())
