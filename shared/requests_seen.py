"""What happens to every request of a service: an id, a log line, a count."""

import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request

from shared.metrics import HttpMetrics

REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

log = structlog.get_logger(__name__)


def request_id() -> str:
    """The id of the journey that the current request belongs to: in logs, audit and on error pages."""
    return str(g.request_id)


def observe(app: Flask, http: HttpMetrics) -> None:
    """Give every request of the app an id, one log line and its metrics.

    The id is the one that came along (query `request`, as the redirector's links have, or the header
    X-Request-ID), where it has the form of one, else a new one. It goes back in the answer's header.
    """

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()
        g.request_id = _carried_id() or uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def _finish(response: Response) -> Response:
        if "started" not in g:
            return response
        seconds = time.perf_counter() - g.started
        route = request.url_rule.rule if request.url_rule else "(none)"
        method = request.method if request.method in _METHODS else "(other)"
        response.headers[REQUEST_ID_HEADER] = g.request_id
        http.requests.labels(method, route, response.status_code).inc()
        http.seconds.labels(route).observe(seconds)
        log.info(
            "request", method=method, route=route, status=response.status_code, ms=round(seconds * 1000, 1)
        )
        return response


_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})


def _carried_id() -> str | None:
    untrusted_id = request.args.get("request") or request.headers.get(REQUEST_ID_HEADER, "")
    return untrusted_id if _REQUEST_ID.fullmatch(untrusted_id) else None
