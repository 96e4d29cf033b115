"""The stand-ins under gunicorn, as the demo runs them, on free ports."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from demo import keys

_START_SECONDS = 20
EDOCS_KEY = "demo-edocs-key"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        requests.get(url, timeout=2)
    except requests.RequestException:
        return False  # on a busy machine the first answer may take its time
    return True


@contextmanager
def served(app: str, port: int, **environment: str) -> Iterator[str]:
    """Run a stand-in until the block ends, and give its address."""
    options = ["-b", f"127.0.0.1:{port}", "-k", "gthread", "--threads", "8", "--no-control-socket"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *options, app],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not answers(f"{url}/_requests"):
            assert process.poll() is None, f"{app} ended"
            assert time.monotonic() < deadline, f"{app} does not answer"
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=_START_SECONDS)


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that eDocs serves."""
    return tmp_path_factory.mktemp("documents")


@pytest.fixture(scope="session")
def running_edocs(documents: Path) -> Iterator[str]:
    app = "demo.edocs:create_app()"
    with served(app, free_port(), EDOCS_FOLDER=str(documents), EDOCS_API_KEY=EDOCS_KEY) as url:
        yield url


@pytest.fixture
def edocs(running_edocs: str, documents: Path) -> Iterator[str]:
    """A stand-in without documents, faults or recorded requests."""
    yield running_edocs
    requests.delete(f"{running_edocs}/_faults", timeout=5)
    requests.delete(f"{running_edocs}/_requests", timeout=5)
    for path in documents.iterdir():
        path.unlink()


@pytest.fixture(scope="session")
def google_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def key_file(google_port: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keys.make(tmp_path_factory.mktemp("keys"), f"http://127.0.0.1:{google_port}/token")


@pytest.fixture(scope="session")
def running_google(google_port: int, key_file: Path) -> Iterator[str]:
    with served("demo.google:create_app()", google_port, SERVICE_ACCOUNT_FILE=str(key_file)) as url:
        yield url


@pytest.fixture
def google(running_google: str) -> Iterator[str]:
    """A stand-in without faults, whose group has its initial members."""
    yield running_google
    requests.delete(f"{running_google}/_faults", timeout=5)
    requests.put(f"{running_google}/_members/worker@council.test", timeout=5)
    requests.delete(f"{running_google}/_members/outsider@council.test", timeout=5)
