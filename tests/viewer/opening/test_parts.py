"""Parts of documents, opened through the pipeline with a real store and a real record."""

import hashlib
import io
import zipfile
from dataclasses import replace

import pytest

from tests.viewer import samples
from tests.viewer.conftest import audit_entries
from tests.viewer.formats.test_containers import pdf_with
from tests.viewer.opening.conftest import ACTOR, REF, WORD, Build, PipelineFixture
from viewer.documents import Part, Show
from viewer.errors import PartNotFound, PasswordProtected, Problem, TooLarge, UnsupportedType
from viewer.opening.pipeline import Opened

PDF = samples.pdf("An attachment.")
INNER = samples.zipped({"deep/letter.docx": WORD})
BUNDLE = samples.zipped({"Reports/report.pdf": PDF, "inner.zip": INNER, "junk.exe": b"MZ" + bytes(200)})


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _open(fixture: PipelineFixture, part: str | None) -> Opened:
    return fixture.pipeline.open(replace(REF, part=part), ACTOR)


def _parts_on_record(fixture: PipelineFixture) -> list[tuple[str | None, str, str | None, str | None]]:
    rows = audit_entries(fixture.audit_url)
    return [(row["part"], row["outcome"], row["code"], row["sha256"]) for row in rows]


@pytest.fixture
def bundle(fixture: PipelineFixture) -> PipelineFixture:
    fixture.source.body = BUNDLE
    return fixture


def test_an_archive_is_a_listing_of_its_files(bundle: PipelineFixture) -> None:
    rendition = _open(bundle, None).rendition
    assert rendition
    assert (rendition.show, rendition.kind, rendition.size) == (Show.LISTING, "zip", 0)
    assert [(part.number, part.name) for part in rendition.parts] == [
        (1, "Reports/report.pdf"),
        (2, "inner.zip"),
        (3, "junk.exe"),
    ]
    assert bundle.store.find(rendition.key) == rendition, "the store keeps the parts"
    assert _parts_on_record(bundle) == [(None, "viewed", None, sha256(BUNDLE))]


def test_a_part_is_a_document_of_its_own_under_its_own_hash(bundle: PipelineFixture) -> None:
    opened = _open(bundle, "1")
    assert opened.rendition
    assert opened.rendition.key.startswith(sha256(PDF))
    assert bundle.bytes_of(opened.rendition) == PDF
    assert opened.name == "Reports/report.pdf"
    assert _parts_on_record(bundle) == [("1", "viewed", None, sha256(PDF))]
    bundle.source.body = PDF
    assert _open(bundle, None).rendition == opened.rendition
    assert bundle.lookups == ["miss", "hit"]


def test_a_part_of_a_part_is_converted_once_like_any_document(bundle: PipelineFixture) -> None:
    for _ in range(2):
        opened = _open(bundle, "2.1")
        assert opened.rendition
        assert opened.rendition.key.startswith(sha256(WORD))
    assert bundle.printer.conversions == 1
    assert bundle.source.fetches == 2, "the document is asked for each time"
    assert _parts_on_record(bundle) == [("2.1", "viewed", None, sha256(WORD))] * 2


def test_whether_a_part_changed_is_told_by_the_part(bundle: PipelineFixture) -> None:
    assert _open(bundle, None).changed is None
    assert _open(bundle, "1").changed is None
    bundle.source.body = samples.zipped({"Reports/report.pdf": PDF, "another": b"x"})
    assert _open(bundle, "1").changed is False
    assert _open(bundle, None).changed is True
    bundle.source.body = samples.zipped({"Reports/report.pdf": samples.pdf("A second version.")})
    assert _open(bundle, "1").changed is True


@pytest.mark.parametrize("part", ["4", "9999", "2.2", "1.1", "3.1", "2.1.1"])
def test_a_part_that_is_not_there_has_words_of_its_own_and_is_on_record(
    bundle: PipelineFixture, part: str
) -> None:
    with pytest.raises((PartNotFound, UnsupportedType)) as refusal:
        _open(bundle, part)
    assert refusal.type is (UnsupportedType if part == "3.1" else PartNotFound)
    assert _parts_on_record(bundle) == [(part, "refused", refusal.value.code, sha256(BUNDLE))]
    assert not bundle.stored("renditions")


def test_a_part_that_cannot_be_shown_says_why(bundle: PipelineFixture) -> None:
    with pytest.raises(UnsupportedType):
        _open(bundle, "3")
    assert _parts_on_record(bundle)[0][:3] == ("3", "refused", "unsupported_type")


def test_a_part_with_a_password_is_password_protected(fixture: PipelineFixture) -> None:
    fixture.source.body = samples.zipped({"locked.docx": samples.locked_word()})
    with pytest.raises(PasswordProtected):
        _open(fixture, "1")
    assert fixture.printer.conversions == 0


def test_a_part_beyond_the_cap_for_documents_is_too_large(build: Build) -> None:
    fixture = build(document_bytes=50_000)
    fixture.source.body = samples.zipped({"zeros.txt": bytes(50_001)})
    with pytest.raises(TooLarge):
        _open(fixture, "1")


def test_what_is_unpacked_on_the_way_is_bounded_as_a_whole(build: Build) -> None:
    """Each archive is within the limit, but not all together."""
    fixture = build(max_unpacked=250_000)
    body = samples.pdf() + bytes(70_000)
    for _ in range(4):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:  # stored: it grows with each
            archive.writestr("next", body)
        body = out.getvalue()
    fixture.source.body = body
    assert _open(fixture, "1.1").rendition
    with pytest.raises(TooLarge):
        _open(fixture, "1.1.1.1")


def test_an_archive_that_holds_itself_ends_at_the_deepest_address(fixture: PipelineFixture) -> None:
    body = PDF
    for _ in range(7):
        body = samples.zipped({"again.zip": body})
    fixture.source.body = body
    rendition = _open(fixture, "1.1.1.1.1").rendition
    assert rendition
    assert rendition.parts == (Part(1, "again.zip", len(samples.zipped({"again.zip": PDF}))),)
    with pytest.raises(ValueError, match="not a part"):
        replace(REF, part="1.1.1.1.1").inside(1)


def test_a_pdf_is_shown_with_its_files_listed(fixture: PipelineFixture) -> None:
    fixture.source.body = pdf_with({"exhibit.pdf": PDF})
    rendition = _open(fixture, None).rendition
    assert rendition
    assert rendition.show is Show.PDF
    assert rendition.parts == (Part(1, "exhibit.pdf", len(PDF)),)
    part = _open(fixture, "1").rendition
    assert fixture.bytes_of(part) == PDF


def test_an_archive_with_nothing_in_it_is_empty(fixture: PipelineFixture) -> None:
    fixture.source.body = samples.zipped({"folder/": b""})
    with pytest.raises(Problem) as refusal:
        _open(fixture, None)
    assert refusal.value.code == "empty"


def test_a_copy_of_a_part_is_recorded_as_of_the_part(bundle: PipelineFixture) -> None:
    opened = _open(bundle, "1")
    bundle.pipeline.download(replace(REF, part="1"), opened.key, ACTOR)
    assert _parts_on_record(bundle)[-1] == ("1", "downloaded", None, sha256(PDF))
