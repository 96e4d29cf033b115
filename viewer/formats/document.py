"""What every reader of documents works with: the limits, the kind of a document, and the open document."""

import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from viewer.documents import Part, Printing, Reading
from viewer.errors import TooLarge
from viewer.formats.ole import OleFile

PDF_TYPE = "application/pdf"
PLAIN_TEXT_TYPE = "text/plain; charset=utf-8"

Read = tuple[Reading, bytes | None]
"""What was found, and the bytes that are shown or printed; None where those are the document's own."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes beyond which a document, or something in it, is refused with `TooLarge`.

    Args:
        max_unpacked: what a zip-based office document may unpack to, by its own directory.
        max_part_bytes: the largest part that is taken out of a document.
        max_total_bytes: what may be taken out on the way to one part, all levels together.
        max_result: the largest body that a reading hands back.
    """

    max_unpacked: int
    max_part_bytes: int
    max_total_bytes: int
    max_result: int


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is, from its bytes.

    Args:
        name: short and lower case, such as ``docx``: for metrics and logs; a row of the table of kinds.
        label: what people call it, such as ``Word document``.
        media_type: of kinds that browsers show as they are.
        import_filter: LibreOffice's name of the filter that must read it; None for other kinds.
        other_filters: filters of the same family, to try in turn where that one cannot load the file.
        cut_after: pages after which it is cut, with a note; None where a longer one is refused.
    """

    name: str
    label: str
    media_type: str | None = None
    import_filter: str | None = None
    other_filters: tuple[str, ...] = ()
    cut_after: int | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """A kind, and what had to be opened to tell it.

    Args:
        kind: what the document is.
        archive: the open zip, for zip-based kinds.
        ole: the open OLE file, for kinds in one.
        repaired: a sound copy of a zip-based office file whose container is odd or broken; `archive` is open
            on it.
    """

    kind: Kind
    archive: zipfile.ZipFile | None = None
    ole: OleFile | None = None
    repaired: bytes | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was recognised, for the reader of its kind.

    Args:
        file: its bytes, seekable, at any position.
        size: in bytes.
        found: its kind, and what is open already.
        limits: sizes.
    """

    file: BinaryIO
    size: int
    found: Recognised
    limits: Limits

    @property
    def kind(self) -> Kind:
        """What it is."""
        return self.found.kind

    def rewound(self) -> BinaryIO:
        """The file, at its beginning."""
        self.file.seek(0)
        return self.file

    def whole(self, most: int) -> bytes:
        """All of its bytes.

        Raises:
            TooLarge: more than `most` of them.
        """
        if self.size > most:
            raise TooLarge(self.kind.name)
        return self.rewound().read()

    def shown(self, media_type: str, notes: tuple[str, ...] = (), parts: tuple[Part, ...] = ()) -> Reading:
        """A reading of a document that is shown without an office."""
        return Reading(self.kind.name, self.kind.label, media_type, notes, parts)

    def printed(
        self, printing: Printing, notes: tuple[str, ...] = (), parts: tuple[Part, ...] = ()
    ) -> Reading:
        """A reading of a document that LibreOffice prints."""
        return Reading(self.kind.name, self.kind.label, PDF_TYPE, notes, parts, printing)
