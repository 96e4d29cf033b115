"""The pipeline shows the newest version, converts once for everybody, and records everything."""

import errno
import hashlib
import io
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from shared.actor import Actor
from tests.viewer import samples
from tests.viewer.conftest import audit_entries
from tests.viewer.opening.conftest import ACTOR, PDF, REF, WORD, Build, FakePrinter, PipelineFixture
from viewer.documents import DocumentRef, Show
from viewer.errors import (
    AuditUnavailable,
    ConversionTimeout,
    ConversionUnavailable,
    ConverterBusy,
    Corrupt,
    DocumentKilledConverter,
    DocumentNotFound,
    LinkMalformed,
    PasswordProtected,
    Problem,
    Quarantined,
    SourceUnavailable,
    StoreUnavailable,
    TooLarge,
    Unexpected,
    UnsupportedType,
)
from viewer.opening import renditions
from viewer.opening.claims import CLAIM_SECONDS, FAILURE_SECONDS
from viewer.opening.renditions import ClaimLost


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        threading.Event().wait(0.005)


def test_a_word_document_is_converted_kept_counted_and_on_record(fixture: PipelineFixture) -> None:
    opened = fixture.open()
    assert opened.rendition
    assert (opened.rendition.show, opened.rendition.kind) == (Show.PDF, "docx")
    assert opened.rendition.key.startswith(_sha256(WORD))
    assert fixture.bytes_of(opened.rendition).startswith(b"%PDF-")
    assert opened.name == "77.docx"
    assert fixture.delivered == [("cabinet", "docx")]
    (row,) = audit_entries(fixture.audit_url)
    for chained in ("at", "previous", "hash"):
        row.pop(chained)
    assert row == {
        "id": 1,
        "request_id": "journey-0001",
        "email": "worker@council.test",
        "network_address": "192.0.2.7",
        "source": "cabinet",
        "document_id": "77",
        "person": "123",
        "outcome": "viewed",
        "code": None,
        "sha256": _sha256(WORD),
        "part": None,
        "detail": None,
    }


@pytest.mark.parametrize(
    ("body", "show", "media_type"),
    [(PDF, Show.PDF, "application/pdf"), (samples.picture("PNG"), Show.IMAGE, "image/png")],
)
def test_what_browsers_show_is_kept_byte_for_byte(
    fixture: PipelineFixture, body: bytes, show: Show, media_type: str
) -> None:
    fixture.source.body = body
    rendition = fixture.open().rendition
    assert fixture.bytes_of(rendition) == body
    assert rendition
    assert (rendition.show, rendition.media_type, rendition.size) == (show, media_type, len(body))
    assert fixture.printer.conversions == 0


def test_the_source_is_asked_at_every_view_and_the_converter_once(fixture: PipelineFixture) -> None:
    first, second, third = (fixture.open() for _ in range(3))
    assert first.rendition == second.rendition == third.rendition
    assert fixture.source.fetches == 3
    assert fixture.printer.conversions == 1
    assert fixture.lookups == ["miss", "hit", "hit"]
    assert fixture.record() == [("viewed", None, _sha256(WORD))] * 3


def test_a_replaced_document_is_shown_at_once(fixture: PipelineFixture) -> None:
    before = fixture.open()
    fixture.source.body = samples.word("A second version.")
    after = fixture.open()
    assert after.key != before.key
    assert fixture.printer.conversions == 2
    assert fixture.record()[-1] == ("viewed", None, _sha256(fixture.source.body))


def test_another_recipe_makes_every_rendition_anew(build: Build) -> None:
    before = build().open()
    after = build(FakePrinter(recipe="printer-2")).open()
    assert after.key != before.key


def test_many_people_at_once_cost_one_conversion(fixture: PipelineFixture) -> None:
    fixture.printer.free.clear()
    with ThreadPoolExecutor(20) as people:
        openings = [people.submit(fixture.open) for _ in range(20)]
        _until(lambda: fixture.source.fetches == 20)
        fixture.printer.free.set()
        keys = {opening.result(20).key for opening in openings}
        assert all(opening.result().rendition for opening in openings)
    assert len(keys) == 1
    assert fixture.printer.conversions == 1
    assert fixture.record() == [("viewed", None, _sha256(WORD))] * 20


