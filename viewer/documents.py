"""The domain's types, and the protocols of the adapters that the pipeline uses. No Flask, no adapters."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol

from shared.document_ref import DocumentRef

__all__ = [
    "DocumentReader",
    "DocumentRef",
    "Original",
    "Part",
    "Printer",
    "Printing",
    "Reading",
    "Rendition",
    "Show",
    "Source",
    "Store",
    "display_name",
    "visible_text",
]


MAX_PRINTED_PAGES = 2000
"""The most pages of a printed document; a longer one is refused, or cut where `Printing` says so."""
MAX_NAME = 255
"""The most characters of a part's name."""
_MAX_READ = 4096
_SOFT_HYPHEN = "\u00ad"


class Show(StrEnum):
    """The form in which the page shows a rendition."""

    PDF = "pdf"
    IMAGE = "image"
    TEXT = "text"
    TABLE = "table"
    AUDIO = "audio"
    VIDEO = "video"
    LISTING = "listing"

    @classmethod
    def of(cls, media_type: str) -> "Show":
        """The form for bytes of this media type."""
        known = {"application/pdf": cls.PDF, "application/json": cls.TABLE}
        return known.get(media_type) or cls(media_type.split("/", maxsplit=1)[0])


@dataclass(frozen=True, slots=True)
class Original:
    """The newest version of a document as its source sent it, in a temporary file.

    Args:
        file: open for reading, seekable, deleted when it is closed.
        size: the size in bytes.
        sha256: the digest of the bytes, 64 lower-case hex digits.
        untrusted_name: the file name that the source gave, if any; it decides nothing.
    """

    file: BinaryIO
    size: int
    sha256: str
    untrusted_name: str | None


@dataclass(frozen=True, slots=True)
class Rendition:
    """A form of a document that every browser can show, kept in the store under its key.

    Args:
        key: the digest of the original and the version of the recipe; the same key means the same bytes.
        show: the form in which the page shows it.
        media_type: the exact media type of the bytes.
        size: the size in bytes.
        kind: the short name of the original's kind, such as ``docx``.
        label: the name of the kind that people read.
        notes: sentences about what the rendition leaves out or shows differently.
        parts: the parts of the original that can be opened; a listing consists of them alone.
    """

    key: str
    show: Show
    media_type: str
    size: int
    kind: str
    label: str = ""
    notes: tuple[str, ...] = ()
    parts: tuple["Part", ...] = ()


@dataclass(frozen=True, slots=True)
class Printing:
    """How LibreOffice is to print a document.

    Args:
        filters: one or more import filters; each is tried only where the one before cannot load the file.
        is_long: whether the conversion will probably take several seconds.
        cut_after: the number of pages after which the PDF is cut, with a note; None to refuse longer
            documents.
        fonts: the names of the fonts that the document uses, as far as they are known.
        has_linked_pictures: whether pictures are missing, in whose places frames are to be drawn.
    """

    filters: tuple[str, ...]
    is_long: bool
    cut_after: int | None = None
    fonts: tuple[str, ...] = ()
    has_linked_pictures: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading a document once in the sandbox.

    The bytes to show or to print are returned beside it: those that the sandbox made, or the document itself.

    Args:
        kind: the short name of the document's kind, such as ``docx``.
        label: the name of the kind that people read.
        media_type: the exact media type of the bytes to show, or of the PDF where LibreOffice prints.
        notes: sentences about what is left out or shown differently.
        parts: the parts that can be opened.
        printing: how LibreOffice is to print it; None where LibreOffice is not needed.
        is_listing: whether the list of parts is all that is shown.
    """

    kind: str
    label: str
    media_type: str
    notes: tuple[str, ...] = ()
    parts: tuple["Part", ...] = ()
    printing: Printing | None = None
    is_listing: bool = False


class Sink(Protocol):
    """The target to which a source streams a document; it counts, hashes and enforces the size limit."""

    def write(self, chunk: bytes, /) -> object:
        """Write the next bytes.

        Raises:
            TooLarge: the document exceeds the size limit; the source stops and passes the error on.
        """


@dataclass(frozen=True, slots=True)
class Part:
    """Something inside a document that can be opened separately: an attachment, or a file in an archive.

    Args:
        number: the part's position in the document, from 1; the same bytes always give the same numbers.
        name: the untrusted name that the document gives, for display only, made safe by `display_name`. In an
            archive it includes the folders, separated by `/`.
        size: the unpacked size in bytes that the document states; None where it states none.
        locked: whether the document says that the part needs a password.
    """

    number: int
    name: str
    size: int | None
    locked: bool = False

    def __post_init__(self) -> None:
        """Make the name safe to display."""
        object.__setattr__(self, "name", display_name(self.name))


def visible_text(untrusted: str, instead: str = "") -> str:
    """Remove invisible characters and those that reorder or hide text.

    `cod.exe` must not look like `exe.doc`. It removes what Unicode calls control, format (including
    bidirectional), private or unassigned characters, and line separators.

    Args:
        untrusted: the text.
        instead: the replacement for each of them, except for soft hyphens, which are always removed.
    """
    if untrusted.isprintable():
        return untrusted
    return "".join(
        sign if sign.isprintable() or unicodedata.category(sign) == "Zs" else instead
        for sign in untrusted.replace(_SOFT_HYPHEN, "")
    )


def display_name(untrusted_name: str) -> str:
    """A file name that is safe to display: without control and bidirectional characters, cut to `MAX_NAME`.

    The end of a long name is kept, because it has the file extension.
    """
    name = " ".join(visible_text(untrusted_name[-_MAX_READ:]).split())
    return f"…{name[1 - MAX_NAME :]}" if len(name) > MAX_NAME else name or "(no name)"


class Source(Protocol):
    """A document system from which documents are fetched."""

    name: str
    """The name in URLs and audit records, such as ``edocs``."""
    label: str
    """The name that people read, such as ``eDocs``."""

    def accepts(self, document_id: str) -> bool:
        """Whether the text has the form of this system's document ids."""

    def fetch(self, document_id: str, into: Sink, request_id: str) -> str | None:
        """Stream the newest version into the sink; return the file name that the system gave, if any.

        Every call asks the system; nothing is cached.

        Raises:
            DocumentNotFound: the system has no such document.
            SourceUnavailable: the system did not answer in time, or answered with an error.
            TooLarge: the sink's size limit was exceeded.
        """


