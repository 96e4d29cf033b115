"""Documents with something before or around them are shown, or refused as what they are."""

import io
import zipfile
from pathlib import Path

import pytest

from tests.viewer import samples
from tests.viewer.formats.opening import LIMITS, read
from viewer.errors import ElectronicBook, UnsupportedType, XpsDocument

LETTER = (Path(__file__).parents[2] / "golden/documents/letter.doc").read_bytes()
XPS = {
    "[Content_Types].xml": "<Types/>",
    "FixedDocumentSequence.fdseq": "<FixedDocumentSequence/>",
    "Documents/1/Pages/1.fpage": "<FixedPage/>",
}
BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": "<container/>",
    "a/book.opf": "<package/>",
}


@pytest.mark.parametrize("before", [b"\r\n", b"\n\n \t", b"\xef\xbb\xbf", b"\0\0\0"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (samples.picture(form), kind)
        for form, kind in (("JPEG", "jpg"), ("PNG", "png"), ("GIF", "gif"), ("TIFF", "tif"))
    ]
    + [(LETTER, "doc"), (samples.word(), "docx")],
)
def test_blanks_before_a_document_do_not_hide_it(before: bytes, body: bytes, kind: str) -> None:
    reading, shown = read(before + body)
    assert (reading.kind, reading.notes) == (kind, read(body)[0].notes)
    if kind not in {"tif", "docx"}:
        assert shown == body


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [
        (XPS, XpsDocument),
        (BOOK, ElectronicBook),
        ({"mimetype": "application/vnd.oasis.opendocument.base", "content.xml": "<a/>"}, UnsupportedType),
        ({"[Content_Types].xml": "<Types/>", "3D/model.model": "<model/>"}, UnsupportedType),
        ({"Plan.key/Index.zip": "", "Plan.key/buildVersionHistory.plist": ""}, UnsupportedType),
    ],
)
def test_a_document_in_a_zip_is_no_archive(parts: dict[str, bytes | str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read(samples.zipped(parts))


def test_a_zipped_folder_of_pages_is_shown_by_its_preview() -> None:
    preview = samples.pdf()
    reading, shown = read(
        samples.zipped(
            {
                "Letter.pages/QuickLook/Preview.pdf": preview,
                "Letter.pages/Index.zip": "",
                "__MACOSX/Letter.pages/._Index.zip": "",
            }
        )
    )
    assert (reading.kind, shown, reading.parts) == ("iwork", preview, ())


def test_a_folder_that_is_a_word_document_is_one() -> None:
    with zipfile.ZipFile(io.BytesIO(samples.word())) as word:
        reading, shown = read(samples.zipped({f"letter/{name}": word.read(name) for name in word.namelist()}))
        assert (reading.kind, reading.parts) == ("docx", ())
        with zipfile.ZipFile(io.BytesIO(shown)) as inside:
            assert set(inside.namelist()) == set(word.namelist())


@pytest.mark.parametrize(
    "parts",
    [
        {"letter/a.txt": "A note."},
        {"letter/a.txt": "A note.", "content.xml": "<a/>"},
        {"letter/[Content_Types].xml": "<Types/>", "other/a.txt": "A note."},
    ],
)
def test_other_zips_are_archives(parts: dict[str, bytes | str]) -> None:
    reading, _ = read(samples.zipped(parts), LIMITS)
    assert (reading.kind, len(reading.parts)) == ("zip", len(parts))
