"""The demo's case file links to every sample as Mosaic does."""

import re
from html import unescape

import pytest

from demo.catalogue import CALL, LETTER, REFERRAL, SAMPLES, VISIT
from demo.mosaic import create_app, link_to

PATH = "/LbhMosaicEDocs/DocumentMenu.aspx"


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("REDIRECTOR_URL", "http://redirector.test")
    page = create_app().test_client().get("/").text
    return [unescape(link) for link in re.findall(r'href="(http[^"]+)" target="_blank"', page)]


def test_every_sample_and_a_deleted_document_has_a_link(links: list[str]) -> None:
    assert len(links) == len(SAMPLES) + 1
    assert all(link.startswith("http://redirector.test/") for link in links)


def test_the_usual_form_is_mosaics_own() -> None:
    assert link_to(REFERRAL) == f"{PATH}?documentId=1001&personId=4210077"


def test_the_quirky_forms_reach_the_browser_as_they_are(links: list[str]) -> None:
    quirky = {
        VISIT: f"{PATH}?documentId=1007&amp;personId=4210077",
        LETTER: f"{PATH}?documentId=1008%26personId=4210077",
        CALL: f"{PATH.lower()}?PERSONID=4210077&menu=1&DocumentID=1010",
    }
    assert {sample: link_to(sample) for sample in quirky} == quirky
    assert {f"http://redirector.test{link}" for link in quirky.values()} <= set(links)
