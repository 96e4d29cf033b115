"""Emergency blocks of a document, of a Mosaic person's documents, or of a member of staff.

The database is asked at every request, so that a block works at once and on every replica, also for links
that were handed out before. A block is set and lifted with a reason, and both acts are recorded.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    RowMapping,
    Select,
    String,
    Table,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)

from shared.actor import EMAIL, Actor
from shared.document_ref import DOCUMENT_ID, NAME, PERSON_ID, DocumentRef
from viewer.audit.chain import utc
from viewer.audit.database import Database
from viewer.audit.record import Entry, Outcome, append
from viewer.audit.tables import audit_table, metadata

MAX_REASON_LENGTH = 500

blocks_table = Table(
    "blocks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("source", String(32), nullable=False),
    Column("value", String(320), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),
    Column("set_by", String(320), nullable=False),
    Column("lifted_at", DateTime(timezone=True)),
    Column("lifted_by", String(320)),
    Column("lifted_because", String(500)),
    Index("blocks_value", "value"),
    info={"is_backed_up": True},
)
columns = blocks_table.c
audit_columns = audit_table.c
_ACTIVE = columns.lifted_at.is_(None)


class BlockKind(StrEnum):
    """What can be blocked."""

    DOCUMENT = "document"
    PERSON = "person"
    STAFF = "staff"


class NotBlockable(ValueError):
    """The subject or the reason of a block is invalid.

    Args:
        sentence: what is wrong, for the administrator.
        field: the invalid field: ``kind``, ``value``, ``source`` or ``reason``.
    """

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


class AlreadyBlocked(Exception):
    """The subject is blocked already."""


class NoSuchBlock(Exception):
    """The subject is not blocked, or no longer."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The document, Mosaic person or member of staff that a block applies to.

    Args:
        kind: which of the three.
        value: the number of the document or the Mosaic person, or the e-mail address of the member of staff.
        source: the document system; empty for persons and staff.

    Raises:
        NotBlockable: the value has not the form of such a number or address.
    """

    kind: BlockKind
    value: str
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse a value that no request could match, since such a block would have no effect."""
        if self.kind is BlockKind.DOCUMENT:
            if not NAME.fullmatch(self.source):
                raise NotBlockable("Enter the document system, such as edocs", "source")
            if not DOCUMENT_ID.fullmatch(self.value):
                raise NotBlockable("Enter the document's number as its address has it", "value")
        elif self.kind is BlockKind.PERSON and not PERSON_ID.fullmatch(self.value):
            raise NotBlockable("Enter the Mosaic person's number, digits only", "value")
        elif self.kind is BlockKind.STAFF and not (EMAIL.fullmatch(self.value) and self.value.islower()):
            raise NotBlockable("Enter the member of staff's e-mail address, in small letters", "value")

    def __str__(self) -> str:
        """The subject as the audit record and lists show it."""
        return f"{self.kind} {self.source + ' ' if self.source else ''}{self.value}"


@dataclass(frozen=True, slots=True)
class Block:
    """A block, active or lifted.

    Args:
        id: the block's number.
        subject: what is blocked.
        reason: why it was set.
        set_at: when it was set, in UTC.
        set_by: the e-mail address of the person who set it.
        lifted_at: when it was lifted, in UTC; None while it is active.
        lifted_by: the e-mail address of the person who lifted it.
        lifted_because: why it was lifted.
    """

    id: int
    subject: Subject
    reason: str
    set_at: datetime
    set_by: str
    lifted_at: datetime | None
    lifted_by: str | None
    lifted_because: str | None


# The queries are built once, since every view runs both.
_STAFF_BLOCK = (
    select(columns.id)
    .where(_ACTIVE, columns.kind == BlockKind.STAFF, columns.value == bindparam("email", type_=String))
    .limit(1)
)
_WAS_OPENED_FOR_PERSON = exists().where(
    audit_columns.source == bindparam("source", type_=String),
    audit_columns.document_id == bindparam("document_id", type_=String),
    audit_columns.person == columns.value,
    audit_columns.outcome.in_([Outcome.VIEWED, Outcome.DOWNLOADED, Outcome.DESCRIBED]),
)
_DOCUMENT_BLOCK = (
    select(columns.id)
    .where(
        _ACTIVE,
        or_(
            and_(
                columns.kind == BlockKind.DOCUMENT,
                columns.source == bindparam("source", type_=String),
                columns.value == bindparam("document_id", type_=String),
            ),
            and_(
                columns.kind == BlockKind.PERSON,
                or_(columns.value == bindparam("person", type_=String), _WAS_OPENED_FOR_PERSON),
            ),
        ),
    )
    .limit(1)
)


