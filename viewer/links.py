"""Short-lived signed tokens: links to a rendition's bytes, and tickets for one that is being made.

Both are bound to the person and to the bytes (the rendition's key), and say which document they are for.
"""

from dataclasses import asdict, dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from shared.document_ref import DocumentRef
from viewer.errors import LinkExpired

_TICKET_SECONDS = 900
"""A rendition that takes longer than this to appear is asked for afresh."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token says: this person may have this rendition of this document."""

    actor: str
    key: str
    kind: str
    source: str
    document_id: str
    person: str | None

    @classmethod
    def of(cls, actor: str, key: str, kind: str, ref: DocumentRef) -> "Grant":
        """The grant for one document."""
        return cls(actor, key, kind, ref.source, ref.id, ref.person)

    @property
    def ref(self) -> DocumentRef:
        """The document that it is for."""
        return DocumentRef(self.source, self.document_id, self.person)


class Links:
    """Signs and reads tokens."""

    def __init__(self, keys: list[str], link_seconds: int) -> None:
        """Sign with the last key, accept all.

        Args:
            keys: oldest first.
            link_seconds: how long a link to the bytes works.
        """
        self._links = URLSafeTimedSerializer(keys, salt="content-link")
        self._tickets = URLSafeTimedSerializer(keys, salt="rendition-ticket")
        self._link_seconds = link_seconds

    def link(self, grant: Grant) -> str:
        """A token for the bytes."""
        return str(self._links.dumps(_values(grant)))

    def read_link(self, untrusted_token: str, actor: str) -> Grant:
        """What a link says.

        Raises:
            LinkExpired: it is too old, not ours, or somebody else's.
        """
        return _read(self._links, untrusted_token, actor, self._link_seconds)

    def ticket(self, grant: Grant) -> str:
        """A token to ask with whether a rendition is ready."""
        return str(self._tickets.dumps(_values(grant)))

    def read_ticket(self, untrusted_token: str, actor: str) -> Grant:
        """What a ticket says.

        Raises:
            LinkExpired: it is too old, not ours, or somebody else's.
        """
        return _read(self._tickets, untrusted_token, actor, _TICKET_SECONDS)


def _values(grant: Grant) -> list[str | None]:
    return list(asdict(grant).values())


def _read(serializer: URLSafeTimedSerializer, untrusted_token: str, actor: str, seconds: int) -> Grant:
    try:
        grant = Grant(*serializer.loads(untrusted_token, max_age=seconds))
    except (BadSignature, TypeError) as error:
        raise LinkExpired from error
    if grant.actor != actor:
        raise LinkExpired
    return grant
