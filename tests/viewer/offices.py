"""Two real guarded offices behind HAProxy, for the tests of the converters."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from tests.conversion.balancer import balanced
from tests.conversion.offices import Guard, guarded
from viewer.documents import Printing
from viewer.office.converter import OfficeConverter

MAX_BYTES = 50 * 1024 * 1024
WORK_SECONDS = 15


@dataclass
class Offices:
    """The offices, and what a converter reported of its attempts."""

    guards: list[Guard]
    url: str
    attempts: list[tuple[str, float, float]] = field(default_factory=list)

    def converter(self, queue_seconds: float = 30) -> OfficeConverter:
        self.attempts.clear()
        return OfficeConverter(
            self.url,
            work_seconds=WORK_SECONDS,
            queue_seconds=queue_seconds,
            max_bytes=MAX_BYTES,
            max_output_bytes=MAX_BYTES,
            locale="en-GB",
            on_attempt=lambda *attempt: self.attempts.append(attempt),
        )

    def printed(self, document: bytes, printing: Printing) -> bytes:
        """The PDF that an office makes of a document."""
        with self.converter().convert(io.BytesIO(document), printing) as pdf:
            return pdf.read()

    @property
    def outcomes(self) -> list[str]:
        """The outcome of each attempt."""
        return [outcome for outcome, _, _ in self.attempts]


@pytest.fixture(scope="session")
def running_offices() -> Iterator[Offices]:
    """Two guarded offices behind HAProxy, for the whole run."""
    with ExitStack() as stack:
        guards = [stack.enter_context(guarded()) for _ in range(2)]
        for guard in guards:
            guard.wait_ready()
        port = stack.enter_context(balanced(guards))
        yield Offices(guards, f"http://127.0.0.1:{port}")


@pytest.fixture
def offices(running_offices: Offices) -> Offices:
    """Two healthy offices."""
    for guard in running_offices.guards:
        guard.wait_ready()
    return running_offices
