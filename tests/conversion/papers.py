"""Word documents that are slow or heavy, made on the fly."""

import io
import zipfile

from tests.viewer import samples

_WORDS_A_MB = 200_000


def _with_text(text: str) -> bytes:
    """A Word document, filled in without python-docx: that one is slow with long texts."""
    out = io.BytesIO()
    original = zipfile.ZipFile(io.BytesIO(samples.word("PLACE")))
    with original as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"PLACE", text.encode()))
    return out.getvalue()


def endless(megabytes: int = 1) -> bytes:
    """A small file with one paragraph so long that laying it out takes longer than anyone waits."""
    return _with_text("word " * (megabytes * _WORDS_A_MB))


def steady(seconds_of_work: float) -> bytes:
    """A document of many paragraphs: about so long at work."""
    paragraph = "</w:t></w:r></w:p><w:p><w:r><w:t>" + "A case note of some length. " * 20
    return _with_text(paragraph * int(seconds_of_work * 2500))