class Blocks:
    """Sets, lifts and looks up blocks."""

    def __init__(self, database: Database) -> None:
        """Use the audit database."""
        self._database = database

    def is_staff_blocked(self, email: str) -> bool:
        """Whether this member of staff is blocked now.

        Raises:
            AuditUnavailable: the blocks cannot be read, so nothing may be shown.
        """
        return self._exists(_STAFF_BLOCK, email=email.lower())

    def is_document_blocked(self, ref: DocumentRef) -> bool:
        """Whether the document, or the Mosaic person to whom it belongs, is blocked now.

        A document belongs to the person whom the link names, and to every person for whom it was opened
        before. So a link without the person, or with another one, does not evade the block.

        Raises:
            AuditUnavailable: the blocks cannot be read, so nothing may be shown.
        """
        return self._exists(_DOCUMENT_BLOCK, source=ref.source, document_id=ref.id, person=ref.person)

    def in_force(self) -> list[Block]:
        """Every active block, newest first.

        Raises:
            AuditUnavailable: the blocks cannot be read.
        """
        return self._read(_ACTIVE)

    def history(self) -> list[Block]:
        """Every block ever set, newest first.

        Raises:
            AuditUnavailable: the blocks cannot be read.
        """
        return self._read(columns.id.is_not(None))

    def set(self, subject: Subject, reason: str, by: Actor) -> None:
        """Block a subject from the next request on, and record it.

        Args:
            subject: what to block.
            reason: why.
            by: the administrator.

        Raises:
            NotBlockable: the reason is empty or too long.
            AlreadyBlocked: the subject is blocked already.
            AuditUnavailable: the database cannot be written; nothing is blocked.
        """
        reason = _checked(reason)
        block: dict[str, Any] = {
            "kind": subject.kind,
            "source": subject.source,
            "value": subject.value,
            "reason": reason,
        }
        with self._database.write() as connection:
            if connection.execute(select(columns.id).where(_ACTIVE & _is(subject))).first():
                raise AlreadyBlocked
            block |= {"set_at": datetime.now(UTC), "set_by": by.email}
            connection.execute(insert(blocks_table).values(block))
            append(connection, _audit_entry(by, Outcome.BLOCK_SET, subject, reason))

    def lift(self, subject: Subject, reason: str, by: Actor) -> None:
        """Lift a block from the next request on, and record it.

        Args:
            subject: what is blocked.
            reason: why the block is lifted.
            by: the administrator.

        Raises:
            NotBlockable: the reason is empty or too long.
            NoSuchBlock: the subject is not blocked.
            AuditUnavailable: the database cannot be written; the block stays.
        """
        reason = _checked(reason)
        lifted = {"lifted_at": datetime.now(UTC), "lifted_by": by.email, "lifted_because": reason}
        with self._database.write() as connection:
            done = connection.execute(update(blocks_table).where(_ACTIVE & _is(subject)).values(**lifted))
            if not done.rowcount:
                raise NoSuchBlock
            append(connection, _audit_entry(by, Outcome.BLOCK_LIFTED, subject, reason))

    def _exists(self, query: Select[int], **values: str | None) -> bool:
        with self._database.read() as connection:
            return connection.execute(query, values).first() is not None

    def _read(self, wanted: ColumnElement[bool]) -> list[Block]:
        query = select(blocks_table).where(wanted).order_by(columns.id.desc())
        with self._database.read() as connection:
            return [_block(found) for found in connection.execute(query).mappings()]


def _is(subject: Subject) -> ColumnElement[bool]:
    return and_(
        columns.kind == subject.kind, columns.source == subject.source, columns.value == subject.value
    )


def _checked(untrusted_reason: str) -> str:
    reason = " ".join(untrusted_reason.split())
    if not reason:
        raise NotBlockable("Enter a reason", "reason")
    if len(reason) > MAX_REASON_LENGTH:
        raise NotBlockable(f"The reason must be {MAX_REASON_LENGTH} characters or fewer", "reason")
    return reason


def _audit_entry(by: Actor, outcome: Outcome, subject: Subject, reason: str) -> Entry:
    document = subject.kind is BlockKind.DOCUMENT
    return Entry(
        by,
        outcome,
        source=subject.source if document else None,
        document_id=subject.value if document else None,
        person=subject.value if subject.kind is BlockKind.PERSON else None,
        detail=f"{subject}: {reason}",
    )


def _block(each: RowMapping) -> Block:
    return Block(
        each["id"],
        Subject(BlockKind(each["kind"]), each["value"], each["source"]),
        each["reason"],
        utc(each["set_at"]),
        each["set_by"],
        utc(each["lifted_at"]) if each["lifted_at"] else None,
        each["lifted_by"],
        each["lifted_because"],
    )
