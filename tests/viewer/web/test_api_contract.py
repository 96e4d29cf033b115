"""The API's description agrees with its responses, as the validator and schemathesis confirm."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.serving import make_server

import viewer
from tests.viewer import samples
from tests.viewer.conftest import Site
from tests.viewer.tokens import COUNCIL_SETTINGS, bearer, council_token
from viewer.errors import BY_CODE

DESCRIPTION = json.loads((Path(viewer.__file__).parent / "web/openapi.json").read_text())
VIEWERS_OWN = [
    problem for problem in BY_CODE.values() if problem.__module__ in {"shared.problems", "viewer.errors"}
]
TRIES = 30
"""The number of generated requests for each operation, which take some seconds."""


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    site = make_site(**COUNCIL_SETTINGS, requests_per_minute=1_000_000)
    for number in ("1001", "1", "42"):
        site.fake_edocs.put(number, f"{number}.pdf", samples.pdf())
    site.fake_edocs.put("2", "2.png", samples.picture("PNG"))
    site.fake_edocs.put("3", "3.pdf", samples.locked_pdf("secret"))
    return site


def test_the_description_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(DESCRIPTION).validate()


def test_the_description_is_served_to_everybody_as_it_is(site: Site) -> None:
    answer = site.visitor().get("/api/v1/openapi.json")
    assert (answer.status_code, answer.get_json()) == (200, DESCRIPTION)


def test_every_route_is_described_and_nothing_else(site: Site) -> None:
    rules = [rule for rule in site.viewer.app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    routes = {rule.rule.translate(str.maketrans("<>", "{}")).replace("document_id", "id") for rule in rules}
    assert routes == set(DESCRIPTION["paths"])


def test_every_status_that_an_error_has_is_described() -> None:
    (pdf,) = [path for path in DESCRIPTION["paths"] if path.endswith("/pdf")]
    described = set(DESCRIPTION["paths"][pdf]["get"]["responses"])
    met_by_the_framework = {405}
    statuses = {problem.status for problem in VIEWERS_OWN} - met_by_the_framework
    assert {str(status) for status in statuses} <= described


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """The viewer on a port of its own."""
    server = make_server("127.0.0.1", 0, site.viewer.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_schemathesis_finds_no_difference(address: str) -> None:
    """Valid and invalid requests, other methods, and missing and forged tokens."""
    token = bearer(council_token())["Authorization"]
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/v1/openapi.json"]
    limits = ["--max-examples", str(TRIES), "--seed", "1", "--generation-database", "none", "--no-color"]
    result = subprocess.run(
        [*command, *limits, "--header", f"Authorization: {token}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    assert "No issues found" in result.stdout
