"""Converts office files to PDF with any free LibreOffice: lanes, queueing, retries and verdicts.

A failure is a verdict on the document only where guards report it: no office can load the document, it has
used all its processor time, or two offices died or hung at it. Everything else is an outage, which says
nothing about the document. Documents wait while some office is at work, since the queue moves then.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from viewer.documents import MAX_PRINTED_PAGES, Printing
from viewer.errors import (
    ConversionTimeout,
    ConversionUnavailable,
    ConverterBusy,
    Corrupt,
    DocumentKilledConverter,
    Problem,
    TooLarge,
)
from viewer.office.client import Answer, ConverterClient, NoAnswer, Outcome, Request

_RECIPE = "office-7"
MAX_FILTERS = 3
"""Import filters that are tried on one document."""

_MAX_OFFICE_FAILURES = 2
"""A document is given up when this many offices died or hung at it."""
_PAUSE_AFTER_FAILURE = 0.1
"""The pause in seconds before a retry; by then offices that died at the same moment are known to be down,
and do not count as a second failure."""
_MIN_SECONDS = 1
"""The processor time in seconds that must be left for a retry."""
_LONG_WORK = 2
"""Seconds of processor time after which a document that failed belongs in the long lane, whatever it looked
like. One whose office died sooner is mostly the victim of something else, and must not wait behind documents
that hang."""
_COMMON_LANE, _LONG_LANE = "/", "/long"
_COMMON_SECONDS = 4
"""The limit of processor time in the common lane; what needs more moves to the long lane. Nearly every
document needs less than one second."""
_OUTAGE_PAUSES = (0.5, 2.0, 5.0, 10.0)
"""The pauses in seconds before retries after an outage; the last one repeats. They give HAProxy or a guard
time to restart."""
_MAX_LOSSES = 4
"""How often a document may be lost after it was sent: it may be the cause that takes a whole guard down."""
_OUTAGE_SECONDS = 20
"""How long an outage may last before a document is given up for now: no answer, or no healthy office."""
_BUSY_PAUSES = (0.1, 2.0)
"""The first and the longest pause in seconds between two attempts to find a free office."""
_QUEUED_SECONDS = 1
"""An attempt that took longer has waited in HAProxy's queue, and is sent again at once."""

_CELLS_CUT: Final = (
    "The text of 1 cell is cut: it is longer than a page can be.",
    "The texts of {n} cells are cut: they are longer than a page can be.",
)
_BOXES_RESIZED: Final = (
    "1 text did not fit its box: the box is larger here, or the letters are smaller, so that it shows whole.",
    "{n} texts did not fit their boxes: the boxes are larger here, or the letters smaller; they show whole.",
)
_MARGINS_CHANGED: Final = (
    "Dates, times or file names that the spreadsheet asks for are left out: they were not saved."
)

AttemptObserver = Callable[[str, float, float], None]
"""Called after each attempt: ``ok`` or an error code, seconds in the queue, seconds of work by the clock."""


def _ignore_note(_: str) -> None:
    """The default callback for notes."""


@dataclass(slots=True)
class _Conversion:
    """The state of one document's conversion.

    Args:
        document: as `convert` got it.
        size: in bytes.
        last_page: that is printed.
        has_linked_pictures: whether frames are to be drawn in the places of missing pictures.
        lane: where it waits.
        left: seconds of processor time that it may still use, over all its tries.
        on_note: as `convert` got it.
    """

    document: BinaryIO
    size: int
    last_page: int
    has_linked_pictures: bool
    lane: str
    left: float
    on_note: Callable[[str], None]
    arrived: float = field(default_factory=time.monotonic)
    office_failures: int = 0
    losses: int = 0
    unanswered: int = 0
    """Attempts without an answer since the last answer."""
    outage_since: float | None = None
    """When the outage began: no answer since, or no healthy office; None while there is no outage."""
    busy_pause: float = 0

    @property
    def waited_seconds(self) -> float:
        return time.monotonic() - self.arrived

    @property
    def is_out_of_time(self) -> bool:
        return self.left < _MIN_SECONDS

    @property
    def seconds(self) -> float:
        """The limit of processor time for the next attempt, in seconds."""
        return self.left if self.lane == _LONG_LANE else min(self.left, _COMMON_SECONDS)

    @property
    def outage_seconds(self) -> float:
        """How long the outage has lasted, in seconds; it begins now where there was none."""
        now = time.monotonic()
        if self.outage_since is None:
            self.outage_since = now
        return now - self.outage_since


