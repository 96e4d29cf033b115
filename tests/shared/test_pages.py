import re
from pathlib import Path

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from jinja2 import UndefinedError

from shared.document_ref import DocumentRef
from shared.headers import set_security_headers
from shared.pages import use_pages
from shared.problems import Problem
from shared.settings import ROOT, ServiceSettings
from shared.static_files import IMMUTABLE, StaticFiles


class Locked(Problem):
    """A problem of this test."""

    code = "locked_in_this_test"
    status = 422
    title = "It is locked"
    sentence = "Open it in {myoffice}, says {council}."


class Passing(Locked):
    """The same problem, with a temporary cause."""

    retry = True


class Here(Locked):
    """The same problem, without a way through the virtual desktop."""

    myoffice = False


NOTHING_MORE = dict.fromkeys(("ref", "source_label", "reference", "retry_url", "use_another_account_url"))


@pytest.fixture
def app() -> Flask:
    app = Flask("viewer", root_path=str(ROOT.parent / "viewer"))
    set_security_headers(app, production=True)
    use_pages(app, ServiceSettings(council_name="<Anytown> Council", myoffice_name="Desktop"))
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def error_page(app: Flask, problem: type[Problem] = Locked, **context: object) -> str:
    with app.test_request_context("/"):
        return render_template("error.html", problem=problem(), **(NOTHING_MORE | context))


def addresses(page: str) -> list[str]:
    return re.findall(r'(?:href|src)="(/shared-static/[^"]+)"', page)


def test_a_problem_page_tells_what_happened_and_the_way_through_the_virtual_desktop(app: Flask) -> None:
    page = error_page(app, ref=DocumentRef("edocs", "123"), source_label="eDocs", reference="0123456789")
    assert "It is locked" in page
    assert "Open it in Desktop, says &lt;Anytown&gt; Council." in page
    assert "How to open it in Desktop" in page
    assert "eDocs document" in page
    assert 'data-copy="123"' in page
    assert 'data-copy="0123456789"' in page


def test_trying_again_is_offered_only_where_it_can_help(app: Flask) -> None:
    assert "Try again" in error_page(app, Passing)
    assert "Try again" not in error_page(app)


def test_no_way_through_the_virtual_desktop_is_promised_where_there_is_none(app: Flask) -> None:
    assert "How to open it" not in error_page(app, Here)


def test_pages_have_no_inline_script_or_style(app: Flask) -> None:
    page = error_page(app, ref=DocumentRef("edocs", "123"), retry_url="/again")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)


def test_an_undefined_name_in_a_template_is_an_error(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(UndefinedError):
        render_template("signed_out.html")


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_static_files_are_kept_for_a_year_at_the_address_of_their_version(
    app: Flask, client: FlaskClient, encoding: str
) -> None:
    own = [address for address in addresses(error_page(app)) if "/v-" in address]
    assert own
    for address in own:
        answer = client.get(address, headers={"Accept-Encoding": encoding})
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == IMMUTABLE
        assert answer.headers.get("Content-Encoding", "identity") == encoding
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/shared-static/site.css", "/shared-static/v-000000000000/site.css"])
def test_a_static_file_at_another_address_is_not_kept(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    ["/shared-static/../pages.py", "/shared-static/%2e%2e/pages.py", "/static/missing.js", "/shared-static/"],
)
def test_nothing_but_static_files_is_served(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_scripts_reach_each_other_at_the_same_version(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context("/"):
        address = app.jinja_env.globals["asset"]("viewer.js")  # type: ignore[operator]  # a function
    imports = re.findall(r'from "(\./[^"]+)"', client.get(address).text)
    assert len(imports) > 3
    folder = address.rsplit("/", 1)[0]
    for name in imports:
        assert client.get(f"{folder}/{name.removeprefix('./')}").headers["Cache-Control"] == IMMUTABLE


def test_a_library_is_asked_for_without_its_version_and_given_with_it(tmp_path: Path) -> None:
    (tmp_path / "vendor" / "govuk-frontend-6.3.0").mkdir(parents=True)
    files = StaticFiles(tmp_path)
    assert files.versioned("vendor/govuk-frontend/a.css") == "vendor/govuk-frontend-6.3.0/a.css"
    assert files.versioned("vendor/govuk-frontend/") == "vendor/govuk-frontend-6.3.0/"
    assert files.versioned("site.css") == "site.css"


def test_a_library_that_is_not_there_is_an_error_that_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"has no pdfjs: run deploy/local/vendor\.sh"):
        StaticFiles(tmp_path).versioned("vendor/pdfjs/build/pdf.min.mjs")


def test_a_library_in_two_versions_is_refused(tmp_path: Path) -> None:
    for version in ("1.0", "1.1"):
        (tmp_path / "vendor" / f"pdfjs-{version}").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"two versions: pdfjs-1\.0, pdfjs-1\.1"):
        StaticFiles(tmp_path)
