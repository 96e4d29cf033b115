"""The redirector's web face: an internal link comes in, a redirect to the viewer or a plain page goes out."""

import re
from urllib.parse import unquote_plus

import structlog
from flask import Flask, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from redirector.metrics import REDIRECTED, RedirectMetrics
from redirector.problems import REFUSALS, Problem, problem_for_status
from redirector.rules import Rules, load_rules
from redirector.settings import Settings
from redirector.translate import Found, Refusal, translate_request, translate_text
from shared.headers import CONTENT_SECURITY_POLICY, protect
from shared.metrics import HttpMetrics
from shared.ops import PortDispatcher, create_ops_app
from shared.pages import use_pages
from shared.requests_seen import observe, request_id

log = structlog.get_logger(__name__)

_LINK = re.compile(r"(?:^|&)url=(.*)", re.IGNORECASE | re.DOTALL)


class _Anything(BaseConverter):
    """Any path at all, also one that starts with a slash or is full of them."""

    regex = ".*"
    part_isolating = False


def create_app(settings: Settings, registry: CollectorRegistry | None = None) -> Flask:
    """Build the public app.

    Args:
        settings: where the viewer and the rules file are.
        registry: where the metrics are registered; a new one by default.

    Raises:
        RulesError: the rules file cannot be used.
    """
    registry = registry or CollectorRegistry()
    rules = load_rules(settings.rules_file)
    app = Flask(__name__)
    app.url_map.merge_slashes = (
        False  # or werkzeug redirects `//` by itself, to the host that the request names
    )
    app.url_map.converters["anything"] = _Anything
    observe(app, HttpMetrics(registry))
    protect(app, production=settings.production)
    use_pages(app, settings)
    _add_views(app, settings, rules, RedirectMetrics(registry, rules.names))
    _add_error_pages(app)
    return app


def create_service(settings: Settings) -> PortDispatcher:
    """Build what gunicorn serves: the public app on one port, metrics and probes on the other.

    Raises:
        RulesError: the rules file cannot be used.
    """
    registry = CollectorRegistry()
    app = create_app(settings, registry)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign] # Flask's way
    return PortDispatcher(app, create_ops_app(registry, checks={}), settings.ops_port)


def _add_views(app: Flask, settings: Settings, rules: Rules, metrics: RedirectMetrics) -> None:
    def answer(result: Found | Refusal) -> Response:
        metrics.count(result)
        outcome = REDIRECTED if isinstance(result, Found) else str(result.reason)
        structlog.contextvars.bind_contextvars(rule=result.rule, outcome=outcome)
        if isinstance(result, Refusal):
            return _page(REFUSALS[result.reason])
        return _redirect(f"{settings.viewer_url}{result.ref.viewer_path(request_id())}")

    def follow(untrusted_path: str) -> Response:
        return answer(translate_request("/" + untrusted_path, _query(), rules))

    def landing() -> Response:
        pasted = _LINK.search(_query())
        untrusted_link = unquote_plus(pasted[1]).strip() if pasted else ""
        return answer(translate_text(untrusted_link, rules)) if untrusted_link else _landing_page(settings)

    for rule, view in (("/<anything:untrusted_path>", follow), ("/", landing)):
        app.add_url_rule(rule, view_func=view, methods=["GET"], provide_automatic_options=False)


def _query() -> str:
    return request.query_string.decode(errors="replace")


def _redirect(location: str) -> Response:
    """Send the browser on; nothing remembers it, so a changed rule works at once."""
    return Response(status=302, headers={"Location": location, "Cache-Control": "no-store"})


def _landing_page(settings: Settings) -> Response:
    """The form for pasted links.

    Browsers hold a form's answer to `form-action` at every redirect that follows, which lead to the viewer and on
    to sign-in. So this page alone lets its form end anywhere that is safe; it shows nothing that anybody sent.
    """
    response = make_response(render_template("landing.html"))
    anywhere = "'self' https:" if settings.production else "'self' https: http:"
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "form-action 'self'", f"form-action {anywhere}"
    )
    return response


def _page(problem: Problem) -> Response:
    return make_response(
        render_template("problem.html", problem=problem, reference=request_id()), problem.status
    )


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
        log.error("unexpected", exc_info=error)
        return _page(problem_for_status(None))