class OfficeConverter:
    """Prints everything that LibreOffice reads, without looking into it."""

    def __init__(
        self,
        url: str,
        *,
        work_seconds: float,
        queue_seconds: float,
        max_bytes: int,
        max_output_bytes: int,
        locale: str,
        on_attempt: AttemptObserver,
    ) -> None:
        """Open no connection yet.

        Args:
            url: HAProxy's, before the unoservers.
            work_seconds: processor time that one document may use, over all its tries.
            queue_seconds: the longest wait for a free office, while there are some.
            max_bytes: of the document.
            max_output_bytes: of the PDF.
            locale: language and country of what names no country itself, such as ``en-GB``.
            on_attempt: called after each attempt.
        """
        self.recipe = f"{_RECIPE}-{locale}"
        """Changes whenever the same document would give another PDF."""
        self._client = ConverterClient(url, max_output_bytes, locale)
        self._work_seconds = work_seconds
        self._queue_seconds = queue_seconds
        self._max_bytes = max_bytes
        self._on_attempt = on_attempt

    def convert(
        self, document: BinaryIO, printing: Printing, on_note: Callable[[str], None] = _ignore_note
    ) -> BinaryIO:
        """The document as PDF, in a temporary file that is gone when it is closed, rewound.

        It may wait in the queue for minutes; any number of threads may.

        Args:
            document: seekable, open for reading.
            printing: how it is to be printed.
            on_note: called with a sentence on what the PDF does not show as it is.

        Raises:
            Corrupt: the office can load it with none of the filters.
            TooLarge: the document or its PDF is beyond its limit.
            ConversionTimeout: it has used all its processor time, or two offices did nothing at it.
            DocumentKilledConverter: two offices died or did nothing at it, the last one died.
            ConverterBusy: no office was free in time, or none is running.
            ConversionUnavailable: no guard could be heard, or the machine is overloaded; nothing follows for
                the document.
        """
        size = document.seek(0, os.SEEK_END)
        if size > self._max_bytes:
            raise TooLarge("more than an office gets")
        lane = _LONG_LANE if printing.is_long else _COMMON_LANE
        pages = printing.cut_after or MAX_PRINTED_PAGES
        frames = printing.has_linked_pictures
        conversion = _Conversion(document, size, pages, frames, lane, self._work_seconds, on_note)
        *others, last = printing.filters[:MAX_FILTERS]
        for import_filter in others:
            try:
                return self._convert_with(conversion, import_filter)
            except Corrupt:
                if conversion.is_out_of_time:
                    raise
        return self._convert_with(conversion, last)

    def _convert_with(self, conversion: _Conversion, import_filter: str) -> BinaryIO:
        """The PDF that this filter leads to, after as many retries as the limits allow."""
        while True:
            began = time.monotonic()
            try:
                answer = self._client.send(_request(conversion, import_filter))
            except NoAnswer as failure:
                self._on_attempt(ConversionUnavailable.code, time.monotonic() - began, 0)
                _pause_after_no_answer(conversion, failure)
                continue
            took = time.monotonic() - began
            self._on_attempt(
                _metric_label(answer), max(0.0, took - answer.clock_seconds), answer.clock_seconds
            )
            conversion.unanswered = 0
            conversion.left -= answer.processor_seconds
            if answer.pdf is not None:
                for sentence in _notes(answer):
                    conversion.on_note(sentence)
                return answer.pdf
            if answer.outcome in {Outcome.BUSY, Outcome.NONE_UP}:
                self._wait(conversion, answer, took)
            else:
                _after_verdict(conversion, answer)

    def _wait(self, conversion: _Conversion, answer: Answer, took: float) -> None:
        """Pause before the next attempt to find a free office.

        Raises:
            ConverterBusy: the document has waited long enough.
        """
        if answer.outcome is Outcome.BUSY:
            conversion.outage_since = None
        elif conversion.outage_seconds > _OUTAGE_SECONDS:
            raise ConverterBusy("no office is healthy")
        first, longest = _BUSY_PAUSES
        longer = min(max(first, 2 * conversion.busy_pause), longest)
        conversion.busy_pause = first if took > _QUEUED_SECONDS else longer
        if conversion.waited_seconds + conversion.busy_pause > self._queue_seconds:
            raise ConverterBusy(answer.outcome)
        time.sleep(conversion.busy_pause)


