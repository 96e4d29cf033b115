"""Slow clients delay nobody: pages and probes answer as if they were not there."""

import select
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from tests.system.another_viewer import AnotherViewer, viewer_of_our_own
from tests.system.slow_clients import Habit, Waits, ask_for, habits, slow_clients
from tests.system.stack import ROOT, Stack

pytestmark = pytest.mark.system

_CLIENTS = 128
"""More than the threads of both worker processes together."""
_SECONDS = 6
_PAGE_RATIO = 1.5
_LEAST_SECONDS = 0.25
"""A p95 below this is no delay; the test's own processes share two processors with the service."""
_PROBE_SECONDS = 1.0
_HEAD_SECONDS = 10
_PDF_WORKER = next(ROOT.glob("viewer/static/vendor/pdfjs-*/build/pdf.worker*.mjs"))
_LARGE = f"/{_PDF_WORKER.relative_to(ROOT / 'viewer')}"
"""The path of the largest file that is served without a sign-in: 1.3 MB."""
HABITS = habits(_LARGE)


@pytest.fixture(scope="module")
def viewer(running_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnotherViewer]:
    del running_stack  # its key of the service account is used
    with viewer_of_our_own(tmp_path_factory.mktemp("viewer")) as viewer:
        yield viewer


@pytest.fixture(scope="module")
def idle(viewer: AnotherViewer) -> float:
    """The p95 of a page while nothing else happens, in seconds."""
    page, _ = _asked(viewer)
    return page.p95


def _asked(viewer: AnotherViewer) -> list[Waits]:
    return ask_for(_SECONDS, f"{viewer.address}/signed-out", f"{viewer.operations}/live")


@pytest.mark.parametrize("name", HABITS)
def test_pages_and_probes_do_not_wait_for_slow_clients(viewer: AnotherViewer, idle: float, name: str) -> None:
    with slow_clients(viewer.address, HABITS[name], _CLIENTS):
        page, live = _asked(viewer)
    assert page.failures + live.failures == []
    assert page.p95 <= max(_PAGE_RATIO * idle, _LEAST_SECONDS), (page.p95, idle)
    assert live.p95 <= _PROBE_SECONDS


def test_pages_do_not_wait_for_slow_clients_of_the_operations_port(viewer: AnotherViewer) -> None:
    drips = HABITS["drips a header"]
    with slow_clients(viewer.operations, drips, _CLIENTS):
        page, live = _asked(viewer)
    assert page.failures + live.failures == []
    assert live.p95 <= _PROBE_SECONDS


def test_more_clients_than_there_are_connections_turn_nobody_away(viewer: AnotherViewer) -> None:
    with slow_clients(viewer.address, Habit(b""), 1100):
        page, live = _asked(viewer)
    assert page.failures + live.failures == []
    assert max(page.p95, live.p95) <= _PROBE_SECONDS


def test_a_request_that_takes_too_long_ends_with_408(viewer: AnotherViewer) -> None:
    started = time.monotonic()
    with _connected(viewer) as client:
        client.sendall(b"GET / HTTP/1.1\r\nX-Long: ")
        while not select.select([client], [], [], 0.5)[0]:
            client.sendall(b"x")
        assert client.recv(4096).startswith(b"HTTP/1.1 408 ")
    assert _HEAD_SECONDS * 0.9 < time.monotonic() - started < _HEAD_SECONDS * 2


def test_a_reader_who_takes_his_time_gets_every_byte(viewer: AnotherViewer) -> None:
    whole = _PDF_WORKER.read_bytes()
    answer = requests.get(
        viewer.address + _LARGE, headers={"Accept-Encoding": "identity"}, stream=True, timeout=30
    )
    arrived = b""
    for piece in answer.iter_content(64 * 1024):
        arrived += piece
        time.sleep(0.05)
    assert arrived == whole


def test_what_gunicorn_reports_is_json_without_what_clients_sent(
    viewer: AnotherViewer,
) -> None:
    for odd in ("GET /424242 HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nBad 424242: x\r\n\r\n"):
        _send(viewer, odd)
    lines = viewer.log.read_text().splitlines()
    assert [line for line in lines if not line.startswith("{")] == []
    assert any('"logger": "gunicorn.error"' in line for line in lines)
    assert any('"request not served"' in line for line in lines)
    assert not any("424242" in line for line in lines)


def _send(viewer: AnotherViewer, text: str) -> None:
    with _connected(viewer) as client:
        client.sendall(text.encode())
        while client.recv(4096):
            pass


def _connected(viewer: AnotherViewer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(viewer.address).port or 80), 10)
