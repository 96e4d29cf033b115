"""Who may do what: every route needs a signed-in person in the group, except the two short lists below."""

from collections.abc import Mapping

from flask import Flask, g, request, url_for

from shared.actor import Actor
from shared.identity import Identity, Person
from shared.identity.people import Groups
from viewer.access.blocks import Blocks
from viewer.access.rates import Rates
from viewer.audit import Audit, Entry, Outcome
from viewer.errors import Blocked, NotInGroup, Problem
from viewer.web.request import actor, named_document

PUBLIC_ENDPOINTS = frozenset(
    {
        "static",  # scripts and styles; no document
        "shared_pages.static",
        "shared_pages.theme",
        "shared_pages.logo",
        "sign_in.login",
        "sign_in.authorized",
        "access.signed_out",
        "api.openapi",  # what the API looks like; no document
    }
)
"""Open to everybody. Everything else is closed, new routes too."""

STAFF, GOVERNANCE, ADMINISTRATORS = "staff", "governance", "administrators"
"""The groups: who may see documents, who may search the audit, who may block."""
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
"""Routes that are for members of one of these groups instead of the readers of documents: searching the audit
neither takes the right to see documents nor gives it."""

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
"""What asks for a document, or writes to the record: one person may do so only so often a minute."""


def guard(
    app: Flask, identity: Identity, groups: Mapping[str, Groups], audit: Audit, blocks: Blocks, rates: Rates
) -> None:
    """Close every route of the app but the public ones, and add sign-in and sign-out.

    Args:
        app: to be closed.
        identity: says who asks, on pages and in the API.
        groups: by the names above.
        audit: where those who are turned away are put on record.
        blocks: asked about every person at every request.
        rates: count who asks for documents.
    """

    def check(person: Person) -> None:
        try:
            admit(person, groups, blocks)
        except (Blocked, NotInGroup) as error:
            _record_refusal(audit, actor(), error)
            raise
        if request.endpoint in COUNTED_ENDPOINTS:
            rates.count(person.email)

    identity.init_app(app, check, PUBLIC_ENDPOINTS)
    app.context_processor(_who_is_signed_in)


def admit(person: Person, groups: Mapping[str, Groups], blocks: Blocks) -> None:
    """Return where this person may use the route that was asked for.

    Raises:
        Blocked: an administrator has stopped them.
        NotInGroup: they are in none of the route's groups.
        SignInUnavailable: the directory cannot be asked.
        AuditUnavailable: the blocks cannot be read.
    """
    if blocks.stops_staff(person.email):
        raise Blocked
    if not any(groups[name].is_member(person) for name in _groups_of_route()):
        raise NotInGroup


def _who_is_signed_in() -> dict[str, str | None]:
    """What every page says of the person: nothing where nobody has signed in."""
    if "actor" not in g:
        return {}
    return {"person_email": actor().email, "sign_out_url": url_for("access.sign_out")}


def _groups_of_route() -> tuple[str, ...]:
    return GROUPS_OF.get(str(request.endpoint), (STAFF,))


def _record_refusal(audit: Audit, by: Actor, problem: Problem) -> None:
    """Who tried to see which document, or to search the audit, without being allowed to."""
    special = STAFF not in _groups_of_route()
    names_document = {"source", "document_id"} <= (request.view_args or {}).keys()
    if not special and not names_document and isinstance(problem, NotInGroup):
        return
    ref = named_document()
    outcome = Outcome.BLOCKED if isinstance(problem, Blocked) else Outcome.DENIED
    typed = request.path if special or (names_document and ref is None) else None
    audit.record(Entry.about(ref, by, outcome, code=problem.code, detail=typed))
