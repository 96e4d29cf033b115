"""A view goes on where its rendition cannot be kept: the store is too small, full, or unavailable."""

import pytest

from tests.viewer import samples
from tests.viewer.opening.conftest import ACTOR, PDF, REF, WORD, Build, FakePrinter, PipelineFixture
from viewer.errors import ConverterBusy, LinkExpired, Problem, StoreUnavailable
from viewer.opening.content import Content


def _content(fixture: PipelineFixture, key: str) -> Content:
    return fixture.pipeline.content(REF, key, ACTOR)


@pytest.fixture
def tiny(build: Build) -> PipelineFixture:
    """A pipeline whose store takes nothing that is worth keeping."""
    return build(store_bytes=100)


@pytest.fixture
def away(fixture: PipelineFixture, monkeypatch: pytest.MonkeyPatch) -> PipelineFixture:
    """A pipeline whose store can be neither read nor written."""

    def fail(*_: object) -> None:
        raise StoreUnavailable

    for name in ("find", "put", "read"):
        monkeypatch.setattr(fixture.store, name, fail)
    return fixture


KINDS = {
    "docx": WORD,
    "pdf": PDF,
    "png": samples.picture("PNG"),
    "txt": b"plain text",
    "csv": b"Name,Visits\nAda,3\n",
    "wav": samples.sound(),
}


@pytest.mark.parametrize("name", ["tiny", "away"])
@pytest.mark.parametrize("body", KINDS.values(), ids=KINDS)
def test_every_kind_is_shown_without_the_store(
    request: pytest.FixtureRequest, name: str, body: bytes
) -> None:
    fixture: PipelineFixture = request.getfixturevalue(name)
    fixture.source.body = body
    opened = fixture.open()
    assert opened.rendition
    content = _content(fixture, opened.key)
    shown = b"".join(content.whole())
    assert len(shown) == content.rendition.size == opened.rendition.size
    assert not content.is_stored
    content.close()
    assert fixture.unstored
    assert [outcome for outcome, _, _ in fixture.record()] == ["viewed"]


def test_another_viewer_shows_what_this_one_could_not_keep(tiny: PipelineFixture, build: Build) -> None:
    opened = tiny.open()
    content = _content(build(store_bytes=100), opened.key)
    assert b"".join(content.whole()).startswith(b"%PDF")
    content.close()


def test_whoever_waits_for_a_long_conversion_gets_it(build: Build) -> None:
    printer = FakePrinter()
    printer.free.clear()
    fixture = build(printer, store_bytes=100, wait_seconds=0.1)
    opened = fixture.open()
    assert opened.rendition is None
    assert fixture.ask(opened.key) is None
    printer.free.set()
    while (rendition := fixture.ask(opened.key)) is None:
        pass
    assert rendition.key == opened.key
    assert printer.conversions == 1


def test_a_document_that_changed_since_is_not_made_again_under_its_old_link(tiny: PipelineFixture) -> None:
    opened = tiny.open()
    tiny.source.body = samples.word("Another version.")
    with pytest.raises(LinkExpired):
        _content(tiny, opened.key)


def test_a_failure_to_make_it_again_is_recorded(tiny: PipelineFixture) -> None:
    opened = tiny.open()
    tiny.printer.error = ConverterBusy("no converter is free")
    with pytest.raises(Problem, match="no converter is free"):
        _content(tiny, opened.key)
    assert [(outcome, code) for outcome, code, _ in tiny.record()] == [
        ("viewed", None),
        ("refused", "converter_busy"),
    ]


def test_a_store_that_is_back_keeps_again(fixture: PipelineFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as outage:
        outage.setattr(fixture.store, "put", fail)
        fixture.open()
    fixture.pipeline.renditions.unstored.sweep()
    fixture.source.body = PDF
    opened = fixture.open()
    assert _content(fixture, opened.key).is_stored


def test_a_link_to_a_rendition_that_nobody_made_is_expired(fixture: PipelineFixture) -> None:
    with pytest.raises(LinkExpired):
        _content(fixture, "f" * 64 + "-recipe1")
