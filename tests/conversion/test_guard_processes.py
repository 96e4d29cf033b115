"""The guard's processes: isolation and limits of an office, and what is left when a guard ends."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conversion import papers
from tests.conversion.offices import SCRIPTS, Guard, guarded, processes
from tests.running.waiting import wait_until
from tests.viewer import samples


def test_an_office_sees_no_network_no_process_and_no_file_of_anyone(guard: Guard) -> None:
    """Where this fails, the kernel allows no namespaces, and only the other defences are left."""
    office, own = guard.offices()[0], os.getpid()
    assert not guard.events("no jail")
    for namespace in ("net", "pid", "mnt", "ipc", "uts"):
        theirs, ours = (Path(f"/proc/{pid}/ns/{namespace}").readlink() for pid in (office, own))
        assert theirs != ours
    interfaces = Path(f"/proc/{office}/net/dev").read_text().splitlines()[2:]
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
    root = Path(f"/proc/{office}/root")
    assert not any((root / path).exists() for path in ("home", "root", "srv", "etc/passwd", str(SCRIPTS)[1:]))
    assert {path.name for path in (root / "tmp").iterdir() if path.is_dir()} == {guard.work_folder.name}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("how_it_lives", ["bubblewrap", "none"])
def test_an_office_runs_as_its_own_user_without_capabilities(how_it_lives: str) -> None:
    with guarded(jail=how_it_lives) as guard:
        guard.folder.chmod(0o711)
        guard.wait_ready()
        lines = Path(f"/proc/{guard.offices()[0]}/status").read_text().splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        assert set(status["Uid"].split()) == {str(40_000 + guard.port)}
        assert not status["Groups"].strip()
        assert not any(int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"))
        assert status["NoNewPrivs"] == "1"
        assert guard.answer(samples.word())


def test_without_namespaces_the_guard_says_so_and_works(tmp_path: Path, scripts: Path) -> None:
    """As in a container that forbids them."""
    forbidden = (scripts / "jail.py").read_text().replace("/usr/bin/bwrap", "/usr/bin/false")
    (scripts / "jail.py").write_text(forbidden)
    with guarded(scripts=scripts) as guard:
        guard.wait_ready()
        assert guard.events("no jail")
        assert guard.answer(samples.word())


def test_an_office_has_limits_on_memory_and_file_size(rough: Guard) -> None:
    limits = Path(f"/proc/{rough.offices()[0]}/limits").read_text()
    assert f"Max data size             {1200 * 1024 * 1024}" in limits
    assert f"Max address space         {2400 * 1024 * 1024}" in limits
    assert f"Max file size             {1024**3}" in limits
    assert "Max core file size        0" in limits


def test_a_guard_that_gets_sigterm_leaves_nothing() -> None:
    with guarded() as guard:
        guard.wait_ready()
        guard.stop()
        assert guard.process is not None
        assert guard.process.returncode == 0
        assert not processes(guard.mark)
        assert [path.name for path in guard.folder.iterdir() if not path.name.endswith(".lock")] == [
            "guard.log"
        ]


def test_the_caller_hears_busy_when_the_guard_gets_sigterm() -> None:
    """The caller hears at once that the document was not at fault, or loses the connection; never "died"."""
    with guarded() as guard, ThreadPoolExecutor() as callers:
        guard.wait_ready()
        lost = callers.submit(guard.outcome, papers.endless())
        wait_until(lambda: guard.at_work, 5, "at work")
        guard.stop()
        assert lost.result(timeout=5) == "busy"
        assert not processes(guard.mark)


@pytest.mark.parametrize("how_it_lives", ["bubblewrap", "none"])
def test_an_office_ends_when_its_guard_is_killed(how_it_lives: str) -> None:
    with guarded(jail=how_it_lives) as guard:
        guard.wait_ready()
        assert guard.process is not None
        guard.process.kill()
        guard.process.wait()
        wait_until(lambda: not processes(guard.mark), 5, "the office ends")


def test_a_guard_cleans_up_after_one_that_was_killed() -> None:
    """Where an office has no files of its own kind, what was in its folder would stay."""
    with guarded(jail="none") as guard:
        guard.wait_ready()
        assert guard.process is not None
        guard.process.kill()
        guard.process.wait()
        wait_until(lambda: not processes(guard.mark), 5, "the office ends")
        left_behind = guard.folder / f"unoserver-{guard.port}-0/a document"
        left_behind.touch()
        guard.start()
        guard.wait_ready()
        assert not left_behind.exists()


def test_a_second_guard_on_the_same_port_refuses_to_start(guard: Guard) -> None:
    office = guard.offices()
    with_same_port = Guard(guard.folder, port=guard.port)
    second = subprocess.run(
        [str(SCRIPTS.parents[1] / ".venv-unoserver/bin/python"), str(SCRIPTS / "guard.py")],
        env={"TMPDIR": str(guard.folder), "UNOSERVER_PORT": str(with_same_port.port)},
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert second.returncode == 1
    assert f"Another guard has port {guard.port}." in second.stderr
    assert guard.offices() == office


def test_a_wrong_setting_ends_the_start_with_a_sentence() -> None:
    result = subprocess.run(
        [str(SCRIPTS.parents[1] / ".venv-unoserver/bin/python"), str(SCRIPTS / "guard.py")],
        env={"UNOSERVER_MEMORY_MB": "4G"},
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert result.returncode == 1
    assert "UNOSERVER_MEMORY_MB must be a whole number." in result.stderr
