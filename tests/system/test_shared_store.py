"""Two viewers that share a store on S3 and a record on PostgreSQL are one viewer to whoever comes."""

import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from moto.server import ThreadedMotoServer
from sqlalchemy import create_engine, text

from tests.running.demo_settings import demo_settings
from tests.running.ports import free_port
from tests.running.postgres import cluster
from tests.running.programs import running, service, wait_for
from tests.running.record import create_record
from tests.system.addresses import FOLDER, PORTS
from tests.system.person import Person
from tests.system.stack import Stack
from tests.system.test_failures import long_document

pytestmark = pytest.mark.system
_PATIENCE_SECONDS = 90
_BROWSER = {"Accept": "application/json", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}


@dataclass
class Replica:
    """One viewer of its own: a gunicorn with two workers."""

    port: int
    ops_port: int
    process: "subprocess.Popen[bytes]"

    def ask(self, person: Person, path: str) -> requests.Response:
        """What this one answers the page's script."""
        return person.http.get(f"http://localhost:{self.port}{path}", headers=_BROWSER, timeout=60)

    def open(self, person: Person, number: int) -> requests.Response:
        """Ask until the rendition is ready or refused."""
        first = f"/documents/edocs/{number}/rendition?person=42"
        deadline = time.monotonic() + _PATIENCE_SECONDS
        answer = self.ask(person, first)
        while answer.status_code in {202, 409} and time.monotonic() < deadline:
            answer = self.ask(person, answer.json()["poll_url"] if answer.status_code == 202 else first)
        return answer

    def converted(self) -> float:
        """How many conversions it made."""
        figures = requests.get(f"http://127.0.0.1:{self.ops_port}/metrics", timeout=10).text
        start = 'viewer_conversions_total{outcome="ok"}'
        return sum(float(line.split()[-1]) for line in figures.splitlines() if line.startswith(start))

    def kill(self) -> None:
        """End it at once, with everything that it was doing."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _settings(record: str, endpoint: str) -> dict[str, str]:
    """The local stack's own, but for what replicas share."""
    return demo_settings(STACK=str(FOLDER), STORE="/nowhere", **PORTS) | {
        "STORE_URL": "s3://documents/renditions",
        "AUDIT_URL": record,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "RENDITION_WAIT_SECONDS": "1",
    }


@contextmanager
def _replica(settings: dict[str, str], log: Path) -> Iterator[Replica]:
    port, ops_port = free_port(), free_port()
    own = {"SERVICE_NAME": "viewer", "PORT": str(port), "OPS_PORT": str(ops_port)}
    with running(service("viewer"), log, settings | own) as process:
        wait_for(f"http://127.0.0.1:{ops_port}/ready", process, log)
        yield Replica(port, ops_port, process)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What two replicas are told: a bucket and a database of the test's own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    try:
        requests.put(f"{endpoint}/documents", timeout=60).raise_for_status()
        with cluster() as postgres:
            settings = _settings(postgres.url(postgres.new_database()), endpoint)
            create_record(settings)
            yield settings
    finally:
        server.stop()


@pytest.fixture
def replicas(stack: Stack, shared: dict[str, str], tmp_path: Path) -> Iterator[tuple[Replica, Replica]]:
    """Two viewers beside the stack's own, at its eDocs, Google and converters."""
    with (
        _replica(shared, tmp_path / "viewer-one.log") as one,
        _replica(shared, tmp_path / "viewer-two.log") as two,
    ):
        yield one, two


@pytest.fixture
def worker(stack: Stack) -> Person:
    """Signed in at the stack's viewer: the cookie is signed with the key that replicas share."""
    return Person().sign_in()


def test_one_conversion_serves_both_and_links_of_one_work_at_the_other(
    stack: Stack, replicas: tuple[Replica, Replica], worker: Person, shared: dict[str, str]
) -> None:
    (stack.documents / "5201.docx").write_bytes(long_document(f"shared {uuid.uuid4()}", 300))
    together = threading.Barrier(2)

    def open_at(replica: Replica) -> requests.Response:
        together.wait()
        return replica.open(worker, 5201)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(open_at, replicas)
    assert (first.status_code, second.status_code) == (200, 200), (first.text, second.text)
    assert sum(replica.converted() for replica in replicas) == 1
    links = [urlsplit(opened.json()["url"]) for opened in (first, second)]
    crossed = [
        other.ask(worker, link.path).content for other, link in zip(reversed(replicas), links, strict=True)
    ]
    assert crossed[0] == crossed[1]
    assert crossed[0].startswith(b"%PDF-")
    assert _views(shared["AUDIT_URL"], "5201") == 2


def test_the_work_of_a_viewer_that_was_killed_is_taken_over(
    stack: Stack, replicas: tuple[Replica, Replica], worker: Person
) -> None:
    (stack.documents / "5202.docx").write_bytes(long_document(f"taken over {uuid.uuid4()}", 3000))
    dying, other = replicas
    begun = dying.ask(worker, "/documents/edocs/5202/rendition?person=42")
    assert begun.status_code == 202, begun.text
    dying.kill()
    opened = other.open(worker, 5202)
    assert opened.status_code == 200, opened.text
    assert other.ask(worker, urlsplit(opened.json()["url"]).path).content.startswith(b"%PDF-")
    assert other.converted() == 1


def _views(record: str, document: str) -> int:
    engine = create_engine(record)
    with engine.connect() as connection:
        query = text("SELECT count(*) FROM audit WHERE outcome = 'viewed' AND document_id = :document")
        count = connection.execute(query, {"document": document}).scalar_one()
    engine.dispose()
    return int(count)
