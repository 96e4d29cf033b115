"""Blocks work at the next request, on every replica and for earlier links; everything is recorded."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.document_ref import DocumentRef
from tests.viewer import samples
from tests.viewer.audit.conftest import OFFICER
from tests.viewer.conftest import ADMINISTRATOR, WORKER, Site
from viewer.access.blocks import AlreadyBlocked, BlockKind, Blocks, NoSuchBlock, NotBlockable, Subject
from viewer.access.links import SignedLinks, Ticket
from viewer.audit import Audit

RENDITION = "/documents/edocs/77/rendition?person=123&request=journey-0001"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
DOCUMENT = Subject(BlockKind.DOCUMENT, "77", "edocs")
PERSON = Subject(BlockKind.PERSON, "123")
STAFF = Subject(BlockKind.STAFF, WORKER)
SUBJECTS = [DOCUMENT, PERSON, STAFF]


@pytest.fixture
def site(make_site: Callable[..., Site], url: str) -> Iterator[Site]:
    made = make_site(downloads="pdf", audit_url=url)
    made.fake_edocs.put("77", "77.pdf", samples.pdf())
    made.fake_edocs.put("78", "78.pdf", samples.pdf())
    yield made
    made.viewer.audit.database.close()


@pytest.fixture
def blocks(site: Site, connect: Callable[[str], Audit]) -> Blocks:
    """The blocks as another process or replica sets them."""
    return Blocks(connect(site.settings.audit_url.get_secret_value()).database)


def refused(client: FlaskClient, path: str) -> bool:
    answer = client.get(path, headers={"Sec-Fetch-Dest": "empty"})
    assert answer.status_code in {200, 403}, path
    if answer.status_code == 403:
        assert answer.headers["X-Error-Code"] == "blocked"
    return answer.status_code == 403


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_a_block_works_at_the_next_request_and_until_it_is_lifted(
    site: Site, blocks: Blocks, subject: Subject
) -> None:
    worker = site.signed_in()
    opened = worker.get(RENDITION).get_json()
    ways = [RENDITION, RENDITION.replace("rendition", "plain"), opened["url"], opened["download_url"]]
    assert not any(refused(worker, way) for way in ways)
    blocks.set(subject, "court order", OFFICER)
    assert all(refused(worker, way) for way in ways)
    blocks.lift(subject, "order lifted", OFFICER)
    assert not any(refused(worker, way) for way in ways)


@pytest.mark.parametrize("subject", [DOCUMENT, PERSON], ids=str)
def test_a_blocked_document_is_not_even_fetched(site: Site, blocks: Blocks, subject: Subject) -> None:
    blocks.set(subject, "court order", OFFICER)
    assert refused(site.signed_in(), RENDITION)
    assert site.edocs.requests == []


def test_a_ticket_for_a_document_in_the_making_is_stopped_too(
    make_site: Callable[..., Site], site: Site, blocks: Blocks
) -> None:
    links = SignedLinks(site.settings.keys, 300, lambda _: 0)
    ticket = links.ticket(Ticket("a" * 64 + "-x", DocumentRef("edocs", "77", "123"), time.time()), WORKER)
    blocks.set(DOCUMENT, "court order", OFFICER)
    assert refused(site.signed_in(), f"/renditions/{ticket}")


@pytest.mark.parametrize("person", ["", "?person=999"])
def test_a_blocked_persons_document_is_not_opened_by_a_link_without_them(
    site: Site, blocks: Blocks, person: str
) -> None:
    """The document was opened from the person's file before, so it belongs to that person."""
    assert not refused(site.signed_in(), RENDITION)
    blocks.set(PERSON, "court order", OFFICER)
    assert refused(site.signed_in(), f"/documents/edocs/77/rendition{person}")
    assert not refused(site.signed_in(), f"/documents/edocs/78/rendition{person}")


def test_nobody_can_block_others_documents_by_a_false_link(site: Site, blocks: Blocks) -> None:
    """A refused attempt with a blocked person's number does not make the document that person's."""
    blocks.set(PERSON, "court order", OFFICER)
    assert refused(site.signed_in(), "/documents/edocs/78/rendition?person=123")
    assert not refused(site.signed_in(), "/documents/edocs/78/rendition?person=124")


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_a_block_does_not_affect_other_documents_and_people(
    site: Site, blocks: Blocks, subject: Subject
) -> None:
    blocks.set(subject, "court order", OFFICER)
    site.groups.members.add("nested@council.test")
    other = site.signed_in("nested@council.test") if subject is STAFF else site.signed_in()
    document = "77" if subject is STAFF else "78"
    assert not refused(other, f"/documents/edocs/{document}/rendition?person=124")


