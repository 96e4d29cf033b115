"""The operations port, which serves metrics and probes and is never published.

`/metrics` is for Prometheus. `/live` answers 200 while the process can answer at all. `/ready` runs the
service's checks and answers 200 when all pass, else 503; the JSON body has the result of each.
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
"""The readiness checks by name; a check returns where it passes and raises where it fails."""


def create_ops_app(registry: CollectorRegistry, checks: Checks) -> Flask:
    """The app of the operations port."""
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
    except Exception as error:  # noqa: BLE001 - the probe must answer whatever a check raises
        log.warning("readiness check failed", check=name, error=type(error).__name__)
        return False
    return True


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
