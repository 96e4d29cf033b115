"""The domain's nouns, and the protocols of what the pipeline works with. No Flask, no adapters."""

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
    "seen",
]


MAX_PRINTED_PAGES = 2000
"""Longer documents are refused rather than shown in part; some kinds are cut, see `Printing`."""
MAX_NAME = 255
"""Characters of a part's name."""
_MAX_READ = 4096
_SOFT_HYPHEN = "\u00ad"


class Show(StrEnum):
    """How the page shows a rendition."""

    PDF = "pdf"
    IMAGE = "image"
    TEXT = "text"
    TABLE = "table"
    AUDIO = "audio"
    VIDEO = "video"
    LISTING = "listing"

    @classmethod
    def of(cls, media_type: str) -> "Show":
        """How bytes of this media type are shown."""
        known = {"application/pdf": cls.PDF, "application/json": cls.TABLE}
        return known.get(media_type) or cls(media_type.split("/", maxsplit=1)[0])


@dataclass(frozen=True, slots=True)
class Original:
    """A document's newest bytes as they came from its source, in a temporary file.

    Args:
        file: open for reading, seekable, removed when closed.
        size: in bytes.
        sha256: of the bytes, 64 lower-case hex digits.
        untrusted_name: what the source calls the file, if it said; a hint at most.
    """

    file: BinaryIO
    size: int
    sha256: str
    untrusted_name: str | None


@dataclass(frozen=True, slots=True)
class Rendition:
    """Something every browser can show, kept in the store under its key.

    Args:
        key: digest of the original and version of the recipe: same key, same bytes.
        show: how the page shows it.
        media_type: of the bytes, exact.
        size: in bytes.
        kind: the short name of what the original was.
        label: what people call it.
        notes: sentences on what it does not show of the original, or shows otherwise.
        parts: what is inside the original and is opened by itself; of a listing they are all there is.
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
    """What LibreOffice has to know of a document that it is to print.

    Args:
        filters: import filters to try in turn, at least one; the next only where one cannot load the file.
        is_long: whether it will probably take seconds of work, as far as can be told before.
        cut_after: pages after which it is cut, with a note; None where a longer document is refused.
        fonts: names of the fonts that its author chose, as far as the file tells.
    """

    filters: tuple[str, ...]
    is_long: bool
    cut_after: int | None = None
    fonts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What the sandbox found when it read a document once.

    The bytes that are shown or printed stand beside it: what the sandbox made, else the document itself.

    Args:
        kind: the short name of what the document is.
        label: what people call it.
        media_type: of the bytes that are shown, exact; of the PDF, where LibreOffice prints.
        notes: sentences on what is not shown of the document, or shown otherwise.
        parts: what is inside and is opened by itself.
        printing: how LibreOffice prints it; None where it is shown without.
        is_listing: whether the parts are all there is to show.
    """

    kind: str
    label: str
    media_type: str
    notes: tuple[str, ...] = ()
    parts: tuple["Part", ...] = ()
    printing: Printing | None = None
    is_listing: bool = False


class Sink(Protocol):
    """Where a source streams a document to; it counts, hashes and stops at the size cap."""

    def write(self, chunk: bytes, /) -> object:
        """Take the next bytes.

        Raises:
            TooLarge: beyond the cap; the source stops and lets it pass.
        """


@dataclass(frozen=True, slots=True)
class Part:
    """Something inside a document that is opened by itself: an attachment, a member of an archive.

    Args:
        number: its place in the document, from 1; the same bytes always give the same numbers.
        name: what the document calls it; anybody's text, for showing only. Cut to `MAX_NAME` characters, and
            without those that are not seen or that turn the text around. In an archive, with its folders,
            `/` between them.
        size: in bytes once unpacked, as the document tells; None where it does not.
        locked: whether it needs a password, as far as the document tells.
    """

    number: int
    name: str
    size: int | None
    locked: bool = False

    def __post_init__(self) -> None:
        """Make the name safe to show."""
        object.__setattr__(self, "name", display_name(self.name))


