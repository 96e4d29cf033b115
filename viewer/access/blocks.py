"""Emergency blocks: of a document, of a Mosaic person's documents, of a member of staff.

Asked at every request, so that a block works at once and on every replica, also for links that were handed
out before. Each is set and lifted with a reason, and both are on record.
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

LONGEST_REASON = 500

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
)
row = blocks_table.c
seen = audit_table.c
_ACTIVE = row.lifted_at.is_(None)


class Kind(StrEnum):
    """What can be blocked."""

    DOCUMENT = "document"
    PERSON = "person"
    STAFF = "staff"


class NotBlockable(ValueError):
    """The subject or the reason is not one.

    Args:
        sentence: for whoever typed it.
        field: where they did: ``kind``, ``value``, ``source`` or ``reason``.
    """

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


class AlreadyBlocked(Exception):
    """There is such a block."""


class NoSuchBlock(Exception):
    """There is no such block, or it was lifted."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a block is on.

    Args:
        kind: which of the three.
        value: the document's number, the Mosaic person's, or the member of staff's address.
        source: the document's system; empty for the others.

    Raises:
        NotBlockable: the value cannot be one.
    """

    kind: Kind
    value: str
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse what no request could ever match: such a block would only seem to work."""
        if self.kind is Kind.DOCUMENT:
            if not NAME.fullmatch(self.source):
                raise NotBlockable("Enter the document system, such as edocs", "source")
            if not DOCUMENT_ID.fullmatch(self.value):
                raise NotBlockable("Enter the document's number as its address has it", "value")
        elif self.kind is Kind.PERSON and not PERSON_ID.fullmatch(self.value):
            raise NotBlockable("Enter the Mosaic person's number, digits only", "value")
        elif self.kind is Kind.STAFF and not (EMAIL.fullmatch(self.value) and self.value.islower()):
            raise NotBlockable("Enter the member of staff's e-mail address, in small letters", "value")

    def __str__(self) -> str:
        """As it stands in the record and in lists."""
        return f"{self.kind} {self.source + ' ' if self.source else ''}{self.value}"


@dataclass(frozen=True, slots=True)
class Block:
    """A block, in force or lifted.

    Args:
        id: its number.
        subject: what it is on.
        reason: why it was set.
        set_at: when, in UTC.
        set_by: by whom.
        lifted_at: when it was lifted; None while it is in force.
        lifted_by: by whom.
        lifted_because: why.
    """

    id: int
    subject: Subject
    reason: str
    set_at: datetime
    set_by: str
    lifted_at: datetime | None
    lifted_by: str | None
    lifted_because: str | None


# Built once: each view asks both.
_ON_STAFF = (
    select(row.id)
    .where(_ACTIVE, row.kind == Kind.STAFF, row.value == bindparam("email", type_=String))
    .limit(1)
)
_WAS_OPENED_FOR_THEM = exists().where(
    seen.source == bindparam("source", type_=String),
    seen.document_id == bindparam("document_id", type_=String),
    seen.person == row.value,
    seen.outcome.in_([Outcome.VIEWED, Outcome.DOWNLOADED, Outcome.DESCRIBED]),
)
_ON_DOCUMENT = (
    select(row.id)
    .where(
        _ACTIVE,
        or_(
            and_(
                row.kind == Kind.DOCUMENT,
                row.source == bindparam("source", type_=String),
                row.value == bindparam("document_id", type_=String),
            ),
            and_(
                row.kind == Kind.PERSON,
                or_(row.value == bindparam("person", type_=String), _WAS_OPENED_FOR_THEM),
            ),
        ),
    )
    .limit(1)
)


