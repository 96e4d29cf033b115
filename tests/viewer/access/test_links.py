"""Links and tickets are valid for one purpose, one person and some minutes, and hold no free text."""

import pytest

from shared.document_ref import DocumentRef
from viewer.access.links import Grant, SignedLinks, Ticket
from viewer.errors import LinkExpired

WORKER = "worker@council.test"
REF = DocumentRef("edocs", "77", "123", "2.1")
GRANT = Grant("a" * 64 + "-x", REF)
TICKET = Ticket("a" * 64 + "-x", REF, 1_795_000_000.25)


@pytest.fixture
def links() -> SignedLinks:
    return SignedLinks(["k" * 40], 300, lambda _: 0)


@pytest.mark.parametrize("ref", [REF, DocumentRef("edocs", "77"), DocumentRef("edocs", "77", None, "3")])
def test_a_token_is_read_back_unchanged(links: SignedLinks, ref: DocumentRef) -> None:
    grant, ticket = Grant("a-b", ref), Ticket("a-b", ref, 1.5)
    assert links.read_link(links.link(grant, WORKER), WORKER) == grant
    assert links.read_ticket(links.ticket(ticket, WORKER), WORKER) == ticket


def test_a_token_serves_its_own_purpose_and_person_alone(links: SignedLinks) -> None:
    link, ticket = links.link(GRANT, WORKER), links.ticket(TICKET, WORKER)
    for read, token, email in (
        (links.read_ticket, link, WORKER),
        (links.read_link, ticket, WORKER),
        (links.read_link, link, "colleague@council.test"),
        (links.read_ticket, ticket, "colleague@council.test"),
    ):
        with pytest.raises(LinkExpired):
            read(token, email)


def test_a_revoked_token_is_refused() -> None:
    links = SignedLinks(["k" * 40], 300, lambda email: 4_000_000_000 if email == WORKER else 0)
    with pytest.raises(LinkExpired, match="revoked"):
        links.read_link(links.link(GRANT, WORKER), WORKER)
    assert links.read_link(links.link(GRANT, "colleague@council.test"), "colleague@council.test") == GRANT


def test_a_token_with_other_content_is_refused(links: SignedLinks) -> None:
    for said in (
        [],
        ["k"],
        ["k", "edocs", "77", "not a person", None],
        7,
        None,
        ["k", "edocs", 77, None, None],
    ):
        token = str(links._serializer("content", WORKER).dumps(said))
        with pytest.raises(LinkExpired):
            links.read_link(token, WORKER)


@pytest.mark.parametrize("purpose", ["link", "ticket"])
def test_a_token_names_positions_and_numbers_only(links: SignedLinks, purpose: str) -> None:
    token = links.link(GRANT, WORKER) if purpose == "link" else links.ticket(TICKET, WORKER)
    serializer = links._serializer("content" if purpose == "link" else "ticket", WORKER)
    said = serializer.loads(token)
    assert said[:5] == ["a" * 64 + "-x", "edocs", "77", "123", "2.1"]
    assert said[5:] == ([] if purpose == "link" else [TICKET.fetched_at])
    assert len(token) < 250
