"""What a rendition does not show of an office file, or shows otherwise, as far as the file itself tells.

A decision about a family needs the whole picture: the page lists these notes and says where the
whole document is. Read from the file's own parts, bounded; a file that cannot be read gives no notes, since
the conversion then fails or stands on its own. There is a module for each family of formats.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from viewer.errors import Problem
from viewer.formats.document import Document
from viewer.formats.office import biff, odf_notes, powerpoint_97, rtf_notes, sentences, word_97, xml_2003
from viewer.formats.office.fonts import fonts_named
from viewer.formats.office.ooxml_notes import EXCEL, POWERPOINT, WORD
from viewer.formats.office.package import MAX_BYTES, Package
from viewer.formats.office.sentences import sentence
from viewer.formats.ole import BROKEN as BROKEN_OLE
from viewer.formats.ole import OleFile
from viewer.formats.zips import BROKEN as BROKEN_ZIP

_SIGNS = {
    **dict.fromkeys(("docx", "docm", "dotx", "dotm"), WORD),
    **dict.fromkeys(("xlsx", "xlsm", "xltx", "xltm", "xlsb"), EXCEL),
    **dict.fromkeys(("pptx", "pptm", "ppsx", "ppsm", "potx", "potm"), POWERPOINT),
}
_OPEN_DOCUMENT = frozenset(
    ("odt", "ott", "ods", "ots", "odp", "otp", "odg", "otg", "sxw", "sxc", "sxi", "sxd")
)
_FLAT_OPEN_DOCUMENT = frozenset(("fodt", "fods", "fodp", "fodg"))
_XML_2003 = {"wordml": xml_2003.WORD, "spreadsheetml": xml_2003.EXCEL}
_OLE_MACROS = ("Macros", "_VBA_PROJECT_CUR")


@dataclass(frozen=True, slots=True)
class FileNotes:
    """What an office file tells of itself.

    Args:
        notes: sentences about what the rendition leaves out, most files giving none.
        fonts: names of the fonts that its author chose.
    """

    notes: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()

    @property
    def has_linked_pictures(self) -> bool:
        """Whether pictures are missing because they are kept elsewhere."""
        one, several = sentences.LINKED_PICTURES
        return any(note == one or note.endswith(several.removeprefix("{n}")) for note in self.notes)


def read_notes(document: Document) -> FileNotes:
    """What an office file tells of itself; nothing where it cannot be read."""
    try:
        if document.found.archive:
            package = Package(document.found.archive)
            return FileNotes(
                _each_once(_notes_of_package(package, document.kind.name)),
                fonts_named(package.names, package.read),
            )
        notes = _ole_notes(document.found.ole) if document.found.ole else _single_stream_notes(document)
        return FileNotes(_each_once(notes))
    except RecursionError:
        raise
    except (*BROKEN_ZIP, *BROKEN_OLE, struct.error, Problem):
        return FileNotes()


def _each_once(notes: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes))


def _notes_of_package(package: Package, kind: str) -> Iterator[str]:
    for sign in _SIGNS.get(kind, ()):
        yield from sentence(sign.words, sign.count(package))
    if kind in _OPEN_DOCUMENT:
        yield from odf_notes.notes_of_package(package)


def _ole_notes(ole: OleFile) -> Iterator[str]:
    workbook = next((name for name in ("Workbook", "Book") if ole.exists(name)), None)
    if workbook:
        stream = ole.body(workbook)
        found = biff.hidden(stream)
        yield from sentence(sentences.HIDDEN_SHEETS, biff.hidden_sheets(stream))
        yield from sentence(sentences.COMMENTS, found.comments)
        yield from sentence(sentences.HIDDEN_ROWS, found.rows)
        yield from sentence(sentences.HIDDEN_COLUMNS, found.columns)
        yield from sentence(sentences.CELL_CHANGES, ole.exists("Revision Log"))
    if ole.exists("WordDocument"):
        yield from word_97.notes_of(ole)
    if ole.exists(powerpoint_97.STREAM):
        yield from powerpoint_97.notes_of(ole)
    if any(ole.exists(storage) for storage in _OLE_MACROS):
        yield sentences.MACROS[0]


def _single_stream_notes(document: Document) -> Iterator[str]:
    kind = document.kind.name
    body = document.rewound().read(MAX_BYTES)
    if kind == "rtf":
        yield from rtf_notes.notes_of(body)
    elif kind in _FLAT_OPEN_DOCUMENT:
        yield from odf_notes.notes_of_text(body)
    elif kind in _XML_2003:
        yield from xml_2003.notes_of(body, _XML_2003[kind])
