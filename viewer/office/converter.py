"""Office files to PDF: unoserver's XML-RPC through HAProxy, to whichever guarded office is free.

Documents travel as bytes with the import filter named. Two things can go wrong besides the document, and
are told apart: nobody free (wait and try again, up to the queue's limit) and an office that died or hung
at this very document (one more try elsewhere, then no more: it may be what kills them).
"""

import io
import re
import threading
import time
import xmlrpc.client
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from xml.parsers.expat import ExpatError

import pikepdf
import requests
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError, ReadTimeoutError

from viewer.documents import Kind
from viewer.errors import (
    ConversionTimeout,
    ConverterBroken,
    ConverterBusy,
    Corrupt,
    TooLarge,
    ViewerError,
)
from viewer.formats.mending import mended

MAX_PAGES = 2000
"""Longer documents are refused rather than shown in part; some kinds are cut, see `Kind`."""
EXPORT_OPTIONS = ["ExportNotes=false", "UseTaggedPDF=true"]
"""Any option turns comments on and tagging off, so both are always said (LibreOffice 25.2)."""
MAX_FILTERS = 3
"""Import filters that are tried on one document."""
MAX_MENDED = 200 * 1024 * 1024
"""Unpacked bytes of a file whose container is mended."""

_LOAD_FAILED, _TIMEOUT, _DIED, _TOO_LARGE, _BUSY = 1, 2, 3, 4, 6
"""Fault codes of deploy/unoserver/faults.py."""
_STRIKES = 2
"""Converters that one document may kill, besides one that is stopped when the common lane's time ends."""
_PAUSE_AFTER_STRIKE = 0.1
"""Seconds; offices that died at the same moment are known to be dead by then, and are no second strike."""
_LEAST_SECONDS = 1
"""Of work that must be left for another try."""
_LONG_XML = 500_000
"""Bytes of text and markup in a zip-based document from which on it goes to HAProxy's long lane: seconds of
work (docs/decisions/0014). Pictures count for nothing."""
_CONTENT = re.compile(r"(^|/)(document|content|comments|footnotes|sharedStrings|sheet\d*|slide\d+)\.xml$")
"""The members that hold a document's own text; others are styles and settings, large in small documents."""
_LONG_FILE = 2_000_000
"""The same for other documents, in bytes of the file."""
_LONG_WORK = 2
"""Seconds after which a document that failed belongs in the long lane, whatever it looked like. One whose
office died sooner is mostly the victim of something else, and must not wait behind documents that hang."""
_COMMON_LANE, _LONG_LANE = "/", "/long"
_COMMON_SECONDS = 4
"""Of work in the common lane, where nearly everything takes less than one; then on to the long one."""
_CONNECT_SECONDS = 3
_GRACE_SECONDS = 10
"""For the proof of a guard's office after a failure, and for the way."""
_PAUSES = (0.1, 2.0)
"""Seconds between two tries at a free converter: the first, and the longest."""
_CHUNK = 1024 * 1024
_HEADERS = {"Content-Type": "text/xml", "Connection": "close"}
_SECONDS = re.compile(r"[0-9]{1,4}\.[0-9]{1,6}")

Observer = Callable[[str, float, float], None]
"""Told of each attempt: outcome, seconds in the queue, seconds of work."""


class _NobodyFree(Exception):
    """No converter took the document; it has not been looked at."""


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    work_seconds: float


@dataclass(slots=True)
class _Allowance:
    """Seconds of work that are left for one document, over all its tries."""

    left: float

    @property
    def spent(self) -> bool:
        return self.left < _LEAST_SECONDS


@dataclass(frozen=True, slots=True)
class _Job:
    """A document on its way to an office.

    Args:
        call: of `convert`, as it is posted.
        lane: HAProxy's path.
        allowance: shared by all tries.
        again: whether it lost an office or its place in the queue; HAProxy lets it pass by those who wait.
    """

    call: bytes
    lane: str
    allowance: _Allowance
    again: bool = False

    @property
    def seconds(self) -> float:
        """Of work, at this try."""
        return self.allowance.left if self.lane == _LONG_LANE else min(self.allowance.left, _COMMON_SECONDS)


