"""The example service of docs/reuse-sign-in.md, run for real with both ways of signing in."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import requests

from demo import keys
from demo.council import token_of
from demo.people import DISPLAY_GROUP, PEOPLE
from tests.demo.conftest import served
from tests.running.ports import free_port
from tests.system.person import Person

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "notices.py"
SECRET = "demo-secret-of-the-councils-services-0123456789"
_START_SECONDS = 30


@contextmanager
def notices(port: int, **environment: str) -> Iterator[str]:
    """The example under gunicorn, as the page says to run it."""
    options = ["-b", f"127.0.0.1:{port}", "--threads", "4", "--no-control-socket"]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        *options,
        "--chdir",
        str(EXAMPLE.parent),
        "notices:create_app()",
    ]
    common = {"DEPLOYMENT": "demo", "PUBLIC_URL": f"http://localhost:{port}", "SECRET_KEYS": "k" * 40}
    paths = {"PYTHONPATH": str(ROOT), "OAUTHLIB_INSECURE_TRANSPORT": "1", "no_proxy": "*"}
    with subprocess.Popen(command, env={**os.environ, **common, **paths, **environment}) as process:
        try:
            _wait_for(f"http://localhost:{port}/signed-out", process)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(requests.RequestException):
            requests.get(url, timeout=5)
            return
        time.sleep(0.05)
    raise AssertionError("the example did not start")


@pytest.fixture(params=["google", "council"], scope="module")
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The addresses of the running example and of the identity provider."""
    login_port = free_port()
    login = f"http://localhost:{login_port}"
    key_file = keys.make(tmp_path_factory.mktemp("keys"), f"{login}/token")
    with ExitStack() as stack:
        if request.param == "google":
            stack.enter_context(
                served("demo.google:create_app()", login_port, SERVICE_ACCOUNT_FILE=str(key_file))
            )
            told = {
                "GOOGLE_CLIENT_ID": "notices",
                "GOOGLE_CLIENT_SECRET": "demo",
                "GOOGLE_DOMAIN": "council.test",
                "GOOGLE_GROUP": "documents@council.test",
                "GOOGLE_DIRECTORY_ADMIN": "admin@council.test",
                "GOOGLE_SERVICE_ACCOUNT_FILE": str(key_file),
                "GOOGLE_AUTHORIZE_URL": f"{login}/oauth2/authorize",
                "GOOGLE_TOKEN_URL": f"{login}/oauth2/token",
                "GOOGLE_USERINFO_URL": f"{login}/userinfo",
                "GOOGLE_DIRECTORY_URL": f"{login}/admin/directory/v1",
            }
        else:
            stack.enter_context(served("demo.council:create_app()", login_port, COUNCIL_TOKEN_SECRET=SECRET))
            told = {
                "IDENTITY_PROVIDER": "council",
                "COUNCIL_LOGIN_URL": f"{login}/auth",
                "COUNCIL_TOKEN_SECRET": SECRET,
                "COUNCIL_GROUP": DISPLAY_GROUP,
            }
        yield stack.enter_context(notices(free_port(), **told)), login


def test_a_member_signs_in_and_reads_the_page(service: tuple[str, str]) -> None:
    url, login = service
    worker = Person(viewer=url, sign_in_at=login)
    page = worker.arrive(f"{url}/")
    assert (page.status_code, page.url) == (200, f"{url}/")
    assert page.text == "Good morning, worker@council.test"


def test_a_person_outside_the_group_does_not_read_the_page(service: tuple[str, str]) -> None:
    url, login = service
    answer = Person("outsider@council.test", viewer=url, sign_in_at=login).arrive(f"{url}/")
    assert (answer.status_code, answer.text) == (403, "not_in_group\n")


def test_signing_out_holds(service: tuple[str, str]) -> None:
    url, login = service
    worker = Person(viewer=url, sign_in_at=login).sign_in()
    own_page = {"Sec-Fetch-Site": "same-origin"}
    assert "signed out" in worker.http.post(f"{url}/sign-out", headers=own_page, timeout=10).text
    assert worker.http.get(f"{url}/", allow_redirects=False, timeout=10).status_code == 302


def test_nobody_reads_the_page_without_sign_in(service: tuple[str, str]) -> None:
    url, _ = service
    assert requests.get(f"{url}/", allow_redirects=False, timeout=10).status_code == 302
    assert requests.post(f"{url}/sign-out", timeout=10).status_code == 403
    answer = requests.get(f"{url}/api/notices", timeout=10)
    assert (answer.status_code, answer.text) == (401, "token_missing\n")


def test_a_program_brings_the_councils_token(service: tuple[str, str]) -> None:
    url, login = service
    worker, *_ = PEOPLE
    headers = {"Authorization": f"Bearer {token_of(worker, SECRET)}"}
    answer = requests.get(f"{url}/api/notices", headers=headers, timeout=10)
    council = requests.get(f"{login}/auth", timeout=10).ok
    assert answer.status_code == (200 if council else 401)


def test_the_page_shows_the_very_program() -> None:
    page = (ROOT / "docs" / "reuse-sign-in.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert shown == EXAMPLE.read_text(encoding="utf-8")
