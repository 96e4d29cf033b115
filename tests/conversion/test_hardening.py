"""Hostile documents: nothing is fetched, no local text is shown, no macro runs, with a proof that they could.

The same documents go to an office without the defences, where some of them succeed: these tests can fail.
"""

import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conversion.hostile import (
    ALL_LINKS,
    Paper,
    included_in_rtf,
    linked_section,
    linked_sheet,
    macro_on_open,
)
from tests.conversion.offices import SCRIPTS, Guard, guarded, text_of

TABLE = "Text - txt - csv (StarCalc)"
SECRET = "Contents of a file that is nobody's business"
_PERMISSIVE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel"
 oor:op="fuse"><value>0</value></prop></item>
</oor:items>"""


class Listener(BaseHTTPRequestHandler):
    """Notes who comes by."""

    server: "Asked"

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.send_error(404)

    do_HEAD = do_OPTIONS = do_PROPFIND = do_POST = do_GET  # noqa: N815 - http.server's names

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class Asked(ThreadingHTTPServer):
    """A web server that hostile documents point at."""

    daemon_threads = True

    def __init__(self) -> None:
        self.paths: list[str] = []
        super().__init__(("127.0.0.1", 0), Listener)


@pytest.fixture
def asked() -> Iterator[Asked]:
    with Asked() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    """A guard whose office trusts every document: the shipped one with its defences taken out."""
    scripts = tmp_path_factory.mktemp("trusting") / "unoserver"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "hardening.xcu").write_text(_PERMISSIVE)
    text = (scripts / "office.py").read_text()
    defences = '{"Hidden": True, "MacroExecutionMode": 0, "UpdateDocMode": 0}'
    assert defences in text
    trust = '{"MacroExecutionMode": 4, "UpdateDocMode": 3}'  # always, without a warning; update everything
    (scripts / "office.py").write_text(text.replace(defences, trust))
    with guarded(scripts=scripts) as guard:
        guard.wait_ready()
        yield guard


def _answer(guard: Guard, paper: Paper) -> bytes:
    return guard.answer(paper.body, paper.import_filter)


@pytest.mark.parametrize("link", ALL_LINKS, ids=lambda link: link.__name__)
def test_nothing_is_fetched(guard: Guard, asked: Asked, link: Callable[[str], Paper]) -> None:
    paper = link(f"http://127.0.0.1:{asked.server_port}/x.png")
    assert _answer(guard, paper).startswith(b"%PDF-")
    assert asked.paths == []


def test_a_trusting_office_fetches(trusting: Guard, asked: Asked) -> None:
    for link in ALL_LINKS:
        _answer(trusting, link(f"http://127.0.0.1:{asked.server_port}/{link.__name__}"))
    assert len(set(asked.paths)) >= 3


@pytest.mark.parametrize("folder", ["outside", "inside"])
def test_no_local_text_is_shown(guard: Guard, tmp_path: Path, folder: str) -> None:
    """Neither of the machine nor of the office's own folder."""
    secret = (tmp_path if folder == "outside" else guard.work_folder) / "secret.txt"
    secret.write_text(SECRET)
    try:
        papers = [link(secret.as_uri()) for link in ALL_LINKS]
        papers += [linked_section(secret.as_uri(), "Text"), linked_sheet(secret.as_uri(), TABLE)]
        papers += [linked_section(str(secret), "Text"), included_in_rtf(str(secret))]
        for paper in papers:
            assert SECRET not in text_of(_answer(guard, paper)), paper.name
    finally:
        secret.unlink()


def test_a_trusting_office_shows_local_text(trusting: Guard, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(SECRET)
    assert SECRET in text_of(_answer(trusting, linked_sheet(secret.as_uri(), TABLE)))


def test_no_macro_runs(guard: Guard, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    assert "text" in text_of(_answer(guard, macro_on_open(str(trace))))
    assert not trace.exists()


def test_a_trusting_office_runs_the_same_macro(trusting: Guard, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    _answer(trusting, macro_on_open(str(trace)))
    assert trace.exists()
