"""Documents of Apple's office programs: the preview that was saved with them, since nothing reads them."""

import io
import zipfile
import zlib

from viewer.documents import Kind
from viewer.errors import Corrupt, TooLarge
from viewer.formats.pdf import inspection as pdf
from viewer.formats.zips import PREVIEW

_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError),
    *(ValueError, LookupError, RuntimeError),
)


class SavedPreview:
    """Takes the PDF out that is in the document."""

    media_type = "application/pdf"
    recipe = "preview-1"

    def __init__(self, max_output_bytes: int) -> None:
        """Take no more than so many bytes."""
        self._cap = max_output_bytes

    def convert(self, original: bytes, _kind: Kind) -> bytes:
        """See `Converter.convert`."""
        try:
            with zipfile.ZipFile(io.BytesIO(original)) as archive, archive.open(PREVIEW) as member:
                preview = member.read(self._cap + 1)
        except _UNREADABLE as error:
            raise Corrupt from error
        if len(preview) > self._cap:
            raise TooLarge("preview")
        examined = pdf.examine(preview)
        return preview if examined.media_type else examined.replacement or preview
