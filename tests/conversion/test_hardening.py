"""Hostile documents: nothing is fetched, nothing local is shown, no macro runs, with a proof that they could.

Three offices meet them. The shipped one, in its bubblewrap. The same without: its settings alone must keep it
from fetching, from showing text and from running macros, as in a container whose network was wrongly set up.
And a trusting one without any defence, where enough of the documents succeed: these tests can fail.
"""

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from tests.conversion import macros, vba
from tests.conversion.hostile import (
    ALL_LINKS,
    Paper,
    included_in_rtf,
    linked_section,
    linked_sheet,
)
from tests.conversion.offices import SCRIPTS, Guard, NotConverted, guarded, text_of
from tests.conversion.reaching import MORE_LINKS

TABLE = "Text - txt - csv (StarCalc)"
SECRET = "Contents of a file that is nobody's business"
PURPLE = (255, 0, 255)
LINKS = (*ALL_LINKS, *MORE_LINKS)
MACROS = {kind: partial(macros.at_events, kind=kind) for kind in macros.FORMATS} | {
    paper.__name__: paper for paper in vba.ALL
}
"""Documents, by a name for each, that write the file which they are given."""
_PERMISSIVE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale"
 oor:op="fuse"><value>en-GB</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel"
 oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution"
 oor:op="fuse"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks"
 oor:op="fuse"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType"
 oor:op="fuse"><value>0</value></prop></item>
</oor:items>"""
"""A profile that undoes every hardened setting, where that is possible."""


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
def unjailed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    """The shipped office without its bubblewrap, with a profile that tries to undo its hardened settings."""
    with guarded(scripts=_with_permissive_profile(tmp_path_factory), jail="none") as guard:
        guard.wait_ready()
        yield guard


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    """An office that trusts every document: the shipped one with its defences taken out."""
    scripts = _with_permissive_profile(tmp_path_factory)
    (scripts / "hardening.xcd").unlink()
    text = (scripts / "office.py").read_text()
    defences = '{"Hidden": True, "MacroExecutionMode": 0, "UpdateDocMode": 0}'
    assert defences in text
    trust = '{"MacroExecutionMode": 4, "UpdateDocMode": 3}'  # always, without a warning; update everything
    (scripts / "office.py").write_text(text.replace(defences, trust))
    with guarded(scripts=scripts, jail="none", seconds=4) as guard:
        guard.wait_ready()
        yield guard


def _with_permissive_profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scripts = tmp_path_factory.mktemp("office") / "unoserver"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    text = (scripts / "office.py").read_text()
    made = 'make_profile(folder / "profile", locale)'
    assert made in text
    profile = f'\n    (folder / "profile/user/registrymodifications.xcu").write_text({_PERMISSIVE!r})'
    (scripts / "office.py").write_text(text.replace(made, made + profile))
    return scripts


@pytest.fixture(params=["shipped", "unjailed"])
def defended(request: pytest.FixtureRequest) -> Guard:
    """Each of the two offices that must resist."""
    guard = request.getfixturevalue("guard" if request.param == "shipped" else "unjailed")
    assert isinstance(guard, Guard)
    return guard


def _answer(guard: Guard, paper: Paper) -> bytes:
    return guard.answer(paper.body, paper.import_filter)


def _shown(guard: Guard, paper: Paper) -> bytes | None:
    """The PDF, or None where the office cannot read the document, or a trusting one is lost in it."""
    guard.wait_ready()
    with suppress(NotConverted):
        return _answer(guard, paper)
    return None


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link.__name__)
def test_nothing_is_fetched(defended: Guard, asked: Asked, link: Callable[[str], Paper]) -> None:
    _shown(defended, link(f"http://127.0.0.1:{asked.server_port}/x.png"))
    _shown(defended, link(f"http://localhost:{asked.server_port}/x.html"))
    assert asked.paths == []


def test_a_trusting_office_fetches(trusting: Guard, asked: Asked) -> None:
    for link in LINKS:
        _shown(trusting, link(f"http://127.0.0.1:{asked.server_port}/{link.__name__}"))
    assert len(set(asked.paths)) >= 8, sorted(set(asked.paths))


def _reaching_for_text(secret: Path) -> list[Paper]:
    papers = [link(secret.as_uri()) for link in LINKS]
    papers += [linked_section(secret.as_uri(), "Text"), linked_sheet(secret.as_uri(), TABLE)]
    return [*papers, linked_section(str(secret), "Text"), included_in_rtf(str(secret))]


@pytest.mark.parametrize("folder", ["outside", "inside"])
def test_no_local_text_is_shown(defended: Guard, tmp_path: Path, folder: str) -> None:
    """Neither of the machine nor of the office's own folder, which is another one after each failure."""
    for number in range(len(list(_reaching_for_text(tmp_path)))):
        defended.wait_ready()
        secret = (tmp_path if folder == "outside" else defended.work_folder) / "secret.txt"
        secret.write_text(SECRET)
        as_the_office_sees_it = Path(re.sub(r"^/proc/\d+/root", "", str(secret)))
        paper = list(_reaching_for_text(as_the_office_sees_it))[number]
        pdf = _shown(defended, paper)
        assert pdf is None or SECRET not in text_of(pdf), paper.name
        with suppress(FileNotFoundError):  # it went with the office
            secret.unlink()


def test_a_trusting_office_shows_local_text(trusting: Guard, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(SECRET)
    pdfs = [(paper.name, _shown(trusting, paper)) for paper in _reaching_for_text(secret)]
    assert len([name for name, pdf in pdfs if pdf and SECRET in text_of(pdf)]) >= 2


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A file that would be plain to see in a PDF."""
    path = tmp_path / "secret.png"
    Image.new("RGB", (200, 200), PURPLE).save(path)
    return path


def _shows_purple(pdf: bytes | None) -> bool:
    if pdf is None:
        return False
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.render().to_pil().convert("RGB") for page in document]
    return any(
        color == PURPLE for page in pages for _, color in page.getcolors(page.width * page.height) or ()
    )


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link.__name__)
def test_no_local_picture_is_shown(guard: Guard, picture: Path, link: Callable[[str], Paper]) -> None:
    """LibreOffice itself shows every picture that it can reach: so there is none that it can."""
    for address in (picture.as_uri(), str(picture)):
        assert not _shows_purple(_shown(guard, link(address)))


def test_without_its_bubblewrap_an_office_shows_local_pictures(trusting: Guard, picture: Path) -> None:
    shown = {link.__name__ for link in LINKS if _shows_purple(_shown(trusting, link(picture.as_uri())))}
    assert len(shown) >= 6, sorted(shown)


@pytest.mark.parametrize("paper", MACROS)
def test_no_macro_runs(defended: Guard, tmp_path: Path, paper: str) -> None:
    trace = tmp_path / "ran"
    assert text_of(_answer(defended, MACROS[paper](str(trace))))
    assert not trace.exists()


@pytest.mark.parametrize("paper", MACROS)
def test_a_trusting_office_runs_the_same_macros(trusting: Guard, tmp_path: Path, paper: str) -> None:
    trace = tmp_path / "ran"
    _shown(trusting, MACROS[paper](str(trace)))
    assert trace.exists()
