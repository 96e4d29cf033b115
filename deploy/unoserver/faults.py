"""What can go wrong with a document, as callers hear of it."""

LOAD_FAILED, TIMEOUT, DIED, TOO_LARGE, REFUSED, BUSY = 1, 2, 3, 4, 5, 6
"""Fault codes: the document cannot be read; the office was stopped at the limit; it died or broke at this
document; the document or its PDF is beyond the cap; the call is not allowed; nobody has looked at the
document, because another one is being worked on or the office is being replaced."""


class Failed(Exception):
    """The document was not converted.

    Args:
        code: one of the fault codes.
        message: technical, without anything of the document.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
