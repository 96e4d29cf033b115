"""The session: a signed cookie with the e-mail address, the start and the last use. It holds no secrets."""

import time
from collections.abc import MutableMapping
from typing import Any

from flask import Flask, Response, redirect, session

from shared.identity.settings import IdentitySettings

HOST_PREFIX = "__Host-"
"""The start of a cookie's name that makes browsers demand https and refuse other hosts (RFC 6265bis)."""
SESSION_COOKIE = f"{HOST_PREFIX}session"
_TOUCH_SECONDS = 60
"""The shortest interval between updates of the last use, which set the cookie again."""


def start_session(untrusted_session: MutableMapping[str, Any], email: str) -> None:
    """Start a new session for this person, and clear any earlier one.

    Args:
        untrusted_session: the session that the browser sent.
        email: the verified e-mail address in lower case.
    """
    untrusted_session.clear()
    now = time.time()
    untrusted_session.update(email=email, since=now, seen=now)


def sign_sessions(app: Flask, keys: list[str], *, over_https: bool = True) -> None:
    """Store the app's session in a signed cookie for this host that scripts cannot read.

    Args:
        app: the Flask app.
        keys: the keys, oldest first; the last one signs, and all are accepted.
        over_https: whether browsers reach the service by https. The demo's browsers do not, and WebKit drops
            cookies that demand it.
    """
    app.config.update(
        SECRET_KEY=keys[-1],
        SECRET_KEY_FALLBACKS=keys[:-1],
        SESSION_COOKIE_NAME=SESSION_COOKIE if over_https else SESSION_COOKIE.removeprefix(HOST_PREFIX),
        SESSION_COOKIE_SECURE=over_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )


def current_session(settings: IdentitySettings) -> tuple[str, float] | None:
    """The e-mail address and the start of the request's session, unless it expired; updates its last use."""
    email, since, seen = session.get("email"), session.get("since", 0), session.get("seen", 0)
    now = time.time()
    if (
        not email
        or now - since > settings.session_hours * 3600
        or now - seen > settings.session_idle_minutes * 60
    ):
        return None
    if now - seen > _TOUCH_SECONDS:
        session["seen"] = now
    return str(email), float(since)


def redirect_302(url: str) -> Response:
    """A redirect with status 302, regardless of Flask's default."""
    response = redirect(url, 302, Response=Response)
    assert isinstance(response, Response)  # noqa: S101 - for the type checker
    return response
