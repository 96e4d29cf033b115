"""Office files to PDF by whichever guarded LibreOffice is free: lanes, waiting, second tries, verdicts.

A failure is a verdict on the document only where guards have said so: their office cannot load it, it has
used all its processor time, or two offices died or did nothing at it. Everything else is an outage, of which
nothing follows for the document. Documents wait while some office is at work, since the queue moves then.
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
    TooLarge,
    ViewerError,
)
from viewer.office.wire import Answer, NoAnswer, Outcome, Request, Wire

_RECIPE = "office-5"
MAX_FILTERS = 3
"""Import filters that are tried on one document."""

_STRIKES = 2
"""Offices that may die or hang at one document."""
_PAUSE_AFTER_STRIKE = 0.1
"""Seconds; offices that died at the same moment are known to be dead by then, and are no second strike."""
_LEAST_SECONDS = 1
"""Of processor time that must be left for another try."""
_LONG_WORK = 2
"""Seconds of processor time after which a document that failed belongs in the long lane, whatever it looked
like. One whose office died sooner is mostly the victim of something else, and must not wait behind documents
that hang."""
_COMMON_LANE, _LONG_LANE = "/", "/long"
_COMMON_SECONDS = 4
"""Of processor time in the common lane, where nearly everything takes less than one; then the long lane."""
_OUTAGE_PAUSES = (0.5, 2.0, 5.0, 10.0)
"""Seconds before another try after no answer, the last one for ever. HAProxy or a guard that is started again
is back by then."""
_LOSSES = 4
"""Times that a document may be lost after it was sent: it may be what takes a whole guard down."""
_OUTAGE_SECONDS = 20
"""Without any answer, or without any office that is well, after which a document is given up for now."""
_BUSY_PAUSES = (0.1, 2.0)
"""Seconds between two tries at a free office: the first, and the longest."""
_WAITED_SECONDS = 1
"""An attempt that took longer waited in HAProxy's queue, and goes back into it at once."""

_CUT: Final = (
    "The text of 1 cell is cut: it is longer than a page can be.",
    "The texts of {n} cells are cut: they are longer than a page can be.",
)
_MARGINS: Final = (
    "Dates, times or file names that the spreadsheet asks for are left out: they were not saved."
)

Observer = Callable[[str, float, float], None]
"""Told of each attempt: ``ok`` or an error's code, seconds in the queue, seconds of work by the clock."""


def _nobody(_: str) -> None:
    """For those who need not hear."""


