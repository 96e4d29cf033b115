"""One other system holds its share of the threads and no more; nobody waits for one that hangs."""

import threading
import time
from contextlib import ExitStack

import pytest

from shared import shares
from shared.problems import SignInBusy
from shared.shares import Share


@pytest.fixture(autouse=True)
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "WAIT_SECONDS", 0.3)


def test_there_are_as_many_places_as_said() -> None:
    share = Share(2, SignInBusy)
    with share.place(), share.place(), pytest.raises(SignInBusy), share.place():
        pass
    with share.place(), share.place():
        pass


def test_a_place_is_free_again_after_a_failure() -> None:
    share = Share(1, SignInBusy)
    with pytest.raises(KeyError), share.place():
        raise KeyError
    with share.place():
        pass


def test_a_place_that_becomes_free_soon_is_waited_for() -> None:
    share = Share(1, SignInBusy, waiting=1)
    with ExitStack() as taken:
        taken.enter_context(share.place())
        freed = threading.Timer(0.05, taken.close)
        freed.start()
        with share.place():
            pass
        freed.join()


def test_nobody_waits_for_a_system_that_hangs() -> None:
    share = Share(1, SignInBusy, waiting=5)
    with share.place():
        started = time.monotonic()
        with pytest.raises(SignInBusy), share.place():
            pass
        assert time.monotonic() - started >= 0.25, "the first one waits in good faith"
        started = time.monotonic()
        for _ in range(5):
            with pytest.raises(SignInBusy), share.place():
                pass
        assert time.monotonic() - started < 0.2


def test_a_place_or_none_never_waits() -> None:
    share = Share(1, SignInBusy, waiting=5)
    with share.place_or_none() as first, share.place_or_none() as second:
        assert (first, second) == (True, False)
    with share.place_or_none() as again:
        assert again


def test_no_more_wait_than_may() -> None:
    share = Share(1, SignInBusy, waiting=2)
    refused: list[float] = []

    def ask() -> None:
        started = time.monotonic()
        try:
            with share.place():
                pass
        except SignInBusy:
            refused.append(time.monotonic() - started)

    with share.place():
        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(refused) == 6
    assert sum(seconds > 0.25 for seconds in refused) <= 2