def test_a_blocked_member_of_staff_can_open_nothing(site: Site, blocks: Blocks) -> None:
    blocks.set(STAFF, "account taken over", OFFICER)
    worker = site.signed_in()
    for path in ("/", "/documents/edocs/77", "/governance/audit", "/administration/blocks"):
        assert refused(worker, path)
    blocks.set(Subject(BlockKind.STAFF, ADMINISTRATOR), "account taken over", OFFICER)
    assert refused(site.signed_in(ADMINISTRATOR), "/administration/blocks")


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_a_blocked_attempt_is_recorded(site: Site, blocks: Blocks, subject: Subject) -> None:
    blocks.set(subject, "court order", OFFICER)
    refused(site.signed_in(), RENDITION)
    row = site.record()[-1]
    assert (row["email"], row["outcome"], row["code"]) == (WORKER, "blocked", "blocked")
    assert (row["document_id"], row["person"], row["request_id"]) == ("77", "123", "journey-0001")


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_the_page_says_neither_what_is_blocked_nor_why_nor_how_round(
    site: Site, blocks: Blocks, subject: Subject
) -> None:
    blocks.set(subject, "the father is a threat", OFFICER)
    text = site.signed_in().get(RENDITION, headers={"Sec-Fetch-Dest": "empty"}).text
    assert "journey-0001" in text
    assert "information governance" in text
    for told in ("father", "threat", "MyOffice", "another account", "123", "person", "staff"):
        assert told not in text


def test_setting_and_lifting_are_on_record_with_who_and_why(site: Site, blocks: Blocks) -> None:
    for subject in SUBJECTS:
        blocks.set(subject, "court  order\n77", OFFICER)
        blocks.lift(subject, "order lifted", OFFICER)
    rows: list[dict[str, Any]] = site.record()
    assert [row["outcome"] for row in rows] == ["block-set", "block-lifted"] * 3
    assert {row["email"] for row in rows} == {OFFICER.email}
    assert [row["detail"] for row in rows] == [
        "document edocs 77: court order 77",
        "document edocs 77: order lifted",
        "person 123: court order 77",
        "person 123: order lifted",
        f"staff {WORKER}: court order 77",
        f"staff {WORKER}: order lifted",
    ]
    assert (rows[0]["source"], rows[0]["document_id"], rows[2]["person"]) == ("edocs", "77", "123")


def test_nothing_is_shown_while_the_blocks_cannot_be_read(make_site: Callable[..., Site]) -> None:
    site = make_site(audit_url="sqlite:////nowhere/at/all/audit.db")
    answer = site.signed_in().get("/")
    assert (answer.status_code, answer.headers["X-Error-Code"]) == (503, "audit_unavailable")


@pytest.mark.parametrize(
    ("kind", "value", "source"),
    [
        (BlockKind.DOCUMENT, "77", ""),
        (BlockKind.DOCUMENT, "7/7", "edocs"),
        (BlockKind.PERSON, "12a", ""),
        (BlockKind.PERSON, "", ""),
        (BlockKind.STAFF, "worker", ""),
        (BlockKind.STAFF, "Worker@council.test", ""),
        (BlockKind.STAFF, "a b@council.test", ""),
    ],
)
def test_what_no_request_could_match_cannot_be_blocked(kind: BlockKind, value: str, source: str) -> None:
    with pytest.raises(NotBlockable):
        Subject(kind, value, source)


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 501])
def test_a_reason_is_required(blocks: Blocks, reason: str) -> None:
    with pytest.raises(NotBlockable):
        blocks.set(PERSON, reason, OFFICER)
    assert blocks.history() == []


def test_blocking_twice_or_lifting_no_block_is_an_error(blocks: Blocks) -> None:
    blocks.set(PERSON, "court order", OFFICER)
    with pytest.raises(AlreadyBlocked):
        blocks.set(PERSON, "court order", OFFICER)
    blocks.lift(PERSON, "order lifted", OFFICER)
    with pytest.raises(NoSuchBlock):
        blocks.lift(PERSON, "order lifted", OFFICER)
    blocks.set(PERSON, "another order", OFFICER)
    assert [block.reason for block in blocks.in_force()] == ["another order"]
    assert [block.reason for block in blocks.history()] == ["another order", "court order"]
