"""Documents that are good, slow, heavy or locked, made on the fly."""

import io
import zipfile

import docx

from tests.viewer import samples

_WORDS_A_MB = 200_000


def word(text: str) -> bytes:
    return samples.word(text)


def _one_paragraph(text: str) -> bytes:
    """A Word document, written without python-docx: that one is slow with long texts."""
    out = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("PLACE")
    document.save(out)
    with (
        zipfile.ZipFile(out) as source,
        zipfile.ZipFile(result := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            part = source.read(name)
            target.writestr(
                name, part.replace(b"PLACE", text.encode()) if name == "word/document.xml" else part
            )
    return result.getvalue()


def endless(megabytes: int = 1) -> bytes:
    """A small file with one paragraph so long that laying it out takes longer than anyone waits."""
    return _one_paragraph("word " * (megabytes * _WORDS_A_MB))


def steady(seconds_of_work: float) -> bytes:
    """A document of many paragraphs: about so long at work."""
    paragraph = "</w:t></w:r></w:p><w:p><w:r><w:t>" + "A case note of some length. " * 20
    return _one_paragraph(paragraph * int(seconds_of_work * 2500))
