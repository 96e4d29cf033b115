"""The document reference that the redirector passes to the viewer."""

import pytest

from shared.document_ref import DocumentRef


@pytest.mark.parametrize(
    ("ref", "request_id", "path"),
    [
        (DocumentRef("edocs", "7", "123"), "journey-1", "/documents/edocs/7?person=123&request=journey-1"),
        (DocumentRef("edocs", "7", "123"), None, "/documents/edocs/7?person=123"),
        (DocumentRef("edocs", "7"), "a&b", "/documents/edocs/7?request=a%26b"),
        (DocumentRef("edocs", "7", "123", "2.1"), None, "/documents/edocs/7?person=123&part=2.1"),
        (DocumentRef("edocs", "7").inside(3).inside(9999), None, "/documents/edocs/7?part=3.9999"),
        (DocumentRef("edocs", "7", "123", "2.1").whole, None, "/documents/edocs/7?person=123"),
        (DocumentRef("w2-old", "A.b_c~d-1"), None, "/documents/w2-old/A.b_c~d-1"),
    ],
)
def test_a_reference_has_one_address_in_the_viewer(
    ref: DocumentRef, request_id: str | None, path: str
) -> None:
    assert ref.viewer_path(request_id) == path


@pytest.mark.parametrize(
    ("source", "document_id", "person"),
    [
        ("", "7", None),
        ("Edocs", "7", None),
        ("e/d", "7", None),
        ("e" * 33, "7", None),
        ("edocs\n", "7", None),
        ("edocs", "", None),
        ("edocs", ".", None),
        ("edocs", "..", None),
        ("edocs", "7/8", None),
        ("edocs", "7?x", None),
        ("edocs", "7%2F8", None),
        ("edocs", "7" * 65, None),
        ("edocs", "7\n", None),
        ("edocs", "7", ""),
        ("edocs", "7", "12a"),
        ("edocs", "7", "1" * 19),
        ("edocs", "7", "\N{ARABIC-INDIC DIGIT ONE}"),
    ],
)
def test_values_that_are_unsafe_in_a_url_are_refused(
    source: str, document_id: str, person: str | None
) -> None:
    with pytest.raises(ValueError, match="not a"):
        DocumentRef(source, document_id, person)


@pytest.mark.parametrize(
    "part",
    [
        "",
        "0",
        "01",
        "10000",
        "1.",
        ".1",
        "1..1",
        "1.1.1.1.1.1",
        "1\n",
        "-1",
        "a",
        "\N{ARABIC-INDIC DIGIT ONE}",
    ],
)
def test_malformed_positions_are_refused(part: str) -> None:
    with pytest.raises(ValueError, match="not a part"):
        DocumentRef("edocs", "7", None, part)


def test_a_part_knows_the_numbers_that_lead_to_it() -> None:
    assert DocumentRef("edocs", "7").part_numbers == ()
    assert DocumentRef("edocs", "7", None, "2.13.9999.1.5").part_numbers == (2, 13, 9999, 1, 5)


@pytest.mark.parametrize(("part", "number"), [(None, 0), (None, 10_000), ("1.1.1.1.1", 1)])
def test_parts_nested_too_deep_are_refused(part: str | None, number: int) -> None:
    with pytest.raises(ValueError, match="not a part"):
        DocumentRef("edocs", "7", None, part).inside(number)


def test_all_addresses_of_a_document_name_the_same_things() -> None:
    ref = DocumentRef("edocs", "7", "123", "2.1")
    assert ref.query() == {"person": "123", "part": "2.1"}
    assert ref.path("/api/v1/documents", "/pdf") == "/api/v1/documents/edocs/7/pdf?person=123&part=2.1"
    assert ref.viewer_path("journey-0001") == "/documents/edocs/7?person=123&part=2.1&request=journey-0001"
    assert DocumentRef("edocs", "7").path("/documents") == "/documents/edocs/7"
