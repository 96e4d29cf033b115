"""Reads e-mails: one parsing of a message, and one cleaning of its HTML, for body, notes and attachments."""

from collections.abc import Iterator

from viewer.documents import Part, Printing, Sink
from viewer.errors import Corrupt, PartNotFound
from viewer.formats.document import Document, Read
from viewer.formats.html.kinds import HTML_FILTER
from viewer.formats.html.markup import pictures_elsewhere
from viewer.formats.lanes import is_long_file
from viewer.formats.mail.eml import read_eml
from viewer.formats.mail.kinds import EML, TNEF
from viewer.formats.mail.letter import Enclosure, Letter, file_name
from viewer.formats.mail.msg import read_msg
from viewer.formats.mail.page import as_html, as_rtf, attachments, body_of
from viewer.formats.mail.tnef import read_tnef
from viewer.formats.office.bare import RTF_FILTER
from viewer.formats.pouring import pour_bytes

MAX_MESSAGE = 256 * 1024 * 1024
"""Bytes of a message."""
SEALED = "The message is signed or encrypted as a whole: its text may be missing."


def read(document: Document) -> Read:
    """A message: a page that LibreOffice prints, and what came with it.

    Pictures that the body shows are no parts. The numbers count them all the same, so that they stay as they
    are whatever the body can show.

    Raises:
        Corrupt: it cannot be read.
        TooLarge: beyond one of the limits of the readers.
    """
    letter = _letter(document)
    body = body_of(letter)
    parts = tuple(_part(number, one) for number, one in attachments(letter, body))
    if letter.rtf is not None and not letter.html:
        page, import_filter = as_rtf(letter), RTF_FILTER
    else:
        page, import_filter = as_html(letter, body), HTML_FILTER
    printing = Printing((import_filter,), is_long_file(len(page)))
    return document.printed(printing, tuple(_notes(letter)), parts), page


def extract(document: Document, number: int, into: Sink) -> str:
    """What came with the message at that place; what Outlook keeps inside another is written anew.

    Raises:
        PartNotFound: there is nothing at that place.
        ViewerError: it cannot be read.
    """
    enclosures = _letter(document).enclosures
    if not 1 <= number <= len(enclosures):
        raise PartNotFound("no part of this number")
    one = enclosures[number - 1]
    pour_bytes(one.read(), into)
    return _part(number, one).name


def _letter(document: Document) -> Letter:
    if document.kind is EML:
        return read_eml(document.whole(MAX_MESSAGE))
    if document.kind is TNEF:
        return read_tnef(document.whole(MAX_MESSAGE))
    if document.found.ole is None:
        raise Corrupt("no OLE file")
    return read_msg(document.found.ole, document.size)


def _part(number: int, one: Enclosure) -> Part:
    return Part(number, file_name(one.name, number, one.media_type), one.size)


def _notes(letter: Letter) -> Iterator[str]:
    if letter.sealed:
        yield SEALED
    yield from pictures_elsewhere((letter.html or "").encode(errors="replace"))
