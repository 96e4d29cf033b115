"""The stand-ins under gunicorn, as the demo runs them, on free ports."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import requests

from demo import keys
from tests.running.ports import free_port
from tests.running.programs import running, stand_in, wait_for

EDOCS_KEY = "demo-edocs-key"


@contextmanager
def served(app: str, port: int, **environment: str) -> Iterator[str]:
    """Run a stand-in until the block ends, and give its address."""
    url = f"http://127.0.0.1:{port}"
    with (
        TemporaryDirectory(prefix="stand-in-") as folder,
        running(stand_in(app, port), Path(folder) / "log", environment) as process,
    ):
        wait_for(f"{url}/_requests", process, Path(folder) / "log")
        yield url


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
