"""Every problem page in a real browser is readable on every screen size and passes axe."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.redirector.test_front_page import served
from tests.viewer.conftest import Site
from viewer.errors import BY_CODE
from viewer.web import access_control as access

_WINDOWS = {"laptop": (1280, 800), "phone": (390, 844), "at 400 per cent": (320, 256)}


@pytest.fixture
def address(make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A viewer that refuses with the code in its path; open to everybody, since it shows nothing."""
    monkeypatch.setattr(access, "PUBLIC_ENDPOINTS", access.PUBLIC_ENDPOINTS | {"refusal"})
    # a page that leads to MyOffice names the document, so the route is that of one
    viewer = make_site(myoffice_url="https://myoffice.council.test").viewer.app

    def _refuse(source: str, document_id: str, code: str) -> str:
        assert (source, document_id) == ("edocs", "1234567890")
        raise BY_CODE[code]

    viewer.add_url_rule("/refusal/<source>/<document_id>/<code>", "refusal", _refuse)
    with served(viewer) as url:
        yield f"{url}/refusal/edocs/1234567890"


@pytest.fixture(params=list(_WINDOWS.values()), ids=list(_WINDOWS))
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    width, height = request.param
    page = chromium.new_page(viewport={"width": width, "height": height})
    yield page
    page.close()


def test_every_refusal_has_a_page_that_everybody_can_read(address: str, page: Page) -> None:
    for code, error in BY_CODE.items():
        answer = page.goto(f"{address}/{code}")
        assert answer is not None
        assert (answer.status, page.get_attribute(".problem", "data-code")) == (error.status, code)
        words = page.inner_text("main")
        assert error.title in words, code
        assert "{" not in words, f"{code}: a name was not filled in"
        assert "Reference" in words, code
        assert ("How to open it in MyOffice" in words) is error.myoffice, code
        assert page.locator("[data-retry]").is_visible() is (error.retry or code == "signed_out"), code
        wider = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wider) == 0, code
        violations = Axe().run(page).response["violations"]
        assert not [(violation["id"], violation["nodes"][0]["html"]) for violation in violations], code
