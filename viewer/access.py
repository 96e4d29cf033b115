"""Default deny: every route needs a signed-in person in the group, except the two short lists below."""

import time
from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import urlencode

import structlog
from flask import Blueprint, Flask, Response, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from shared.document_ref import PART, PERSON_ID
from shared.requests_seen import request_id
from viewer.audit import Audit, Entry, Outcome
from viewer.blocks import Blocks
from viewer.errors import Blocked, CrossSiteRequest, NotInGroup, SignedOut, ViewerError
from viewer.groups import Groups
from viewer.settings import Settings

PUBLIC_ENDPOINTS = frozenset(
    {
        "static",  # scripts and styles; no document
        "shared_pages.static",
        "shared_pages.theme",
        "shared_pages.logo",
        "sign_in.login",
        "sign_in.authorized",
        "access.signed_out",
    }
)
"""Open to everybody. Everything else is closed, new routes too."""

STAFF, GOVERNANCE, ADMINISTRATORS = "staff", "governance", "administrators"
"""The groups: who may see documents, who may search the audit, who may block."""

GROUPS_OF = {
    "governance.entries": (GOVERNANCE,),
    "governance.export": (GOVERNANCE,),
    "governance.volume": (GOVERNANCE,),
    "administration.blocks": (ADMINISTRATORS,),
    "administration.set_block": (ADMINISTRATORS,),
    "administration.lift_block": (ADMINISTRATORS,),
    "access.sign_out": (STAFF, GOVERNANCE, ADMINISTRATORS),
}
"""Routes that are for members of one of these groups instead of the readers of documents: searching the audit
neither takes the right to see documents nor gives it."""

SESSION_COOKIE = "__Host-session"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_TOUCH_SECONDS = 60
"""The time of the last request is written at most so often: a cookie an answer would be wasteful."""

log = structlog.get_logger(__name__)


def start_session(untrusted_session: MutableMapping[str, Any], email: str) -> None:
    """Begin afresh for this person; nothing of an earlier session stays.

    Args:
        untrusted_session: whatever the browser had before.
        email: checked, lower case.
    """
    untrusted_session.clear()
    now = int(time.time())
    untrusted_session.update(email=email, since=now, seen=now)


def guard(app: Flask, settings: Settings, groups: Mapping[str, Groups], audit: Audit, blocks: Blocks) -> None:
    """Close every route of the app but the public ones, and add sign-out.

    Args:
        app: to be closed.
        settings: of sessions and their keys.
        groups: by the names above.
        audit: where those who are turned away are put on record.
        blocks: asked about every person at every request.
    """
    app.config.update(
        SECRET_KEY=settings.keys[-1],
        SECRET_KEY_FALLBACKS=settings.keys[:-1],
        SESSION_COOKIE_NAME=SESSION_COOKIE,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    app.register_blueprint(_sign_out())

    @app.before_request
    def _check() -> ResponseReturnValue | None:
        _refuse_cross_site()
        if request.endpoint is None or request.endpoint in PUBLIC_ENDPOINTS:
            return None
        email = _current_person(settings)
        if email is None:
            return _ask_to_sign_in()
        g.actor = email
        try:
            admit(email, groups, blocks)
        except (Blocked, NotInGroup) as error:
            _record_refusal(audit, email, error)
            raise
        return None


def admit(email: str, groups: Mapping[str, Groups], blocks: Blocks) -> None:
    """Return where this person may use the route that was asked for.

    Raises:
        Blocked: an administrator has stopped them.
        NotInGroup: they are in none of the route's groups.
        SignInUnavailable: the directory cannot be asked.
        AuditUnavailable: the blocks cannot be read.
    """
    if blocks.stops_staff(email):
        raise Blocked
    if not any(groups[name].is_member(email) for name in GROUPS_OF.get(str(request.endpoint), (STAFF,))):
        raise NotInGroup


def _refuse_cross_site() -> None:
    """What changes something comes from our own pages only."""
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in {None, "same-origin"} or (site is None and origin != request.host_url.rstrip("/")):
        raise CrossSiteRequest


def _current_person(settings: Settings) -> str | None:
    """The session's address, where the session is young enough; the idle time starts anew."""
    email, since, seen = session.get("email"), session.get("since", 0), session.get("seen", 0)
    now = int(time.time())
    if (
        not email
        or now - since > settings.session_hours * 3600
        or now - seen > settings.session_idle_minutes * 60
    ):
        return None
    if now - seen > _TOUCH_SECONDS:
        session["seen"] = now
    return str(email)


def _ask_to_sign_in() -> ResponseReturnValue:
    """A page goes to Google and comes back here; a script is told plainly."""
    if (
        request.method not in {"GET", "HEAD"}
        or request.headers.get("Sec-Fetch-Dest", "document") != "document"
    ):
        raise SignedOut
    if (
        "text/html" not in request.headers.get("Accept", "text/html")
        and "*/*" not in request.headers["Accept"]
    ):
        raise SignedOut
    target = request.full_path.rstrip("?")
    return redirect(url_for("sign_in.login") + "?" + urlencode({"target": target}), 302)


def _record_refusal(audit: Audit, email: str, error: ViewerError) -> None:
    """Who tried to see which document, or to search the audit, without being allowed to."""
    view_args = request.view_args or {}
    special = request.endpoint in GROUPS_OF
    if not special and not {"source", "document_id"} <= view_args.keys() and isinstance(error, NotInGroup):
        return
    person, part = request.args.get("person", ""), request.args.get("part", "")
    audit.record(
        Entry(
            request_id=request_id(),
            actor=email,
            address=request.remote_addr or "",
            source=view_args.get("source"),
            document_id=view_args.get("document_id"),
            person=person if PERSON_ID.fullmatch(person) else None,
            outcome=Outcome.BLOCKED if isinstance(error, Blocked) else Outcome.DENIED,
            code=error.code,
            part=part if PART.fullmatch(part) else None,
            detail=request.path if special else None,
        )
    )


def _sign_out() -> Blueprint:
    blueprint = Blueprint("access", __name__)

    @blueprint.post("/sign-out")
    def sign_out() -> ResponseReturnValue:
        session.clear()
        response = redirect(url_for("access.signed_out"), 303)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    @blueprint.get("/signed-out")
    def signed_out() -> Response:
        return Response(render_template("signed_out.html", sign_in_url=url_for("sign_in.login")))

    return blueprint
