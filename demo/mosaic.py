"""A stand-in for Mosaic: a case file with "Display document" links: `gunicorn 'demo.mosaic:create_app()'`.

The links have every form that Mosaic's are known to have. Environment: REDIRECTOR_URL and VIEWER_URL, where
the services are as the browser sees them (http://localhost:8001 and http://localhost:8002).
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, render_template

from demo.catalogue import CALL, DELETED, LETTER, SAMPLES, VISIT, Sample
from demo.people import PEOPLE, Person

PERSON_ID = 4210077
"""The invented person whose case file it is."""
_PATH = "/LbhMosaicEDocs/DocumentMenu.aspx"

LinkForm = Callable[[int], str]
"""Makes the path and query that Mosaic opens from a document's number."""


def _usual(document_id: int) -> str:
    return f"{_PATH}?documentId={document_id}&personId={PERSON_ID}"


def _escaped(document_id: int) -> str:
    """The usual form with the ampersand escaped for HTML."""
    return _usual(document_id).replace("&", "&amp;")


def _encoded(document_id: int) -> str:
    """The usual form with the ampersand URL-encoded, so that a simple parser sees one value."""
    return _usual(document_id).replace("&", "%26")


def _other_case(document_id: int) -> str:
    """Another letter case, another order, and one more parameter."""
    return f"{_PATH.lower()}?PERSONID={PERSON_ID}&menu=1&DocumentID={document_id}"


_UNUSUAL: dict[Sample, LinkForm] = {VISIT: _escaped, LETTER: _encoded, CALL: _other_case}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the case file's table."""

    sample: Sample
    url: str


def create_app() -> Flask:
    """The stand-in; the environment holds the redirector's address."""
    app = Flask(__name__)
    redirector = os.environ.get("REDIRECTOR_URL", "http://localhost:8001")
    viewer = os.environ.get("VIEWER_URL", "http://localhost:8002")
    rows = [Row(sample, redirector + link_to(sample)) for sample in (*SAMPLES, DELETED)]

    @app.get("/")
    def _case_file() -> str:
        return render_template(
            "mosaic.html", person_id=PERSON_ID, rows=rows, accounts=_accounts(viewer), redirector=redirector
        )

    return app


def link_to(sample: Sample) -> str:
    """The path and query behind a sample's "Display document"."""
    return _UNUSUAL.get(sample, _usual)(sample.id)


def _accounts(viewer: str) -> list[tuple[Person, str]]:
    expectations = (
        *("may see documents", "may, through another group", "may not"),
        f"may search the audit: {viewer}/governance/audit",
        f"may block: {viewer}/administration/blocks",
        *("may not", "may not"),
    )
    return list(zip(PEOPLE, expectations, strict=True))
