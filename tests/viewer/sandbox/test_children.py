"""The child process in which hostile files are met: what it may, how it ends, and that it always does."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from viewer.errors import (
    ConversionTimeout,
    ConverterBroken,
    ConverterBusy,
    Corrupt,
    PasswordProtected,
    TooLarge,
    ViewerError,
)
from viewer.formats.recognition import TEXT
from viewer.formats.text.plain import PlainText
from viewer.sandbox.children import Children, Isolated
from viewer.sandbox.fork_server import Task, landlock_rules

SECONDS, MEMORY_MB = 20, 512


@dataclass(frozen=True, slots=True)
class Deed(Task):
    """Something that a converter might do once it is broken into."""

    name: str
    argument: str = ""

    def __call__(self, given: bytes) -> bytes:
        return str(getattr(self, self.name)(given)).encode()

    def environment(self, _given: bytes) -> str:
        return str(dict(os.environ))

    def files(self, _given: bytes) -> str:
        return str(sorted(int(name) for name in range(64) if _is_open(name)))

    def read(self, _given: bytes) -> str:
        return Path(self.argument).read_text()

    def write(self, _given: bytes) -> int:
        return Path(self.argument).write_text("mine")

    def connect(self, _given: bytes) -> str:
        with socket.create_connection(("127.0.0.1", int(self.argument)), 5):
            return "connected"

    def kill(self, _given: bytes) -> None:
        os.kill(int(self.argument), signal.SIGKILL)

    def loop(self, _given: bytes) -> None:
        while True:
            pass

    def sleep(self, _given: bytes) -> None:
        time.sleep(600)

    def bomb(self, _given: bytes) -> int:
        return len(bytearray(4 << 30))

    def starve(self, _given: bytes) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def crash(self, _given: bytes) -> None:
        os.abort()

    def fork_and_leave(self, _given: bytes) -> int:
        child = os.fork()
        if child == 0:
            signal.pause()
        return child

    def recurse(self, given: bytes) -> None:
        self.recurse(given)

    def wrong(self, _given: bytes) -> None:
        raise LookupError

    def locked(self, _given: bytes) -> None:
        raise PasswordProtected

    def much(self, _given: bytes) -> str:
        return "x" * (300 << 20)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    children = Children()
    children.hold_ready("tests.viewer.sandbox.test_children")
    yield children
    children.stop()


def _run(children: Children, deed: Deed, seconds: float = SECONDS, memory_mb: int = MEMORY_MB) -> str:
    return children.run(deed, b"given", seconds=seconds, memory_mb=memory_mb).decode()


def test_a_converter_gives_in_a_child_what_it_gives_here(children: Children) -> None:
    alone = Isolated(PlainText(), seconds=SECONDS, memory_mb=MEMORY_MB, children=children)
    assert (alone.media_type, alone.recipe) == (PlainText.media_type, PlainText.recipe)
    assert alone.convert("Zoë".encode("cp1252"), TEXT) == "Zoë".encode()
    with pytest.raises(Corrupt):
        alone.convert(b"\xff\xfea", TEXT)


def test_a_child_finds_no_secret_and_no_file_but_its_own(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEYS", "not-for-children")
    children.stop()
    assert "not-for-children" not in _run(children, Deed("environment"))
    assert _run(children, Deed("files")) == "[0, 1, 2, 3, 4]"


@pytest.mark.skipif(landlock_rules() is None, reason="this kernel has no Landlock")
def test_a_child_reads_nothing_of_anyones_writes_nothing_calls_nobody_and_kills_nobody(
    children: Children, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a name")
    with socket.create_server(("127.0.0.1", 0)) as server:
        deeds = [
            Deed("read", str(secret)),
            Deed("read", "/etc/passwd"),
            Deed("read", f"/proc/{os.getpid()}/environ"),
            Deed("write", str(tmp_path / "left")),
            Deed("connect", str(server.getsockname()[1])),
            Deed("kill", str(os.getpid())),
        ]
        for deed in deeds:
            with pytest.raises(ConverterBroken, match="PermissionError"):
                _run(children, deed)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret"]


@pytest.mark.parametrize(
    ("deed", "error"),
    [
        ("bomb", TooLarge),
        ("much", TooLarge),
        ("starve", ConverterBusy),
        ("crash", ConverterBroken),
        ("wrong", ConverterBroken),
        ("recurse", Corrupt),
        ("locked", PasswordProtected),
    ],
)
def test_every_end_has_its_own_error(children: Children, deed: str, error: type[ViewerError]) -> None:
    with pytest.raises(error):
        _run(children, Deed(deed))
    assert _run(children, Deed("environment")), "the next one works"


@pytest.mark.parametrize("deed", ["loop", "sleep"])
def test_a_child_that_does_not_end_is_killed_at_its_time_limit(children: Children, deed: str) -> None:
    with pytest.raises(ConversionTimeout):
        _run(children, Deed(deed), seconds=0.5)


def test_what_a_child_started_ends_with_it(children: Children) -> None:
    grandchild = int(_run(children, Deed("fork_and_leave")))
    _wait_until(lambda: not _lives(grandchild))


def test_a_jail_that_died_is_replaced(children: Children) -> None:
    _run(children, Deed("environment"))
    jail = children._jail
    assert jail
    jail.kill()
    jail.wait()
    assert _run(children, Deed("environment"))


def test_a_jail_that_dies_at_work_is_an_error_and_not_a_wait(children: Children) -> None:
    _run(children, Deed("environment"))
    jail = children._jail
    assert jail
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(_run, children, Deed("sleep"))
        _wait_until(lambda: bool(_children_of(jail.pid)))
        (child,) = _children_of(jail.pid)
        jail.kill()
        with pytest.raises(ConverterBroken):
            waiting.result(timeout=SECONDS)
    _wait_until(lambda: not _lives(child))


def test_many_at_once_each_get_their_own_result_and_leave_no_file_and_no_process(children: Children) -> None:
    alone = Isolated(PlainText(), seconds=SECONDS, memory_mb=MEMORY_MB, children=children)
    alone.convert(b"first", TEXT)
    before = len(list(Path("/proc/self/fd").iterdir()))
    texts = [f"text {number}".encode() * 1000 for number in range(60)]
    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(lambda text: alone.convert(text, TEXT), texts)) == texts
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert children._jail
    assert _children_of(children._jail.pid) == []


def test_the_jail_ends_with_the_process_that_started_it() -> None:
    read, write = os.pipe()
    worker = os.fork()
    if worker == 0:
        own = Children()
        own.run(Deed("environment"), b"", seconds=SECONDS, memory_mb=MEMORY_MB)
        assert own._jail
        os.write(write, str(own._jail.pid).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.close(write)
    jail = int(os.read(read, 32))
    os.close(read)
    os.waitpid(worker, 0)
    _wait_until(lambda: not _lives(jail))


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
