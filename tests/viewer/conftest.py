"""A whole viewer for a test with a real audit, store and eDocs over HTTP; only the groups are fakes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select

from shared.identity import Person
from shared.identity.sessions import start_session
from shared.problems import SignInUnavailable
from tests.running.postgres import Cluster, cluster
from tests.viewer.edocs import KEY, FakeEdocs
from tests.viewer.offices import offices, running_offices
from tests.viewer.stub_server import StubServer, serving
from viewer.app import Viewer, create_app, create_wsgi
from viewer.audit import Audit, audit_table
from viewer.audit.database import Database
from viewer.sandbox.client import SandboxClient
from viewer.settings import Settings
from viewer.web.access_control import ADMINISTRATORS, GOVERNANCE, STAFF

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["offices", "running_offices"]

PUBLIC_URL = "https://documents.council.test"
WORKER = "worker@council.test"
OUTSIDER = "outsider@council.test"
OFFICER = "officer@council.test"
"""A member of the governance group."""
ADMINISTRATOR = "administrator@council.test"


class Browser(FlaskClient):
    """A test client that calls the WSGI app of gunicorn at the public address."""

    service: "WSGIApplication"

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return super().open(*args, **{"base_url": PUBLIC_URL} | kwargs)

    def run_wsgi_app(self, environ: Any, buffered: bool = False) -> Any:  # noqa: FBT001, FBT002 - Werkzeug's own
        app = self.application
        self.application = self.service  # type: ignore[assignment]  # Werkzeug wants no more than WSGI
        try:
            return super().run_wsgi_app(environ, buffered)
        finally:
            self.application = app


@dataclass
class KnownGroups:
    """A group whose members the test sets."""

    members: set[str] = field(default_factory=lambda: {WORKER})
    down: bool = False
    asked: int = 0

    def is_member(self, person: Person) -> bool:
        self.asked += 1
        if self.down:
            raise SignInUnavailable
        return person.email in self.members


@dataclass
class Site:
    """One viewer and the services around it."""

    viewer: Viewer
    settings: Settings
    groups: KnownGroups
    fake_edocs: FakeEdocs
    edocs: StubServer
    governance: KnownGroups
    administrators: KnownGroups

    def visitor(self) -> FlaskClient:
        """A browser without a session."""
        self.viewer.app.test_client_class = Browser
        client = self.viewer.app.test_client()
        client.service = create_wsgi(self.viewer, self.settings)  # type: ignore[attr-defined]  # Browser's
        return client

    def signed_in(self, email: str = WORKER) -> FlaskClient:
        """A browser in which this person has signed in."""
        client = self.visitor()
        with client.session_transaction(base_url=PUBLIC_URL) as session:
            start_session(session, email)
        return client

    def record(self) -> list[dict[str, Any]]:
        """The audit entries, oldest first."""
        return audit_entries(self.settings.audit_url.get_secret_value())

    def counted(self, name: str, **labels: str) -> float:
        """The value of a counter; 0 where it has none."""
        return self.viewer.registry.get_sample_value(f"{name}_total", labels) or 0


def audit_entries(url: str) -> list[dict[str, Any]]:
    """The entries of an audit database, read with a separate connection."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(audit_table).order_by("id")).mappings()]
    engine.dispose()
    return rows


@pytest.fixture(scope="session")
def service_account(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Write a key file with a real RSA key, for a token endpoint of the test's choice."""
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def write(token_url: str) -> Path:
        path = tmp_path_factory.mktemp("google") / "account.json"
        account = {
            "type": "service_account",
            "private_key": pem,
            "private_key_id": "1",
            "client_email": "viewer@project.test",
            "token_uri": token_url,
        }
        path.write_text(json.dumps(account))
        return path

    return write


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxClient]:
    """The real sandbox, one for the whole run."""
    client = SandboxClient("viewer.sandbox.tasks")
    yield client
    client.stop()


@pytest.fixture
def fake_edocs() -> FakeEdocs:
    """The documents of the fake eDocs."""
    return FakeEdocs()


@pytest.fixture
def edocs(fake_edocs: FakeEdocs) -> Iterator[StubServer]:
    """The server of the fake eDocs."""
    with serving(fake_edocs.answer) as stub:
        yield stub


@pytest.fixture
def settings_values(
    tmp_path: Path, edocs: StubServer, service_account: Callable[[str], Path]
) -> dict[str, Any]:
    """The settings of the test's viewer; a test may change them before it asks for `site`."""
    create_record(audit_url := f"sqlite:///{tmp_path}/audit.db")
    return {
        "deployment": "demo",
        "public_url": PUBLIC_URL,
        "secret_keys": "demo-" + "k" * 40,
        "google_client_id": "viewer",
        "google_client_secret": "demo-client-secret",
        "google_domain": "council.test",
        "google_group": "viewers@council.test",
        "google_service_account_file": service_account("https://google.test/token"),
        "google_directory_admin": "admin@council.test",
        "membership_seconds": 0,
        "edocs_api_url": f"{edocs.url}/documents/",
        "edocs_api_key": KEY,
        "edocs_attempts": 1,
        "store_url": (tmp_path / "store").as_uri(),
        "audit_url": audit_url,
    }


@pytest.fixture
def make_site(
    settings_values: dict[str, Any], fake_edocs: FakeEdocs, edocs: StubServer, sandbox: SandboxClient
) -> Callable[..., Site]:
    """Build a viewer, with some settings changed."""

    def make(**changes: Any) -> Site:
        settings = Settings(**(settings_values | changes))
        readers, governance, administrators = (
            KnownGroups(),
            KnownGroups({OFFICER}),
            KnownGroups({ADMINISTRATOR}),
        )
        groups = {STAFF: readers, GOVERNANCE: governance, ADMINISTRATORS: administrators}
        viewer = create_app(settings, groups, sandbox)
        return Site(viewer, settings, readers, fake_edocs, edocs, governance, administrators)

    return make


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A viewer with the test's usual settings."""
    return make_site()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One server for all tests of the session."""
    with cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a database with an empty record, once for each kind of database."""
    new: str = request.getfixturevalue(f"new_{request.param}_url")
    create_record(new)
    return new


@pytest.fixture
def new_sqlite_url(tmp_path: Path) -> str:
    """The address of a database that does not exist yet."""
    return f"sqlite:///{tmp_path}/record.db"


@pytest.fixture
def new_postgresql_url(postgres: Cluster) -> str:
    """The address of an empty database."""
    return postgres.url(postgres.new_database())


def create_record(url: str) -> None:
    """Create an empty audit record, as `audit init` does."""
    database = Database(url)
    with database.create():
        pass
    database.close()


@pytest.fixture
def connect() -> Iterator[Callable[[str], Audit]]:
    """Open the record as another process would; it is closed after the test."""
    opened: list[Audit] = []

    def open_it(url: str) -> Audit:
        opened.append(Audit(url))
        return opened[-1]

    yield open_it
    for each in opened:
        each.database.close()
