"""The pipeline with a real store and a real record: the newest version, one conversion, all on record."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.actor import Actor
from tests.viewer import samples
from tests.viewer.conftest import audit_entries
from viewer.access.blocks import Blocks
from viewer.audit import Audit
from viewer.audit.unusual import UnusualVolume
from viewer.documents import Converter, DocumentRef, Examined, Kind, Original, Rendition, Show, Sink
from viewer.errors import (
    AuditUnavailable,
    ConversionTimeout,
    ConverterBroken,
    ConverterBusy,
    Corrupt,
    DocumentNotFound,
    LinkMalformed,
    PasswordProtected,
    Quarantined,
    SourceUnavailable,
    StoreUnavailable,
    TooLarge,
    Unexpected,
    UnsupportedType,
    ViewerError,
)
from viewer.formats.archives.files import ZipArchive
from viewer.formats.pdf.embedded import EmbeddedFiles
from viewer.opening import renditions
from viewer.opening import store as store_module
from viewer.opening.pipeline import Opened, Pipeline
from viewer.opening.renditions import Limits, Lost, Renditions
from viewer.opening.store import ObjectStore
from viewer.sandbox.examination import Examination

REF = DocumentRef("shelf", "77", "123")
ACTOR = Actor("worker@council.test", "192.0.2.7", "journey-0001")
WORD = samples.word()
PDF = samples.pdf()


@dataclass
class Shelf:
    """A source with one document."""

    body: bytes = WORD
    error: ViewerError | None = None
    fetches: int = 0
    name: str = "shelf"
    label: str = "Shelf"

    def accepts(self, document_id: str) -> bool:
        return document_id.isdigit()

    def fetch(self, document_id: str, into: Sink, request_id: str) -> str | None:  # noqa: ARG002 - as the protocol has it
        self.fetches += 1
        for at in range(0, len(self.body), 1000):
            into.write(self.body[at : at + 1000])
        if self.error:
            raise self.error
        return f"{document_id}.docx"


@dataclass
class Press:
    """A converter that makes a real PDF, counts, and does as it is told."""

    recipe: str = "press-1"
    media_type: str = "application/pdf"
    error: Exception | None = None
    conversions: int = 0
    free: threading.Event = field(default_factory=threading.Event)
    """A conversion goes on once this is set."""

    def __post_init__(self) -> None:
        self.free.set()

    def convert(self, original: bytes, kind: Kind) -> bytes:  # noqa: ARG002 - as the protocol has it
        self.conversions += 1
        assert self.free.wait(20)
        if self.error:
            raise self.error
        return samples.pdf(kind.name)


@dataclass
class Glass:
    """An examiner that finds what it is told to find."""

    found: Examined = field(default_factory=Examined)
    error: Exception | None = None
    looks: int = 0

    def examine(self, original: Original, kind: Kind) -> Examined:  # noqa: ARG002 - as the protocol has it
        self.looks += 1
        if self.error:
            raise self.error
        return self.found


@dataclass
class Works:
    """A pipeline and its neighbours."""

    pipeline: Pipeline
    shelf: Shelf
    press: Press
    store: ObjectStore
    folder: Path
    audit_url: str
    handed: list[tuple[str, str]]
    looked_up: list[str]

    def open(self) -> Opened:
        return self.pipeline.open(REF, ACTOR)

    def ask(self, key: str) -> Rendition | None:
        begun = Opened(key, None, None, datetime.now(UTC), None)
        return self.pipeline.ask(REF, begun, ACTOR).rendition

    def record(self) -> list[tuple[str, str | None, str | None]]:
        return [(row["outcome"], row["code"], row["sha256"]) for row in audit_entries(self.audit_url)]

    def stored(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.folder / folder).rglob("*") if path.is_file())

    def bytes_of(self, rendition: Rendition | None) -> bytes:
        assert rendition
        return b"".join(self.store.read(rendition.key, 0, rendition.size))


Build = Callable[..., Works]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    built: list[Works] = []

    def build(
        press: Press | None = None, audit_url: str = "", glass: "Glass | None" = None, **limits: Any
    ) -> Works:
        shelf, press = Shelf(), press or Press()
        store = ObjectStore((tmp_path / "store").as_uri(), 4)
        audit_url = audit_url or f"sqlite:///{tmp_path}/audit.db"
        audit = Audit(audit_url)
        handed: list[tuple[str, str]] = []
        looked_up: list[str] = []
        figures = {"document": 300_000, "unpacked": 10_000_000}
        patience = {"wait": 20.0, "refusal": 3600.0, "conversions": 4}
        converters: dict[str, Converter] = {"docx": press}
        pipeline = Pipeline(
            sources={"shelf": shelf},
            renditions=Renditions(
                converters=converters,
                containers={"zip": ZipArchive(), "pdf": EmbeddedFiles()},
                examiner=glass or Examination(),
                store=store,
                limits=Limits(**(figures | patience | limits)),
                looked_up=looked_up.append,
            ),
            audit=audit,
            blocks=Blocks(audit.database),
            volume=UnusualVolume(audit.database, 0, lambda: None),
            handed=lambda source, kind: handed.append((source, kind)),
        )
        works = Works(pipeline, shelf, press, store, tmp_path / "store", audit_url, handed, looked_up)
        built.append(works)
        return works

    yield build
    for works in built:
        works.press.free.set()
        works.pipeline.renditions._workers.shutdown()


@pytest.fixture
def works(build: Build) -> Works:
    return build()


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        threading.Event().wait(0.005)


def test_a_word_document_is_converted_kept_counted_and_on_record(works: Works) -> None:
    opened = works.open()
    assert opened.rendition
    assert (opened.rendition.show, opened.rendition.kind) == (Show.PDF, "docx")
    assert opened.rendition.key.startswith(_sha256(WORD))
    assert works.bytes_of(opened.rendition).startswith(b"%PDF-")
    assert opened.name == "77.docx"
    assert works.handed == [("shelf", "docx")]
    (row,) = audit_entries(works.audit_url)
    for chained in ("at", "previous", "hash"):
        row.pop(chained)
    assert row == {
        "id": 1,
        "request_id": "journey-0001",
        "email": "worker@council.test",
        "network_address": "192.0.2.7",
        "source": "shelf",
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
    works: Works, body: bytes, show: Show, media_type: str
) -> None:
    works.shelf.body = body
    rendition = works.open().rendition
    assert works.bytes_of(rendition) == body
    assert rendition
    assert (rendition.show, rendition.media_type, rendition.size) == (show, media_type, len(body))
    assert works.press.conversions == 0


def test_the_source_is_asked_at_every_view_and_the_converter_once(works: Works) -> None:
    first, second, third = (works.open() for _ in range(3))
    assert first.rendition == second.rendition == third.rendition
    assert works.shelf.fetches == 3
    assert works.press.conversions == 1
    assert works.looked_up == ["miss", "hit", "hit"]
    assert works.record() == [("viewed", None, _sha256(WORD))] * 3


def test_a_replaced_document_is_seen_at_once(works: Works) -> None:
    before = works.open()
    works.shelf.body = samples.word("A second version.")
    after = works.open()
    assert after.key != before.key
    assert works.press.conversions == 2
    assert works.record()[-1] == ("viewed", None, _sha256(works.shelf.body))


def test_another_recipe_makes_every_rendition_anew(build: Build) -> None:
    before = build().open()
    after = build(Press(recipe="press-2")).open()
    assert after.key != before.key


def test_many_people_at_once_cost_one_conversion(works: Works) -> None:
    works.press.free.clear()
    with ThreadPoolExecutor(20) as people:
        openings = [people.submit(works.open) for _ in range(20)]
        _until(lambda: works.shelf.fetches == 20)
        works.press.free.set()
        keys = {opening.result(20).key for opening in openings}
        assert all(opening.result().rendition for opening in openings)
    assert len(keys) == 1
    assert works.press.conversions == 1
    assert works.record() == [("viewed", None, _sha256(WORD))] * 20


def test_who_claims_just_after_a_maker_was_done_converts_nothing(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = works.store.claim

    def claim_late(key: str) -> bool:
        monkeypatch.setattr(works.store, "claim", claim)
        assert works.open().rendition, "somebody else was quicker, from start to end"
        return works.store.claim(key)

    monkeypatch.setattr(works.store, "claim", claim_late)
    assert works.open().rendition
    assert works.press.conversions == 1
    assert not works.stored("claims")


def test_a_slow_conversion_is_asked_about_until_it_is_there(build: Build) -> None:
    works = build(wait=0)
    works.press.free.clear()
    opened = works.open()
    assert opened.rendition is None
    assert works.ask(opened.key) is None
    assert works.handed == [], "nobody has seen anything yet"
    works.press.free.set()
    _until(lambda: works.store.find(opened.key) is not None)
    rendition = works.ask(opened.key)
    assert works.bytes_of(rendition).startswith(b"%PDF-")
    assert works.record() == [("viewed", None, _sha256(WORD))]
    assert works.handed == [("shelf", "docx")]


def test_when_the_maker_died_the_page_hears_it_and_the_next_opening_makes_it(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = build(wait=0.05)
    works.store.claim(_key(works))
    opened = works.open()
    assert opened.rendition is None
    assert works.ask(opened.key) is None, "as far as anybody knows it is being made"
    real = store_module._age
    monkeypatch.setattr(
        store_module,
        "_age",
        lambda entry: timedelta(hours=1) if entry["path"].endswith("/000000") else real(entry),
    )
    with pytest.raises(Lost):
        works.ask(opened.key)
    works.open()
    _until(lambda: works.store.find(opened.key) is not None)
    assert works.press.conversions == 1


def _key(works: Works) -> str:
    """The key that the document on the shelf has."""
    return f"{_sha256(works.shelf.body)}-{works.pipeline.renditions._recipe}"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "empty"),
        (b"MZ" + bytes(200), "unsupported_type"),
        (samples.zipped({}), "empty"),
        (b"{\\rtf1 no converter is set up for this}", "unsupported_type"),
        (samples.locked_word(), "password_protected"),
        (PDF[:200], "corrupt"),
        (samples.open_document(), "unsupported_type"),
        (samples.picture("PNG", (300, 300))[:150], "corrupt"),
    ],
)
def test_what_cannot_be_shown_is_refused_on_record_and_remembered(
    works: Works, body: bytes, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    works.shelf.body = body
    for _ in range(2):
        with pytest.raises(ViewerError) as refusal:
            works.open()
        assert refusal.value.code == error
        monkeypatch.setattr(renditions, "identify", None)  # the second time nothing looks at the bytes
    assert works.record() == [("refused", error, _sha256(body))] * 2
    assert works.looked_up == ["miss", "refused"]
    assert works.shelf.fetches == 2
    assert not works.stored("renditions")
    assert not works.stored("claims")


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (Corrupt(), Corrupt),
        (PasswordProtected(), PasswordProtected),
        (UnsupportedType(), UnsupportedType),
        (ConverterBroken(), Quarantined),
        (ConversionTimeout(), ConversionTimeout),
        (TooLarge(), TooLarge),
    ],
)
def test_what_the_converter_could_not_do_is_not_tried_again(
    works: Works, error: Exception, shown: type[ViewerError]
) -> None:
    works.press.error = error
    for _ in range(3):
        with pytest.raises(shown):
            works.open()
    assert works.press.conversions == 1
    assert works.record() == [("refused", shown.code, _sha256(WORD))] * 3
    assert not works.stored("renditions")
    assert not works.stored("claims")


@pytest.mark.parametrize(("error", "shown"), [(ConverterBusy(), ConverterBusy), (OSError("odd"), Unexpected)])
def test_a_passing_failure_is_told_to_all_who_wait_and_then_tried_again(
    works: Works, error: Exception, shown: type[ViewerError], monkeypatch: pytest.MonkeyPatch
) -> None:
    works.press.error = error
    for _ in range(2):
        with pytest.raises(shown):
            works.open()
    assert works.press.conversions == 1
    works.press.error = None
    later = time.time() + renditions._PASSING_SECONDS
    monkeypatch.setattr("viewer.opening.store.time.time", lambda: later)
    assert works.open().rendition
    assert works.press.conversions == 2


def test_who_waits_hears_why_it_failed(build: Build) -> None:
    works = build(Press(error=Corrupt()), wait=0)
    works.press.free.clear()
    key = works.open().key
    works.press.free.set()
    _until(lambda: works.store.refused(key) is not None)
    with pytest.raises(Corrupt):
        works.ask(key)
    assert works.record() == [("refused", "corrupt", _sha256(WORD))]


@pytest.mark.parametrize("error", [DocumentNotFound(), SourceUnavailable()])
def test_a_failed_fetch_is_on_record_and_shows_nothing_older(works: Works, error: ViewerError) -> None:
    works.open()
    works.shelf.error = error
    with pytest.raises(type(error)):
        works.open()
    assert works.record() == [("viewed", None, _sha256(WORD)), ("refused", error.code, None)]


def test_a_document_beyond_the_cap_is_read_no_further(build: Build) -> None:
    works = build(document=5000)
    works.shelf.body = PDF + bytes(20_000)
    with pytest.raises(TooLarge):
        works.open()
    assert works.record() == [("refused", "too_large", None)]
    assert not works.stored("")


def test_more_conversions_than_there_is_room_for_are_refused_at_once(build: Build) -> None:
    works = build(conversions=4, wait=0)
    works.press.free.clear()
    for number in range(4):
        works.shelf.body = samples.word(str(number))
        assert works.open().rendition is None
    works.shelf.body = samples.word("one too many")
    with pytest.raises(ConverterBusy):
        works.open()
    assert works.store.refused(_key(works)) is None, "nothing is wrong with the document"
    assert not works.store.claimed(_key(works))


@pytest.mark.parametrize("body", [WORD, PDF, b""])
def test_without_a_record_nothing_is_handed_out_and_no_reason_told(build: Build, body: bytes) -> None:
    works = build(audit_url="sqlite:////nowhere/at/all/audit.db")
    works.shelf.body = body
    with pytest.raises(AuditUnavailable):
        works.open()
    assert works.handed == []


def test_without_a_record_waiting_ends_with_nothing_too(build: Build) -> None:
    key = build().open().key
    with pytest.raises(AuditUnavailable):
        build(audit_url="sqlite:////nowhere/at/all/audit.db").ask(key)


@pytest.mark.parametrize("ref", [DocumentRef("elsewhere", "77"), DocumentRef("shelf", "abc")])
def test_a_reference_to_no_document_asks_nobody(works: Works, ref: DocumentRef) -> None:
    with pytest.raises(LinkMalformed):
        works.pipeline.open(ref, ACTOR)
    assert works.shelf.fetches == 0


def test_a_claim_is_renewed_while_its_conversion_runs(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renditions, "_RENEW_SECONDS", 0.01)
    works = build(wait=0)
    renewed: list[str] = []
    monkeypatch.setattr(works.store, "renew", renewed.append)
    works.press.free.clear()
    key = works.open().key
    _until(lambda: len(renewed) > 2)
    assert set(renewed) == {key}


def test_nothing_half_written_stays_when_the_store_fails(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(works.store, "put", full)
    with pytest.raises(StoreUnavailable):
        works.open()
    assert not works.stored("renditions")
    assert works.record() == [("refused", "store_unavailable", _sha256(WORD))]


def test_what_the_examination_mended_is_shown_in_the_documents_place(build: Build) -> None:
    glass = Glass(Examined(("It was damaged.",), b"Name: Rowan", "text/plain; charset=utf-8"))
    works = build(glass=glass)
    works.shelf.body = PDF
    rendition = works.open().rendition
    assert works.bytes_of(rendition) == b"Name: Rowan"
    assert rendition
    assert (rendition.show, rendition.size, rendition.notes) == (Show.TEXT, 11, ("It was damaged.",))


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (Corrupt(), Corrupt),
        (ConverterBroken("signal 11"), Quarantined),
        (ConversionTimeout(), ConversionTimeout),
    ],
    ids=["corrupt", "crash", "late"],
)
def test_a_document_that_harms_its_examination_is_not_looked_at_again(
    build: Build, error: ViewerError, shown: type[ViewerError]
) -> None:
    glass = Glass(error=error)
    works = build(glass=glass)
    works.shelf.body = PDF
    for _ in range(2):
        with pytest.raises(shown):
            works.open()
    assert glass.looks == 1
    assert works.stored("renditions") == []
