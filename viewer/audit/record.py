"""Writing the audit record: append-only, hash-chained, and before a link to a document is given."""

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, String, bindparam, select

from shared.actor import Actor
from shared.document_ref import DocumentRef
from viewer.audit.chain import ChainPosition
from viewer.audit.database import Database
from viewer.audit.tables import append_rows, audit_table, head

columns = audit_table.c
_WIDTHS = {
    column.name: column.type.length or 0 for column in audit_table.columns if isinstance(column.type, String)
}


_LAST_VIEWED = (
    select(columns.sha256)
    .where(
        columns.source == bindparam("source"),
        columns.document_id == bindparam("document_id"),
        columns.part.is_not_distinct_from(bindparam("part")),
        columns.email == bindparam("email"),
        columns.outcome == "viewed",
    )
    .order_by(columns.id.desc())
    .limit(1)
)


class Outcome(StrEnum):
    """What an audit entry says happened. The last six are acts of governance officers and administrators."""

    VIEWED = "viewed"
    DOWNLOADED = "downloaded"
    DESCRIBED = "described"
    """Only the document's metadata was handed out."""
    NOT_DRAWN = "not-drawn"
    """The document was handed out, but the person's browser reported that it could not draw it."""
    REFUSED = "refused"
    """The document could not be shown."""
    DENIED = "denied"
    """The person is not allowed to do this."""
    BLOCKED = "blocked"
    """A block on the document, the Mosaic person or the member of staff applied."""
    UNUSUAL = "unusual"
    """The person opened unusually many documents within an hour."""
    SEARCHED = "searched"
    EXPORTED = "exported"
    BLOCK_SET = "block-set"
    BLOCK_LIFTED = "block-lifted"
    REVOKED = "revoked"
    PRUNED = "pruned"
    RESTORED = "restored"
    """The record was restored from a backup; the detail says what is lost."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the audit record.

    Args:
        by: the person, their network address and the reference of the request.
        outcome: one of `Outcome`.
        source: the document system; None where the entry is not about a document.
        document_id: the document's number in that system.
        person: the number of the Mosaic person whose case file led to the document, where the link named one.
        code: the error code, where there was an error.
        sha256: the digest of the bytes that were shown or refused, where they were fetched.
        part: the position of the requested part; None for the whole document.
        detail: for acts of governance officers and administrators, the reason or the search filter.
    """

    by: Actor
    outcome: str
    source: str | None = None
    document_id: str | None = None
    person: str | None = None
    code: str | None = None
    sha256: str | None = None
    part: str | None = None
    detail: str | None = None

    @classmethod
    def about(
        cls,
        ref: DocumentRef | None,
        by: Actor,
        outcome: str,
        *,
        code: str | None = None,
        sha256: str | None = None,
        detail: str | None = None,
    ) -> "Entry":
        """An entry about a document or a part of one; about no document where `ref` is None."""
        if ref is None:
            return cls(by, outcome, code=code, sha256=sha256, detail=detail)
        return cls(by, outcome, ref.source, ref.id, ref.person, code, sha256, ref.part, detail)

    @property
    def columns(self) -> dict[str, str | None]:
        """The entry's values by column name; the actor's three fields are separate columns."""
        own = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "by"}
        return asdict(self.by) | own


class Audit:
    """Writes the record, and answers what opening a document needs to know of it."""

    def __init__(self, url: str) -> None:
        """Connect lazily, see `Database`.

        Args:
            url: SQLAlchemy's form, such as ``sqlite:////var/lib/viewer/audit.db``.
        """
        self.database = Database(url)

    def record(self, entry: Entry) -> None:
        """Write one entry durably.

        Raises:
            AuditUnavailable: it is not written; nothing may be shown.
        """
        with self.database.write() as connection:
            append(connection, entry)

    def last_viewed(self, email: str, source: str, document_id: str, part: str | None = None) -> str | None:
        """The digest of the bytes that this person saw when they last opened this; None where they never did.

        Raises:
            AuditUnavailable: the record cannot be read.
        """
        about = {"email": email, "source": source, "document_id": document_id, "part": part}
        with self.database.read() as connection:
            return connection.execute(_LAST_VIEWED, about).scalar()

    def check(self) -> None:
        """Return when the record can be reached.

        Raises:
            AuditUnavailable: it cannot.
        """
        with self.database.read() as connection:
            head(connection)

    def head(self) -> ChainPosition:
        """The position of the newest entry; kept elsewhere, its hash proves every entry before it.

        Raises:
            AuditUnavailable: the record cannot be read.
        """
        with self.database.read() as connection:
            return head(connection)


def append(connection: Connection, entry: Entry) -> ChainPosition:
    """Write one entry inside a `Database.write` block, which may write more in the same transaction."""
    return append_rows(connection, [{"at": datetime.now(UTC), **_fit_columns(entry)}], head(connection))


def _fit_columns(entry: Entry) -> dict[str, Any]:
    """Cut values to the column width and replace NUL characters; PostgreSQL refuses both."""
    return {
        name: value.replace("\0", "\N{REPLACEMENT CHARACTER}")[: _WIDTHS[name]] if value is not None else None
        for name, value in entry.columns.items()
    }
