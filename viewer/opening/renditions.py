"""What is shown of a document: found in the store by its bytes' hash, or made, once for all who wait."""

import contextvars
import hashlib
import io
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import BinaryIO

import structlog

from viewer.documents import DocumentReader, Original, Printer, Reading, Rendition, Show, Store
from viewer.errors import (
    BY_CODE,
    ConversionTimeout,
    ConverterBusy,
    DocumentKilledConverter,
    Empty,
    Problem,
    Quarantined,
    StoreUnavailable,
    TooLarge,
    Unexpected,
)
from viewer.files import read_only
from viewer.opening.claims import Claims
from viewer.opening.intake import measured
from viewer.opening.refusals import Refusals

_NO_BYTES = "text/plain; charset=utf-8"
"""Of a listing: what is in it stands in its description."""
_PDF = "application/pdf"
_RENEW_SECONDS = 5
_POLL_SECONDS = (0.02, 0.5)
"""First and longest pause between two looks for a rendition that another process makes."""
_REMEMBERED = (DocumentKilledConverter, ConversionTimeout, TooLarge)
"""Verdicts on a document that may be otherwise another day; lasting ones are remembered too."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Figures that bound documents and their renditions.

    Args:
        document_bytes: the largest document, or part of one.
        wait_seconds: how long `of` and `awaited` wait for a conversion.
        refusal_seconds: how long a refusal is remembered.
        at_work: documents that are read, wait or are converted in this process at the same time; one person
            may have half of them.
    """

    document_bytes: int
    wait_seconds: float
    refusal_seconds: float
    at_work: int


class Lost(Exception):
    """Nobody is making the rendition any more; the document is to be opened again."""


