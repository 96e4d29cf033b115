"""Responses to problems: a page, a fragment for scripts, or problem details for programs (RFC 9457).

This is the only place where a problem becomes a response. Each problem is counted and logged, and its
response shows the reference that logs and the audit have.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from flask import Flask, Response, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from shared.identity.extension import API
from shared.request_logging import request_id
from viewer.errors import MethodNotAllowed, PageNotFound, Problem, TokenMissing, TokenRefused, Unexpected
from viewer.settings import Settings
from viewer.web.request import actor_or_none, document_or_none

_CHALLENGES: dict[type[Problem], str] = {
    TokenMissing: "Bearer",
    TokenRefused: 'Bearer error="invalid_token"',
}
"""The WWW-Authenticate header of each problem with a token (RFC 6750, section 3)."""

log = structlog.get_logger(__name__)


def handle_problems(
    app: Flask, settings: Settings, count: Callable[[str], None], labels: Mapping[str, str]
) -> None:
    """Register handlers that turn every exception of the app's views into a response.

    Args:
        app: the Flask app.
        settings: the names of the council and its virtual desktop.
        count: called with the code of each problem.
        labels: the names of the document systems that people read, by their names in URLs.
    """
    problems = _Problems(settings, count, labels)
    app.register_error_handler(Problem, problems.answer)
    app.register_error_handler(HTTPException, problems.answer_framework)
    app.register_error_handler(Exception, problems.answer_fault)


@dataclass(frozen=True, slots=True)
class _Problems:
    """The error handlers and what they use; built once by `handle_problems`."""

    settings: Settings
    count: Callable[[str], None]
    labels: Mapping[str, str]

    def answer(self, problem: Problem) -> Response:
        """Count and log a problem, and return the response to it."""
        self.count(problem.code)
        log.info("refused", code=problem.code, status=problem.status, detail=str(problem))
        response = self._details(problem) if request.path.startswith(API) else self._page(problem)
        response.headers["X-Error-Code"] = problem.code
        if problem.retry:
            response.headers["Retry-After"] = str(problem.retry_seconds)
        return response

    def answer_framework(self, error: HTTPException) -> Response:
        """The response to a request that Flask refused before it reached a view."""
        response = self.answer(
            MethodNotAllowed() if error.code == MethodNotAllowed.status else PageNotFound()
        )
        response.status_code = error.code or PageNotFound.status
        response.headers.extend([item for item in error.get_headers() if item[0] == "Allow"])
        return response

    def answer_fault(self, error: Exception) -> Response:
        """Log an unexpected exception, and return a response that reveals nothing about it."""
        log.error("unexpected error", exc_info=error)
        return self.answer(Unexpected())

    def _page(self, problem: Problem) -> Response:
        """A whole page, or for the page's script a fragment that it inserts into the page."""
        ref = document_or_none()
        page = ref.viewer_path(request_id()) if ref else problem.target
        by = actor_or_none()
        account = problem.account or (by.email if by else None)
        another = url_for("sign_in.login", another=1, target=page or "/")
        html = render_template(
            "_problem.html" if _asked_by_script() else "error.html",
            problem=problem,
            reference=request_id(),
            ref=ref,
            source_label=self.labels.get(ref.source, "the document system") if ref else None,
            person_email=account,
            retry_url=page if problem.retry else None,
            use_another_account_url=another if problem.other_account and account else None,
        )
        return Response(html, problem.status)

    def _details(self, problem: Problem) -> Response:
        """Problem details for programs.

        The members are ``type``, ``title``, ``status``, ``detail``, ``code`` and ``reference``, which
        logs and the audit have too.
        """
        names = {"myoffice": self.settings.myoffice_name, "council": self.settings.council_name}
        details = {
            "type": f"urn:document-viewer:problem:{problem.code}",
            "title": problem.title,
            "status": problem.status,
            "detail": problem.words(**names),
            "code": problem.code,
            "reference": request_id(),
        }
        response = Response(json.dumps(details), problem.status, content_type="application/problem+json")
        if challenge := _CHALLENGES.get(type(problem)):
            response.headers["WWW-Authenticate"] = challenge
        return response


def _asked_by_script() -> bool:
    return (
        request.headers.get("Sec-Fetch-Dest") == "empty"
        or request.accept_mimetypes.best == "application/json"
    )
