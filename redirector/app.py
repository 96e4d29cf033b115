"""The redirector's app: it answers an internal link with a redirect to the viewer or with a page."""

import structlog
from flask import Flask, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from redirector.metrics import RedirectMetrics
from redirector.problems import REFUSALS, problem_for_status
from redirector.redirects import LINK_RESULT, LINK_ROUTE, PASTED_ROUTE, Redirects
from redirector.rules import load_rules
from redirector.settings import Settings
from shared.headers import CONTENT_SECURITY_POLICY, set_security_headers
from shared.metrics import HttpMetrics
from shared.ops import PortDispatcher, create_ops_app
from shared.pages import use_pages
from shared.problems import Problem
from shared.request_logging import log_requests, request_id

log = structlog.get_logger(__name__)


class _Anything(BaseConverter):
    """Matches any path, including paths that start with or contain several slashes."""

    regex = ".*"
    part_isolating = False


def create_app(settings: Settings, registry: CollectorRegistry | None = None) -> Flask:
    """Build the public app.

    Args:
        settings: the validated settings.
        registry: the registry for the metrics; a new one by default.
    """
    registry = registry or CollectorRegistry()
    rules = load_rules(settings.rules_file)
    http, metrics = HttpMetrics(registry), RedirectMetrics(registry, rules.names)
    app = Flask(__name__)
    # otherwise werkzeug answers `//` with a redirect to the host in the request
    app.url_map.merge_slashes = False
    app.url_map.converters["anything"] = _Anything
    log_requests(app, http)
    set_security_headers(app, production=settings.production)
    use_pages(app, settings)
    _add_views(app, settings, metrics)
    _add_error_pages(app)
    viewer_url = str(settings.viewer_url)
    redirects = Redirects(app.wsgi_app, rules, viewer_url, metrics, http, production=settings.production)
    app.wsgi_app = redirects  # type: ignore[method-assign] # Flask's own way to wrap an app
    return app


def create_service(settings: Settings) -> PortDispatcher:
    """Build the WSGI app that gunicorn serves on the public port and the operations port."""
    registry = CollectorRegistry()
    app = create_app(settings, registry)
    hops = settings.trusted_proxies
    public = ProxyFix(app, x_for=hops, x_proto=hops)
    return PortDispatcher(public, create_ops_app(registry, checks={}), settings.ops_port)


def _add_views(app: Flask, settings: Settings, metrics: RedirectMetrics) -> None:
    """Add the views for requests that `Redirects` did not answer with a redirect."""

    def refuse_or_land(link: str = "") -> Response:  # noqa: ARG001 - `Redirects` has read the link
        refusal = request.environ[LINK_RESULT]
        if refusal is None:
            return _landing_page(settings)
        if isinstance(refusal, Exception):
            raise refusal
        metrics.count(refusal)
        structlog.contextvars.bind_contextvars(rule=refusal.rule, outcome=str(refusal.reason))
        return _page(REFUSALS[refusal.reason]())

    for route in (LINK_ROUTE, PASTED_ROUTE):
        app.add_url_rule(route, view_func=refuse_or_land, methods=["GET"], provide_automatic_options=False)


def _landing_page(settings: Settings) -> Response:
    """The page with the form for pasted links.

    Browsers apply `form-action` to every redirect that follows a form, here to the viewer and to the sign-in.
    So this page alone allows its form to end at any https address; it shows no text from the request.
    """
    response = make_response(render_template("landing.html"))
    anywhere = "'self' https:" if settings.production else "'self' https: http:"
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "form-action 'self'", f"form-action {anywhere}"
    )
    return response


def _page(problem: Problem) -> Response:
    html = render_template(
        "problem.html",
        problem=problem,
        reference=request_id(),
        ref=None,
        source_label=None,
        retry_url=None,
        use_another_account_url=None,
    )
    return make_response(html, problem.status)


def _add_error_pages(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def _http_error(error: HTTPException) -> ResponseReturnValue:
        page = _page(problem_for_status(error.code))
        for name, value in error.get_headers(request.environ):
            if name == "Allow":
                page.headers[name] = value
        return page

    @app.errorhandler(Exception)
    def _fault(error: Exception) -> ResponseReturnValue:
        log.error("unexpected error", exc_info=error)
        return _page(problem_for_status(None))