@dataclass(slots=True)
class _Course:
    """What has happened to one document so far.

    Args:
        document: as `convert` got it.
        size: in bytes.
        last_page: that is printed.
        lane: where it waits.
        left: seconds of processor time that it may still use, over all its tries.
        tell: as `convert` got it.
    """

    document: BinaryIO
    size: int
    last_page: int
    lane: str
    left: float
    tell: Callable[[str], None]
    came: float = field(default_factory=time.monotonic)
    strikes: int = 0
    losses: int = 0
    unanswered: int = 0
    """Tries without an answer since somebody answered."""
    out_since: float | None = None
    """Since when nobody has answered, or no office has been well."""
    busy_pause: float = 0

    @property
    def waited(self) -> float:
        return time.monotonic() - self.came

    @property
    def spent(self) -> bool:
        return self.left < _LEAST_SECONDS

    @property
    def seconds(self) -> float:
        """Processor time of the next try."""
        return self.left if self.lane == _LONG_LANE else min(self.left, _COMMON_SECONDS)

    @property
    def out_seconds(self) -> float:
        """How long nobody has answered; counted from now on where somebody has."""
        now = time.monotonic()
        if self.out_since is None:
            self.out_since = now
        return now - self.out_since


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
        observe: Observer,
    ) -> None:
        """Open no connection yet.

        Args:
            url: HAProxy's, before the unoservers.
            work_seconds: processor time that one document may use, over all its tries.
            queue_seconds: the longest wait for a free office, while there are some.
            max_bytes: of the document.
            max_output_bytes: of the PDF.
            locale: language and country of what names no country itself, such as ``en-GB``.
            observe: told of each attempt.
        """
        self.recipe = f"{_RECIPE}-{locale}"
        """Changes whenever the same document would give another PDF."""
        self._wire = Wire(url, max_output_bytes, locale)
        self._work_seconds = work_seconds
        self._queue_seconds = queue_seconds
        self._max_bytes = max_bytes
        self._observe = observe

    def convert(
        self, document: BinaryIO, printing: Printing, tell: Callable[[str], None] = _nobody
    ) -> BinaryIO:
        """The document as PDF, in a temporary file that is gone when it is closed, rewound.

        It may wait in the queue for minutes; any number of threads may.

        Args:
            document: seekable, open for reading.
            printing: how it is to be printed.
            tell: told in a sentence of what the PDF does not show as it is.

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
        course = _Course(document, size, pages, lane, self._work_seconds, tell)
        *others, last = printing.filters[:MAX_FILTERS]
        for import_filter in others:
            try:
                return self._printed(course, import_filter)
            except Corrupt:
                if course.spent:
                    raise
        return self._printed(course, last)

    def _printed(self, course: _Course, import_filter: str) -> BinaryIO:
        """The PDF, by as many tries as the document is worth."""
        while True:
            began = time.monotonic()
            try:
                answer = self._wire.send(_request(course, import_filter))
            except NoAnswer as failure:
                self._observe(ConversionUnavailable.code, time.monotonic() - began, 0)
                _after_no_answer(course, failure)
                continue
            took = time.monotonic() - began
            self._observe(_code(answer), max(0.0, took - answer.clock_seconds), answer.clock_seconds)
            course.unanswered = 0
            course.left -= answer.processor_seconds
            if answer.pdf is not None:
                for sentence in _sentences(answer):
                    course.tell(sentence)
                return answer.pdf
            if answer.outcome in {Outcome.BUSY, Outcome.NONE_UP}:
                self._wait(course, answer, took)
            else:
                _after_verdict(course, answer)

    def _wait(self, course: _Course, answer: Answer, took: float) -> None:
        """Pause before the next try at a free office.

        Raises:
            ConverterBusy: the document has waited long enough.
        """
        if answer.outcome is Outcome.BUSY:
            course.out_since = None
        elif course.out_seconds > _OUTAGE_SECONDS:
            raise ConverterBusy("no office is well")
        first, longest = _BUSY_PAUSES
        longer = min(max(first, 2 * course.busy_pause), longest)
        course.busy_pause = first if took > _WAITED_SECONDS else longer
        if course.waited + course.busy_pause > self._queue_seconds:
            raise ConverterBusy(answer.outcome)
        time.sleep(course.busy_pause)


def _request(course: _Course, import_filter: str) -> Request:
    return Request(
        document=course.document,
        size=course.size,
        path=course.lane,
        import_filter=import_filter,
        last_page=course.last_page,
        seconds=course.seconds,
        waited_seconds=course.waited,
    )


def _after_no_answer(course: _Course, failure: NoAnswer) -> None:
    """Pause before another try.

    Raises:
        ConversionUnavailable: there have been enough.
    """
    course.losses += failure.document_sent
    if course.losses > _LOSSES or course.out_seconds > _OUTAGE_SECONDS:
        raise ConversionUnavailable(str(failure)) from failure
    time.sleep(_OUTAGE_PAUSES[min(course.unanswered, len(_OUTAGE_PAUSES) - 1)])
    course.unanswered += 1


def _after_verdict(course: _Course, answer: Answer) -> None:
    """Prepare another try after what a guard said.

    The end of the common lane's time is no strike: the long lane is where such documents belong.

    Raises:
        ViewerError: there is to be none.
    """
    course.out_since = None
    outcome, in_common_lane = answer.outcome, course.lane == _COMMON_LANE
    if outcome is Outcome.LOAD_FAILED:
        raise Corrupt("the office cannot read it")
    if outcome is Outcome.TOO_LARGE:
        raise TooLarge("beyond a cap")
    if in_common_lane and (outcome is not Outcome.DIED or answer.processor_seconds > _LONG_WORK):
        course.lane = _LONG_LANE
    if not (in_common_lane and outcome is not Outcome.DIED):
        if outcome is Outcome.OVERLOADED:
            raise ConversionUnavailable("the machine is overloaded")
        course.strikes += 1
    if course.strikes == _STRIKES or course.spent:
        raise _verdict(course, outcome)
    time.sleep(_PAUSE_AFTER_STRIKE)


def _verdict(course: _Course, outcome: Outcome) -> ViewerError:
    if outcome is Outcome.DIED and course.strikes == _STRIKES:
        return DocumentKilledConverter("offices died at it")
    return ConversionTimeout("stopped at the limit")


def _sentences(answer: Answer) -> Iterator[str]:
    """What the office tells of the PDF."""
    if answer.cells_cut:
        one, several = _CUT
        yield one if answer.cells_cut == 1 else several.format(n=answer.cells_cut)
    if answer.margins_changed:
        yield _MARGINS


def _code(answer: Answer) -> str:
    """Of an attempt, for the metrics."""
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
