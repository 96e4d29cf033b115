"""A document's way to a person: fetch, hash, look in the store, identify, make the rendition, audit.

The source is asked every time. The rendition depends on the bytes alone, so it is shared by everybody
who opens the same bytes; the claim in the store lets one conversion serve them all.
"""

import hashlib
import io
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import UTC, datetime
from typing import BinaryIO, NamedTuple

import structlog

from viewer.audit import Audit, Entry, Outcome
from viewer.audit.unusual import UnusualVolume
from viewer.blocks import Blocks
from viewer.documents import (
    Container,
    Converter,
    DocumentRef,
    Examiner,
    Kind,
    Original,
    Rendition,
    Show,
    Source,
    Store,
)
from viewer.errors import (
    BY_CODE,
    Blocked,
    ConversionTimeout,
    ConverterBroken,
    ConverterBusy,
    Empty,
    LinkExpired,
    LinkMalformed,
    NoPdf,
    Quarantined,
    StoreUnavailable,
    TooLarge,
    UnsupportedType,
    ViewerError,
)
from viewer.fidelity import made_of, notes_on, replaced_fonts
from viewer.filetypes import identify
from viewer.intake import Intake, temporary_file
from viewer.parts import Parts

_NO_BYTES = "text/plain; charset=utf-8"
"""Of a listing: what is in it stands in its description."""
_RENEW_SECONDS = 5
_PASSING_SECONDS = 5
"""How long a passing failure is remembered, so that everybody who waits hears of it."""
_LOOK_SECONDS = (0.02, 0.5)
"""First and longest pause between two looks for a rendition that another process makes."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: for the audit record.

    Args:
        actor: the signed-in person's address.
        address: the network address they came from.
        request_id: the reference of this journey.
    """

    actor: str
    address: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Figures that bound the pipeline; bytes and seconds.

    Args:
        document: the largest document, or part of one.
        unpacked: what a zip-based document may unpack to, and what is unpacked on the way to one part.
        wait: how long `open` and `ask` wait for a conversion.
        refusal: how long a lasting refusal is remembered.
        conversions: conversions under way in this process, those that wait for a converter included.
    """

    document: int
    unpacked: int
    wait: float
    refusal: float
    conversions: int


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


class Lost(Exception):
    """Nobody is making the rendition any more; the document is to be opened again."""


Handed = Callable[[str, str], None]
"""Told of each document that is handed out: source and kind."""


@dataclass
class Pipeline:
    """The one way in which documents are opened.

    Args:
        sources: by name.
        converters: by the name of the kind.
        containers: by the name of the kind: what reads the parts of such documents.
        examiner: of what is shown as it is.
        store: of renditions.
        audit: written before anything is handed out.
        blocks: asked before anything is.
        volume: looks at each view.
        limits: figures.
        handed: told of each document that is handed out.
        looked_up: told whether the store had it: ``hit``, ``refused`` or ``miss``.
    """

    sources: Mapping[str, Source]
    converters: Mapping[str, Converter]
    containers: Mapping[str, Container]
    examiner: Examiner
    store: Store
    audit: Audit
    blocks: Blocks
    volume: UnusualVolume
    limits: Limits
    handed: Handed
    looked_up: Callable[[str], None]
    _recipe: str = dataclass_field(init=False)
    _parts: Parts = dataclass_field(init=False)
    _workers: ThreadPoolExecutor = dataclass_field(init=False)
    _room: threading.BoundedSemaphore = dataclass_field(init=False)

    def __post_init__(self) -> None:
        """Derive the recipe's version from all adapters': one changes, every rendition is made anew."""
        recipes = [f"{kind}={made.recipe}" for kind, made in self.converters.items()]
        recipes += [f"{kind}:{container.recipe}" for kind, container in self.containers.items()]
        self._recipe = hashlib.sha256(",".join(sorted(recipes)).encode()).hexdigest()[:12]
        self._parts = Parts(self.containers, self.limits.document, self.limits.unpacked)
        self._workers = ThreadPoolExecutor(self.limits.conversions, "conversion")
        self._room = threading.BoundedSemaphore(self.limits.conversions)

    def source(self, ref: DocumentRef) -> Source:
        """The source that the reference names.

        Raises:
            LinkMalformed: there is none, or it has no ids of this form.
        """
        source = self.sources.get(ref.source)
        if source is None or not source.accepts(ref.id):
            raise LinkMalformed
        return source

    def admit(self, ref: DocumentRef, visitor: Visitor) -> None:
        """Return where no block stops the document; for bytes whose link was handed out before.

        Raises:
            Blocked: one does; on record.
            AuditUnavailable: it cannot be told.
        """
        with self._on_record(ref, visitor):
            pass

    def open(
        self,
        ref: DocumentRef,
        visitor: Visitor,
        *,
        outcome: Outcome = Outcome.VIEWED,
        only: Show | None = None,
    ) -> Opened:
        """Fetch the newest version; find its rendition or start making it; record that it was seen.

        A part is taken from the newest version of the document that it is in; then it is a document.

        Args:
            ref: the document.
            visitor: who asks.
            outcome: what the record says when it is there: ``viewed``, ``downloaded``, or ``described`` where
                nothing but its metadata is handed out.
            only: how it must be shown; None: any way.

        Raises:
            NoPdf: it is not shown as `only` says.
            ViewerError: whatever the reason is; on record, with the bytes' digest where they were fetched.
        """
        source = self.source(ref)
        with self._on_record(ref, visitor) as record, ExitStack() as files:
            whole = self._fetch(source, ref, visitor, files.enter_context(temporary_file()))
            record.sha256 = whole.sha256
            original = self._parts.descend(whole, ref.part_numbers, files)
            record.sha256 = original.sha256
            key = f"{original.sha256}-{self._recipe}"
            fetched_at = datetime.now(UTC)
            rendition = self._find(key) or self._make(key, original)
            if rendition and only and rendition.show is not only:
                raise NoPdf
            changed = record.seen(rendition, outcome) if rendition else None
        return Opened(key, rendition, original.untrusted_name, fetched_at, changed)

    def ask(self, ref: DocumentRef, begun: Opened, visitor: Visitor) -> Opened:
        """How far the rendition is that `open` began. Recorded as seen when it is there.

        Raises:
            Lost: its maker died; open the document again.
            ViewerError: why it cannot be made; on record.
        """
        with self._on_record(ref, visitor) as record:
            record.sha256 = _digest(begun.key)
            rendition = self._await(begun.key)
            changed = record.seen(rendition, Outcome.VIEWED) if rendition else None
        return begun._replace(rendition=rendition, changed=changed)

    def ahead(self, key: str) -> int:
        """How many conversions began before this one and are not done."""
        return self.store.ahead(key)

    def download(self, ref: DocumentRef, key: str, visitor: Visitor) -> Rendition:
        """The rendition, once it is on record that this person takes a copy of it.

        Raises:
            LinkExpired: it is gone.
            Blocked: a block stops the document; on record.
            AuditUnavailable: it cannot be recorded.
        """
        rendition = self.store.find(key)
        if rendition is None:
            raise LinkExpired
        with self._on_record(ref, visitor) as record:
            record.sha256 = _digest(key)
            record.downloaded()
        return rendition

    def _fetch(self, source: Source, ref: DocumentRef, visitor: Visitor, file: BinaryIO) -> Original:
        intake = Intake(file, self.limits.document)
        name = source.fetch(ref.id, intake, visitor.request_id)
        file.seek(0)
        return Original(file, intake.size, intake.digest.hexdigest(), name)

    def _find(self, key: str) -> Rendition | None:
        rendition = self.store.find(key)
        code = None if rendition else self.store.refused(key)
        self.looked_up("hit" if rendition else "refused" if code else "miss")
        if code:
            raise BY_CODE[code]
        return rendition

    def _make(self, key: str, original: Original) -> Rendition | None:
        """Make the rendition, or wait for whoever is at it; None when it takes longer than the wait."""
        try:
            kind = identify(original, self.limits.unpacked)
            if kind.media_type:
                return self._keep_as_it_is(key, original, kind)
            if kind.name in self.containers and kind.name not in self.converters:
                return self._list(key, original, kind)
            converter = self._converter(kind)
        except ViewerError as error:
            failure = _as_shown(error)
            if failure.lasting or isinstance(failure, Quarantined | ConversionTimeout):
                self.store.refuse(key, failure.code, self.limits.refusal)
            raise failure from error
        if not self.store.claim(key):
            return self._await_or_none(key)
        return self._settled_meanwhile(key) or self._start(key, original, kind, converter)

    def _settled_meanwhile(self, key: str) -> Rendition | None:
        """What somebody made, or failed to make, between our look and our claim; the claim goes back then."""
        try:
            rendition = self._settled(key)
        except ViewerError:
            self.store.release(key)
            raise
        if rendition:
            self.store.release(key)
        return rendition

    def _settled(self, key: str) -> Rendition | None:
        """The rendition; None while it is neither made nor refused."""
        rendition = self.store.find(key)
        code = None if rendition else self.store.refused(key)
        if code:
            raise BY_CODE[code]
        return rendition

    def _keep_as_it_is(self, key: str, original: Original, kind: Kind) -> Rendition:
        """Once it was looked through; where the look gave something better to show, that."""
        examined = self.examiner.examine(original, kind)
        media_type = examined.media_type or str(kind.media_type)
        body = examined.replacement
        size = original.size if body is None else len(body)
        show = Show.of(media_type)
        parts = self._parts.of(original.file, kind)
        rendition = Rendition(key, show, media_type, size, kind.name, kind.label, examined.notes, parts)
        self.store.put(rendition, original.file if body is None else body)
        return rendition

    def _list(self, key: str, original: Original, kind: Kind) -> Rendition:
        """An archive is shown as the list of what is in it; there are no bytes to it."""
        parts = self._parts.of(original.file, kind)
        if not parts:
            raise Empty("nothing in it")
        rendition = Rendition(key, Show.LISTING, _NO_BYTES, 0, kind.name, kind.label, (), parts)
        self.store.put(rendition, b"")
        return rendition

    def _converter(self, kind: Kind) -> Converter:
        if kind.name not in self.converters:
            raise UnsupportedType
        return self.converters[kind.name]

    def _start(self, key: str, original: Original, kind: Kind, converter: Converter) -> Rendition | None:
        if not self._room.acquire(blocking=False):
            self.store.release(key)
            raise ConverterBusy
        document = original.file.read()
        future: Future[Rendition] = self._workers.submit(self._convert, key, document, kind, converter)
        future.add_done_callback(lambda _: self._room.release())
        try:
            return future.result(timeout=self.limits.wait)
        except TimeoutError:
            return None

    def _convert(self, key: str, document: bytes, kind: Kind, converter: Converter) -> Rendition:
        """Convert while holding the claim; what goes wrong is remembered for everybody who waits."""
        with self._claim_kept(key):
            try:
                made = converter.convert(document, kind)
                media_type = converter.media_type
                notes = (*notes_on(io.BytesIO(document), kind), *replaced_fonts(document, kind, made))
                if Show.of(media_type) is Show.PDF:
                    notes += made_of(kind, made)
                show = Show.of(media_type)
                parts = self._parts.of(io.BytesIO(document), kind)
                rendition = Rendition(key, show, media_type, len(made), kind.name, kind.label, notes, parts)
                self.store.put(rendition, made)
            except Exception as error:
                failure = _as_shown(error)
                self.store.refuse(key, failure.code, self._memory_of(failure))
                log.warning("conversion failed", kind=kind.name, content=key[:12], code=failure.code)
                raise failure from error
            return rendition

    def _memory_of(self, failure: ViewerError) -> float:
        lasting = failure.lasting or isinstance(failure, Quarantined | ConversionTimeout | TooLarge)
        return self.limits.refusal if lasting else _PASSING_SECONDS

    @contextmanager
    def _claim_kept(self, key: str) -> Iterator[None]:
        """Renew the claim while the work goes on; give it up at the end."""
        done = threading.Event()

        def renew() -> None:
            while not done.wait(_RENEW_SECONDS):
                try:
                    self.store.renew(key)
                except StoreUnavailable:
                    log.warning("claim not renewed", content=key[:12])

        threading.Thread(target=renew, name="claim", daemon=True).start()
        try:
            yield
        finally:
            done.set()
            self.store.release(key)

    def _await_or_none(self, key: str) -> Rendition | None:
        try:
            return self._await(key)
        except Lost:
            return None  # the page asks about it next, hears that it is lost, and opens it again

    def _await(self, key: str) -> Rendition | None:
        """Look for the rendition that somebody is making, for as long as `limits.wait`."""
        pause, longest = _LOOK_SECONDS
        deadline = time.monotonic() + self.limits.wait
        while True:
            at_work = self.store.claimed(key)  # before the look: a maker puts first and releases then
            rendition = self._settled(key)
            if rendition:
                return rendition
            if not at_work:
                raise Lost
            if time.monotonic() + pause > deadline:
                return None
            time.sleep(pause)
            pause = min(pause * 2, longest)

    @contextmanager
    def _on_record(self, ref: DocumentRef, visitor: Visitor) -> Iterator["_Record"]:
        """Whatever happens inside is written down before it leaves; where a block stops it, nothing does."""
        record = _Record(self, ref, visitor)
        try:
            if self.blocks.stops_document(ref):
                raise Blocked
            yield record
        except ViewerError as error:
            record.refused(error)
            raise


@dataclass
class _Record:
    """The audit entry of one opening, as far as it is known."""

    pipeline: Pipeline
    ref: DocumentRef
    visitor: Visitor
    sha256: str | None = None
    written: bool = False

    def seen(self, rendition: Rendition, outcome: Outcome) -> bool | None:
        """Write it down; say whether the person saw other bytes the last time."""
        ref = self.ref
        last = self.pipeline.audit.last_viewed(self.visitor.actor, ref.source, ref.id, ref.part)
        self._write(outcome, None)
        if outcome != Outcome.DESCRIBED:
            self.pipeline.handed(ref.source, rendition.kind)
        return None if last is None else last != self.sha256

    def downloaded(self) -> None:
        self._write(Outcome.DOWNLOADED, None)

    def refused(self, error: ViewerError) -> None:
        if not self.written:
            self._write(Outcome.BLOCKED if isinstance(error, Blocked) else Outcome.REFUSED, error.code)

    def _write(self, outcome: Outcome, code: str | None) -> None:
        self.written = True
        visitor, ref = self.visitor, self.ref
        entry = Entry(
            request_id=visitor.request_id,
            actor=visitor.actor,
            address=visitor.address,
            source=ref.source,
            document_id=ref.id,
            person=ref.person,
            outcome=outcome,
            code=code,
            sha256=self.sha256,
            part=ref.part,
        )
        self.pipeline.audit.record(entry)
        if outcome in {Outcome.VIEWED, Outcome.DOWNLOADED}:
            self.pipeline.volume.look(entry)


def _digest(key: str) -> str:
    """The original's SHA-256, with which a rendition's key begins."""
    return key.split("-", maxsplit=1)[0]


def _as_shown(error: Exception) -> ViewerError:
    """What people are told: a document that broke its converters is quarantined."""
    if isinstance(error, ConverterBroken):
        return Quarantined()
    if isinstance(error, ViewerError):
        return error
    log.error("unexpected failure in a conversion", exc_info=error)
    return BY_CODE["unexpected"]()
