"""The document page asks for scripts and styles at addresses that exist, and for all scripts at once."""

import re
from pathlib import Path

from tests.viewer.conftest import Site

PAGE = "/documents/edocs/77?person=123&request=journey-0001"
SCRIPTS = Path(__file__).parents[3] / "viewer" / "static"
_PRELOADED = re.compile(r'rel="modulepreload" href="(/static/v-[^"]+)"')
_FILE = re.compile(r'"(/(?:shared-)?static/[^"]+\.[a-z]+)"')


def test_the_page_preloads_each_script_but_the_one_that_starts_them(site: Site) -> None:
    page = site.signed_in().get(PAGE).text
    names = [Path(address).name for address in _PRELOADED.findall(page)]
    assert sorted(names) == sorted({path.name for path in SCRIPTS.glob("*.js")} - {"start.js"})


def test_every_file_that_the_page_names_is_there_and_kept_for_good(site: Site) -> None:
    worker = site.signed_in()
    addresses = _FILE.findall(worker.get(PAGE).text)
    assert any("/vendor/pdfjs-" in address for address in addresses)
    for address in addresses:
        answer = worker.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["Cache-Control"], address
