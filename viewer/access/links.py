"""Short-lived signed tokens: links to a rendition's bytes, and tickets for one that is being made.

Both are bound to the person and to the bytes (the rendition's key), and say which document they are for.
The person's address is part of what signs a token, not of the token: addresses in a URL end up in logs.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from shared.document_ref import DocumentRef
from viewer.errors import LinkExpired

_TICKET_SECONDS = 900
"""A rendition that takes longer than this to appear is asked for afresh."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token says: whom it was given may have this rendition of this document.

    Args:
        key: of the rendition.
        source: the document's system.
        document_id: its number there.
        person: the Mosaic person.
        name: what the source called the file; in tickets for whole documents. What a part is called is
            somebody's text, and a token stands in a URL.
        fetched_at: when the source gave it, in seconds since 1970; in tickets.
        part: the way to the part that it is for, by positions.
    """

    key: str
    source: str
    document_id: str
    person: str | None
    name: str | None = None
    fetched_at: float = 0
    part: str | None = None

    @classmethod
    def of(cls, key: str, ref: DocumentRef) -> "Grant":
        """The grant for one document."""
        return cls(key, ref.source, ref.id, ref.person, part=ref.part)

    @property
    def ref(self) -> DocumentRef:
        """The document that it is for."""
        return DocumentRef(self.source, self.document_id, self.person, self.part)


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

    def link(self, grant: Grant, actor: str) -> str:
        """A token for the bytes."""
        return self._dump("content", grant, actor)

    def read_link(self, untrusted_token: str, actor: str) -> Grant:
        """What a link says.

        Raises:
            LinkExpired: it is too old, revoked, not ours, or somebody else's.
        """
        return self._load("content", untrusted_token, actor, self._link_seconds)

    def ticket(self, grant: Grant, actor: str) -> str:
        """A token to ask with whether a rendition is ready."""
        return self._dump("ticket", grant, actor)

    def read_ticket(self, untrusted_token: str, actor: str) -> Grant:
        """What a ticket says.

        Raises:
            LinkExpired: it is too old, revoked, not ours, or somebody else's.
        """
        return self._load("ticket", untrusted_token, actor, _TICKET_SECONDS)

    def _serializer(self, purpose: str, actor: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._keys, salt=f"{purpose}:{actor}")

    def _dump(self, purpose: str, grant: Grant, actor: str) -> str:
        return str(self._serializer(purpose, actor).dumps(list(asdict(grant).values())))

    def _load(self, purpose: str, untrusted_token: str, actor: str, seconds: int) -> Grant:
        serializer = self._serializer(purpose, actor)
        try:
            values, made = serializer.loads(untrusted_token, max_age=seconds, return_timestamp=True)
            grant = Grant(*values)
        except (BadSignature, TypeError) as error:
            raise LinkExpired from error
        if made.timestamp() <= self._valid_from(actor):
            raise LinkExpired("revoked")
        return grant
