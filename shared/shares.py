"""Limits how many threads of a process may wait for one other system, so that it cannot hold them all."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared.problems import Problem

WAIT_SECONDS = 1.0
"""The longest wait for a place. Where no place was freed for as long, threads no longer wait."""


class Share:
    """The places for threads that wait for one other system.

    While all places are taken, some more threads wait up to `WAIT_SECONDS` for one. Where none was freed for
    that time, the other system hangs, and further threads are refused at once.
    """

    def __init__(self, places: int, busy: Callable[[], Problem], waiting: int = 0) -> None:
        """Start with all places free.

        Args:
            places: the most threads that may hold a place at the same time.
            busy: makes the problem that is raised where no place is free.
            waiting: the most threads that may wait for a place at the same time.
        """
        self._places = places
        self._busy = busy
        self._waiting = waiting
        self._taken = 0
        self._waiters = 0
        self._freed_at = float("-inf")
        self._condition = threading.Condition()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place inside the block.

        Raises:
            Problem: no place is free; the problem that `busy` makes.
        """
        if not self._take():
            raise self._busy()
        try:
            yield
        finally:
            self._give_back()

    @contextmanager
    def place_or_none(self) -> Iterator[bool]:
        """Hold a place inside the block where one is free now; yield whether one was."""
        taken = self._take_free()
        try:
            yield taken
        finally:
            if taken:
                self._give_back()

    def _take_free(self) -> bool:
        with self._condition:
            return self._take_now()

    def _take_now(self) -> bool:
        if self._taken >= self._places:
            return False
        if self._taken == self._places - 1:
            self._freed_at = max(
                self._freed_at, time.monotonic()
            )  # full from now on: a hang begins here at best
        self._taken += 1
        return True

    def _take(self) -> bool:
        with self._condition:
            if self._take_now():
                return True
            worth_while = time.monotonic() - self._freed_at < WAIT_SECONDS
            if not worth_while or self._waiters >= self._waiting:
                return False
            self._waiters += 1
            try:
                self._condition.wait_for(lambda: self._taken < self._places, WAIT_SECONDS)
                return self._take_now()
            finally:
                self._waiters -= 1

    def _give_back(self) -> None:
        with self._condition:
            self._taken -= 1
            self._freed_at = time.monotonic()
            self._condition.notify()
