"""The table of kinds: each has one row, which says what reads it and what takes parts out of it.

A new kind is a module that recognises and reads it, and a row here.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from viewer.documents import Sink
from viewer.formats import media
from viewer.formats.archives import reading as archives
from viewer.formats.archives.kinds import GZIP, TAR, ZIP
from viewer.formats.document import Document, Read
from viewer.formats.html import reading as html
from viewer.formats.html.kinds import HTML, MHT
from viewer.formats.mail import reading as mail
from viewer.formats.mail.kinds import EML, ICS, MBOX, MSG, P7M, TNEF, VCF
from viewer.formats.office import reading as office
from viewer.formats.office.kinds import IWORK
from viewer.formats.pdf import reading as pdf
from viewer.formats.pdf.kinds import PDF
from viewer.formats.pictures import reading as pictures
from viewer.formats.pictures.kinds import PICTURE_KINDS, SHOWN, SVG, TIFF
from viewer.formats.recognition import OFFICE_KINDS
from viewer.formats.text import reading as text
from viewer.formats.text.kinds import CSV, JSON, TEXT, XML


@dataclass(frozen=True, slots=True)
class Row:
    """What is done with the documents of some kinds.

    Args:
        names: of the kinds.
        recipe: changes whenever the same bytes would be read otherwise: part of the key of what is kept.
        read: everything that there is to say of a document, and what is shown or printed in its place.
        extract: passes on the part at a place, counted from 1, and gives its name; None for kinds that hold
            no parts. It raises `PartNotFound` where there is none at that place.
    """

    names: Iterable[str]
    recipe: str
    read: Callable[[Document], Read]
    extract: Callable[[Document, int, Sink], str] | None = None


def table_of(rows: Iterable[Row]) -> Mapping[str, Row]:
    """The rows by the names of their kinds.

    Raises:
        ValueError: two rows have a name in common.
    """
    table: dict[str, Row] = {}
    for row in rows:
        for name in sorted(row.names):
            if name in table:
                raise ValueError(f"two rows for documents of the kind {name}")
            table[name] = row
    return table


def recipe_of(table: Mapping[str, Row]) -> str:
    """A digest of all recipes: one changes, everything is read anew."""
    recipes = ",".join(sorted(f"{name}={row.recipe}" for name, row in table.items()))
    return hashlib.sha256(recipes.encode()).hexdigest()[:12]


TABLE = table_of(
    (
        Row(OFFICE_KINDS - {IWORK.name}, "office-8", office.read, office.extract),
        Row({IWORK.name}, "iwork-3", office.read_iwork),
        Row({one.name for one in (EML, ICS, MBOX, MSG, P7M, TNEF, VCF)}, "mail-6", mail.read, mail.extract),
        Row({HTML.name, MHT.name}, "web-6", html.read),
        Row({PDF.name}, "pdf-4", pdf.read, pdf.extract),
        Row({kind.name for kind in SHOWN.values()}, "picture-4", pictures.read_shown),
        Row(PICTURE_KINDS, "picture-4", pictures.read_converted),
        Row({TIFF.name}, "scan-4", pictures.read_scan),
        Row({SVG.name}, "drawing-2", pictures.read_drawing),
        Row({TEXT.name, XML.name}, "plain-4", text.read_text),
        Row({JSON.name}, "data-3", text.read_data),
        Row({CSV.name}, "table-5", text.read_table),
        Row({kind.name for kind in media.MEDIA.values()}, "media-2", media.read),
        Row({ZIP.name}, "zip-3", archives.read_zip, archives.extract_zip),
        Row({TAR.name}, "tar-3", archives.read_tar, archives.extract_tar),
        Row({GZIP.name}, "gzip-2", archives.read_gzip, archives.extract_gzip),
    )
)