class Blocks:
    """Sets, lifts and asks."""

    def __init__(self, database: Database) -> None:
        """Use the record's own database."""
        self._database = database

    def stops_staff(self, email: str) -> bool:
        """Whether this member of staff is blocked now.

        Raises:
            AuditUnavailable: it cannot be told, so nothing may be shown.
        """
        return self._any(_ON_STAFF, email=email.lower())

    def stops_document(self, ref: DocumentRef) -> bool:
        """Whether the document is blocked now: itself, or as one of a blocked Mosaic person.

        It is that person's where the link says so, or where somebody opened it before by a link that did: a
        link without the person, or with another one, is no way round.

        Raises:
            AuditUnavailable: it cannot be told, so nothing may be shown.
        """
        return self._any(_ON_DOCUMENT, source=ref.source, document_id=ref.id, person=ref.person)

    def in_force(self) -> list[Block]:
        """Every block that stops somebody now, the newest first.

        Raises:
            AuditUnavailable: they cannot be read.
        """
        return self._read(_ACTIVE)

    def history(self) -> list[Block]:
        """Every block there ever was, the newest first.

        Raises:
            AuditUnavailable: they cannot be read.
        """
        return self._read(row.id.is_not(None))

    def set(self, subject: Subject, reason: str, by: Actor) -> None:
        """Block it from the next request on.

        Args:
            subject: what.
            reason: why.
            by: who does it.

        Raises:
            NotBlockable: there is no reason, or it is too long.
            AlreadyBlocked: it is blocked.
            AuditUnavailable: neither blocked nor on record.
        """
        reason = _checked(reason)
        block: dict[str, Any] = {
            "kind": subject.kind,
            "source": subject.source,
            "value": subject.value,
            "reason": reason,
        }
        with self._database.write() as connection:
            if connection.execute(select(row.id).where(_ACTIVE & _is(subject))).first():
                raise AlreadyBlocked
            block |= {"set_at": datetime.now(UTC), "set_by": by.email}
            connection.execute(insert(blocks_table).values(block))
            append(connection, _act(by, Outcome.BLOCK_SET, subject, reason))

    def lift(self, subject: Subject, reason: str, by: Actor) -> None:
        """Let people open it again from the next request on.

        Args:
            subject: what.
            reason: why.
            by: who does it.

        Raises:
            NotBlockable: there is no reason, or it is too long.
            NoSuchBlock: it is not blocked.
            AuditUnavailable: neither lifted nor on record.
        """
        reason = _checked(reason)
        lifted = {"lifted_at": datetime.now(UTC), "lifted_by": by.email, "lifted_because": reason}
        with self._database.write() as connection:
            done = connection.execute(update(blocks_table).where(_ACTIVE & _is(subject)).values(**lifted))
            if not done.rowcount:
                raise NoSuchBlock
            append(connection, _act(by, Outcome.BLOCK_LIFTED, subject, reason))

    def _any(self, question: Select[int], **about: str | None) -> bool:
        with self._database.read() as connection:
            return connection.execute(question, about).first() is not None

    def _read(self, wanted: ColumnElement[bool]) -> list[Block]:
        query = select(blocks_table).where(wanted).order_by(row.id.desc())
        with self._database.read() as connection:
            return [_block(found) for found in connection.execute(query).mappings()]


def _is(subject: Subject) -> ColumnElement[bool]:
    return and_(row.kind == subject.kind, row.source == subject.source, row.value == subject.value)


def _checked(untrusted_reason: str) -> str:
    reason = " ".join(untrusted_reason.split())
    if not reason:
        raise NotBlockable("Enter a reason", "reason")
    if len(reason) > LONGEST_REASON:
        raise NotBlockable(f"The reason must be {LONGEST_REASON} characters or fewer", "reason")
    return reason


def _act(by: Actor, outcome: Outcome, subject: Subject, reason: str) -> Entry:
    document = subject.kind is Kind.DOCUMENT
    return Entry(
        by,
        outcome,
        source=subject.source if document else None,
        document_id=subject.value if document else None,
        person=subject.value if subject.kind is Kind.PERSON else None,
        detail=f"{subject}: {reason}",
    )


def _block(each: RowMapping) -> Block:
    return Block(
        each["id"],
        Subject(Kind(each["kind"]), each["value"], each["source"]),
        each["reason"],
        utc(each["set_at"]),
        each["set_by"],
        utc(each["lifted_at"]) if each["lifted_at"] else None,
        each["lifted_by"],
        each["lifted_because"],
    )
