"""The document of a request is read in one place, leniently for people and strictly for programs."""

from dataclasses import replace

import pytest
from flask import Flask

from shared.document_ref import DocumentRef
from viewer.errors import BadParameter, LinkMalformed
from viewer.web.request import document_or_none, remember_document, requested_document

REF = DocumentRef("edocs", "77", "123", "2.1")
WHOLE = DocumentRef("edocs", "77")


@pytest.fixture
def app() -> Flask:
    app = Flask("test")
    app.add_url_rule("/documents/<source>/<document_id>", "page")
    app.add_url_rule("/", "home")
    return app


def asked(app: Flask, address: str, *, strict: bool) -> DocumentRef:
    with app.test_request_context(address):
        ref = requested_document(strict=strict)
        assert document_or_none() == ref
        return ref


@pytest.mark.parametrize("strict", [False, True], ids=["page", "program"])
def test_a_well_formed_address_means_the_same_to_everybody(app: Flask, strict: bool) -> None:  # noqa: FBT001 - a table's column
    assert asked(app, "/documents/edocs/77?person=123&part=2.1", strict=strict) == REF
    assert asked(app, "/documents/edocs/77", strict=strict) == WHOLE
    for wrong in ("/documents/EDOCS/77", "/documents/edocs/..", "/documents/edocs/" + "7" * 65):
        with pytest.raises(LinkMalformed):
            asked(app, wrong, strict=strict)


@pytest.mark.parametrize("person", ["", "x", "1" * 19, "12 3", "-1", "\N{ARABIC-INDIC DIGIT ONE}"])
def test_pages_drop_a_malformed_person_and_programs_are_told(app: Flask, person: str) -> None:
    address = f"/documents/edocs/77?person={person}&part=2.1"
    assert asked(app, address, strict=False) == replace(REF, person=None)
    with pytest.raises(BadParameter, match="person"):
        asked(app, address, strict=True)


@pytest.mark.parametrize("part", ["", "0", "a", "1.", "1.1.1.1.1.1"])
def test_nobody_gets_another_document_for_a_malformed_part(app: Flask, part: str) -> None:
    address = f"/documents/edocs/77?part={part}"
    with pytest.raises(LinkMalformed):
        asked(app, address, strict=False)
    with pytest.raises(BadParameter, match="part"):
        asked(app, address, strict=True)


def test_programs_are_told_of_a_parameter_that_is_given_twice(app: Flask) -> None:
    address = "/documents/edocs/77?person=123&person=124"
    assert asked(app, address, strict=False) == DocumentRef("edocs", "77", "123")
    with pytest.raises(BadParameter, match="person"):
        asked(app, address, strict=True)


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("/documents/edocs/77?person=x&part=x", WHOLE),
        ("/documents/edocs/77?person=123&part=x", DocumentRef("edocs", "77", "123")),
        ("/documents/X/77", None),
        ("/", None),
        ("/nowhere", None),
    ],
)
def test_a_record_and_a_problem_page_name_what_can_be_named(
    app: Flask, address: str, named: DocumentRef | None
) -> None:
    with app.test_request_context(address):
        assert document_or_none() == named


def test_a_token_says_which_document_the_request_is_about(app: Flask) -> None:
    with app.test_request_context("/"):
        remember_document(REF)
        assert document_or_none() == REF