class OfficeConverter:
    """The `Converter` for everything that LibreOffice reads."""

    media_type = "application/pdf"
    recipe = "office-3"

    def __init__(
        self,
        url: str,
        *,
        work_seconds: float,
        queue_seconds: float,
        max_bytes: int,
        max_output_bytes: int,
        long_jobs: int,
        observe: Observer,
    ) -> None:
        """Open no connection yet.

        Args:
            url: HAProxy's, before the unoservers.
            work_seconds: after which an office is stopped; the guards enforce the same.
            queue_seconds: patience with waiting for a free office.
            max_bytes: of the document.
            max_output_bytes: of the PDF.
            long_jobs: long documents at work or waiting, in this process: they leave room for short ones.
            observe: told of each attempt.
        """
        self._url = url.rstrip("/")
        self._work_seconds = work_seconds
        self._queue_seconds = queue_seconds
        self._max_bytes = max_bytes
        self._max_output = max_output_bytes
        self._long_room = threading.BoundedSemaphore(long_jobs)
        self._observe = observe

    def convert(self, original: bytes, kind: Kind) -> bytes:
        """See `Converter.convert`. All tries together have `work_seconds`."""
        if len(original) > self._max_bytes:
            raise TooLarge("more than an office gets")
        allowance = _Allowance(self._work_seconds)
        try:
            return self._with_each_filter(original, kind, allowance)
        except Corrupt:
            whole = None if allowance.spent else mended(original, MAX_MENDED)
            if whole is None:
                raise
        return self._twice_at_most(_job(whole, kind, kind.import_filter, allowance), kind)

    def _with_each_filter(self, original: bytes, kind: Kind, allowance: "_Allowance") -> bytes:
        filters = (kind.import_filter, *kind.other_filters)[:MAX_FILTERS]
        for number, import_filter in enumerate(filters, 1):
            job = _job(original, kind, import_filter, allowance)
            try:
                return self._twice_at_most(job, kind)
            except Corrupt:
                if number == len(filters) or allowance.spent:
                    raise
        raise AssertionError("unreachable")  # pragma: no cover - the loop returns or raises

    def _twice_at_most(self, job: "_Job", kind: Kind) -> bytes:
        """Convert; where an office dies or hangs at it, once more elsewhere.

        The end of the common lane's time is no strike: the long lane is where such documents belong.
        """
        strikes = 0
        while True:
            before = job.allowance.left
            try:
                return _checked_pdf(self._in_lane(job), kind)
            except (ConverterBroken, ConversionTimeout) as failure:
                only_moved = job.lane == _COMMON_LANE and isinstance(failure, ConversionTimeout)
                strikes += 0 if only_moved else 1
                if strikes == _STRIKES or job.allowance.spent:
                    raise
            took_long = only_moved or before - job.allowance.left > _LONG_WORK
            job = replace(job, lane=_LONG_LANE if took_long else job.lane, again=True)
            time.sleep(_PAUSE_AFTER_STRIKE)

    def _in_lane(self, job: "_Job") -> bytes:
        """Convert as soon as an office is free.

        Raises:
            ConverterBusy: none is within the limit, or too many long documents wait already.
        """
        if job.lane == _COMMON_LANE:
            return self._when_free(job)
        if not self._long_room.acquire(blocking=False):
            raise ConverterBusy("too many long documents")
        try:
            return self._when_free(job)
        finally:
            self._long_room.release()

    def _when_free(self, job: "_Job") -> bytes:
        pause, longest = _PAUSES
        deadline = time.monotonic() + self._patience(job)
        while True:
            try:
                return self._attempt(job)
            except _NobodyFree as nobody:
                if time.monotonic() + pause > deadline:
                    raise ConverterBusy(str(nobody)) from nobody
            job = replace(job, again=True)
            time.sleep(pause)
            pause = min(pause * 2, longest)

    def _patience(self, job: "_Job") -> float:
        """Seconds with nobody free; in the long lane there may be one ahead that takes all its time."""
        return self._queue_seconds + (self._work_seconds if job.lane == _LONG_LANE else 0)

    def _attempt(self, job: "_Job") -> bytes:
        started = time.monotonic()
        outcome, work = "ok", 0.0
        try:
            answer = self._post(job)
            work = answer.work_seconds
            return self._within_cap(_result(answer.body))
        except _NobodyFree:
            outcome = ConverterBusy.code
            raise
        except ViewerError as error:
            outcome = error.code
            job.allowance.left -= work or time.monotonic() - started
            raise
        finally:
            self._observe(outcome, max(0.0, time.monotonic() - started - work), work)

    def _within_cap(self, pdf: bytes) -> bytes:
        if len(pdf) > self._max_output:
            raise TooLarge("the PDF is beyond the cap")
        return pdf

    def _post(self, job: "_Job") -> _Answer:
        # one out of the long lane waits in the common queue too
        longest = self._patience(job) + self._queue_seconds + self._work_seconds + _GRACE_SECONDS
        deadline = time.monotonic() + longest
        try:
            with (
                _direct_session() as session,
                session.post(
                    self._url + job.lane,
                    data=job.call,
                    headers={
                        **_HEADERS,
                        "X-Seconds-Left": f"{job.seconds:.2f}",
                        "X-Again": "1" if job.again else "0",
                    },
                    timeout=(_CONNECT_SECONDS, longest),
                    stream=True,
                    allow_redirects=False,
                ) as response,
            ):
                if response.status_code == requests.codes.service_unavailable:
                    raise _NobodyFree("503")
                if response.status_code != requests.codes.ok:
                    raise ConverterBroken(f"status {response.status_code}")
                return _Answer(self._read(response, deadline), _work_seconds(response))
        except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
            raise _NobodyFree(type(error).__name__) from error
        except (requests.ReadTimeout, ReadTimeoutError) as error:
            raise ConversionTimeout("no answer") from error
        except requests.ConnectionError as error:
            # not connected: nobody has seen the document; connection lost: an office may have been at work
            raise (_NobodyFree("no way") if _not_connected(error) else ConverterBroken("lost")) from error
        except (requests.RequestException, HTTPError) as error:
            raise ConverterBroken(type(error).__name__) from error

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        """The answer, up to what a PDF of the largest size can be in base64."""
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=False):
            body += chunk
            if len(body) > self._max_output * 3 // 2 + _CHUNK:
                raise TooLarge("the answer is beyond the cap")
            if time.monotonic() > deadline:
                raise ConversionTimeout("the answer does not end")
        return bytes(body)