def _request(conversion: _Conversion, import_filter: str) -> Request:
    return Request(
        document=conversion.document,
        size=conversion.size,
        path=conversion.lane,
        import_filter=import_filter,
        last_page=conversion.last_page,
        seconds=conversion.seconds,
        waited_seconds=conversion.waited_seconds,
        has_linked_pictures=conversion.has_linked_pictures,
    )


def _pause_after_no_answer(conversion: _Conversion, failure: NoAnswer) -> None:
    """Pause before a retry after no answer.

    Raises:
        ConversionUnavailable: the outage has lasted too long, or the document was lost too often.
    """
    conversion.losses += failure.document_sent
    if conversion.losses > _MAX_LOSSES or conversion.outage_seconds > _OUTAGE_SECONDS:
        raise ConversionUnavailable(str(failure)) from failure
    time.sleep(_OUTAGE_PAUSES[min(conversion.unanswered, len(_OUTAGE_PAUSES) - 1)])
    conversion.unanswered += 1


def _after_verdict(conversion: _Conversion, answer: Answer) -> None:
    """Prepare a retry after a guard reported a failure.

    Using up the common lane's time is no failure: such documents belong in the long lane.

    Raises:
        Problem: the document is not tried again.
    """
    conversion.outage_since = None
    outcome, in_common_lane = answer.outcome, conversion.lane == _COMMON_LANE
    if outcome is Outcome.LOAD_FAILED:
        raise Corrupt("the office cannot read it")
    if outcome is Outcome.TOO_LARGE:
        raise TooLarge("beyond a cap")
    if in_common_lane and (outcome is not Outcome.DIED or answer.processor_seconds > _LONG_WORK):
        conversion.lane = _LONG_LANE
    if not (in_common_lane and outcome is not Outcome.DIED):
        if outcome is Outcome.OVERLOADED:
            raise ConversionUnavailable("the machine is overloaded")
        conversion.office_failures += 1
    if conversion.office_failures == _MAX_OFFICE_FAILURES or conversion.is_out_of_time:
        raise _verdict(conversion, outcome)
    time.sleep(_PAUSE_AFTER_FAILURE)


def _verdict(conversion: _Conversion, outcome: Outcome) -> Problem:
    if outcome is Outcome.DIED and conversion.office_failures == _MAX_OFFICE_FAILURES:
        return DocumentKilledConverter("offices died at it")
    return ConversionTimeout("stopped at the limit")


def _notes(answer: Answer) -> Iterator[str]:
    """The notes that the office's notices lead to."""
    if answer.cells_cut:
        one, several = _CELLS_CUT
        yield one if answer.cells_cut == 1 else several.format(n=answer.cells_cut)
    if answer.boxes_resized:
        one, several = _BOXES_RESIZED
        yield one if answer.boxes_resized == 1 else several.format(n=answer.boxes_resized)
    if answer.margins_changed:
        yield _MARGINS_CHANGED


def _metric_label(answer: Answer) -> str:
    """The label of an attempt's outcome in the metrics."""
    return {
        Outcome.CONVERTED: "ok",
        Outcome.LOAD_FAILED: Corrupt.code,
        Outcome.TIMEOUT: ConversionTimeout.code,
        Outcome.DIED: DocumentKilledConverter.code,
        Outcome.TOO_LARGE: TooLarge.code,
        Outcome.OVERLOADED: ConversionUnavailable.code,
        Outcome.BUSY: ConverterBusy.code,
        Outcome.NONE_UP: ConverterBusy.code,
    }[answer.outcome]
