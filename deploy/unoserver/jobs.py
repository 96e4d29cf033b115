"""A conversion job and its possible outcomes, as callers see them."""

from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus


class Outcome(StrEnum):
    """The value of the header `X-Conversion-Outcome`, which nothing but a guard sets."""

    CONVERTED = "converted"
    LOAD_FAILED = "load-failed"
    TIMEOUT = "timeout"
    DIED = "died"
    TOO_LARGE = "too-large"
    OVERLOADED = "overloaded"
    REFUSED = "refused"
    BUSY = "busy"


STATUSES = {
    Outcome.CONVERTED: HTTPStatus.OK,
    Outcome.LOAD_FAILED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Outcome.TIMEOUT: HTTPStatus.GATEWAY_TIMEOUT,
    Outcome.DIED: HTTPStatus.BAD_GATEWAY,
    Outcome.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Outcome.OVERLOADED: HTTPStatus.GATEWAY_TIMEOUT,
    Outcome.REFUSED: HTTPStatus.BAD_REQUEST,
    Outcome.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The HTTP status of each outcome.

`load-failed`: the document cannot be read. `timeout`: the office was stopped, because it used the document's
processor time or did nothing. `died`: the office ended or broke at this document. `too-large`: the document
or its PDF is beyond the limit. `overloaded`: the machine gave the office too little processor time, which
says nothing about the document. `refused`: the request is malformed. `busy`: no office has seen the
document, because another one is being worked on or the office is being replaced.
"""

NOTICES = ("cells-cut", "margins-changed", "boxes-resized")
"""Names of the notices that an office may return about a document: see sheets.py and text_sizes.py."""
MAX_NOTICE = 1_000_000


@dataclass(frozen=True)
class Job:
    """A document and what LibreOffice has to know about it.

    Args:
        document: its bytes.
        import_filter: LibreOffice's name of the filter that must read it.
        last_page: the last page that is printed.
        seconds: processor time that the office may use.
        max_bytes: of the PDF.
        has_linked_pictures: whether pictures are missing, in whose places frames are drawn.
        is_proof: it shows whether the office is well, and whether it still writes dates as its locale does.
    """

    document: bytes
    import_filter: str
    last_page: int
    seconds: float
    max_bytes: int
    has_linked_pictures: bool = False
    is_proof: bool = False


@dataclass(frozen=True)
class ConversionResult:
    """The result of a conversion.

    Args:
        pdf: the result.
        processor_seconds: processor time that the office used.
        notices: what the PDF does not show as it is: a count by name (`NOTICES`).
    """

    pdf: bytes
    processor_seconds: float
    notices: dict[str, int] = field(default_factory=dict)


class ConversionFailed(Exception):
    """The document was not converted.

    Args:
        outcome: what happened.
        message: technical, without anything of the document.
        processor_seconds: processor time that the office used.
    """

    def __init__(self, outcome: Outcome, message: str, processor_seconds: float = 0) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.processor_seconds = processor_seconds
