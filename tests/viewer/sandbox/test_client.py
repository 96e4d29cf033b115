"""The child process in which hostile files are met: what it may, how it ends, and that it always does."""

import io
import itertools
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.viewer.sandbox.escapes import LINE
from viewer.errors import (
    ConversionTimeout,
    ConversionUnavailable,
    ConverterBusy,
    Corrupt,
    DocumentKilledConverter,
    PasswordProtected,
    Problem,
    TooLarge,
)
from viewer.sandbox.client import Result, SandboxClient
from viewer.sandbox.confinement import landlock_version
from viewer.sandbox.fork_server import SPARES
from viewer.sandbox.protocol import Job

_MB = 1024 * 1024
SECONDS, MEMORY_MB, RESULT_MB = 20, 512, 200


@pytest.fixture(scope="module")
def client() -> Iterator[SandboxClient]:
    client = SandboxClient("tests.viewer.sandbox.escapes")
    yield client
    client.stop()


def _run(
    client: SandboxClient, task: str, body: bytes = b"given", seconds: int = SECONDS, **arguments: Any
) -> Result:
    owner = arguments.pop("owner", "worker@council.test")
    job = Job(task, arguments, owner, seconds, MEMORY_MB * _MB, RESULT_MB * _MB)
    return client.run(job, io.BytesIO(body))


def _head(client: SandboxClient, task: str, **arguments: Any) -> Any:
    with (result := _run(client, task, **arguments)).body:
        return result.untrusted_head


def _echoed(client: SandboxClient, text: bytes) -> bytes:
    with _run(client, "echo", text).body as body:
        return body.read()


def _server(client: SandboxClient) -> int:
    assert client._server
    return client._server.pid


def test_the_fork_server_reports_its_module_and_its_landlock_version(client: SandboxClient) -> None:
    assert client.about == {"recipe": "escapes", "landlock": landlock_version()}


@pytest.mark.parametrize("size", [0, 5, 5 * _MB])
def test_a_child_gets_the_document_and_gives_the_result(
    client: SandboxClient, size: int, tmp_path: Path
) -> None:
    (tmp_path / "document").write_bytes(body := os.urandom(size))
    job = Job("echo", {}, "worker@council.test", SECONDS, MEMORY_MB * _MB, RESULT_MB * _MB)
    with (tmp_path / "document").open("rb") as document, client.run(job, document).body as result:
        assert result.read() == body


