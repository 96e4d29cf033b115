"""What happens to every request of a service: an id, a log line, a count."""

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
    """The id of the current request's whole journey: in logs, in audit records and on error pages."""
    return str(g.request_id)


def observe(app: Flask, http: HttpMetrics) -> None:
    """Give every request of the app an id, one log line and its metrics.

    The id is the one that came along (query `request`, as the redirector's links have, or the header
    X-Request-ID), where it has the form of one, else a new one. It goes back in the answer's header.
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
    """The request's id, which all log lines of this thread carry from now on."""
    request_id = _carried_id(environ) or uuid.uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def finish(http: HttpMetrics, method: str, route: str, status: int, started: float) -> None:
    """Log and count an answer.

    Args:
        http: the service's metrics.
        method: as the request named it; unusual ones are counted together.
        route: the pattern of the route, never the path.
        status: of the answer.
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
