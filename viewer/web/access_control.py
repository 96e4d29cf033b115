"""Access control: every route needs a signed-in member of the staff group, except the routes listed below."""

from collections.abc import Mapping

from flask import Flask, g, request, url_for

from shared.actor import Actor
from shared.identity import Identity, Person
from shared.identity.people import Groups
from viewer.access.blocks import Blocks
from viewer.access.rates import RateLimiter
from viewer.audit import Audit, Entry, Outcome
from viewer.errors import Blocked, NotInGroup, Problem
from viewer.web.request import actor, document_or_none

PUBLIC_ENDPOINTS = frozenset(
    {
        "static",  # scripts and styles
        "shared_pages.static",
        "shared_pages.theme",
        "shared_pages.logo",
        "sign_in.login",
        "sign_in.authorized",
        "access.signed_out",
        "api.openapi",  # the API's description
    }
)
"""The endpoints that need no sign-in. Every other route needs one, also a new one."""

STAFF, GOVERNANCE, ADMINISTRATORS = "staff", "governance", "administrators"
"""The groups: staff may see documents, governance may search the audit, administrators may set blocks."""
_ANY_OF_THEM = (STAFF, GOVERNANCE, ADMINISTRATORS)

GROUPS_OF = {
    "governance.entries": (GOVERNANCE,),
    "governance.export": (GOVERNANCE,),
    "governance.volume": (GOVERNANCE,),
    "administration.blocks": (ADMINISTRATORS,),
    "administration.set_block": (ADMINISTRATORS,),
    "administration.lift_block": (ADMINISTRATORS,),
    "administration.revoke_sessions": (ADMINISTRATORS,),
    "home.page": _ANY_OF_THEM,
    "access.sign_out": _ANY_OF_THEM,
    "access.sign_out_everywhere": _ANY_OF_THEM,
}
"""The routes for other groups than staff. The right to search the audit neither needs nor gives the right to
see documents."""

COUNTED_ENDPOINTS = frozenset(
    {
        "documents.rendition",
        "documents.plain",
        "documents.download",
        "documents.not_drawn",
        "api.document",
        "api.pdf",
    }
)
"""The endpoints that open documents or write audit entries, and are subject to the rate limit."""


def restrict_access(
    app: Flask,
    identity: Identity,
    groups: Mapping[str, Groups],
    audit: Audit,
    blocks: Blocks,
    rates: RateLimiter,
) -> None:
    """Protect every route of the app except the public ones, and add sign-in and sign-out.

    Args:
        app: the Flask app.
        identity: authenticates people on pages and programs in the API.
        groups: the groups by the names above.
        audit: records people who are refused.
        blocks: the emergency blocks, checked at every request.
        rates: enforces the rate limit.
    """

    def check(person: Person) -> None:
        try:
            check_access(person, groups, blocks)
        except (Blocked, NotInGroup) as error:
            _record_refusal(audit, actor(), error)
            raise
        if request.endpoint in COUNTED_ENDPOINTS:
            rates.count(person.email)

    identity.init_app(app, check, PUBLIC_ENDPOINTS)
    app.context_processor(_person_values)


def check_access(person: Person, groups: Mapping[str, Groups], blocks: Blocks) -> None:
    """Check that this person may use the route of the current request.

    Raises:
        Blocked: an administrator has blocked the person.
        NotInGroup: the person is in none of the route's groups.
        SignInUnavailable: the group directory did not answer.
        AuditUnavailable: the blocks cannot be read.
    """
    if blocks.is_staff_blocked(person.email):
        raise Blocked
    if not any(groups[name].is_member(person) for name in _groups_of_route()):
        raise NotInGroup


def _person_values() -> dict[str, str | None]:
    """The template values about the signed-in person; none without sign-in."""
    if "actor" not in g:
        return {}
    return {"person_email": actor().email, "sign_out_url": url_for("access.sign_out")}


def _groups_of_route() -> tuple[str, ...]:
    return GROUPS_OF.get(str(request.endpoint), (STAFF,))


def _record_refusal(audit: Audit, by: Actor, problem: Problem) -> None:
    """Record a refused attempt to open a document, or to use a page of governance or administration."""
    special = STAFF not in _groups_of_route()
    names_document = {"source", "document_id"} <= (request.view_args or {}).keys()
    if not special and not names_document and isinstance(problem, NotInGroup):
        return
    ref = document_or_none()
    outcome = Outcome.BLOCKED if isinstance(problem, Blocked) else Outcome.DENIED
    typed = request.path if special or (names_document and ref is None) else None
    audit.record(Entry.about(ref, by, outcome, code=problem.code, detail=typed))
