"""The local stack, started and stopped: `.venv/bin/python deploy/local/stack.py up | down | run`.

`up` returns when every part is well; `run` is `up`, then stays in the foreground until Ctrl-C, then `down`.
The whole stack belongs to one supervisord, whose files are in build/.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from string import Template
from types import FrameType

import health

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
LOGS = BUILD / "logs"
CONFIGURATION = ROOT / "deploy/local/supervisord.conf"
PID_FILE = BUILD / "supervisord.pid"
OFFICES = BUILD / "offices"
"""Where the LibreOffices write, if they cannot have a bubblewrap each."""
START_SECONDS = 90
"""A small machine needs about 10; a busy one more."""
STOP_SECONDS = 40
_DAEMON_SECONDS = 10
_LAST_LINES = 25
_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own and is ours alone
_ENOUGH_MEMORY = 1024**3
"""Bytes; containers often have 64 MB only."""
_PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}
_WHERE_TO_CLICK = """
The demo runs. Open its case file and press "Display document":

    http://localhost:8000

Sign in as worker@council.test (there are no passwords). Logs: build/logs. Stop with Ctrl-C.
"""


def main(arguments: list[str]) -> int:
    """Carry out one command, and give the exit code."""
    commands = {"up": up, "down": down, "run": run}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(f"usage: stack.py {' | '.join(commands)}", file=sys.stderr)
        return 2
    return commands[arguments[0]]()


def up() -> int:
    """Start everything and wait until it is well; leaves nothing running when it isn't."""
    if _running():
        print("already up")
        return 0 if _well() else 1
    if taken := [port for port in health.PORTS if health.listening(port)]:
        print(f"something else listens on port {', '.join(map(str, taken))}; stop it first", file=sys.stderr)
        return 1
    _start()
    if _well():
        return 0
    down()
    return 1


def _well() -> bool:
    """Wait until every part is well, or show the log of one that isn't."""
    started = time.monotonic()
    ill = health.wait(START_SECONDS, _running, lambda name: print(f"  {name} is well", flush=True))
    if ill is None:
        print(f"all well after {time.monotonic() - started:.0f} s", flush=True)
        return True
    _show_log(ill.name)
    return False


def down() -> int:
    """Stop everything; nothing to do when nothing runs."""
    pid = supervisor()
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        if not _becomes(lambda: not Path(f"/proc/{pid}").exists(), STOP_SECONDS):
            print("it does not stop by itself; see build/logs/supervisord.log", file=sys.stderr)
            return 1
    _clean()
    print("down" if pid else "nothing was running")
    return 0


def run() -> int:
    """Start, say where to click, and stop on Ctrl-C, or when the supervisor ends."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        if up() != 0:
            return 1
        print(_WHERE_TO_CLICK)
        while supervisor() is not None:
            time.sleep(1)
    except KeyboardInterrupt:
        print("\nstopping ...")
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return down()
    print("the stack was stopped from elsewhere")
    return 0


def supervisor() -> int | None:
    """The process id of this folder's supervisord, or None when it isn't running."""
    try:
        pid = int(PID_FILE.read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if os.fsencode(CONFIGURATION) in command else None


def _running() -> bool:
    return supervisor() is not None


def _start() -> None:
    """Start supervisord, which goes to the background; return when it can be found there."""
    LOGS.mkdir(parents=True, exist_ok=True)
    for log in LOGS.glob("*.log"):
        if not log.name.startswith("setup-"):
            log.unlink()
    _clean()
    _store().mkdir(mode=0o700, parents=True)
    OFFICES.mkdir(
        mode=0o711, parents=True
    )  # offices that have no bubblewrap are other users, each in its own
    command = [str(ROOT / ".venv/bin/supervisord"), "-c", str(CONFIGURATION)]
    subprocess.run(command, cwd=ROOT, env=_environment(), check=True)  # noqa: S603 - a fixed command
    if not _becomes(_running, _DAEMON_SECONDS):
        sys.exit("supervisord did not start; see build/logs/supervisord.log")


def _clean() -> None:
    for folder in (_store(), OFFICES):
        shutil.rmtree(folder, ignore_errors=True)


def _store() -> Path:
    """The folder for renditions: in memory, where there is enough."""
    name = f"document-viewer-{hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:12]}"
    enough = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).total >= _ENOUGH_MEMORY
    return _MEMORY / name if enough else BUILD / name


def _environment() -> dict[str, str]:
    """demo.env under the caller's environment, without proxies: everything here is on loopback."""
    names = {"ROOT": str(ROOT), "STORE": str(_store())}
    lines = (ROOT / "deploy/local/demo.env").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    demo = {name: Template(value).substitute(names) for name, value in settings.items()}
    caller = {name: value for name, value in os.environ.items() if name.lower() not in _PROXIES}
    return demo | caller


def _becomes(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _show_log(name: str) -> None:
    log = LOGS / f"{name}.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else ["(no log)"]
    print(f"{name} did not become well; the end of {log.relative_to(ROOT)}:", file=sys.stderr)
    print("\n".join(f"    {line}" for line in lines[-_LAST_LINES:]), file=sys.stderr)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
