"""The operations port, which serves metrics and probes and is never published.

`/metrics` is for Prometheus. `/live` answers 200 while the process can answer at all. `/ready` runs the
service's checks and answers 200 when all pass within `CHECK_SECONDS`, else 503; the JSON body has the result
of each.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry

from shared import metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger(__name__)

CHECK_SECONDS = 0.8
"""The time limit of all readiness checks together, since probes expect an answer within a second."""

Checks = Mapping[str, Callable[[], None]]
"""The readiness checks by name; a check returns where it passes and raises where it fails."""


def create_ops_app(registry: CollectorRegistry, checks: Checks) -> Flask:
    """The app of the operations port."""
    app = Flask("ops", static_folder=None)
    running = {name: _Check(name, check) for name, check in checks.items()}

    @app.get("/metrics")
    def _metrics() -> Response:
        return Response(metrics.exposition(registry), content_type=metrics.CONTENT_TYPE)

    @app.get("/live")
    def _live() -> ResponseReturnValue:
        return jsonify(live=True)

    @app.get("/ready")
    def _ready() -> ResponseReturnValue:
        until = time.monotonic() + CHECK_SECONDS
        runs = {name: check.start() for name, check in running.items()}
        results = {name: running[name].passes(run, until) for name, run in runs.items()}
        ready = all(results.values())
        return jsonify(ready=ready, checks=results), 200 if ready else 503

    return app


class _Check:
    """Runs one readiness check at a time in a background thread, so that a hanging check delays no probe."""

    def __init__(self, name: str, check: Callable[[], None]) -> None:
        self._name = name
        self._check = check
        self._lock = threading.Lock()
        self._run: Future[bool] = Future()
        self._run.set_result(False)

    def start(self) -> "Future[bool]":
        """Start the check unless it is still running; the result says whether it passes."""
        with self._lock:
            if self._run.done():
                self._run = Future()
                threading.Thread(target=self._finish, args=(self._run,), name="check", daemon=True).start()
            return self._run

    def passes(self, run: "Future[bool]", until: float) -> bool:
        """Wait for a result until this time of the monotonic clock; a check without one has failed."""
        try:
            return run.result(max(0.0, until - time.monotonic()))
        except TimeoutError:
            log.warning("readiness check failed", check=self._name, error="no answer in time")
            return False

    def _finish(self, run: "Future[bool]") -> None:
        try:
            self._check()
        except Exception as error:  # noqa: BLE001 - the probe must answer whatever a check raises
            log.warning("readiness check failed", check=self._name, error=type(error).__name__)
            run.set_result(False)
        else:
            run.set_result(True)


class PortDispatcher:
    """Sends requests on the operations port to the operations app, and all others to the public app.

    It is the outermost layer and uses the port of the listening socket, so that no X-Forwarded-* header can
    open the operations pages to the public.
    """

    def __init__(self, public: "WSGIApplication", ops: "WSGIApplication", ops_port: int) -> None:
        self._public = public
        self._ops = ops
        self._ops_port = str(ops_port)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Call the app of the port on which the request arrived."""
        app = self._ops if environ["SERVER_PORT"] == self._ops_port else self._public
        return app(environ, start_response)
