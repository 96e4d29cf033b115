"""The session: a signed cookie that says who, since when, and when last seen. No token, no secret."""

import time
from collections.abc import MutableMapping
from typing import Any

from flask import Flask, Response, redirect, session

from shared.identity.settings import IdentitySettings

SESSION_COOKIE = "__Host-session"
_TOUCH_SECONDS = 60
"""The time of the last request is written at most so often: a cookie an answer would be wasteful."""


def start_session(untrusted_session: MutableMapping[str, Any], email: str) -> None:
    """Begin afresh for this person; nothing of an earlier session stays.

    Args:
        untrusted_session: whatever the browser had before.
        email: checked, lower case.
    """
    untrusted_session.clear()
    now = time.time()
    untrusted_session.update(email=email, since=now, seen=now)


def sign_sessions(app: Flask, keys: list[str]) -> None:
    """Let the app's session be a cookie for this host alone, out of scripts' reach.

    Args:
        app: whose.
        keys: oldest first; the last one signs, all are accepted.
    """
    app.config.update(
        SECRET_KEY=keys[-1],
        SECRET_KEY_FALLBACKS=keys[:-1],
        SESSION_COOKIE_NAME=SESSION_COOKIE,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )


def living_session(settings: IdentitySettings) -> tuple[str, float] | None:
    """Whose session the request carries and since when, where it is young enough; idle time starts anew."""
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


def found(url: str) -> Response:
    """A redirect with 302, whatever Flask's default is."""
    response = redirect(url, 302, Response=Response)
    assert isinstance(response, Response)  # noqa: S101 - for the type checker
    return response
