"""The id, the log line and the metrics of every request."""

import re
import time
import uuid
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Response, g, request

from shared.metrics import HttpMetrics

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_IN_QUERY = re.compile(rf"(?:^|&)request=({_REQUEST_ID.pattern})(?:&|$)")
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})

log = structlog.get_logger(__name__)


def request_id() -> str:
    """The id of the current request, the same in all services' logs, in the audit and on error pages."""
    return str(g.request_id)


def log_requests(app: Flask, http: HttpMetrics) -> None:
    """Give every request of the app an id, a log line and metrics.

    The id comes from the query parameter `request`, as in the redirector's links, or from the header
    X-Request-ID; where it is missing or malformed a new one is made. The response's header has it.
    """

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()
        g.request_id = begin(request.environ)

    @app.after_request
    def _finish(response: Response) -> Response:
        if "started" not in g:
            return response
        route = request.url_rule.rule if request.url_rule else "(none)"
        response.headers[REQUEST_ID_HEADER] = g.request_id
        finish(http, request.method, route, response.status_code, g.started)
        return response


def begin(environ: "WSGIEnvironment") -> str:
    """Set and return the request's id, which all further log lines of this thread have."""
    request_id = _carried_id(environ) or uuid.uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def finish(http: HttpMetrics, method: str, route: str, status: int, started: float) -> None:
    """Log and count a response.

    Args:
        http: the service's metrics.
        method: the request's method; unusual ones are counted together.
        route: the pattern of the route, never the path.
        status: the response's status.
        started: `time.perf_counter()` at the request's start.
    """
    seconds = time.perf_counter() - started
    method = method if method in _METHODS else "(other)"
    http.requests.labels(method, route, status).inc()
    http.seconds.labels(route).observe(seconds)
    log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def _carried_id(environ: "WSGIEnvironment") -> str | None:
    in_query = _IN_QUERY.search(environ.get("QUERY_STRING", ""))
    untrusted_id = in_query[1] if in_query else environ.get("HTTP_X_REQUEST_ID", "")
    return untrusted_id if _REQUEST_ID.fullmatch(untrusted_id) else None
