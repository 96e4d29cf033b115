"""Estimates whether LibreOffice will take seconds for a document.

Long documents wait apart from short ones (docs/decisions/0014).
"""

import re
import zipfile

_LONG_XML = 500_000
"""Bytes of text and markup in a zip-based document. Pictures count for nothing."""
_CONTENT = re.compile(r"(?:^|/)(?:document|content|comments|footnotes|sharedStrings|sheet\d*|slide\d+)\.xml$")
"""The members that hold a document's own text; others are styles and settings, large in small documents."""
_LONG_FILE = 2_000_000
"""Bytes of any other document."""
_LONG_RTF = 500_000
"""Bytes of RTF, in which a page costs most: 1.7 MB took 12 s of a processor."""


def is_long_archive(archive: zipfile.ZipFile) -> bool:
    """Whether a zip-based document is long, by what its directory says of its members."""
    return sum(part.file_size for part in archive.infolist() if _CONTENT.search(part.filename)) > _LONG_XML


def is_long_file(size: int, *, is_rtf: bool = False) -> bool:
    """Whether another document is, by its size in bytes."""
    return size > (_LONG_RTF if is_rtf else _LONG_FILE)
