"""Two viewers behind HAProxy, with PostgreSQL, one shared store and no sticky sessions; all of it real.

Started for the tests on free ports, and stopped with them. Speaks to the viewers from outside and imports
none of our code.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.running.ports import free_port
from tests.running.waiting import PATIENCE_SECONDS, answers, wait_until
from tests.system.person import Person
from tests.system.stack import ROOT

NAMES = ("one", "two")
REQUESTS_PER_MINUTE = 40
COUNCIL_SECRET = "demo-secret-of-the-councils-services-0123456789"
_HAPROXY = """
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout queue 20s
  retries 5
  option redispatch
frontend public
  bind 127.0.0.1:{port}
  default_backend viewers
backend viewers
  balance roundrobin
  retry-on conn-failure empty-response 503
  option forwardfor
  option httpchk GET /signed-out
  timeout check 5s
  default-server check inter 300 fall 1 rise 1
  http-response set-header X-Served-By %s
  server one 127.0.0.1:{one}
  server two 127.0.0.1:{two}
"""


def until(true: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for it."""
    wait_until(true, seconds, what)


@contextmanager
def _running(command: list[str], log: Path, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT if "gunicorn" in " ".join(command) else signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def postgresql(log: Path) -> Iterator[str]:
    """A PostgreSQL of our own, in a temporary folder; its address as SQLAlchemy writes it."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    as_its_user: list[str] = []
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        if os.getuid() == 0:  # it refuses to be run by root
            shutil.chown(folder, "postgres", "postgres")
            as_its_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        data, port = f"{folder}/data", free_port()
        initdb = [*as_its_user, str(programs / "initdb"), "-D", data, "-U", "viewer", "-A", "trust", "-N"]
        subprocess.run(initdb, cwd=folder, check=True, capture_output=True, timeout=60)
        options = ["-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F"]
        with _running([*as_its_user, str(programs / "postgres"), "-D", data, *options], log):
            ready = [str(programs / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
            until(lambda: subprocess.run(ready, check=False).returncode == 0, "PostgreSQL")
            yield f"postgresql+psycopg://viewer@127.0.0.1:{port}/postgres"


@dataclass
class Replicas:
    """The two viewers and what stands around them.

    Args:
        folder: for files and logs.
        database: PostgreSQL's address.
        url: HAProxy's, the one that people use.
        google: the stand-in's.
        edocs: the same.
        council: that of the council's own login.
        provider: how people sign in: ``google`` or ``council``.
        ports: by name.
    """

    folder: Path
    database: str
    url: str
    google: str
    edocs: str
    council: str
    provider: str
    ports: dict[str, int]
    keys: dict[str, str] = field(default_factory=dict)
    running: dict[str, ExitStack] = field(default_factory=dict)

    def start(self, name: str, keys: str) -> None:
        """Start one viewer, and wait until HAProxy may send people to it."""
        stack = self.running[name] = ExitStack()
        port = self.ports[name]
        environment = self.environment(keys) | {
            "SERVICE_NAME": "viewer",
            "PORT": str(port),
            "OPS_PORT": str(self.ports[f"{name} ops"]),
            "PROMETHEUS_MULTIPROC_DIR": str(self.folder / f"metrics-{name}"),
        }
        options = ["-c", "python:shared.gunicorn_config", "viewer.wsgi:app"]
        command = [sys.executable, "-m", "gunicorn", *options]
        stack.enter_context(_running(command, self.folder / f"viewer-{name}.log", **environment))
        until(lambda: answers(f"http://127.0.0.1:{port}/signed-out"), f"viewer {name}")

    def stop(self, name: str) -> None:
        """Stop one viewer."""
        self.running.pop(name).close()

    def stop_all(self) -> None:
        """Stop those that run."""
        for name in list(self.running):
            self.stop(name)

    def restart(self, name: str, keys: str) -> None:
        """As an operator who changes the keys does, one replica after the other."""
        self.stop(name)
        self.start(name, keys)
        until(lambda: self.served_by() >= set(NAMES), "both replicas")

    def served_by(self) -> set[str]:
        """Which replicas HAProxy sends people to."""
        answers = [requests.get(f"{self.url}/signed-out", timeout=10) for _ in range(4)]
        return {answer.headers["X-Served-By"] for answer in answers if answer.ok}

    def person(self, email: str = "worker@council.test") -> Person:
        """Somebody with a browser."""
        login = self.google if self.provider == "google" else self.council
        return Person(email, viewer=self.url, sign_in_at=login)

    def command(self, *arguments: str) -> str:
        """Run one of the operators' commands, which must end well; what it printed."""
        command = [sys.executable, "-m", "viewer.cli", *arguments]
        environment = {**os.environ, **self.environment("k" * 40)}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, check=True, timeout=60, capture_output=True, text=True
        )
        return done.stdout

    def environment(self, keys: str) -> dict[str, str]:
        """The viewers' settings."""
        return {
            "DEPLOYMENT": "demo",
            "PUBLIC_URL": self.url,
            "SECRET_KEYS": keys,
            "WORKERS": "2",
            "THREADS": "4",
            "TRUSTED_PROXIES": "1",
            "IDENTITY_PROVIDER": self.provider,
            "COUNCIL_LOGIN_URL": f"{self.council}/auth",
            "COUNCIL_TOKEN_SECRET": COUNCIL_SECRET,
            "COUNCIL_GROUP": "Document readers",
            "API": "true",
            "API_AUDIENCES": "a-program",
            "GOOGLE_ISSUER": self.google,
            "GOOGLE_KEYS_URL": f"{self.google}/jwks",
            "GOOGLE_CLIENT_ID": "viewer",
            "GOOGLE_CLIENT_SECRET": "demo",
            "GOOGLE_DOMAIN": "council.test",
            "GOOGLE_GROUP": "documents@council.test",
            "GOOGLE_SERVICE_ACCOUNT_FILE": str(self.folder / "keys" / "service-account.json"),
            "GOOGLE_DIRECTORY_ADMIN": "admin@council.test",
            "GOVERNANCE_GROUP": "governance@council.test",
            "ADMINISTRATORS_GROUP": "administrators@council.test",
            "GOOGLE_AUTHORIZE_URL": f"{self.google}/oauth2/authorize",
            "GOOGLE_TOKEN_URL": f"{self.google}/oauth2/token",
            "GOOGLE_USERINFO_URL": f"{self.google}/userinfo",
            "GOOGLE_DIRECTORY_URL": f"{self.google}/admin/directory/v1",
            "MEMBERSHIP_SECONDS": "1",
            "EDOCS_API_URL": f"{self.edocs}/documents/",
            "EDOCS_API_KEY": "demo-edocs-key",
            "STORE_URL": (self.folder / "store").as_uri(),
            "AUDIT_URL": self.database,
            "REQUESTS_PER_MINUTE": str(REQUESTS_PER_MINUTE),
            "OAUTHLIB_INSECURE_TRANSPORT": "1",
            "no_proxy": "*",
        }


