"""A document's way to a person: fetch, hash, find or make its rendition, audit. Always from the source."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, NamedTuple

from shared.actor import Actor
from viewer.access.blocks import Blocks
from viewer.audit import Audit, Entry, Outcome
from viewer.audit.unusual import UnusualVolume
from viewer.documents import (
    DocumentRef,
    Original,
    Rendition,
    Show,
    Source,
    display_name,
)
from viewer.errors import (
    Blocked,
    LinkExpired,
    LinkMalformed,
    NoPdf,
    Problem,
    Undrawable,
)
from viewer.files import temporary_file
from viewer.opening.intake import Intake
from viewer.opening.renditions import Renditions, digest


class Opened(NamedTuple):
    """How far a document is.

    Args:
        key: of the rendition, made or in the making.
        rendition: None while it is being made.
        name: what the source calls the file.
        fetched_at: when the source gave it.
        changed: whether these are other bytes than this person saw last; None the first time.
    """

    key: str
    rendition: Rendition | None
    name: str | None
    fetched_at: datetime
    changed: bool | None


OnDelivered = Callable[[str, str], None]
"""Told of each document that is handed out: source and kind."""


@dataclass
class Pipeline:
    """The one way in which documents are opened.

    Args:
        sources: by name.
        renditions: of all that they fetch.
        audit: written before anything is handed out.
        blocks: asked before anything is.
        volume: looks at each view.
        on_delivered: told of each document that is handed out.
    """

    sources: Mapping[str, Source]
    renditions: Renditions
    audit: Audit
    blocks: Blocks
    volume: UnusualVolume
    on_delivered: OnDelivered

    def source(self, ref: DocumentRef) -> Source:
        """The source that the reference names.

        Raises:
            LinkMalformed: there is none, or it has no ids of this form.
        """
        source = self.sources.get(ref.source)
        if source is None or not source.accepts(ref.id):
            raise LinkMalformed
        return source

    def admit(self, ref: DocumentRef, actor: Actor) -> None:
        """Return where no block stops the document; for bytes whose link was handed out before.

        Raises:
            Blocked: one does; on record.
            AuditUnavailable: it cannot be told.
        """
        with self._on_record(ref, actor):
            pass

    def open(
        self,
        ref: DocumentRef,
        actor: Actor,
        *,
        outcome: Outcome = Outcome.VIEWED,
        only: Show | None = None,
    ) -> Opened:
        """Fetch the newest version; find its rendition or start making it; record that it was seen.

        A part is taken from the newest version of the document that it is in; then it is a document.

        Args:
            ref: the document.
            actor: who asks.
            outcome: what the record says when it is there: ``viewed``, ``downloaded``, or ``described`` where
                nothing but its metadata is handed out.
            only: how it must be shown; None: any way.

        Raises:
            NoPdf: it is not shown as `only` says.
            Problem: whatever the reason is; on record, with the bytes' digest where they were fetched.
        """
        source = self.source(ref)
        with self._on_record(ref, actor) as record, ExitStack() as files:
            whole = self._fetch(source, ref, actor, files.enter_context(temporary_file()))
            record.sha256 = whole.sha256
            original = self.renditions.part(whole, ref.part_numbers, actor.email, files)
            record.sha256 = original.sha256
            fetched_at = datetime.now(UTC)
            rendition = self.renditions.of(original, actor.email)
            if rendition and only and rendition.show is not only:
                raise NoPdf
            changed = record.seen(rendition, outcome) if rendition else None
        return Opened(self.renditions.key(original), rendition, original.untrusted_name, fetched_at, changed)

    def ask(self, ref: DocumentRef, begun: Opened, actor: Actor) -> Opened:
        """How far the rendition is that `open` began. Recorded as seen when it is there.

        Raises:
            Lost: its maker died; open the document again.
            Problem: why it cannot be made; on record.
        """
        with self._on_record(ref, actor) as record:
            record.sha256 = digest(begun.key)
            rendition = self.renditions.awaited(begun.key)
            changed = record.seen(rendition, Outcome.VIEWED) if rendition else None
        return begun._replace(rendition=rendition, changed=changed)

    def ahead(self, key: str) -> int:
        """How many conversions began before this one and are not done."""
        return self.renditions.claims.ahead(key)

    def download(self, ref: DocumentRef, key: str, actor: Actor) -> Rendition:
        """The rendition, once it is on record that this person takes a copy of it.

        Raises:
            LinkExpired: it is gone.
            Blocked: a block stops the document; on record.
            AuditUnavailable: it cannot be recorded.
        """
        rendition = self.renditions.store.find(key)
        if rendition is None:
            raise LinkExpired
        with self._on_record(ref, actor) as record:
            record.sha256 = digest(key)
            record.downloaded()
        return rendition

    def not_drawn(self, ref: DocumentRef, key: str, actor: Actor) -> None:
        """Put on record that the browser could not draw what was handed out.

        Raises:
            Blocked: a block stops the document; on record.
            AuditUnavailable: it cannot be recorded.
        """
        with self._on_record(ref, actor) as record:
            record.sha256 = digest(key)
            record.not_drawn()

    def _fetch(self, source: Source, ref: DocumentRef, actor: Actor, file: BinaryIO) -> Original:
        intake = Intake(file, self.renditions.limits.document_bytes)
        name = source.fetch(ref.id, intake, actor.request_id)
        return intake.original(display_name(name) if name else None)

    @contextmanager
    def _on_record(self, ref: DocumentRef, actor: Actor) -> Iterator["_Record"]:
        """Whatever happens inside is written down before it leaves; where a block stops it, nothing does."""
        record = _Record(self, ref, actor)
        try:
            if self.blocks.stops_document(ref):
                raise Blocked
            yield record
        except Problem as error:
            record.refused(error)
            raise


@dataclass
class _Record:
    """The audit entry of one opening, as far as it is known."""

    pipeline: Pipeline
    ref: DocumentRef
    actor: Actor
    sha256: str | None = None
    written: bool = False

    def seen(self, rendition: Rendition, outcome: Outcome) -> bool | None:
        """Write it down; say whether the person saw other bytes the last time."""
        ref = self.ref
        last = self.pipeline.audit.last_viewed(self.actor.email, ref.source, ref.id, ref.part)
        self._write(outcome, None)
        if outcome != Outcome.DESCRIBED:
            self.pipeline.on_delivered(ref.source, rendition.kind)
        return None if last is None else last != self.sha256

    def downloaded(self) -> None:
        self._write(Outcome.DOWNLOADED, None)

    def not_drawn(self) -> None:
        self._write(Outcome.NOT_DRAWN, Undrawable.code)

    def refused(self, error: Problem) -> None:
        if not self.written:
            self._write(Outcome.BLOCKED if isinstance(error, Blocked) else Outcome.REFUSED, error.code)

    def _write(self, outcome: Outcome, code: str | None) -> None:
        self.written = True
        entry = Entry.about(self.ref, self.actor, outcome, code=code, sha256=self.sha256)
        self.pipeline.audit.record(entry)
        if outcome in {Outcome.VIEWED, Outcome.DOWNLOADED}:
            self.pipeline.volume.look(entry)