class DocumentReader(Protocol):
    """The sandbox: the only place where the content of documents is parsed."""

    @property
    def recipe(self) -> str:
        """The version of how documents are read, which is part of a rendition's key."""

    def read(self, document: BinaryIO, owner: str) -> tuple[Reading, BinaryIO | None]:
        """Read a document; return the result, and the bytes to show or print where they are not its own.

        Args:
            document: a seekable file at any position.
            owner: the person who opened it first, for a fair share of capacity.

        Raises:
            Problem: the document cannot be shown, or cannot be read now.
        """

    def extract(self, document: BinaryIO, numbers: tuple[int, ...], owner: str) -> tuple[str, BinaryIO]:
        """Extract the part to which the positions lead, outermost first; return its name and bytes.

        Raises:
            PartNotFound: the document has no such part.
            Problem: the part cannot be read.
        """

    def inspect_printed(self, pdf: BinaryIO, printing: Printing, owner: str) -> tuple[str, ...]:
        """Check the PDF that LibreOffice printed; return notes about it.

        Raises:
            TooLarge: the PDF has too many pages.
            ConversionUnavailable: the bytes are not a PDF.
        """


class Printer(Protocol):
    """The LibreOffice converters, which print documents to PDF."""

    @property
    def recipe(self) -> str:
        """The version of how documents are printed, which is part of a rendition's key."""

    def convert(
        self, document: BinaryIO, printing: Printing, on_note: Callable[[str], None] = ...
    ) -> BinaryIO:
        """Print the document to a PDF, and return it as a temporary file at its beginning.

        Args:
            document: a seekable file.
            printing: how to print it.
            on_note: called with a sentence for each thing that the PDF leaves out or shows differently.

        Raises:
            Corrupt: no import filter can load the document.
            TooLarge: the document or the PDF exceeds a size limit.
            ConversionTimeout: the document used all its processor time.
            DocumentKilledConverter: two converters reported that the document killed them.
            ConverterBusy: no converter became free in time.
            ConversionUnavailable: conversion failed for a reason that says nothing about the document.
        """


class Store(Protocol):
    """Keeps renditions by their keys; all workers and replicas share it.

    Every method raises `StoreUnavailable` when the store cannot be read or written.
    """

    def find(self, key: str) -> Rendition | None:
        """The rendition, where it is stored, complete and readable; else None."""

    def put(self, rendition: Rendition, body: BinaryIO | bytes) -> None:
        """Store a rendition and its bytes. It is complete and readable once `find` returns it."""

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to but not including `end`, in chunks.

        Raises:
            LinkExpired: the rendition was deleted.
        """
