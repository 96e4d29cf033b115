"""Renditions: each is found in the store by the document's hash, or made once for all who wait."""

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

from shared.shares import Share
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
from viewer.opening.intake import original_from_file
from viewer.opening.refusals import Refusals
from viewer.opening.unstored import UnstoredRenditions

_LISTING_TYPE = "text/plain; charset=utf-8"
"""The media type of a listing, which has no bytes: its parts are in its description."""
_PDF = "application/pdf"
_RENEW_SECONDS = 5
_POLL_SECONDS = (0.02, 0.5)
"""The first and the longest pause, in seconds, between checks for a rendition that another process makes."""
_REMEMBERED = (DocumentKilledConverter, ConversionTimeout, TooLarge)
"""Problems that are remembered for a while, besides those that are `lasting`."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on documents and conversions.

    Args:
        max_document_bytes: the largest document, or part of one.
        wait_seconds: how long `find_or_make` and `wait_for` wait for a conversion.
        refusal_seconds: how long a refusal is remembered.
        max_concurrent: the most documents that this process reads, converts or has waiting at the same time;
            one person may have half of them.
    """

    max_document_bytes: int
    wait_seconds: float
    refusal_seconds: float
    max_concurrent: int


class ClaimLost(Exception):
    """No process is making the rendition any more; the document must be opened again."""


