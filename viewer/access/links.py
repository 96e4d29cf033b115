"""Short-lived signed tokens: links to a rendition's bytes, and tickets for one that is being made.

Both are bound to the person and to the bytes (the rendition's key), and say which document they are for. The
person's address is part of what signs a token, not of the token: what stands in a URL ends up in logs. For
the same reason no token holds what a file is called, which is anybody's text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from shared.document_ref import DocumentRef
from viewer.errors import LinkExpired

_TICKET_SECONDS = 900
"""A page that comes back with a ticket after this time is told to reload."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a link says: the person to whom it was given may have this rendition of this document.

    Args:
        key: of the rendition.
        ref: the document, or the part of one.
    """

    key: str
    ref: DocumentRef


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket says: the person to whom it was given waits for this rendition of this document.

    Args:
        key: of the rendition.
        ref: the document, or the part of one.
        fetched_at: when the source gave it, in seconds since 1970.
    """

    key: str
    ref: DocumentRef
    fetched_at: float


class Links:
    """Signs and reads tokens."""

    def __init__(self, keys: list[str], link_seconds: int, valid_from: Callable[[str], float]) -> None:
        """Sign with the last key, accept all.

        Args:
            keys: oldest first.
            link_seconds: how long a link to the bytes works.
            valid_from: since when a person's tokens count, in seconds since 1970.
        """
        self._keys = keys
        self._link_seconds = link_seconds
        self._valid_from = valid_from

    def link(self, grant: Grant, email: str) -> str:
        """A token for the bytes, for this person alone."""
        return self._dump("content", email, grant.key, grant.ref)

    def read_link(self, untrusted_token: str, email: str) -> Grant:
        """What a link says.

        Raises:
            LinkExpired: it is too old, revoked, not ours, or somebody else's.
        """
        key, ref = self._load("content", email, untrusted_token, self._link_seconds)
        return Grant(key, ref)

    def ticket(self, ticket: Ticket, email: str) -> str:
        """A token to ask with whether a rendition is ready, for this person alone."""
        return self._dump("ticket", email, ticket.key, ticket.ref, ticket.fetched_at)

    def read_ticket(self, untrusted_token: str, email: str) -> Ticket:
        """What a ticket says.

        Raises:
            LinkExpired: it is too old, revoked, not ours, or somebody else's.
        """
        key, ref, fetched_at = self._load("ticket", email, untrusted_token, _TICKET_SECONDS)
        return Ticket(key, ref, fetched_at)

    def _serializer(self, purpose: str, email: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._keys, salt=f"{purpose}:{email}")

    def _dump(self, purpose: str, email: str, key: str, ref: DocumentRef, *more: float) -> str:
        said = [key, ref.source, ref.id, ref.person, ref.part, *more]
        return str(self._serializer(purpose, email).dumps(said))

    def _load(self, purpose: str, email: str, untrusted_token: str, seconds: int) -> list[Any]:
        """The key, the document, and what stands after them."""
        serializer = self._serializer(purpose, email)
        try:
            said, made = serializer.loads(untrusted_token, max_age=seconds, return_timestamp=True)
            key, source, document_id, person, part, *more = said
            ref = DocumentRef(source, document_id, person, part)
        except (BadSignature, TypeError, ValueError) as error:
            raise LinkExpired from error
        if made.timestamp() <= self._valid_from(email):
            raise LinkExpired("revoked")
        return [key, ref, *more]