@contextmanager
def two_replicas(folder: Path, keys: str, provider: str = "google") -> Iterator[Replicas]:
    """Both viewers, well, until the block ends.

    Args:
        folder: an empty one.
        keys: what signs sessions and links at first.
        provider: how people sign in.
    """
    with ExitStack() as stack:
        ports = {
            name: free_port()
            for name in ("haproxy", "google", "council", "edocs", *NAMES, "one ops", "two ops")
        }
        google, council, edocs = (
            f"http://localhost:{ports[name]}" for name in ("google", "council", "edocs")
        )
        token_uri = f"{google}/token"
        make_key = [sys.executable, "-m", "demo.keys", str(folder / "keys"), token_uri]
        subprocess.run(make_key, cwd=ROOT, check=True, timeout=60, capture_output=True)
        documents = folder / "documents"
        documents.mkdir()
        shutil.copy(min((ROOT / "demo/documents").glob("*.pdf")), documents / "1001.pdf")
        key_file = str(folder / "keys" / "service-account.json")
        for name, environment in (
            ("google", {"SERVICE_ACCOUNT_FILE": key_file}),
            ("council", {"COUNCIL_TOKEN_SECRET": COUNCIL_SECRET}),
            ("edocs", {"EDOCS_FOLDER": str(documents), "EDOCS_API_KEY": "demo-edocs-key"}),
        ):
            options = [
                "-b",
                f"127.0.0.1:{ports[name]}",
                "-k",
                "gthread",
                "--threads",
                "8",
                "--no-control-socket",
            ]
            command = [sys.executable, "-m", "gunicorn", *options, f"demo.{name}:create_app()"]
            stack.enter_context(_running(command, folder / f"{name}.log", **environment))
        until(lambda: answers(f"{google}/.well-known/openid-configuration"), "Google")
        until(lambda: answers(f"{council}/auth"), "the council's login")
        until(lambda: answers(f"{edocs}/_requests"), "eDocs")
        database = stack.enter_context(postgresql(folder / "postgresql.log"))
        url = f"http://localhost:{ports['haproxy']}"
        replicas = Replicas(folder, database, url, google, edocs, council, provider, ports)
        for name in NAMES:
            replicas.start(name, keys)
        stack.callback(replicas.stop_all)
        configuration = folder / "haproxy.cfg"
        configuration.write_text(_HAPROXY.format(port=ports["haproxy"], one=ports["one"], two=ports["two"]))
        haproxy = ["/usr/sbin/haproxy", "-W", "-db", "-f", str(configuration)]
        stack.enter_context(_running(haproxy, folder / "haproxy.log"))
        until(lambda: answers(f"{url}/signed-out") and replicas.served_by() == set(NAMES), "HAProxy")
        yield replicas
