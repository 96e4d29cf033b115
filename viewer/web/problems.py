"""Failures as programs read them: problem details (RFC 9457)."""

import json

from flask import Response

from shared.request_logging import request_id
from viewer.errors import TokenMissing, TokenRefused, ViewerError
from viewer.settings import Settings

_CHALLENGES = {TokenMissing: "Bearer", TokenRefused: 'Bearer error="invalid_token"'}
"""RFC 6750, section 3."""


def problem_details(error: ViewerError, settings: Settings) -> Response:
    """The answer to a program's request that failed.

    Members: ``type``, ``title``, ``status``, ``detail``, ``code`` (of `viewer/errors.py`) and ``reference``
    (of this request, as in logs and audit).
    """
    detail = error.sentence.format(myoffice=settings.myoffice_name, council=settings.council_name)
    problem = {
        "type": f"urn:document-viewer:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": detail,
        "code": error.code,
        "reference": request_id(),
    }
    response = Response(json.dumps(problem), error.status, content_type="application/problem+json")
    if challenge := _CHALLENGES.get(type(error)):
        response.headers["WWW-Authenticate"] = challenge
    return response
