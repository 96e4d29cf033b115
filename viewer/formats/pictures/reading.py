"""Reads pictures, scans and drawings."""

from viewer.formats.document import PDF_TYPE, Document, Read
from viewer.formats.pictures import conversion, drawings, scans


def read_shown(document: Document) -> Read:
    """A picture that browsers draw as it is, once it decodes to its end."""
    notes, replacement = conversion.check_shown(document.rewound(), document.kind.name)
    return document.shown(str(document.kind.media_type), notes), replacement or document.found.repaired


def read_converted(document: Document) -> Read:
    """A picture that browsers do not draw, as one that they do."""
    body, media_type = conversion.convert(document.rewound(), document.kind.name)
    return document.shown(media_type), body


def read_scan(document: Document) -> Read:
    """A TIFF file, as PDF."""
    drawn = scans.as_pdf(document.rewound())
    return document.shown(PDF_TYPE, (scans.damaged_pages(drawn.damaged),) if drawn.damaged else ()), drawn.pdf


def read_drawing(document: Document) -> Read:
    """An SVG drawing, once it is sure to be drawn soon."""
    notes = drawings.inspect(document.whole(drawings.MAX_BYTES))
    return document.shown(str(document.kind.media_type), notes), None
