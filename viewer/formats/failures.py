"""Turns the errors that libraries raise on malformed bytes into typed refusals."""

from collections.abc import Iterator
from contextlib import contextmanager

from viewer.errors import Corrupt, Problem


@contextmanager
def corrupt_on(*errors: type[Exception]) -> Iterator[None]:
    """Raise `Corrupt` in place of these errors.

    Refusals pass, and so do the ends of memory and of the stack, which the sandbox gives its own meaning.
    """
    try:
        yield
    except (Problem, MemoryError, RecursionError):
        raise
    except errors as error:
        raise Corrupt(type(error).__name__) from error