@dataclass
class Renditions:
    """Finds and makes the renditions of documents.

    Args:
        reader: the sandbox, which reads documents.
        printer: the LibreOffice converters.
        store: keeps the renditions.
        unstored: knows the renditions that the store had no room for.
        claims: say which renditions are being made.
        refusals: say which bytes are refused.
        waiting: the threads that may wait for conversions at the same time; the others return None at once.
        limits: the limits on documents and conversions.
        on_store_lookup: called with the result of each lookup: ``hit``, ``refused`` or ``miss``.
        on_unstored: called for each rendition that could not be kept.
    """

    reader: DocumentReader
    printer: Printer
    store: Store
    unstored: UnstoredRenditions
    claims: Claims
    refusals: Refusals
    waiting: Share
    limits: Limits
    on_store_lookup: Callable[[str], None]
    on_unstored: Callable[[], None]
    _recipe: str = dataclass_field(init=False)
    _workers: ThreadPoolExecutor = dataclass_field(init=False)
    _running: Counter[str] = dataclass_field(init=False, default_factory=Counter)
    _lock: threading.Lock = dataclass_field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Combine the recipes of reader and printer: when one changes, every rendition is made again."""
        recipes = f"{self.reader.recipe},{self.printer.recipe}"
        self._recipe = hashlib.sha256(recipes.encode()).hexdigest()[:12]
        self._workers = ThreadPoolExecutor(self.limits.max_concurrent, "conversion")

    def key(self, original: Original) -> str:
        """The key of these bytes' rendition: their digest and the version of the recipe."""
        return f"{original.sha256}-{self._recipe}"

    def find_or_make(self, original: Original, owner: str) -> Rendition | None:
        """The stored rendition, or a new one; None when making it takes longer than `wait_seconds`.

        Args:
            original: the document.
            owner: the person who opens it, for a fair share of capacity.

        Raises:
            Problem: the rendition cannot be made.
        """
        key = self.key(original)
        return self._find(key) or self._make(key, original, owner)

    def extract_part(
        self, original: Original, numbers: tuple[int, ...], owner: str, files: ExitStack
    ) -> Original:
        """Extract a part of the document; without positions return the document itself.

        Args:
            original: the document.
            numbers: the positions that lead to the part, outermost first.
            owner: the person who opens it, for a fair share of capacity.
            files: closes the part's file.

        Raises:
            PartNotFound: the document has no such part.
            TooLarge: the part, or what must be unpacked to reach it, exceeds a limit.
            Problem: the document or a part on the way cannot be read.
        """
        if not numbers:
            return original
        name, body = self.reader.extract(original.file, numbers, owner)
        files.enter_context(body)
        return original_from_file(body, name, self.limits.max_document_bytes)

    def wait_for(self, key: str) -> Rendition | None:
        """Wait for the rendition that some process is making; return None after `wait_seconds`.

        Raises:
            ClaimLost: no process is making it, and no failure is known.
            Problem: it cannot be made, or failed a moment ago.
        """
        with self.waiting.place_or_none() as may_wait:
            return self._wait_for(key, self.limits.wait_seconds if may_wait else 0)

    def _wait_for(self, key: str, seconds: float) -> Rendition | None:
        pause, longest = _POLL_SECONDS
        deadline = time.monotonic() + seconds
        while True:
            # the claim is read first, since its owner stores the rendition before it releases the claim
            claimed = self.claims.is_claimed(key)
            rendition = self._finished(key)
            if rendition:
                return rendition
            if not claimed:
                raise self._failure_of(key)
            if time.monotonic() + pause > deadline:
                return None
            time.sleep(pause)
            pause = min(pause * 2, longest)

    def stored(self, key: str) -> Rendition | None:
        """The rendition in the store; None where it is not there, or where the store cannot be read."""
        try:
            return self.store.find(key)
        except StoreUnavailable:
            log.warning("store could not be read", content=key[:12])
            return None

    def make_again(self, key: str, original: Original, owner: str, files: ExitStack) -> BinaryIO:
        """Make the bytes of an unstored rendition for one reader.

        Args:
            key: the rendition's key.
            original: the document.
            owner: the person who reads it, for a fair share of capacity.
            files: closes the bytes' file.

        Raises:
            Problem: the rendition cannot be made.
        """
        if not self._reserve_slot(owner):
            raise ConverterBusy("too many documents are being opened")
        try:
            _, body = self._render(key, original.file, owner, files)
        except Exception as error:
            failure = _user_facing(error)
            _log_failure(key, failure, error)
            raise failure from error
        finally:
            self._release_slot(owner)
        return io.BytesIO(body) if isinstance(body, bytes) else body

    def _keep(self, rendition: Rendition, body: BinaryIO | bytes) -> None:
        """Keep the rendition in the store; where that is not possible, keep its description alone."""
        try:
            self.store.put(rendition, body)
        except StoreUnavailable:
            log.warning("rendition could not be stored", content=rendition.key[:12])
            self.on_unstored()
            self.unstored.add(rendition)

    def _failure_of(self, key: str) -> Exception:
        """The problem with which the claim failed; `ClaimLost` where none is known."""
        code = self.claims.failure(key)
        return BY_CODE[code]() if code in BY_CODE else ClaimLost()

    def close(self) -> None:
        """Wait for running conversions, then stop the worker threads."""
        self._workers.shutdown()

    def _find(self, key: str) -> Rendition | None:
        rendition = self.stored(key) or self.unstored.find(key)
        code = None if rendition else self.refusals.code_for(key)
        self.on_store_lookup("hit" if rendition else "refused" if code else "miss")
        if code:
            raise BY_CODE[code]
        return rendition

    def _finished(self, key: str) -> Rendition | None:
        """The rendition; None while it is neither made nor refused."""
        rendition = self.stored(key) or self.unstored.find(key)
        code = None if rendition else self.refusals.code_for(key)
        if code:
            raise BY_CODE[code]
        return rendition

    def _make(self, key: str, original: Original, owner: str) -> Rendition | None:
        """Make the rendition, or wait for the process that makes it; return None after `wait_seconds`."""
        if not self.claims.claim(key):
            return self._wait_or_none(key)
        return self._finished_meanwhile(key) or self._start(key, original, owner)

    def _finished_meanwhile(self, key: str) -> Rendition | None:
        """The rendition that another process finished between lookup and claim; it releases the claim."""
        try:
            rendition = self._finished(key)
        except Problem:
            self.claims.release(key)
            raise
        if rendition:
            self.claims.release(key)
        return rendition

    def _wait_or_none(self, key: str) -> Rendition | None:
        try:
            return self.wait_for(key)
        except ClaimLost:
            return None  # the page's next poll learns it, and opens the document again

    def _start(self, key: str, original: Original, owner: str) -> Rendition | None:
        """Make the rendition in a background thread, which continues when this request stops waiting."""
        try:
            document = read_only(original.file)
        except OSError as error:
            self.claims.release(key)
            raise StoreUnavailable("disk or memory is full") from error
        if not self._reserve_slot(owner):
            document.close()
            self.claims.release(key)
            raise ConverterBusy("too many documents are being opened")
        context = contextvars.copy_context()  # so that log lines carry the request's reference
        future = self._workers.submit(context.run, self._convert, key, document, owner)
        with self.waiting.place_or_none() as may_wait:
            try:
                return future.result(timeout=self.limits.wait_seconds if may_wait else 0)
            except TimeoutError:
                return None

    def _reserve_slot(self, owner: str) -> bool:
        """Reserve a slot for one more document of this person; return False where none is free."""
        with self._lock:
            full = self._running.total() >= self.limits.max_concurrent
            if full or self._running[owner] >= max(1, self.limits.max_concurrent // 2):
                return False
            self._running[owner] += 1
            return True

    def _release_slot(self, owner: str) -> None:
        with self._lock:
            self._running -= Counter([owner])

    def _convert(self, key: str, document: BinaryIO, owner: str) -> Rendition:
        """Make the rendition while renewing the claim; remember a refusal of the document."""
        try:
            with document, self._renewing_claim(key), ExitStack() as files:
                try:
                    rendition, body = self._render(key, document, owner, files)
                    self._keep(rendition, body)
                except Exception as error:
                    failure = _user_facing(error)
                    _log_failure(key, failure, error)
                    if isinstance(error, Problem):
                        self._remember(key, error, failure)
                    raise failure from error
                return rendition
        finally:
            self._release_slot(owner)

    def _render(
        self, key: str, document: BinaryIO, owner: str, files: ExitStack
    ) -> tuple[Rendition, BinaryIO | bytes]:
        """Read the document, print it where LibreOffice is needed, and return the rendition and its bytes."""
        reading, made = self.reader.read(document, owner)
        body = document if made is None else files.enter_context(made)
        notes = reading.notes
        if reading.is_listing:
            if not reading.parts:
                raise Empty("the archive has no files")
            return _rendition(key, Show.LISTING, _LISTING_TYPE, 0, reading, notes), b""
        if reading.printing is not None:
            printer_notes: list[str] = []
            body = files.enter_context(self.printer.convert(body, reading.printing, printer_notes.append))
            notes += (*printer_notes, *self.reader.inspect_printed(body, reading.printing, owner))
        media_type = _PDF if reading.printing is not None else reading.media_type
        size = body.seek(0, io.SEEK_END)
        body.seek(0)
        return _rendition(key, Show.of(media_type), media_type, size, reading, notes), body

    def _remember(self, key: str, error: Problem, failure: Problem) -> None:
        """Remember a refusal of these bytes; a failure of this service is never remembered."""
        if error.lasting or isinstance(error, _REMEMBERED):
            evidence = str(error) or type(error).__name__
            self.refusals.remember(key, failure.code, evidence, self.limits.refusal_seconds)

    @contextmanager
    def _renewing_claim(self, key: str) -> Iterator[None]:
        """Renew the claim while the block runs; at the end release it, or end it with the error code."""
        done = threading.Event()

        def renew() -> None:
            while not done.wait(_RENEW_SECONDS):
                _change_claim(lambda: self.claims.renew(key), "claim could not be renewed", key)

        threading.Thread(target=renew, name="claim", daemon=True).start()
        try:
            yield
        except Problem as failure:
            code = failure.code
            _change_claim(lambda: self.claims.fail(key, code), "claim could not be released", key)
            raise
        else:
            _change_claim(lambda: self.claims.release(key), "claim could not be released", key)
        finally:
            done.set()


def digest(key: str) -> str:
    """The original's SHA-256, which is the first part of a rendition's key."""
    return key.split("-", maxsplit=1)[0]


def _rendition(
    key: str, show: Show, media_type: str, size: int, reading: Reading, notes: tuple[str, ...]
) -> Rendition:
    return Rendition(key, show, media_type, size, reading.kind, reading.label, notes, reading.parts)


def _change_claim(change: Callable[[], None], event: str, key: str) -> None:
    """Change a claim; a failure is only logged, since the claim expires within seconds."""
    try:
        change()
    except Problem:
        log.warning(event, content=key[:12])


def _log_failure(key: str, failure: Problem, error: Exception) -> None:
    """Log why conversion failed; of other exceptions only the class, since they may quote the document."""
    reason = str(error) if isinstance(error, Problem) else type(error).__name__
    write = log.info if failure.lasting else log.warning
    write("document not converted", content=key[:12], code=failure.code, reason=reason)


def _user_facing(error: Exception) -> Problem:
    """The problem that people see: a document that killed its converters is quarantined."""
    if isinstance(error, DocumentKilledConverter):
        return Quarantined()
    if isinstance(error, Problem):
        return error
    log.error("unexpected failure in a conversion", exc_info=error)
    return Unexpected()
