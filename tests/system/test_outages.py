"""Whatever breaks around documents is not blamed on them, and nothing of it is left when it is mended.

Each outage happens to a viewer of its own: documents are shown or answered with 503, none is refused for
good, and each opens once the fault is gone.
"""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count, cycle
from pathlib import Path

import pytest

from tests.running.ports import free_port
from tests.system import everyday
from tests.system.addresses import PORTS
from tests.system.another_viewer import AnotherViewer, viewer_of_our_own
from tests.system.person import Person
from tests.system.processes import descendants
from tests.system.replicas import until
from tests.system.stack import ROOT, Stack

pytestmark = pytest.mark.system

_SHOWN, _UNAVAILABLE = 200, 503
_NUMBERS = count(720_001)
_NOTHING = "Nothing is refused.\n"
_AFTER_REPAIR_SECONDS = 30
_LARGE = 6_000_000
"""Bytes; more than a viewer keeps in memory before it uses its temporary folder."""
_READERS, _READING_SECONDS, _KILLED_EVERY = 8, 16, 5
_BAD_GATEWAY = """
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend documents
  bind 127.0.0.1:{port}
  http-request return status 502 content-type text/plain string "bad gateway"
"""


@dataclass
class Proxy:
    """An HAProxy of our own before the stack's offices.

    Args:
        folder: for its configuration.
        port: where viewers reach it.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    metrics_port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def settings(self) -> dict[str, str]:
        """Those of deploy/haproxy/haproxy.cfg: the offices are the stack's."""
        first = int(PORTS["UNOSERVER_FIRST_PORT"])
        offices = {f"UNOSERVER_PORT_{number}": str(first + number - 1) for number in range(1, 6)}
        own = {"DOCUMENTS_PORT": str(self.port), "METRICS_PORT": str(self.metrics_port)}
        return {"HAPROXY_BIND": "127.0.0.1", **own, **offices}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, configuration: str | None = None) -> None:
        """Start it, as it is deployed or with another configuration."""
        if configuration is None:
            configuration = (ROOT / "deploy/haproxy/haproxy.cfg").read_text()
        file = self.folder / "haproxy.cfg"
        file.write_text(configuration.replace("{port}", str(self.port)))
        with (self.folder / "haproxy.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["/usr/sbin/haproxy", "-db", "-f", str(file)],
                env=self.settings,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)


def _answers_with_bad_gateway(proxy: Proxy) -> None:
    proxy.stop()
    proxy.start(_BAD_GATEWAY)


def _works_again(proxy: Proxy) -> None:
    proxy.stop()
    proxy.start()


_OUTAGES: Mapping[str, tuple[Callable[[Proxy], None], Callable[[Proxy], None]]] = {
    "bad gateway": (_answers_with_bad_gateway, _works_again),
    "hanging": (lambda proxy: proxy.signal(signal.SIGSTOP), lambda proxy: proxy.signal(signal.SIGCONT)),
    "away": (Proxy.stop, Proxy.start),
}


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    proxy = Proxy(tmp_path)
    proxy.start()
    yield proxy
    proxy.stop()


@pytest.mark.parametrize("outage", _OUTAGES)
def test_offices_that_cannot_be_reached_say_nothing_about_documents(
    stack: Stack, tmp_path: Path, proxy: Proxy, outage: str
) -> None:
    breaks, mends = _OUTAGES[outage]
    patience = {"CONVERSION_SECONDS": "10", "QUEUE_SECONDS": "5"}
    with viewer_of_our_own(tmp_path, {"UNOSERVER_URL": proxy.url, **patience}) as viewer:
        person = Person(viewer=viewer.address).sign_in()
        assert _status(person, _put(stack, everyday.office())) == _SHOWN, "before the outage"
        breaks(proxy)
        documents = {kind: _put(stack, make()) for kind, make in everyday.MAKERS.items()}
        with ThreadPoolExecutor(len(documents)) as pool:
            seen = dict(
                zip(documents, pool.map(lambda one: _status(person, one), documents.values()), strict=True)
            )
        assert {kind: status for kind, status in seen.items() if kind not in everyday.PRINTED} == {
            kind: _SHOWN for kind in documents if kind not in everyday.PRINTED
        }
        assert {seen[kind] for kind in everyday.PRINTED} <= {_SHOWN, _UNAVAILABLE}
        mends(proxy)
        _all_open(person, documents.values())
        _nothing_remembered(viewer)


