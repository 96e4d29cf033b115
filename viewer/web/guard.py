"""Who may do what: every route needs a signed-in person in the group, except the two short lists below."""

from collections.abc import Mapping

from flask import Flask, g, request

from shared.document_ref import PART, PERSON_ID
from shared.identity import Identity, IdentityError, Person
from shared.identity.people import Groups
from shared.request_logging import request_id
from viewer.access.blocks import Blocks
from viewer.access.rates import Rates
from viewer.audit import Audit, Entry, Outcome
from viewer.errors import BY_CODE, Blocked, NotInGroup, ViewerError

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
    {"documents.rendition", "documents.plain", "documents.download", "api.document", "api.pdf"}
)
"""What asks for a document: one person may do so only so often a minute."""


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
        g.actor = person.email
        try:
            admit(person, groups, blocks)
        except (Blocked, NotInGroup) as error:
            _record_refusal(audit, person.email, error)
            raise
        if request.endpoint in COUNTED_ENDPOINTS:
            rates.count(person.email)

    identity.init_app(app, check, PUBLIC_ENDPOINTS)


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


def as_shown(error: IdentityError) -> ViewerError:
    """What people are told when somebody is not let in."""
    return BY_CODE[error.code](str(error))


def _groups_of_route() -> tuple[str, ...]:
    return GROUPS_OF.get(str(request.endpoint), (STAFF,))


def _record_refusal(audit: Audit, email: str, error: ViewerError) -> None:
    """Who tried to see which document, or to search the audit, without being allowed to."""
    view_args = request.view_args or {}
    special = STAFF not in _groups_of_route()
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