def seen(untrusted: str, instead: str = "") -> str:
    """The text without characters that nobody sees, and that turn other text round or hide it.

    `cod.exe` must not look like `exe.doc`. They are those that Unicode calls control, format (the
    bidirectional ones among them), private or unassigned, and its ends of lines.

    Args:
        untrusted: anybody's text.
        instead: stands in the place of each of them, except of places where a word may be divided.
    """
    if untrusted.isprintable():
        return untrusted
    return "".join(
        sign if sign.isprintable() or unicodedata.category(sign) == "Zs" else instead
        for sign in untrusted.replace(_SOFT_HYPHEN, "")
    )


def display_name(untrusted_name: str) -> str:
    """A file name that is safe to show: without control and bidirectional characters, cut to `MAX_NAME`.

    Of a long one the end is kept, since that is where the kind of file stands.
    """
    name = " ".join(seen(untrusted_name[-_MAX_READ:]).split())
    return f"…{name[1 - MAX_NAME :]}" if len(name) > MAX_NAME else name or "(no name)"


class Source(Protocol):
    """A document system."""

    name: str
    """As in URLs and audit records: ``edocs``."""
    label: str
    """As people say it: ``eDocs``."""

    def accepts(self, document_id: str) -> bool:
        """Whether the text has the exact form of this system's ids."""

    def fetch(self, document_id: str, into: Sink, request_id: str) -> str | None:
        """Stream the newest version into the sink; return the file name the system gave, if any.

        Always asks the system: nothing is remembered between calls.

        Raises:
            DocumentNotFound: the system says there is none.
            SourceUnavailable: it did not answer, or not in time, or with an error.
            TooLarge: passed on from the sink.
        """


class DocumentReader(Protocol):
    """The sandbox: the only place where document bytes are looked at."""

    @property
    def recipe(self) -> str:
        """Changes whenever the same bytes would be read otherwise: part of the rendition's key."""

    def read(self, document: BinaryIO, owner: str) -> tuple[Reading, BinaryIO | None]:
        """What the document is and holds; and the bytes to show or to print, where they are not its own.

        Args:
            document: seekable; its position does not matter.
            owner: who asked first, for sharing places fairly.

        Raises:
            Problem: why it cannot be shown, or read now.
        """

    def extract(self, document: BinaryIO, numbers: tuple[int, ...], owner: str) -> tuple[str, BinaryIO]:
        """The name and the bytes of the part to which the numbers lead, outermost first.

        Raises:
            PartNotFound: there is none.
            Problem: why it cannot be read.
        """

    def inspect_printed(self, pdf: BinaryIO, printing: Printing, owner: str) -> tuple[str, ...]:
        """Notes on the PDF that was printed.

        Raises:
            TooLarge: it has more pages than are shown.
            ConversionUnavailable: it is no PDF.
        """


class Printer(Protocol):
    """LibreOffice: prints documents to PDF."""

    @property
    def recipe(self) -> str:
        """Changes whenever the same bytes would give another PDF: part of the rendition's key."""

    def convert(self, document: BinaryIO, printing: Printing, tell: Callable[[str], None] = ...) -> BinaryIO:
        """The document as PDF: a temporary file, rewound.

        Args:
            document: seekable.
            printing: how it is to be printed.
            tell: told in a sentence of what the PDF does not show as it is.

        Raises:
            Corrupt: no filter can load it.
            TooLarge: the document, or the PDF, is beyond the converter's cap.
            ConversionTimeout: it used up its processor time.
            DocumentKilledConverter: two converters reported that they died at it.
            ConverterBusy: no converter became free in time.
            ConversionUnavailable: conversion failed for reasons that say nothing about the document.
        """


class Store(Protocol):
    """Renditions by key; shared by all workers and replicas.

    Every method raises `StoreUnavailable` when the store cannot be read or written.
    """

    def find(self, key: str) -> Rendition | None:
        """The rendition, if it is there, whole and readable; else it has to be made anew."""

    def put(self, rendition: Rendition, body: BinaryIO | bytes) -> None:
        """Keep a rendition, a file from its beginning. All of it is readable once `find` returns it."""

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to before `end`, in chunks.

        Raises:
            LinkExpired: the rendition is gone.
        """