def test_no_view_is_lost_while_the_sandbox_is_killed_every_few_seconds(stack: Stack, tmp_path: Path) -> None:
    with viewer_of_our_own(tmp_path) as viewer:
        over, seen = threading.Event(), Counter[tuple[str, int]]()
        people = [Person(viewer=viewer.address).sign_in() for _ in range(_READERS)]

        def read(person: Person) -> None:
            for kind in cycle(("text", "picture", "pdf")):
                if over.is_set():
                    return
                seen[kind, _status(person, _put(stack, everyday.MAKERS[kind]()))] += 1

        with ThreadPoolExecutor(_READERS) as pool:
            reading = [pool.submit(read, person) for person in people]
            killed = 0
            for _ in range(_READING_SECONDS // _KILLED_EVERY):
                over.wait(_KILLED_EVERY)
                killed += _kill_sandboxes(viewer.pid)
            over.set()
            for one in reading:
                one.result()
        assert killed
        assert {status for _, status in seen} == {_SHOWN}, seen
        _nothing_remembered(viewer)


def _kill_sandboxes(gunicorn: int) -> int:
    """Kill the fork servers, and children, of this viewer; how many."""
    found = [pid for pid, command in descendants(gunicorn).items() if "viewer.sandbox.fork_server" in command]
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(found)


@pytest.mark.parametrize("full", ["temporary", "store"])
def test_a_full_disk_says_nothing_about_documents(stack: Stack, tmp_path: Path, full: str) -> None:
    folders = {name: tmp_path / name for name in ("temporary", "store", "metrics")}
    for folder in folders.values():
        folder.mkdir()
    settings = {"TMPDIR": str(folders["temporary"]), "PROMETHEUS_MULTIPROC_DIR": str(folders["metrics"])}
    mount = f'mount -t tmpfs -o size=40m tmpfs {folders[full]} && exec "$@"'
    own_mounts = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh")
    with viewer_of_our_own(tmp_path, settings, started_by=own_mounts) as viewer:
        person = Person(viewer=viewer.address).sign_in()
        filler = Path(f"/proc/{viewer.pid}/root{folders[full]}/filler")
        _fill(filler)
        documents = [_put(stack, body) for body in _large_and_small()]
        assert {_status(person, one) for one in documents} <= {_SHOWN, _UNAVAILABLE}
        filler.unlink()
        _all_open(person, documents)
        _nothing_remembered(viewer)


def _fill(file: Path) -> None:
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as stream:
        while stream.write(bytes(4096)):
            pass
    assert file.stat().st_size


def test_a_limit_on_file_sizes_says_nothing_about_documents(stack: Stack, tmp_path: Path) -> None:
    documents = [_put(stack, body) for body in _large_and_small()]
    with viewer_of_our_own(tmp_path, started_by=("prlimit", "--fsize=3000000")) as viewer:
        person = Person(viewer=viewer.address).sign_in()
        seen = [_status(person, one) for one in documents]
        assert set(seen) <= {_SHOWN, _UNAVAILABLE}
        _nothing_remembered(viewer)
    with viewer_of_our_own(tmp_path) as viewer:
        _all_open(Person(viewer=viewer.address).sign_in(), documents)
        _nothing_remembered(viewer)


def _large_and_small() -> list[bytes]:
    small = [make() for make in everyday.MAKERS.values()]
    return [*small, everyday.pdf(_LARGE), everyday.text() * (_LARGE // len(everyday.text()))]


def _put(stack: Stack, body: bytes) -> int:
    number = next(_NUMBERS)
    unfinished = stack.documents / f"{number}.part"
    unfinished.write_bytes(body)
    unfinished.rename(stack.documents / f"{number}.bin")
    return number


def _status(person: Person, number: int) -> int:
    return person.open(number).status_code


def _is_shown(person: Person, number: int) -> bool:
    return _status(person, number) == _SHOWN


def _all_open(person: Person, numbers: Iterable[int]) -> None:
    """Each opens now; one that somebody has just been told of may be asked for again, as the page does."""
    for number in numbers:
        until(partial(_is_shown, person, number), f"{number}", _AFTER_REPAIR_SECONDS)


def _nothing_remembered(viewer: AnotherViewer) -> None:
    """Nothing is refused; what is passed on to those who wait is forgotten within seconds."""
    deadline = time.monotonic() + 10
    while (said := viewer.command("refusals", "list")) != _NOTHING and time.monotonic() < deadline:
        time.sleep(0.5)
    assert said == _NOTHING
