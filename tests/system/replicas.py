"""Two viewers behind HAProxy, with PostgreSQL, one shared store and no sticky sessions; all of it real.

Started for the tests on free ports, and stopped with them. Speaks to the viewers from outside and imports
none of our code.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.running.demo_settings import ROOT
from tests.running.ports import free_port
from tests.running.postgres import cluster
from tests.running.programs import running, service, stand_in
from tests.running.record import create_record
from tests.running.waiting import PATIENCE_SECONDS, answers, wait_until
from tests.system.person import Person

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
    started: dict[str, ExitStack] = field(default_factory=dict)

    def start(self, name: str, keys: str) -> None:
        """Start one viewer, and wait until HAProxy may send people to it."""
        stack = self.started[name] = ExitStack()
        port = self.ports[name]
        environment = self.environment(keys) | {
            "SERVICE_NAME": "viewer",
            "PORT": str(port),
            "OPS_PORT": str(self.ports[f"{name} ops"]),
            "PROMETHEUS_MULTIPROC_DIR": str(self.folder / f"metrics-{name}"),
        }
        log = self.folder / f"viewer-{name}.log"
        stack.enter_context(running(service("viewer"), log, environment))
        until(lambda: answers(f"http://127.0.0.1:{port}/signed-out"), f"viewer {name}")

    def stop(self, name: str) -> None:
        """Stop one viewer."""
        self.started.pop(name).close()

    def stop_all(self) -> None:
        """Stop those that run."""
        for name in list(self.started):
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
            command = stand_in(f"demo.{name}:create_app()", ports[name])
            stack.enter_context(running(command, folder / f"{name}.log", environment))
        until(lambda: answers(f"{google}/.well-known/openid-configuration"), "Google")
        until(lambda: answers(f"{council}/auth"), "the council's login")
        until(lambda: answers(f"{edocs}/_requests"), "eDocs")
        server = stack.enter_context(cluster())
        database = server.url(server.new_database())
        url = f"http://localhost:{ports['haproxy']}"
        replicas = Replicas(folder, database, url, google, edocs, council, provider, ports)
        create_record(replicas.environment(keys))
        for name in NAMES:
            replicas.start(name, keys)
        stack.callback(replicas.stop_all)
        configuration = folder / "haproxy.cfg"
        configuration.write_text(_HAPROXY.format(port=ports["haproxy"], one=ports["one"], two=ports["two"]))
        haproxy = ["/usr/sbin/haproxy", "-W", "-db", "-f", str(configuration)]
        stack.enter_context(running(haproxy, folder / "haproxy.log"))
        until(lambda: answers(f"{url}/signed-out") and replicas.served_by() == set(NAMES), "HAProxy")
        yield replicas
