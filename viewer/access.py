"""Who may do what here: every route needs a signed-in person in the group, except the short list below."""

from flask import Flask, g, request

from shared.document_ref import PART
from shared.identity import Identity, IdentityError, Person
from shared.identity.people import Groups
from shared.requests_seen import request_id
from viewer.audit import Audit, Entry
from viewer.errors import BY_CODE, NotInGroup, ViewerError
from viewer.rates import Rates

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

COUNTED_ENDPOINTS = frozenset(
    {"documents.rendition", "documents.plain", "documents.download", "api.document", "api.pdf"}
)
"""What asks for a document: one person may do so only so often a minute."""


def guard(app: Flask, identity: Identity, groups: Groups, audit: Audit, rates: Rates) -> None:
    """Close every route of the app but the public ones, and add sign-in and sign-out."""

    def admit(person: Person) -> None:
        g.actor = person.email
        if not groups.is_member(person):
            _record_denial(audit, person.email)
            raise NotInGroup
        if request.endpoint in COUNTED_ENDPOINTS:
            rates.count(person.email)

    identity.init_app(app, admit, PUBLIC_ENDPOINTS)


def as_shown(error: IdentityError) -> ViewerError:
    """What people are told when somebody is not let in."""
    return BY_CODE[error.code](str(error))


def _record_denial(audit: Audit, email: str) -> None:
    """Who tried to see which document without being allowed to."""
    view_args = request.view_args or {}
    if {"source", "document_id"} <= view_args.keys():
        person, part = request.args.get("person", ""), request.args.get("part", "")
        audit.record(
            Entry(
                request_id=request_id(),
                actor=email,
                address=request.remote_addr or "",
                source=view_args["source"][:32],
                document_id=view_args["document_id"][:64],
                person=person if person.isdecimal() and len(person) <= 18 else None,  # noqa: PLR2004 - the column's width
                outcome="denied",
                code=NotInGroup.code,
                part=part if PART.fullmatch(part) else None,
            )
        )
