"""A stand-in for HAProxy and the guards behind it, whose answers a test writes itself."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.viewer import samples
from tests.viewer.stub_server import Answer, Exchange, StubServer, serving
from viewer.documents import Printing
from viewer.office.converter import OfficeConverter

WORD = "MS Word 2007 XML"
SHORT, LONG = Printing((WORD,), is_long=False), Printing((WORD,), is_long=True)
PDF = samples.pdf()
MAX_BYTES = 1024 * 1024
MAX_PDF_BYTES = 100_000
STATUSES = {
    "converted": 200,
    "load-failed": 422,
    "timeout": 504,
    "died": 502,
    "too-large": 413,
    "overloaded": 504,
    "refused": 400,
    "busy": 503,
}


def guard_says(outcome: str, body: bytes = b"", processor: str = "0.1000", status: int = 0) -> Answer:
    """An answer as a guard gives it."""
    return lambda exchange: exchange.reply(
        body,
        status or STATUSES[outcome],
        X_Conversion_Outcome=outcome,
        X_Clock_Seconds="0.2000",
        X_Processor_Seconds=processor,
    )


def saying(body: bytes, status: int = 200, **headers: str) -> Answer:
    """An answer of somebody who is no guard."""
    return lambda exchange: exchange.reply(body, status, **headers)


CONVERTED = guard_says("converted", PDF)
BUSY = saying(b"", 503, X_Converters_Up="2")
NONE_UP = saying(b"", 503, X_Converters_Up="0")


@dataclass
class Line:
    """The stand-in, and the converter that talks to it."""

    stub: StubServer
    attempts: list[tuple[str, float, float]] = field(default_factory=list)

    @property
    def outcomes(self) -> list[str]:
        """How each attempt ended."""
        return [outcome for outcome, _, _ in self.attempts]

    @property
    def lanes(self) -> list[str]:
        """Where each attempt was sent."""
        return [exchange.path for exchange in self.stub.requests]

    def headers(self, name: str) -> list[str]:
        """One header of each attempt."""
        return [exchange.headers[name] for exchange in self.stub.requests]

    def answer(self, *answers: Answer) -> None:
        """Answer so, one after the other; the last answer is given for ever."""
        left = list(answers)

        def next_answer(exchange: Exchange) -> None:
            answer = left.pop(0) if len(left) > 1 else left[0]
            answer(exchange)

        self.stub.answer = next_answer

    def converter(
        self,
        work_seconds: float = 5,
        queue_seconds: float = 5,
        max_bytes: int = MAX_BYTES,
        locale: str = "en-GB",
    ) -> OfficeConverter:
        return OfficeConverter(
            self.stub.url,
            work_seconds=work_seconds,
            queue_seconds=queue_seconds,
            max_bytes=max_bytes,
            max_output_bytes=MAX_PDF_BYTES,
            locale=locale,
            on_attempt=lambda *attempt: self.attempts.append(attempt),
        )

    def convert(self, *answers: Answer, printing: Printing = SHORT, work_seconds: float = 5) -> bytes:
        """Convert with these answers, see `answer`."""
        self.answer(*answers)
        return pdf_of(self.converter(work_seconds), printing)


def pdf_of(converter: OfficeConverter, printing: Printing = SHORT) -> bytes:
    """The PDF of a Word document."""
    with io.BytesIO(samples.word()) as document, converter.convert(document, printing) as pdf:
        return pdf.read()


@contextmanager
def a_line() -> Iterator[Line]:
    """A stand-in until the block ends."""
    with serving(CONVERTED) as stub:
        yield Line(stub)
