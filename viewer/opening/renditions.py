"""Renditions: looked for in the store, made where they are not there, waited for where another makes them.

A rendition depends on the bytes alone, so it is shared by everybody who opens the same bytes; a claim lets
one conversion serve them all.
"""

import hashlib
import io
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field as dataclass_field

import structlog

from viewer.documents import Container, Converter, Examiner, Kind, Original, Rendition, Show, Store
from viewer.errors import (
    BY_CODE,
    AuditUnavailable,
    ConversionTimeout,
    ConverterBroken,
    ConverterBusy,
    Empty,
    Quarantined,
    TooLarge,
    UnsupportedType,
    ViewerError,
)
from viewer.formats.office.notes import made_of, notes_on, replaced_fonts
from viewer.formats.recognition import identify
from viewer.opening.claims import Claims
from viewer.opening.parts import Parts
from viewer.opening.refusals import Refusals

_NO_BYTES = "text/plain; charset=utf-8"
"""Of a listing: what is in it stands in its description."""
_RENEW_SECONDS = 5
_PASSING_SECONDS = 5
"""How long a passing failure is remembered, so that everybody who waits hears of it."""
_LOOK_SECONDS = (0.02, 0.5)
"""First and longest pause between two looks for a rendition that another process makes."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Figures that bound documents and their renditions; bytes and seconds.

    Args:
        document: the largest document, or part of one.
        unpacked: what a zip-based document may unpack to, and what is unpacked on the way to one part.
        wait: how long `of` and `awaited` wait for a conversion.
        refusal: how long a lasting refusal is remembered.
        conversions: conversions under way in this process, those that wait for a converter included.
    """

    document: int
    unpacked: int
    wait: float
    refusal: float
    conversions: int


class Lost(Exception):
    """Nobody is making the rendition any more; the document is to be opened again."""


@dataclass
class Renditions:
    """What is shown of documents.

    Args:
        converters: by the name of the kind.
        containers: by the name of the kind: what reads the parts of such documents.
        examiner: of what is shown as it is.
        store: of renditions.
        claims: who makes which rendition.
        refusals: which bytes are refused without being tried.
        limits: figures.
        looked_up: told whether the store had it: ``hit``, ``refused`` or ``miss``.
    """

    converters: Mapping[str, Converter]
    containers: Mapping[str, Container]
    examiner: Examiner
    store: Store
    claims: Claims
    refusals: Refusals
    limits: Limits
    looked_up: Callable[[str], None]
    parts: Parts = dataclass_field(init=False)
    _recipe: str = dataclass_field(init=False)
    _workers: ThreadPoolExecutor = dataclass_field(init=False)
    _room: threading.BoundedSemaphore = dataclass_field(init=False)

    def __post_init__(self) -> None:
        """Derive the recipe's version from all adapters': one changes, every rendition is made anew."""
        recipes = [f"{kind}={made.recipe}" for kind, made in self.converters.items()]
        recipes += [f"{kind}:{container.recipe}" for kind, container in self.containers.items()]
        self._recipe = hashlib.sha256(",".join(sorted(recipes)).encode()).hexdigest()[:12]
        self.parts = Parts(self.containers, self.limits.document, self.limits.unpacked)
        self._workers = ThreadPoolExecutor(self.limits.conversions, "conversion")
        self._room = threading.BoundedSemaphore(self.limits.conversions)

    def key(self, original: Original) -> str:
        """Of the rendition of these bytes: their digest, and how renditions are made at present."""
        return f"{original.sha256}-{self._recipe}"

    def of(self, original: Original) -> Rendition | None:
        """The rendition: the one that is there, or a new one; None when it takes longer than `limits.wait`.

        Raises:
            ViewerError: why there can be none.
        """
        key = self.key(original)
        return self._find(key) or self._make(key, original)

    def awaited(self, key: str) -> Rendition | None:
        """The rendition that somebody is making; None when it takes longer than `limits.wait`.

        Raises:
            Lost: nobody is.
            ViewerError: why it cannot be made.
        """
        pause, longest = _LOOK_SECONDS
        deadline = time.monotonic() + self.limits.wait
        while True:
            at_work = self.claims.claimed(key)  # before the look: a maker puts first and releases then
            rendition = self._settled(key)
            if rendition:
                return rendition
            if not at_work:
                raise Lost
            if time.monotonic() + pause > deadline:
                return None
            time.sleep(pause)
            pause = min(pause * 2, longest)

    def _find(self, key: str) -> Rendition | None:
        rendition = self.store.find(key)
        code = None if rendition else self.refusals.code_for(key)
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
                self.refusals.remember(key, failure.code, str(failure), self.limits.refusal)
            raise failure from error
        if not self.claims.claim(key):
            return self._await_or_none(key)
        return self._settled_meanwhile(key) or self._start(key, original, kind, converter)

    def _settled_meanwhile(self, key: str) -> Rendition | None:
        """What somebody made, or failed to make, between our look and our claim; the claim goes back then."""
        try:
            rendition = self._settled(key)
        except ViewerError:
            self.claims.release(key)
            raise
        if rendition:
            self.claims.release(key)
        return rendition

    def _settled(self, key: str) -> Rendition | None:
        """The rendition; None while it is neither made nor refused."""
        rendition = self.store.find(key)
        code = None if rendition else self.refusals.code_for(key)
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
        parts = self.parts.of(original.file, kind)
        rendition = Rendition(key, show, media_type, size, kind.name, kind.label, examined.notes, parts)
        self.store.put(rendition, original.file if body is None else body)
        return rendition

    def _list(self, key: str, original: Original, kind: Kind) -> Rendition:
        """An archive is shown as the list of what is in it; there are no bytes to it."""
        parts = self.parts.of(original.file, kind)
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
            self.claims.release(key)
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
                parts = self.parts.of(io.BytesIO(document), kind)
                rendition = Rendition(key, show, media_type, len(made), kind.name, kind.label, notes, parts)
                self.store.put(rendition, made)
            except Exception as error:
                failure = _as_shown(error)
                self.refusals.remember(key, failure.code, str(failure), self._memory_of(failure))
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
                    self.claims.renew(key)
                except AuditUnavailable:
                    log.warning("claim not renewed", content=key[:12])

        threading.Thread(target=renew, name="claim", daemon=True).start()
        try:
            yield
        finally:
            done.set()
            self.claims.release(key)

    def _await_or_none(self, key: str) -> Rendition | None:
        try:
            return self.awaited(key)
        except Lost:
            return None  # the page asks about it next, hears that it is lost, and opens it again


def digest(key: str) -> str:
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
