"""Short-lived signed tokens: links to a rendition's bytes, and tickets for a rendition that is being made.

A token is bound to one person and to the rendition's key, and names the document. The person's e-mail address
is part of the signature's salt and not of the token, because URLs end up in logs. For the same reason no
token holds a file name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from shared.document_ref import DocumentRef
from viewer.errors import LinkExpired

_TICKET_SECONDS = 900
"""How long a ticket is valid; later the page is told to reload."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The content of a link: its owner may read this rendition of this document.

    Args:
        key: the rendition's key.
        ref: the document, or a part of one.
    """

    key: str
    ref: DocumentRef


@dataclass(frozen=True, slots=True)
class Ticket:
    """The content of a ticket: its owner waits for this rendition of this document.

    Args:
        key: the rendition's key.
        ref: the document, or a part of one.
        fetched_at: when the document was fetched from its source, in seconds since 1970.
    """

    key: str
    ref: DocumentRef
    fetched_at: float


class SignedLinks:
    """Signs links and tickets, and reads them."""

    def __init__(self, keys: list[str], link_seconds: int, valid_from: Callable[[str], float]) -> None:
        """Sign with the last key, and accept signatures by any of the keys.

        Args:
            keys: the keys, oldest first.
            link_seconds: how long a link is valid.
            valid_from: gives the time, in seconds since 1970, up to which a person's tokens are revoked.
        """
        self._keys = keys
        self._link_seconds = link_seconds
        self._valid_from = valid_from

    def link(self, grant: Grant, email: str) -> str:
        """A token with which only this person can read the bytes."""
        return self._dump("content", email, grant.key, grant.ref)

    def read_link(self, untrusted_token: str, email: str) -> Grant:
        """Verify a link and return its content.

        Raises:
            LinkExpired: the link is too old, revoked, not genuine, or another person's.
        """
        key, ref = self._load("content", email, untrusted_token, self._link_seconds)
        return Grant(key, ref)

    def ticket(self, ticket: Ticket, email: str) -> str:
        """A token with which only this person can ask whether a rendition is ready."""
        return self._dump("ticket", email, ticket.key, ticket.ref, ticket.fetched_at)

    def read_ticket(self, untrusted_token: str, email: str) -> Ticket:
        """Verify a ticket and return its content.

        Raises:
            LinkExpired: the ticket is too old, revoked, not genuine, or another person's.
        """
        key, ref, fetched_at = self._load("ticket", email, untrusted_token, _TICKET_SECONDS)
        return Ticket(key, ref, fetched_at)

    def _serializer(self, purpose: str, email: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._keys, salt=f"{purpose}:{email}")

    def _dump(self, purpose: str, email: str, key: str, ref: DocumentRef, *more: float) -> str:
        values = [key, ref.source, ref.id, ref.person, ref.part, *more]
        return str(self._serializer(purpose, email).dumps(values))

    def _load(self, purpose: str, email: str, untrusted_token: str, seconds: int) -> list[Any]:
        """The rendition's key, the document, and any further values of a token."""
        serializer = self._serializer(purpose, email)
        try:
            values, made = serializer.loads(untrusted_token, max_age=seconds, return_timestamp=True)
            key, source, document_id, person, part, *more = values
            ref = DocumentRef(source, document_id, person, part)
        except (BadSignature, TypeError, ValueError) as error:
            raise LinkExpired from error
        if made.timestamp() <= self._valid_from(email):
            raise LinkExpired("the link is revoked")
        return [key, ref, *more]