@dataclass
class Renditions:
    """What is shown of documents.

    Args:
        reader: the sandbox.
        printer: LibreOffice.
        store: of renditions.
        claims: on renditions in the making.
        refusals: remembered by the bytes' hash.
        limits: figures.
        on_store_lookup: told whether the store had it: ``hit``, ``refused`` or ``miss``.
    """

    reader: DocumentReader
    printer: Printer
    store: Store
    claims: Claims
    refusals: Refusals
    limits: Limits
    on_store_lookup: Callable[[str], None]
    _recipe: str = dataclass_field(init=False)
    _workers: ThreadPoolExecutor = dataclass_field(init=False)
    _at_work: Counter[str] = dataclass_field(init=False, default_factory=Counter)
    _lock: threading.Lock = dataclass_field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Derive the recipe's version from both: one changes, every rendition is made anew."""
        recipes = f"{self.reader.recipe},{self.printer.recipe}"
        self._recipe = hashlib.sha256(recipes.encode()).hexdigest()[:12]
        self._workers = ThreadPoolExecutor(self.limits.at_work, "conversion")

    def key(self, original: Original) -> str:
        """Of the rendition of these bytes: their digest, and how renditions are made at present."""
        return f"{original.sha256}-{self._recipe}"

    def of(self, original: Original, owner: str) -> Rendition | None:
        """The rendition: the one that is there, or a new one; None when it takes longer than the wait.

        Args:
            original: the document.
            owner: who asks, for sharing places fairly.

        Raises:
            Problem: why there can be none.
        """
        key = self.key(original)
        return self._find(key) or self._make(key, original, owner)

    def part(self, original: Original, numbers: tuple[int, ...], owner: str, files: ExitStack) -> Original:
        """The part to which the numbers lead, outermost first; the original itself where there are none.

        Args:
            original: the document.
            numbers: positions.
            owner: who asks, for sharing places fairly.
            files: closes the part's file.

        Raises:
            PartNotFound: there is no such part, or what should hold it holds nothing.
            TooLarge: beyond a limit.
            Problem: what is on the way cannot be read, and why.
        """
        if not numbers:
            return original
        name, body = self.reader.extract(original.file, numbers, owner)
        files.enter_context(body)
        return measured(body, name, self.limits.document_bytes)

    def awaited(self, key: str) -> Rendition | None:
        """The rendition that somebody is making; None when it takes longer than the wait.

        Raises:
            Lost: nobody is, and nobody knows why.
            Problem: why it cannot be made, or could not be made a moment ago.
        """
        pause, longest = _POLL_SECONDS
        deadline = time.monotonic() + self.limits.wait_seconds
        while True:
            claimed = self.claims.claimed(key)  # before the look: a maker puts first and releases then
            rendition = self._settled(key)
            if rendition:
                return rendition
            if not claimed:
                raise self._reason(key)
            if time.monotonic() + pause > deadline:
                return None
            time.sleep(pause)
            pause = min(pause * 2, longest)

    def _reason(self, key: str) -> Exception:
        """Why nobody is making the rendition any more, as far as it is known."""
        code = self.claims.failure(key)
        return BY_CODE[code]() if code in BY_CODE else Lost()

    def close(self) -> None:
        """Wait for what is under way, and end."""
        self._workers.shutdown()

    def _find(self, key: str) -> Rendition | None:
        rendition = self.store.find(key)
        code = None if rendition else self.refusals.code_for(key)
        self.on_store_lookup("hit" if rendition else "refused" if code else "miss")
        if code:
            raise BY_CODE[code]
        return rendition

    def _settled(self, key: str) -> Rendition | None:
        """The rendition; None while it is neither made nor refused."""
        rendition = self.store.find(key)
        code = None if rendition else self.refusals.code_for(key)
        if code:
            raise BY_CODE[code]
        return rendition

    def _make(self, key: str, original: Original, owner: str) -> Rendition | None:
        """Make the rendition, or wait for whoever is at it; None when it takes longer than the wait."""
        if not self.claims.claim(key):
            return self._await_or_none(key)
        return self._settled_meanwhile(key) or self._start(key, original, owner)

    def _settled_meanwhile(self, key: str) -> Rendition | None:
        """What somebody made, or failed to make, between our look and our claim; the claim goes back then."""
        try:
            rendition = self._settled(key)
        except Problem:
            self.claims.release(key)
            raise
        if rendition:
            self.claims.release(key)
        return rendition

    def _await_or_none(self, key: str) -> Rendition | None:
        try:
            return self.awaited(key)
        except Lost:
            return None  # the page asks about it next, hears that it is lost, and opens it again

    def _start(self, key: str, original: Original, owner: str) -> Rendition | None:
        """Make it in the background, where it goes on when this request does not wait any longer."""
        try:
            document = read_only(original.file)
        except OSError as error:
            self.claims.release(key)
            raise StoreUnavailable("no room for the document") from error
        if not self._takes_in(owner):
            document.close()
            self.claims.release(key)
            raise ConverterBusy("too many documents at once")
        context = contextvars.copy_context()  # the request's reference, for the logs
        future = self._workers.submit(context.run, self._convert, key, document, owner)
        try:
            return future.result(timeout=self.limits.wait_seconds)
        except TimeoutError:
            return None

    def _takes_in(self, owner: str) -> bool:
        """Whether there is room for one more document, of this person's too; counts it then."""
        with self._lock:
            full = self._at_work.total() >= self.limits.at_work
            if full or self._at_work[owner] >= max(1, self.limits.at_work // 2):
                return False
            self._at_work[owner] += 1
            return True

    def _let_out(self, owner: str) -> None:
        with self._lock:
            self._at_work -= Counter([owner])

    def _convert(self, key: str, document: BinaryIO, owner: str) -> Rendition:
        """Make the rendition while holding the claim; a verdict on the document is remembered."""
        try:
            with document, self._claim_kept(key), ExitStack() as files:
                try:
                    rendition, body = self._rendered(key, document, owner, files)
                    self.store.put(rendition, body)
                except Exception as error:
                    failure = _user_facing(error)
                    _log_failure(key, failure, error)
                    if isinstance(error, Problem):
                        self._remember(key, error, failure)
                    raise failure from error
                return rendition
        finally:
            self._let_out(owner)

    def _rendered(
        self, key: str, document: BinaryIO, owner: str, files: ExitStack
    ) -> tuple[Rendition, BinaryIO | bytes]:
        """The rendition, and its bytes."""
        reading, made = self.reader.read(document, owner)
        body = document if made is None else files.enter_context(made)
        notes = reading.notes
        if reading.is_listing:
            if not reading.parts:
                raise Empty("nothing in it")
            return _described(key, Show.LISTING, _NO_BYTES, 0, reading, notes), b""
        if reading.printing is not None:
            told: list[str] = []
            body = files.enter_context(self.printer.convert(body, reading.printing, told.append))
            notes += (*told, *self.reader.inspect_printed(body, reading.printing, owner))
        media_type = _PDF if reading.printing is not None else reading.media_type
        size = body.seek(0, io.SEEK_END)
        body.seek(0)
        return _described(key, Show.of(media_type), media_type, size, reading, notes), body

    def _remember(self, key: str, error: Problem, failure: Problem) -> None:
        """Remember what these bytes are refused for; an outage of ours is never remembered."""
        if error.lasting or isinstance(error, _REMEMBERED):
            evidence = str(error) or type(error).__name__
            self.refusals.remember(key, failure.code, evidence, self.limits.refusal_seconds)

    @contextmanager
    def _claim_kept(self, key: str) -> Iterator[None]:
        """Renew the claim while the work goes on; give it up at the end, with the reason where it failed."""
        done = threading.Event()

        def renew() -> None:
            while not done.wait(_RENEW_SECONDS):
                _or_logged(lambda: self.claims.renew(key), "claim not renewed", key)

        threading.Thread(target=renew, name="claim", daemon=True).start()
        try:
            yield
        except Problem as failure:
            code = failure.code
            _or_logged(lambda: self.claims.fail(key, code), "claim not given up", key)
            raise
        else:
            _or_logged(lambda: self.claims.release(key), "claim not given up", key)
        finally:
            done.set()


def digest(key: str) -> str:
    """The original's SHA-256, with which a rendition's key begins."""
    return key.split("-", maxsplit=1)[0]


def _described(
    key: str, show: Show, media_type: str, size: int, reading: Reading, notes: tuple[str, ...]
) -> Rendition:
    return Rendition(key, show, media_type, size, reading.kind, reading.label, notes, reading.parts)


def _or_logged(change: Callable[[], None], event: str, key: str) -> None:
    """Change a claim; where the database cannot be reached the claim dies by itself, within seconds."""
    try:
        change()
    except Problem:
        log.warning(event, content=key[:12])


def _log_failure(key: str, failure: Problem, error: Exception) -> None:
    """An exception that is not ours may hold the document's words, so that its class alone is logged."""
    reason = str(error) if isinstance(error, Problem) else type(error).__name__
    write = log.info if failure.lasting else log.warning
    write("not converted", content=key[:12], code=failure.code, reason=reason)


def _user_facing(error: Exception) -> Problem:
    """What people are told: a document that broke its converters is quarantined."""
    if isinstance(error, DocumentKilledConverter):
        return Quarantined()
    if isinstance(error, Problem):
        return error
    log.error("unexpected failure in a conversion", exc_info=error)
    return Unexpected()
