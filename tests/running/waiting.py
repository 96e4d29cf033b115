"""Waiting for a condition instead of for a time."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress

import requests

PATIENCE_SECONDS = 60
_POLL_SECONDS = 0.02


def wait_until(condition: Callable[[], object], seconds: float, what: str | Callable[[], str]) -> None:
    """Return as soon as the condition holds.

    Args:
        condition: asked 50 times a second.
        seconds: for which it is asked.
        what: is waited for, or what gives that text when it is needed.

    Raises:
        AssertionError: it does not hold in time; says what was waited for.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what if isinstance(what, str) else what()}")
        time.sleep(_POLL_SECONDS)


def listens(port: int) -> bool:
    """Whether something accepts connections at this port of 127.0.0.1."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def answers(url: str) -> bool:
    """Whether a server there answers, and not with an error of its own (a status from 500 on)."""
    try:
        return bool(requests.get(url, timeout=5).status_code < requests.codes.server_error)
    except requests.RequestException:
        return False  # on a busy machine the first answer may take its time
