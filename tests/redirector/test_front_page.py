"""The front page in a real browser: a pasted link leads through the viewer to sign-in, on a phone too."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from flask import Flask, redirect
from flask.typing import ResponseReturnValue
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from redirector.app import create_app
from redirector.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PASTED = " <http://mosaic/LbhMosaicEDocs/DocumentMenu.aspx?documentId=123&personId=456>. "


@contextmanager
def served(app: "WSGIApplication") -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answering(route: str, view: Callable[[], ResponseReturnValue]) -> Flask:
    app = Flask(__name__)
    app.add_url_rule(route, view_func=view)
    return app


@pytest.fixture
def front_page() -> Iterator[str]:
    """A redirector whose viewer redirects everybody to sign-in at a third address, as the real one does."""
    with ExitStack() as stack:
        google = stack.enter_context(served(answering("/sign-in", lambda: "Please sign in")))
        viewer_app = answering("/documents/edocs/123", lambda: redirect(f"{google}/sign-in", 302))
        viewer = stack.enter_context(served(viewer_app))
        yield stack.enter_context(served(create_app(Settings(deployment="demo", viewer_url=viewer))))


@pytest.fixture(params=[(1280, 800), (390, 844)])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    width, height = request.param
    page = chromium.new_page(viewport={"width": width, "height": height})
    yield page
    page.close()


def test_a_pasted_link_leads_to_sign_in_and_nothing_is_wider_than_the_screen(
    front_page: str, page: Page
) -> None:
    page.goto(front_page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_label("Link to the document").fill(PASTED)
    page.get_by_role("button", name="Open document").click()
    expect(page.get_by_text("Please sign in")).to_be_visible()


def test_a_link_that_is_not_known_has_its_page_and_a_way_back(front_page: str, page: Page) -> None:
    page.goto(f"{front_page}/nothing")
    expect(page.get_by_role("heading", level=1)).to_have_text("We do not know this link")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("link", name="Paste a link from your case notes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Open a document")
