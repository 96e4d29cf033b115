"""The operations port: metrics and probes, on a port of their own that is never published.

`/metrics` for Prometheus, `/live` answers while the process can answer at all, `/ready` runs the
service's checks: 200 when all pass, else 503; the body says which, as JSON.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry

from shared import metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger(__name__)

Checks = Mapping[str, Callable[[], None]]
"""Named checks; a check returns when all is well and raises when not."""


def create_ops_app(registry: CollectorRegistry, checks: Checks) -> Flask:
    """The app behind the operations port."""
    app = Flask("ops", static_folder=None)

    @app.get("/metrics")
    def _metrics() -> Response:
        return Response(metrics.exposition(registry), content_type=metrics.CONTENT_TYPE)

    @app.get("/live")
    def _live() -> ResponseReturnValue:
        return jsonify(live=True)

    @app.get("/ready")
    def _ready() -> ResponseReturnValue:
        results = {name: _passes(name, check) for name, check in checks.items()}
        ready = all(results.values())
        return jsonify(ready=ready, checks=results), 200 if ready else 503

    return app


def _passes(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the probe must answer
        log.warning("not ready", check=name, error=type(error).__name__)
        return False
    return True


class PortDispatcher:
    """Sends a request to the operations app when it came in at the operations port, else to the public app.

    Wraps everything else: the port is the listening socket's own, before any X-Forwarded-* header is
    believed, so that no header opens the operations pages to the public.
    """

    def __init__(self, public: "WSGIApplication", ops: "WSGIApplication", ops_port: int) -> None:
        self._public = public
        self._ops = ops
        self.ops_port = ops_port

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer as the app of the port would."""
        app = self._ops if environ["SERVER_PORT"] == str(self.ops_port) else self._public
        return app(environ, start_response)
