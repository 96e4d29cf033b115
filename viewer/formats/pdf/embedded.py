"""Files embedded in PDFs: attachments of the document, its portfolio, and those pinned to a page.

Attachments are in the catalogue's name tree, pinned ones are annotations of pages (ISO 32000-1, 7.11.4 and
12.5.6.15). qpdf unpacks a stream as a whole, so the packed bytes are taken and unpacked here, step by step.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

import pikepdf

from viewer.documents import Part, Sink
from viewer.errors import Corrupt, DocumentNotFound, UnsupportedType, ViewerError

MAX_FILES = 500
"""Embedded files that are offered of one PDF."""
_MAX_PAGES = 5000
_MAX_ANNOTATIONS = 20_000
"""Pages, and annotations of them all, that are looked at for pinned files."""
_CHUNK = 64 * 1024


class EmbeddedFiles:
    """The files in a PDF."""

    recipe = "pdf-1"

    def parts(self, file: BinaryIO) -> tuple[Part, ...]:
        """See `Container.parts`; none where they cannot be read: the PDF itself is shown all the same."""
        try:
            with _failures(), pikepdf.open(file) as pdf:
                return tuple(_part(number, found) for number, found in enumerate(_files(pdf), 1))
        except ViewerError:
            return ()

    def extract(self, file: BinaryIO, number: int, into: Sink) -> Part:
        """See `Container.extract`; `UnsupportedType` where it is packed in a way not known here."""
        with _failures(), pikepdf.open(file) as pdf:
            found = dict(enumerate(_files(pdf), 1)).get(number)
            if found is None:
                raise DocumentNotFound
            _unpack(found.stream, into)
            return _part(number, found)


class _Embedded(NamedTuple):
    """A file specification, and the file."""

    about: pikepdf.Dictionary
    stream: pikepdf.Stream


def _files(pdf: pikepdf.Pdf) -> list[_Embedded]:
    """The embedded files, each once."""
    seen: dict[tuple[int, int], _Embedded] = {}
    for found in _specifications(pdf):
        embedded = found.get("/EF") if isinstance(found, pikepdf.Dictionary) else None
        if isinstance(found, pikepdf.Dictionary) and isinstance(embedded, pikepdf.Dictionary):
            stream = embedded.get("/UF", embedded.get("/F"))
            if isinstance(stream, pikepdf.Stream):
                seen.setdefault(stream.objgen, _Embedded(found, stream))
    return list(islice(seen.values(), MAX_FILES))


def _specifications(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object | None]:
    names = pdf.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary) and "/EmbeddedFiles" in names:
        tree = pikepdf.NameTree(names.EmbeddedFiles)
        yield from islice((value for _, value in tree.items()), MAX_FILES)
    for annotation in islice(_annotations(pdf), _MAX_ANNOTATIONS):
        if isinstance(annotation, pikepdf.Dictionary) and annotation.get("/Subtype") == "/FileAttachment":
            yield annotation.get("/FS")


def _annotations(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    for page in islice(pdf.pages, _MAX_PAGES):
        annotations = page.obj.get("/Annots")
        if isinstance(annotations, pikepdf.Array):
            yield from annotations


def _part(number: int, found: _Embedded) -> Part:
    name = found.about.get("/UF", found.about.get("/F", ""))
    params = found.stream.get("/Params")
    size: Any = params.get("/Size") if isinstance(params, pikepdf.Dictionary) else None
    return Part(number, str(name), size if isinstance(size, int) and size >= 0 else None)


def _unpack(stream: pikepdf.Stream, into: Sink) -> None:
    packed = memoryview(stream.read_raw_bytes())
    match _filters(stream):
        case []:
            _pour(packed, into)
        case ["/FlateDecode"] if stream.get("/DecodeParms") is None:
            _inflate(packed, into)
        case _:
            raise UnsupportedType("filter of an embedded file")


def _filters(stream: pikepdf.Stream) -> list[str]:
    named = stream.get("/Filter")
    if named is None:
        return []
    return [str(each) for each in named] if isinstance(named, pikepdf.Array) else [str(named)]


def _pour(packed: memoryview, into: Sink) -> None:
    for at in range(0, len(packed), _CHUNK):
        into.write(bytes(packed[at : at + _CHUNK]))


def _inflate(packed: memoryview, into: Sink) -> None:
    unpacker = zlib.decompressobj()
    for at in range(0, len(packed), _CHUNK):
        waiting = bytes(packed[at : at + _CHUNK])
        while waiting and not unpacker.eof:
            into.write(unpacker.decompress(waiting, _CHUNK))
            waiting = unpacker.unconsumed_tail
    into.write(unpacker.flush())
    if not unpacker.eof:
        raise Corrupt("cut short")


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what the libraries raise on odd files into `Corrupt`."""
    try:
        yield
    except ViewerError:
        raise
    except (
        *(pikepdf.PdfError, zlib.error, OSError, ValueError, TypeError),
        *(LookupError, AttributeError, RuntimeError, ArithmeticError),
    ) as error:
        raise Corrupt from error