def test_a_claim_just_after_a_finished_conversion_converts_nothing(
    fixture: PipelineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = fixture.claims.claim

    def claim_late(key: str) -> bool:
        monkeypatch.setattr(fixture.claims, "claim", claim)
        assert fixture.open().rendition, "somebody else was quicker, from start to end"
        return fixture.claims.claim(key)

    monkeypatch.setattr(fixture.claims, "claim", claim_late)
    assert fixture.open().rendition
    assert fixture.printer.conversions == 1
    assert not fixture.claims.is_claimed(_key(fixture))


def test_a_slow_conversion_is_asked_about_until_it_is_there(build: Build) -> None:
    fixture = build(wait_seconds=0)
    fixture.printer.free.clear()
    opened = fixture.open()
    assert opened.rendition is None
    assert fixture.ask(opened.key) is None
    assert fixture.delivered == [], "nobody has seen anything yet"
    fixture.printer.free.set()
    _until(lambda: fixture.store.find(opened.key) is not None)
    rendition = fixture.ask(opened.key)
    assert fixture.bytes_of(rendition).startswith(b"%PDF-")
    assert fixture.record() == [("viewed", None, _sha256(WORD))]
    assert fixture.delivered == [("cabinet", "docx")]


def test_a_document_is_made_again_after_its_maker_died(build: Build) -> None:
    fixture = build(wait_seconds=0.05)
    fixture.claims.claim(_key(fixture))
    opened = fixture.open()
    assert opened.rendition is None
    assert fixture.ask(opened.key) is None, "as far as anybody knows it is being made"
    fixture.let_time_pass(CLAIM_SECONDS + 1)
    with pytest.raises(ClaimLost):
        fixture.ask(opened.key)
    fixture.open()
    _until(lambda: fixture.store.find(opened.key) is not None)
    assert fixture.printer.conversions == 1


def _key(fixture: PipelineFixture) -> str:
    """The key of the document's rendition."""
    return f"{_sha256(fixture.source.body)}-{fixture.pipeline.renditions._recipe}"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "empty"),
        (b"MZ" + bytes(200), "unsupported_type"),
        (samples.zipped({}), "empty"),
        (samples.locked_word(), "password_protected"),
        (PDF[:200], "corrupt"),
        (samples.picture("PNG", (300, 300))[:150], "corrupt"),
    ],
)
def test_a_refused_document_is_recorded_and_remembered(
    fixture: PipelineFixture, body: bytes, error: str
) -> None:
    fixture.source.body = body
    for _ in range(2):
        with pytest.raises(Problem) as refusal:
            fixture.open()
        assert refusal.value.code == error
    assert fixture.record() == [("refused", error, _sha256(body))] * 2
    assert fixture.lookups == ["miss", "refused"]
    assert fixture.reader.reads == 1, "the second time nothing looks at the bytes"
    assert fixture.source.fetches == 2
    assert not fixture.stored("renditions")
    assert not fixture.claims.is_claimed(_key(fixture))


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (Corrupt(), Corrupt),
        (PasswordProtected(), PasswordProtected),
        (UnsupportedType(), UnsupportedType),
        (DocumentKilledConverter(), Quarantined),
        (ConversionTimeout(), ConversionTimeout),
        (TooLarge(), TooLarge),
    ],
)
def test_a_failed_conversion_is_not_tried_again(
    fixture: PipelineFixture, error: Exception, shown: type[Problem]
) -> None:
    fixture.printer.error = error
    for _ in range(3):
        with pytest.raises(shown):
            fixture.open()
    assert fixture.printer.conversions == 1
    assert fixture.record() == [("refused", shown.code, _sha256(WORD))] * 3
    assert not fixture.stored("renditions")
    assert not fixture.claims.is_claimed(_key(fixture))


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ConverterBusy(), ConverterBusy),
        (ConversionUnavailable("HAProxy answered 502"), ConversionUnavailable),
        (OSError("odd"), Unexpected),
    ],
)
def test_an_outage_is_never_remembered(
    fixture: PipelineFixture, error: Exception, shown: type[Problem]
) -> None:
    fixture.printer.error = error
    for _ in range(2):
        with pytest.raises(shown):
            fixture.open()
    assert fixture.printer.conversions == 2
    assert fixture.refusals.in_force() == []
    fixture.printer.error = None
    assert fixture.open().rendition, "it is there at once when the outage is over"


def test_an_outage_reaches_those_who_wait_and_nobody_later(build: Build) -> None:
    fixture = build(FakePrinter(error=ConversionUnavailable("HAProxy answered 502")), wait_seconds=0)
    fixture.printer.free.clear()
    key = fixture.open().key
    fixture.printer.free.set()
    _until(lambda: not fixture.claims.is_claimed(key))
    with pytest.raises(ConversionUnavailable):
        fixture.ask(key)
    fixture.printer.error = None
    assert fixture.open().rendition is None, "it is tried again at once"
    _until(lambda: fixture.ask(key) is not None)
    assert fixture.printer.conversions == 2


def test_the_failure_of_a_claim_is_soon_forgotten(build: Build) -> None:
    fixture = build(FakePrinter(error=ConversionUnavailable()), wait_seconds=0)
    key = fixture.open().key
    _until(lambda: fixture.claims.failure(key) is not None)
    fixture.let_time_pass(FAILURE_SECONDS + 1)
    with pytest.raises(ClaimLost):
        fixture.ask(key)


def test_a_machine_without_room_says_nothing_about_the_document(
    fixture: PipelineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, _chunk: Any, /) -> int:
            raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr("viewer.opening.pipeline.temporary_file", Full)
    with pytest.raises(StoreUnavailable):
        fixture.open()
    assert fixture.record() == [("refused", "store_unavailable", None)]
    assert fixture.refusals.in_force() == []


