"""Documents of Apple's: by the preview that was saved with them, else printed."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.viewer import samples
from tests.viewer.formats.opening import LIMITS, read
from viewer.documents import Printing
from viewer.errors import Corrupt, PasswordProtected, Problem, TooLarge

PREVIEW = "QuickLook/Preview.pdf"
PDF = samples.pdf()
_SMALL = replace(LIMITS, max_result=1_000_000)


def test_the_preview_comes_out_and_the_page_says_that_it_is_one() -> None:
    found, body = read(samples.zipped({PREVIEW: PDF, "index.xml": "<x/>"}))
    assert (found.kind, found.media_type, found.printing, body) == ("iwork", "application/pdf", None, PDF)
    (note,) = found.notes
    assert "preview" in note


@pytest.mark.parametrize(
    "names",
    [
        ("index.xml", "buildVersionHistory.plist"),
        ("Index/Document.iwa", "Metadata/BuildVersionHistory.plist"),
        ("index.apxl.gz", "folder/buildVersionHistory.plist"),
    ],
)
def test_an_iwork_file_without_a_preview_is_printed(names: tuple[str, ...]) -> None:
    pages = samples.zipped(dict.fromkeys(names, "<x/>"))
    found, body = read(pages)
    assert found.kind == "iwork"
    assert found.printing == Printing(("Apple Pages", "Apple Numbers", "Apple Keynote"), is_long=False)
    assert (found.notes, body) == ((), pages)


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
def test_a_preview_that_is_of_no_use_says_why(preview: bytes, error: type[Problem]) -> None:
    with pytest.raises(error):
        read(samples.zipped({PREVIEW: preview}), _SMALL)


@given(st.binary(max_size=500), st.floats(0, 1))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_bytes_end_in_a_reading_or_a_typed_refusal(rest: bytes, share: float) -> None:
    whole = samples.zipped({PREVIEW: PDF})
    with suppress(Problem):
        assert read(whole[: int(len(whole) * share)] + rest)[1]
