"""Opening a document: fetch it from its source every time, find or make its rendition, record the view."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
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
from viewer.opening.content import Content, chunks
from viewer.opening.intake import Intake
from viewer.opening.renditions import Renditions, digest


class Opened(NamedTuple):
    """The state of a document that was opened.

    Args:
        key: the rendition's key.
        rendition: the rendition; None while it is being made.
        name: the file name that the source gave.
        fetched_at: when the document was fetched from its source.
        changed: whether the bytes differ from those that this person saw last; None the first time.
    """

    key: str
    rendition: Rendition | None
    name: str | None
    fetched_at: datetime
    changed: bool | None


OnDelivered = Callable[[str, str], None]
"""Called with the source and the kind of each document that is handed out."""


@dataclass
class Pipeline:
    """Opens documents; there is no other way to open one.

    Args:
        sources: the document systems, by name.
        renditions: finds or makes what is shown of a document.
        audit: the record, written before anything is handed out.
        blocks: the emergency blocks, checked before anything is fetched.
        volume: checks each view for unusual volume.
        on_delivered: called for each document that is handed out.
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
            LinkMalformed: there is no such source, or the id has not the form of its ids.
        """
        source = self.sources.get(ref.source)
        if source is None or not source.accepts(ref.id):
            raise LinkMalformed
        return source

    def open(
        self,
        ref: DocumentRef,
        actor: Actor,
        *,
        outcome: Outcome = Outcome.VIEWED,
        only: Show | None = None,
    ) -> Opened:
        """Fetch the newest version, find its rendition or start making it, and record the view.

        A part is extracted from the newest version of its document, and is then handled like a document.

        Args:
            ref: the document, or a part of one.
            actor: the person who opens it.
            outcome: the outcome to record when the rendition is ready: ``viewed``, ``downloaded``, or
                ``described`` where only metadata is handed out.
            only: the required form; None for any.

        Raises:
            NoPdf: the rendition does not have the form `only`.
            Problem: the document cannot be opened; this is recorded, with the digest of the fetched bytes.
        """
        source = self.source(ref)
        with self._audited(ref, actor) as record, ExitStack() as files:
            whole = self._fetch(source, ref, actor, files.enter_context(temporary_file()))
            record.sha256 = whole.sha256
            original = self.renditions.extract_part(whole, ref.part_numbers, actor.email, files)
            record.sha256 = original.sha256
            fetched_at = datetime.now(UTC)
            rendition = self.renditions.find_or_make(original, actor.email)
            if rendition and only and rendition.show is not only:
                raise NoPdf
            changed = record.delivered(rendition, outcome) if rendition else None
        return Opened(self.renditions.key(original), rendition, original.untrusted_name, fetched_at, changed)

    def poll(self, ref: DocumentRef, begun: Opened, actor: Actor) -> Opened:
        """Ask again for a rendition that `open` began to make; record the view when it is ready.

        Raises:
            ClaimLost: the process that made it has died; the document must be opened again.
            Problem: the rendition cannot be made; this is recorded.
        """
        with self._audited(ref, actor) as record:
            record.sha256 = digest(begun.key)
            rendition = self.renditions.wait_for(begun.key)
            changed = record.delivered(rendition, Outcome.VIEWED) if rendition else None
        return begun._replace(rendition=rendition, changed=changed)

    def ahead(self, key: str) -> int:
        """The number of unfinished conversions that began before this one."""
        return self.renditions.claims.ahead(key)

    def content(self, ref: DocumentRef, key: str, actor: Actor) -> Content:
        """The rendition with its bytes, for somebody to whom it was handed out.

        They come from the store. Where the store had no room for them, they are made again from the newest
        version, in a temporary file.

        Raises:
            LinkExpired: the rendition was deleted, or the document has changed since.
            Blocked: a block applies; the attempt is recorded.
            Problem: the document cannot be fetched or converted again; this is recorded.
        """
        with self._audited(ref, actor) as record:
            record.sha256 = digest(key)
            if rendition := self.renditions.stored(key):
                return Content(rendition, partial(self.renditions.store.read, key))
            if unstored := self.renditions.unstored.find(key):
                return self._made_again(ref, unstored, actor)
        raise LinkExpired

    def _made_again(self, ref: DocumentRef, rendition: Rendition, actor: Actor) -> Content:
        with ExitStack() as files:
            whole = self._fetch(self.source(ref), ref, actor, files.enter_context(temporary_file()))
            original = self.renditions.extract_part(whole, ref.part_numbers, actor.email, files)
            if self.renditions.key(original) != rendition.key:
                raise LinkExpired
            body = self.renditions.make_again(rendition.key, original, actor.email, files)
            size = body.seek(0, os.SEEK_END)
            return Content(replace(rendition, size=size), partial(chunks, body), files.pop_all())

    def download(self, ref: DocumentRef, key: str, actor: Actor) -> Content:
        """Record that this person downloads a copy, and return the rendition with its bytes.

        Raises:
            AuditUnavailable: the download cannot be recorded.
            Problem: as `content`.
        """
        content = self.content(ref, key, actor)
        with ExitStack() as files, self._audited(ref, actor) as record:
            files.callback(content.close)
            record.sha256 = digest(key)
            record.downloaded()
            files.pop_all()
        return content

    def not_drawn(self, ref: DocumentRef, key: str, actor: Actor) -> None:
        """Record that the browser could not draw the rendition.

        Raises:
            Blocked: a block applies; the attempt is recorded.
            AuditUnavailable: the report cannot be recorded.
        """
        with self._audited(ref, actor) as record:
            record.sha256 = digest(key)
            record.not_drawn()

    def _fetch(self, source: Source, ref: DocumentRef, actor: Actor, file: BinaryIO) -> Original:
        intake = Intake(file, self.renditions.limits.max_document_bytes)
        name = source.fetch(ref.id, intake, actor.request_id)
        return intake.original(display_name(name) if name else None)

    @contextmanager
    def _audited(self, ref: DocumentRef, actor: Actor) -> Iterator["_AuditRecord"]:
        """Refuse blocked documents, and record every problem that is raised inside before passing it on."""
        record = _AuditRecord(self, ref, actor)
        try:
            if self.blocks.is_document_blocked(ref):
                raise Blocked
            yield record
        except Problem as error:
            record.refused(error)
            raise


@dataclass
class _AuditRecord:
    """The audit entry about one request, as far as its values are known."""

    pipeline: Pipeline
    ref: DocumentRef
    actor: Actor
    sha256: str | None = None
    written: bool = False

    def delivered(self, rendition: Rendition, outcome: Outcome) -> bool | None:
        """Record the delivery; return whether the person saw other bytes the last time."""
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
            self.pipeline.volume.check(entry)