def _direct_session() -> requests.Session:
    """For one call, and past any proxy of the environment.

    A kept connection may be closed by HAProxy just as it is used again, which would look like a death.
    """
    session = requests.Session()
    session.trust_env = False
    return session


def _work_seconds(response: requests.Response) -> float:
    """What the guard says of its office's work."""
    text = response.headers.get("X-Work-Seconds", "")
    return float(text) if _SECONDS.fullmatch(text) else 0.0


def _not_connected(error: requests.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _is_long(original: bytes) -> bool:
    """Whether it will take seconds, as far as can be told before."""
    try:
        with zipfile.ZipFile(io.BytesIO(original)) as archive:
            markup = sum(part.file_size for part in archive.infolist() if _CONTENT.search(part.filename))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return len(original) > _LONG_FILE
    return markup > _LONG_XML


def _job(original: bytes, kind: Kind, import_filter: str | None, allowance: "_Allowance") -> "_Job":
    lane = _LONG_LANE if _is_long(original) else _COMMON_LANE
    return _Job(_call(original, kind, import_filter), lane, allowance)


def _call(original: bytes, kind: Kind, import_filter: str | None) -> bytes:
    """A call of unoserver's `convert`.

    The positions: inpath, indata, outpath, convert_to, filtername, filter_options, update_index,
    infiltername.
    """
    document = xmlrpc.client.Binary(original)
    options = [*EXPORT_OPTIONS, f"PageRange=1-{kind.cut_after or MAX_PAGES}"]
    parameters = (None, document, None, "pdf", None, options, False, import_filter)
    return xmlrpc.client.dumps(parameters, "convert", allow_none=True).encode()


def _result(body: bytes) -> bytes:
    """The bytes that a converter returned.

    Raises:
        ViewerError: what its fault means.
    """
    if b"<!" in body:
        raise ConverterBroken("an answer with declarations")  # entities: nothing that a guard sends
    try:
        (result,), _ = xmlrpc.client.loads(body, use_builtin_types=True)
    except xmlrpc.client.Fault as fault:
        raise _meaning(fault) from fault
    except (ExpatError, LookupError, ValueError, TypeError, xmlrpc.client.Error) as error:
        raise ConverterBroken("an answer that is no XML-RPC") from error
    if not isinstance(result, bytes):
        raise ConverterBroken("an answer without bytes")
    return result


def _meaning(fault: xmlrpc.client.Fault) -> Exception:
    meanings: dict[Any, Exception] = {
        _LOAD_FAILED: Corrupt("the office cannot read it"),
        _TIMEOUT: ConversionTimeout("stopped at the limit"),
        _DIED: ConverterBroken("the office died"),
        _TOO_LARGE: TooLarge("beyond a cap of the guard"),
        _BUSY: _NobodyFree("busy"),
    }
    code = fault.faultCode if isinstance(fault.faultCode, int) else 0
    return meanings.get(code, ConverterBroken(f"fault {code}"))


def _checked_pdf(result: bytes, kind: Kind) -> bytes:
    """The PDF, once it is sure to be one, and whole, or of a kind that is cut with a note.

    Raises:
        ConverterBroken: it is no PDF.
        TooLarge: it has as many pages as are made at the most, so that more may be missing.
    """
    try:
        with pikepdf.open(io.BytesIO(result)) as pdf:
            pages = len(pdf.pages)
    except pikepdf.PdfError as error:
        raise ConverterBroken("the result is no PDF") from error
    if pages >= MAX_PAGES and not kind.cut_after:
        raise TooLarge("too many pages")
    return result
