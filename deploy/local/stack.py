"""The local stack, started and stopped: `.venv/bin/python deploy/local/stack.py up | down | run`.

`up` returns when every part is well; `run` is `up`, then stays in the foreground until Ctrl-C, then `down`.
The whole stack belongs to one supervisord, whose files are in build/, or in the folder that
STACK in the environment names. Ports are settings too, see demo.env.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import health
import ports
import stack_settings
from stack_settings import ROOT

CONFIGURATION = ROOT / "deploy/local/supervisord.conf"
STACK = stack_settings.folder()
LOGS = STACK / "logs"
PID_FILE = STACK / "supervisord.pid"
OFFICES = STACK / "offices"
"""Where the LibreOffices write, if they cannot have a bubblewrap each."""
START_SECONDS = 90
"""A small machine needs about 10; a busy one more."""
STOP_SECONDS = 40
_DAEMON_SECONDS = 10
_LAST_LINES = 25
_CODE = ("redirector", "viewer", "shared", "demo", "deploy")
"""Folders whose files run in the stack."""
_WHERE_TO_CLICK = """
The demo runs. Open its case file and press "Display document":

    http://localhost:{port}

Sign in as worker@council.test (there are no passwords). Logs: {logs}. Stop with Ctrl-C.
"""


def main(arguments: list[str]) -> int:
    """Carry out one command, and give the exit code."""
    commands = {"up": up, "down": down, "run": run}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(f"usage: stack.py {' | '.join(commands)}", file=sys.stderr)
        return 2
    return commands[arguments[0]]()


def up() -> int:
    """Start everything and wait until it is well; leaves nothing running when it isn't.

    What runs already stays, unless a file of the code is newer: then it is started again.
    """
    if _running():
        newer = _newer_than_what_runs()
        if newer is None:
            print("already up")
            return 0 if _well() else 1
        print(f"what runs is older than {newer.relative_to(ROOT)}: it is started again")
        if down() != 0:
            return 1
    told = stack_settings.environment()
    if taken := {name: port for name, port in stack_settings.ports(told).items() if ports.listening(port)}:
        for name, port in taken.items():
            print(f"port {port} ({name}) is taken by {ports.holder(port)}", file=sys.stderr)
        print("stop that first, or give the settings named here other ports", file=sys.stderr)
        return 1
    _start(told)
    if _well():
        return 0
    down()
    return 1


def _well() -> bool:
    """Wait until every part is well, or show the log of one that isn't."""
    started = time.monotonic()
    parts = health.parts(stack_settings.ports(stack_settings.environment()))
    ill = health.wait(parts, START_SECONDS, _running, lambda name: print(f"  {name} is well", flush=True))
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
            print(f"it does not stop by itself; see {LOGS}/supervisord.log", file=sys.stderr)
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
        port = stack_settings.environment()["MOSAIC_PORT"]
        print(_WHERE_TO_CLICK.format(port=port, logs=_short(LOGS)))
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


def _newer_than_what_runs() -> Path | None:
    """A file of the code that was changed after the stack was started, the last one changed."""
    files = [path for folder in _CODE for path in (ROOT / folder).rglob("*") if _is_code(path)]
    latest = max(files, key=lambda path: path.stat().st_mtime)
    return latest if latest.stat().st_mtime > PID_FILE.stat().st_mtime else None


def _is_code(path: Path) -> bool:
    return path.is_file() and path.suffix != ".pyc" and ROOT / "demo/documents" not in path.parents


def _short(path: Path) -> Path:
    """A path as people type it in the project's folder."""
    return path.relative_to(ROOT) if ROOT in path.parents else path


def _running() -> bool:
    return supervisor() is not None


def _start(told: dict[str, str]) -> None:
    """Start supervisord, which goes to the background; return when it can be found there."""
    LOGS.mkdir(parents=True, exist_ok=True)
    for log in LOGS.glob("*.log"):
        if not log.name.startswith("setup-"):
            log.unlink()
    _clean()
    stack_settings.store(STACK).mkdir(mode=0o700, parents=True)
    # offices that have no bubblewrap are other users, each in its own
    OFFICES.mkdir(mode=0o711, parents=True)
    _make_key(told)
    _make_record(told)
    command = [str(ROOT / ".venv/bin/supervisord"), "-c", str(CONFIGURATION)]
    subprocess.run(command, cwd=ROOT, env=told, check=True)  # noqa: S603 - a fixed command
    if not _becomes(_running, _DAEMON_SECONDS):
        sys.exit(f"supervisord did not start; see {LOGS}/supervisord.log")


def _make_record(told: dict[str, str]) -> None:
    """Create the audit record where there is none, as only the demo may."""
    file = Path(told["AUDIT_URL"].removeprefix("sqlite:///"))
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        command = [str(ROOT / ".venv/bin/python"), "-m", "viewer.cli", "audit", "init"]
        subprocess.run(command, cwd=ROOT, env=told, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - a fixed command


def _make_key(told: dict[str, str]) -> None:
    """Make the demo's service account: its key file says where tokens are asked for."""
    folder, token_uri = Path(told["SERVICE_ACCOUNT_FILE"]).parent, f"{told['GOOGLE_ISSUER']}/token"
    command = [str(ROOT / ".venv/bin/python"), "-m", "demo.keys", str(folder), token_uri]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - a fixed command


def _clean() -> None:
    for folder in (stack_settings.store(STACK), OFFICES):
        shutil.rmtree(folder, ignore_errors=True)


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
    print(f"{name} did not become well; the end of {_short(log)}:", file=sys.stderr)
    print("\n".join(f"    {line}" for line in lines[-_LAST_LINES:]), file=sys.stderr)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
