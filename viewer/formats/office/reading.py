"""Reads office files: what LibreOffice prints, what there is to say about it, and the files in one."""

import io

from viewer.documents import Printing, Sink
from viewer.errors import TooLarge
from viewer.formats.copying import CHUNK
from viewer.formats.document import PDF_TYPE, Document, Read
from viewer.formats.failures import corrupt_on
from viewer.formats.lanes import is_long_archive, is_long_file
from viewer.formats.office import embedded
from viewer.formats.office.notes import read_notes
from viewer.formats.office.saved_fields import keep_saved_fields
from viewer.formats.office.zip_kinds import PREVIEW
from viewer.formats.pdf.inspection import inspect
from viewer.formats.pdf.opening import open_pdf
from viewer.formats.truncation import office_notes
from viewer.formats.zips import BROKEN, names_by_normalised_name

PREVIEW_NOTE = (
    "What you see is the preview that was saved with the document: it may be of the first page alone."
)


def read(document: Document) -> Read:
    """An office file, in a sound container, for LibreOffice to print."""
    notes_found, saved, found = read_notes(document), keep_saved_fields(document), document.found
    parts, unopened = embedded.list_files(document)
    kind = document.kind
    if found.archive:
        is_long = is_long_archive(found.archive)
    else:
        is_long = is_long_file(document.size, is_rtf=kind.name == "rtf")
    filters = (str(kind.import_filter), *kind.other_filters)
    printing = Printing(filters, is_long, kind.cut_after, notes_found.fonts, notes_found.has_linked_pictures)
    notes = (*office_notes(document), *notes_found.notes, *unopened, *saved.notes)
    return document.printed(printing, notes, parts), saved.body or found.repaired


def extract(document: Document, number: int, into: Sink) -> str:
    """One of the files in an office file; see `embedded.extract`."""
    return embedded.extract(document, number, into)


def read_iwork(document: Document) -> Read:
    """A document of Apple's: the preview that was saved with it, else for LibreOffice to print.

    Raises:
        Corrupt: the preview cannot be read.
        PasswordProtected: it is locked.
        TooLarge: it is larger than the largest result.
    """
    archive = document.found.archive
    name = names_by_normalised_name(archive).get(PREVIEW) if archive else None
    if archive is None or name is None:
        return read(document)
    preview = io.BytesIO()
    with corrupt_on(*BROKEN), archive.open(name) as member:
        while chunk := member.read(CHUNK):
            preview.write(chunk)
            if preview.tell() > document.limits.max_result:
                raise TooLarge("preview")
    with open_pdf(preview) as pdf:
        found = inspect(pdf, ())
    body = preview.getvalue() if found.media_type != PDF_TYPE else found.replacement or preview.getvalue()
    return document.shown(PDF_TYPE, (PREVIEW_NOTE,)), body
