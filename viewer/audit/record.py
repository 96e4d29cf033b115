"""Writing the record: append-only, chained, and before any link to a document is given."""

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, String, bindparam, select

from shared.actor import Actor
from shared.document_ref import DocumentRef
from viewer.audit.chain import Link
from viewer.audit.database import Database
from viewer.audit.tables import add, audit_table, head

row = audit_table.c
_WIDTHS = {
    column.name: column.type.length or 0 for column in audit_table.columns if isinstance(column.type, String)
}


_LAST_VIEWED = (
    select(row.sha256)
    .where(
        row.source == bindparam("source"),
        row.document_id == bindparam("document_id"),
        row.part.is_not_distinct_from(bindparam("part")),
        row.email == bindparam("email"),
        row.outcome == "viewed",
    )
    .order_by(row.id.desc())
    .limit(1)
)


class Outcome(StrEnum):
    """What came of it; the last ones are acts of governance and administrators."""

    VIEWED = "viewed"
    DOWNLOADED = "downloaded"
    DESCRIBED = "described"
    """Its metadata alone was handed out."""
    NOT_DRAWN = "not-drawn"
    """It was handed out, and the person's browser could not draw it: the page says so."""
    REFUSED = "refused"
    """The document cannot be shown."""
    DENIED = "denied"
    """This person may not."""
    BLOCKED = "blocked"
    """Stopped by a block on the document, the Mosaic person or the member of staff."""
    UNUSUAL = "unusual"
    """More views in an hour than are usual."""
    SEARCHED = "searched"
    EXPORTED = "exported"
    BLOCK_SET = "blocked-set"
    BLOCK_LIFTED = "blocked-lifted"
    REVOKED = "revoked"
    PRUNED = "pruned"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the record.

    Args:
        by: who did it, from where, under which reference.
        outcome: one of `Outcome`.
        source: the document system; None where it is not about a document.
        document_id: the document's number there.
        person: the Mosaic person whose file led to it, where the link said.
        code: the error code, where there is one.
        sha256: of the very bytes that were shown or refused, where they were fetched.
        part: which part of the document, where only one was asked for.
        detail: a reason, or what was searched for: for governance's acts.
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
        """A line about a document, or a part of one; about none where `ref` is None."""
        if ref is None:
            return cls(by, outcome, code=code, sha256=sha256, detail=detail)
        return cls(by, outcome, ref.source, ref.id, ref.person, code, sha256, ref.part, detail)

    @property
    def columns(self) -> dict[str, str | None]:
        """The line as the table has it: the actor's three facts are columns of their own."""
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
        """The digest of the bytes that this person saw when they last opened this; None for never.

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

    def head(self) -> Link:
        """The newest entry: noted elsewhere, it proves everything before it.

        Raises:
            AuditUnavailable: the record cannot be read.
        """
        with self.database.read() as connection:
            return head(connection)


def append(connection: Connection, entry: Entry) -> Link:
    """Write one entry inside `Database.write`, which may hold more that belongs to it."""
    return add(connection, [{"at": datetime.now(UTC), **_fitted(entry)}], head(connection))


def _fitted(entry: Entry) -> dict[str, Any]:
    """The entry as the columns take it: PostgreSQL refuses longer texts, and NUL in any."""
    return {
        name: value.replace("\0", "\N{REPLACEMENT CHARACTER}")[: _WIDTHS[name]] if value is not None else None
        for name, value in entry.columns.items()
    }