def test_a_refusal_names_its_evidence(fixture: PipelineFixture) -> None:
    fixture.printer.error = DocumentKilledConverter("two offices died")
    with pytest.raises(Quarantined):
        fixture.open()
    (refusal,) = fixture.refusals.in_force()
    assert (refusal.code, refusal.evidence) == ("quarantined", "two offices died")


def test_people_who_wait_learn_why_the_conversion_failed(build: Build) -> None:
    fixture = build(FakePrinter(error=Corrupt()), wait_seconds=0)
    fixture.printer.free.clear()
    key = fixture.open().key
    fixture.printer.free.set()
    _until(lambda: fixture.refusals.code_for(key) is not None)
    with pytest.raises(Corrupt):
        fixture.ask(key)
    assert fixture.record() == [("refused", "corrupt", _sha256(WORD))]


@pytest.mark.parametrize("error", [DocumentNotFound(), SourceUnavailable()])
def test_a_failed_fetch_is_on_record_and_shows_nothing_older(
    fixture: PipelineFixture, error: Problem
) -> None:
    fixture.open()
    fixture.source.error = error
    with pytest.raises(type(error)):
        fixture.open()
    assert fixture.record() == [("viewed", None, _sha256(WORD)), ("refused", error.code, None)]


def test_a_document_beyond_the_cap_is_read_no_further(build: Build) -> None:
    fixture = build(document_bytes=5000)
    fixture.source.body = PDF + bytes(20_000)
    with pytest.raises(TooLarge):
        fixture.open()
    assert fixture.record() == [("refused", "too_large", None)]
    assert not fixture.stored("")


def test_one_person_has_half_of_the_room_and_others_the_rest(build: Build) -> None:
    fixture = build(max_concurrent=4, wait_seconds=0)
    fixture.printer.free.clear()
    another = replace(ACTOR, email="another@council.test")

    def begin(number: int, actor: Actor) -> None:
        fixture.source.body = samples.word(str(number))
        assert fixture.pipeline.open(REF, actor).rendition is None

    for number in range(2):
        begin(number, ACTOR)
    with pytest.raises(ConverterBusy):
        begin(2, ACTOR)
    assert not fixture.claims.is_claimed(_key(fixture))
    for number in range(2, 4):
        begin(number, another)
    with pytest.raises(ConverterBusy):
        begin(4, replace(ACTOR, email="third@council.test"))
    assert fixture.refusals.in_force() == [], "nothing is wrong with the documents"


@pytest.mark.parametrize("body", [WORD, PDF, b""])
def test_without_a_record_nothing_is_handed_out_and_no_reason_told(build: Build, body: bytes) -> None:
    fixture = build(audit_url="sqlite:////nowhere/at/all/audit.db")
    fixture.source.body = body
    with pytest.raises(AuditUnavailable):
        fixture.open()
    assert fixture.delivered == []


def test_without_a_record_a_poll_hands_out_nothing(build: Build) -> None:
    key = build().open().key
    with pytest.raises(AuditUnavailable):
        build(audit_url="sqlite:////nowhere/at/all/audit.db").ask(key)


@pytest.mark.parametrize("ref", [DocumentRef("elsewhere", "77"), DocumentRef("cabinet", "abc")])
def test_a_malformed_reference_reaches_no_source(fixture: PipelineFixture, ref: DocumentRef) -> None:
    with pytest.raises(LinkMalformed):
        fixture.pipeline.open(ref, ACTOR)
    assert fixture.source.fetches == 0


def test_a_claim_is_renewed_while_its_conversion_runs(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renditions, "_RENEW_SECONDS", 0.01)
    fixture = build(wait_seconds=0)
    renewed: list[str] = []
    monkeypatch.setattr(fixture.claims, "renew", renewed.append)
    fixture.printer.free.clear()
    key = fixture.open().key
    _until(lambda: len(renewed) > 2)
    assert set(renewed) == {key}


def test_what_the_sandbox_mended_is_shown_in_the_documents_place(fixture: PipelineFixture) -> None:
    fixture.source.body = PDF.replace(b"startxref", b"startxxxx")
    rendition = fixture.open().rendition
    assert rendition
    assert rendition.show is Show.PDF
    assert rendition.notes
    assert fixture.bytes_of(rendition) != fixture.source.body
    assert len(fixture.bytes_of(rendition)) == rendition.size


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (Corrupt(), Corrupt),
        (DocumentKilledConverter("child: signal 11, 2 times"), Quarantined),
        (ConversionTimeout(), ConversionTimeout),
    ],
    ids=["corrupt", "crash", "late"],
)
def test_a_document_that_harms_its_reader_is_not_read_again(
    fixture: PipelineFixture, error: Problem, shown: type[Problem]
) -> None:
    fixture.reader.error = error
    for _ in range(2):
        with pytest.raises(shown):
            fixture.open()
    assert fixture.reader.reads == 1
    assert fixture.stored("renditions") == []
