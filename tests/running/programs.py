"""Programs that run until a block of a test ends: gunicorn and others, each with a log of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.running.demo_settings import ROOT
from tests.running.waiting import answers, wait_until

START_SECONDS = 60
STOP_SECONDS = 30


def service(name: str) -> list[str]:
    """The command of one of our services, as it is deployed: `viewer` or `redirector`."""
    return [*_gunicorn("-c", "python:shared.gunicorn_config"), f"{name}.wsgi:app"]


def stand_in(name: str, port: int) -> list[str]:
    """The command of a stand-in, such as `demo.edocs:create_app()`: one worker, as its state is in memory."""
    options = ("-b", f"127.0.0.1:{port}", "-k", "gthread", "--threads", "8", "--no-control-socket")
    return [*_gunicorn(*options), name]


def _gunicorn(*options: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", *options]


@contextmanager
def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A program until the block ends. It is asked to end then, and ended where it does not.

    Args:
        command: is started in the project's folder.
        log: gets what the program says, after what is there already.
        environment: in addition to this process's own.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop a program that `running` started: gunicorn without waiting for connections that are kept open."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT if "gunicorn" in process.args else signal.SIGTERM)  # type: ignore[operator]
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return when a server answers there.

    Raises:
        AssertionError: the program ended, or it does not answer in time; shows the end of its log.
    """

    def the_end_of_its_log() -> str:
        return f"{url}\n{log.read_text(errors='replace')[-3000:]}"

    wait_until(lambda: answers(url) or process.poll() is not None, START_SECONDS, the_end_of_its_log)
    assert process.poll() is None, the_end_of_its_log()