def test_a_child_has_no_environment_and_no_open_file_but_its_own(
    client: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEYS", "not-for-children")
    client.stop()
    assert "SECRET_KEYS" not in _head(client, "environment")
    with ThreadPoolExecutor(8) as pool:  # the files of the jobs that wait are open in the server
        others = [pool.submit(_run, client, "loop", seconds=2) for _ in range(4)]
        opened = _head(client, "files", owner="another@council.test")["open"]
        assert opened == [0, 1, 2, 3, 4, 5, LINE]
        assert all(isinstance(other.exception(200), ConversionTimeout) for other in others)


@pytest.mark.skipif(not landlock_version(), reason="this kernel has no Landlock")
def test_a_child_cannot_read_write_connect_or_kill(client: SandboxClient, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a name")
    with socket.create_server(("127.0.0.1", 0)) as server:
        attempts: list[tuple[str, dict[str, Any]]] = [
            ("read", {"path": str(secret)}),
            ("read", {"path": "/etc/passwd"}),
            ("read", {"path": f"/proc/{os.getpid()}/environ"}),
            ("write", {"path": str(tmp_path / "left")}),
            ("connect", {"port": server.getsockname()[1]}),
            ("kill", {"pid": os.getpid()}),
        ]
        for task, arguments in attempts:
            with pytest.raises(DocumentKilledConverter, match="PermissionError"):
                _run(client, task, **arguments)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret"]


@pytest.mark.parametrize("size", [7, 5 * _MB])
def test_a_child_cannot_change_the_document(client: SandboxClient, tmp_path: Path, size: int) -> None:
    document = tmp_path / "document"
    document.write_bytes(b"a" * size)
    job = Job("overwrite", {}, "worker@council.test", SECONDS, MEMORY_MB * _MB, RESULT_MB * _MB)
    with document.open("r+b") as file, pytest.raises(DocumentKilledConverter):
        client.run(job, file)
    assert document.read_bytes() == b"a" * size


def test_a_result_cannot_be_changed_after_it_was_taken(client: SandboxClient) -> None:
    with _run(client, "keep_open", text="altered!!").body as result:
        taken = result.read()
        pause = threading.Event()
        for _ in range(20):
            pause.wait(0.005)
            result.seek(0)
            assert result.read() == taken
        with pytest.raises(OSError, match="not permitted"):
            os.pwrite(result.fileno(), b"altered", 0)


@pytest.mark.parametrize(
    ("task", "error"),
    [
        ("bomb", TooLarge),
        ("much", TooLarge),
        ("starve", ConverterBusy),
        ("crash", DocumentKilledConverter),
        ("wrong", DocumentKilledConverter),
        ("endless_head", DocumentKilledConverter),
        ("say_nonsense", DocumentKilledConverter),
        ("recurse", Corrupt),
        ("locked", PasswordProtected),
        ("loop", ConversionTimeout),
        ("sleep", ConversionUnavailable),
    ],
)
def test_each_way_a_child_ends_raises_its_own_error(
    client: SandboxClient, task: str, error: type[Problem]
) -> None:
    with pytest.raises(error):
        _run(client, task, seconds={"loop": 2, "sleep": 1}.get(task, SECONDS))
    assert _head(client, "environment"), "the next one works"


def test_a_document_is_blamed_only_after_two_crashes(client: SandboxClient) -> None:
    with pytest.raises(DocumentKilledConverter, match="signal 6, 2 times"):
        _run(client, "crash")


def test_processes_that_a_child_started_end_with_it(client: SandboxClient) -> None:
    grandchild = _head(client, "fork_and_leave")["pid"]
    _wait_until(lambda: not _lives(grandchild))


def test_a_child_that_lingers_after_its_main_thread_is_killed(client: SandboxClient) -> None:
    child = _head(client, "linger")["pid"]
    _wait_until(lambda: not _lives(child))


def test_a_dead_fork_server_is_replaced(client: SandboxClient) -> None:
    _head(client, "environment")
    os.kill(_server(client), signal.SIGKILL)
    assert _head(client, "environment")


def test_a_hanging_fork_server_is_replaced(client: SandboxClient) -> None:
    _head(client, "environment")
    os.kill(_server(client), signal.SIGSTOP)
    assert _head(client, "environment")


def test_a_job_survives_the_death_of_its_fork_server(client: SandboxClient) -> None:
    _head(client, "environment")
    server = _server(client)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(_run, client, "sleep", seconds=SECONDS)
        _wait_until(lambda: len(_children_of(server)) > SPARES)
        children = _children_of(server)
        os.kill(server, signal.SIGKILL)
        _wait_until(lambda: not any(map(_lives, children)))
        _wait_until(lambda: client._server is not None and _server(client) != server)
        client.stop()
        with pytest.raises(ConversionUnavailable):
            _lose(client, waiting.result)


def _lose(client: SandboxClient, result: Callable[[float], Result]) -> Result:
    """Kill the servers until the job is given up."""
    while True:
        try:
            return result(0.2)
        except TimeoutError:
            client.stop()


def test_a_fork_server_killed_repeatedly_loses_no_document(client: SandboxClient) -> None:
    echoed = itertools.count()

    def echo(text: bytes) -> bytes:
        result = _echoed(client, text)
        if next(echoed) % 50 == 0:
            os.kill(_server(client), signal.SIGKILL)
        return result

    with ThreadPoolExecutor(8) as pool:
        texts = [f"text {number}".encode() for number in range(400)]
        assert list(pool.map(echo, texts)) == texts


def test_a_file_size_limit_of_the_service_manager_is_no_verdict() -> None:
    """As with LimitFSIZE= of systemd: small documents are read, large ones are not blamed."""
    read, write = os.pipe()
    worker = os.fork()
    if worker == 0:
        said = b"?"
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (10 * _MB, 10 * _MB))
            own = SandboxClient("tests.viewer.sandbox.escapes")
            assert _echoed(own, b"small") == b"small"
            try:
                _run(own, "much")
            except Problem as error:
                said = type(error).__name__.encode()
        finally:
            os.write(write, said)
            os._exit(0)
    os.close(write)
    told = os.read(read, 100).decode()
    os.close(read)
    os.waitpid(worker, 0)
    assert told == "ConversionUnavailable"


def test_concurrent_jobs_get_their_own_results_and_leave_nothing(
    client: SandboxClient,
) -> None:
    _run(client, "echo").body.close()
    before = len(list(Path("/proc/self/fd").iterdir()))

    texts = [f"text {number}".encode() * 1000 for number in range(60)]
    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(lambda text: _echoed(client, text), texts)) == texts
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    _wait_until(lambda: len(_children_of(_server(client))) == SPARES)


def test_the_slow_documents_of_one_person_do_not_delay_another(client: SandboxClient) -> None:
    with ThreadPoolExecutor(6) as pool:
        slow = [pool.submit(_run, client, "loop", seconds=3, owner="slow@council.test") for _ in range(6)]
        _wait_until(lambda: len(_children_of(_server(client))) > SPARES)
        for _ in range(20):
            started = time.monotonic()
            _run(client, "echo", owner="another@council.test").body.close()
            assert time.monotonic() - started < SECONDS / 2, "it did not wait for the slow ones"
        ends = [type(one.exception(200)) for one in slow]
    assert ConversionTimeout in ends
    assert set(ends) <= {ConversionTimeout, ConverterBusy}


def test_the_fork_server_ends_with_its_parent_process() -> None:
    read, write = os.pipe()
    worker = os.fork()
    if worker == 0:
        own = SandboxClient("tests.viewer.sandbox.escapes")
        os.write(write, str(_server(own)).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.close(write)
    server = int(os.read(read, 32))
    os.close(read)
    os.waitpid(worker, 0)
    _wait_until(lambda: not _lives(server))


def _children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline
        pause.wait(0.02)
