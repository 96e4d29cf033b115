"""A system that hangs holds its share of the threads: other pages and the probes answer as ever."""

import base64
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from tests.system.another_viewer import AnotherViewer, viewer_of_our_own
from tests.system.person import Person
from tests.system.slow_clients import Waits, ask_for
from tests.system.stack import Stack
from tests.viewer.stub_server import StubServer, serving

pytestmark = pytest.mark.system

_PEOPLE = 80
_SECONDS = 8
_PAGE_RATIO = 1.5
_LEAST_SECONDS = 0.25
"""A p95 below this is no delay; the test's own processes share two processors with the service."""
_PROBE_SECONDS = 1.0
_AT_ONCE_SECONDS = 5
"""In which somebody is told that too many wait; one second is the service's own, the rest this machine's."""
_HANGING_SECONDS = 15
"""How long the viewer waits for the system that hangs, which is longer than others are watched."""


def _silent(exchange: object) -> None:
    exchange.server.stub.stopped.wait(60)  # type: ignore[attr-defined]  # an Exchange


@dataclass
class Crowd:
    """What many people at once were told.

    Args:
        told: status and code.
        seconds: until they were, by code.
    """

    told: Counter[tuple[int, str]] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)


@contextmanager
def _crowd(url: str, headers: Mapping[str, str], stub: StubServer) -> Iterator[Crowd]:
    """Let so many people ask for some seconds; they ask again when the answer says so."""
    crowd, end = Crowd(), time.monotonic() + _SECONDS

    def ask() -> None:
        while time.monotonic() < end:
            started = time.monotonic()
            answer = requests.get(url, headers=dict(headers), timeout=60)
            code = answer.headers.get("X-Error-Code", "")
            crowd.told[answer.status_code, code] += 1
            crowd.seconds.setdefault(code, []).append(time.monotonic() - started)
            time.sleep(float(answer.headers.get("Retry-After", "1")))

    with ThreadPoolExecutor(_PEOPLE) as pool:
        asking = [pool.submit(ask) for _ in range(_PEOPLE)]
        _until_most_wait_or_were_told(crowd, stub)
        yield crowd
        for one in asking:
            one.result()


def _until_most_wait_or_were_told(crowd: Crowd, stub: StubServer) -> None:
    """Wait until the first rush is over; where everybody is kept waiting, for five seconds."""
    end = time.monotonic() + 5
    while crowd.told.total() + len(stub.requests) < _PEOPLE * 3 // 4 and time.monotonic() < end:
        time.sleep(0.05)


def _asked(viewer: AnotherViewer) -> list[Waits]:
    return ask_for(_SECONDS, f"{viewer.address}/signed-out", f"{viewer.operations}/live")


def _others_are_well(viewer: AnotherViewer, idle: float) -> None:
    page, live = _asked(viewer)
    print(f"idle p95 {idle:.3f}, page p95 {page.p95:.3f}, live p95 {live.p95:.3f}, {page.failures[:3]}")  # noqa: T201 - figures
    assert page.failures + live.failures == []
    assert page.p95 <= max(_PAGE_RATIO * idle, _LEAST_SECONDS), (page.p95, idle)
    assert live.p95 <= _PROBE_SECONDS


def _session_of(person: Person) -> dict[str, str]:
    cookies = "; ".join(f"{each.name}={each.value}" for each in person.http.cookies)
    script = {"Accept": "application/json", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}
    return {"Cookie": cookies, **script}


@contextmanager
def _viewer_with(
    folder: Path, setting: str, path: str, **more: str
) -> Iterator[tuple[AnotherViewer, StubServer]]:
    """A viewer whose system of this setting never answers."""
    with serving(_silent) as stub, viewer_of_our_own(folder, {setting: stub.url + path, **more}) as viewer:
        yield viewer, stub


def test_edocs_that_hangs_delays_no_other_page(stack: Stack, tmp_path: Path) -> None:
    del stack
    patience = {"EDOCS_READ_SECONDS": str(_HANGING_SECONDS), "EDOCS_ATTEMPTS": "1"}
    with _viewer_with(tmp_path, "EDOCS_API_URL", "/documents/", **patience) as (viewer, stub):
        person = Person(viewer=viewer.address).sign_in()
        idle = _asked(viewer)[0].p95
        url = f"{viewer.address}/documents/edocs/1001/rendition?person=42"
        with _crowd(url, _session_of(person), stub) as crowd:
            _others_are_well(viewer, idle)
        assert set(crowd.told) == {(503, "source_busy"), (502, "source_unavailable")}, crowd.told
        assert max(crowd.seconds["source_busy"]) < _AT_ONCE_SECONDS
        answer = requests.get(url, headers=_session_of(person), timeout=60)
        assert answer.headers["Retry-After"]


def test_a_group_directory_that_hangs_delays_no_other_page(stack: Stack, tmp_path: Path) -> None:
    del stack
    patience = {"GOOGLE_TIMEOUT_SECONDS": str(_HANGING_SECONDS)}
    with _viewer_with(tmp_path, "GOOGLE_DIRECTORY_URL", "/admin", **patience) as (viewer, stub):
        idle = _asked(viewer)[0].p95
        person = Person(viewer=viewer.address)
        assert person.arrive(f"{viewer.address}/").headers["X-Error-Code"] == "sign_in_unavailable"
        with _crowd(f"{viewer.address}/", _session_of(person), stub) as crowd:
            _others_are_well(viewer, idle)
        assert set(crowd.told) == {(503, "sign_in_busy"), (503, "sign_in_unavailable")}, crowd.told
        assert max(crowd.seconds["sign_in_busy"]) < _AT_ONCE_SECONDS


def test_keys_of_google_that_do_not_come_delay_nobody(stack: Stack, tmp_path: Path) -> None:
    """No account is needed to ask for them."""
    del stack
    with _viewer_with(tmp_path, "GOOGLE_KEYS_URL", "/jwks") as (viewer, stub):
        idle = _asked(viewer)[0].p95
        url = f"{viewer.address}/api/v1/documents/edocs/1001"
        with _crowd(url, {"Authorization": f"Bearer {_forged()}"}, stub) as crowd:
            _others_are_well(viewer, idle)
        assert set(crowd.told) <= {(503, "sign_in_busy"), (503, "sign_in_unavailable")}, crowd.told
        assert max(crowd.seconds["sign_in_busy"]) < _AT_ONCE_SECONDS
        waits = sorted(second for each in crowd.seconds.values() for second in each)
        assert waits[len(waits) * 3 // 4] < _AT_ONCE_SECONDS


def _forged() -> str:
    """A token with a key's name that nobody has."""
    parts = (json.dumps({"alg": "RS256", "kid": "invented"}).encode(), b"{}", b"signature")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
