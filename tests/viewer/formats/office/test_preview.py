"""The preview in a document of Apple's: a whole PDF, or a typed refusal."""

import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.viewer import samples
from viewer.documents import Kind
from viewer.errors import Corrupt, PasswordProtected, TooLarge, ViewerError
from viewer.formats.office.notes import notes_on
from viewer.formats.office.preview import SavedPreview
from viewer.formats.zips import IWORK, PREVIEW

PDF = samples.pdf()


def _convert(body: bytes, cap: int = 1_000_000, kind: Kind = IWORK) -> bytes:
    return SavedPreview(cap).convert(body, kind)


def test_the_preview_comes_out_and_the_page_says_that_it_is_one() -> None:
    pages = samples.zipped({PREVIEW: PDF, "index.xml": "<x/>"})
    assert _convert(pages) == PDF
    (note,) = notes_on(io.BytesIO(pages), IWORK)
    assert "preview" in note


@pytest.mark.parametrize(
    ("preview", "error"),
    [
        (b"no pdf", Corrupt),
        (PDF[:200], Corrupt),
        (samples.locked_pdf("secret"), PasswordProtected),
        (PDF + bytes(2_000_000), TooLarge),
    ],
    ids=["junk", "cut", "locked", "large"],
)
def test_a_preview_that_is_of_no_use_says_why(preview: bytes, error: type[ViewerError]) -> None:
    with pytest.raises(error):
        _convert(samples.zipped({PREVIEW: preview}))


@given(st.binary(max_size=500), st.floats(0, 1))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_bytes_end_in_a_pdf_or_a_typed_refusal(rest: bytes, share: float) -> None:
    whole = samples.zipped({PREVIEW: PDF})
    with suppress(ViewerError):
        assert _convert(whole[: int(len(whole) * share)] + rest).startswith(b"%PDF-")
