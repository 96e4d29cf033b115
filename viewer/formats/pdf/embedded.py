"""Lists and extracts files embedded in PDFs: attachments of the document, of a portfolio, and of a page.

Attachments are in the catalogue's name tree; those of a page are annotations (ISO 32000-1, 7.11.4 and
12.5.6.15). qpdf unpacks a stream as a whole, so the packed bytes are taken and unpacked here, step by step.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import pikepdf

from viewer.documents import Part, Sink
from viewer.errors import PartNotFound, UnsupportedType
from viewer.formats.copying import copy_bytes, inflate
from viewer.formats.pdf.opening import BROKEN, annotations

MAX_FILES = 500
"""Embedded files that are offered of one PDF."""
_MAX_NODES = 10_000
"""Nodes of the name tree that are looked at."""
_END = object()


class _Embedded(NamedTuple):
    """A file specification, and the file."""

    about: pikepdf.Dictionary
    stream: pikepdf.Stream


def list_files(pdf: pikepdf.Pdf, annotations: Sequence[pikepdf.Dictionary]) -> tuple[Part, ...]:
    """The files in a PDF; none where they cannot be read: the PDF itself is shown all the same.

    Args:
        pdf: open.
        annotations: the annotations of its pages.
    """
    try:
        return tuple(_part(number, found) for number, found in enumerate(_files(pdf, annotations), 1))
    except RecursionError:
        raise
    except BROKEN:
        return ()


def extract(pdf: pikepdf.Pdf, number: int, into: Sink) -> str:
    """Pass on one of the files; give its name.

    Raises:
        PartNotFound: there is none of this number.
        UnsupportedType: it is packed in a way not known here.
    """
    found = dict(enumerate(_files(pdf, list(annotations(pdf))), 1)).get(number)
    if found is None:
        raise PartNotFound("no part of this number")
    unpack(found.stream, into)
    return _part(number, found).name


def unpack(stream: pikepdf.Stream, into: Sink) -> None:
    """Pass on the bytes of a stream, in bounded pieces.

    Raises:
        UnsupportedType: it is packed in a way not known here.
        Corrupt: it is cut short.
        zlib.error: it does not unpack.
    """
    packed = memoryview(stream.read_raw_bytes())
    match _filters(stream):
        case []:
            copy_bytes(packed, into)
        case ["/FlateDecode"] if stream.get("/DecodeParms") is None:
            inflate(packed, into)
        case _:
            raise UnsupportedType("filter of an embedded file")


def _files(pdf: pikepdf.Pdf, annotations: Sequence[pikepdf.Dictionary]) -> list[_Embedded]:
    """The embedded files, each once."""
    seen: dict[tuple[int, int], _Embedded] = {}
    for found in _specifications(pdf, annotations):
        embedded = found.get("/EF") if isinstance(found, pikepdf.Dictionary) else None
        if isinstance(found, pikepdf.Dictionary) and isinstance(embedded, pikepdf.Dictionary):
            stream = embedded.get("/UF", embedded.get("/F"))
            if isinstance(stream, pikepdf.Stream):
                seen.setdefault(stream.objgen, _Embedded(found, stream))
    return list(islice(seen.values(), MAX_FILES))


def _specifications(
    pdf: pikepdf.Pdf, annotations: Sequence[pikepdf.Dictionary]
) -> Iterator[pikepdf.Object | None]:
    names = pdf.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary) and "/EmbeddedFiles" in names:
        yield from islice(_values(names["/EmbeddedFiles"]), MAX_FILES)
    for annotation in annotations:
        if annotation.get("/Subtype") == "/FileAttachment":
            yield annotation.get("/FS")


def _values(root: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The values of a name tree in its order; each node once, whichever nodes name it."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Iterator[pikepdf.Object]] = [iter((root,))]
    for _ in range(_MAX_NODES):
        while waiting and (node := next(waiting[-1], _END)) is _END:
            waiting.pop()
        if not waiting:
            return
        if not isinstance(node, pikepdf.Dictionary) or (node.is_indirect and node.objgen in seen):
            continue
        seen.add(node.objgen)
        names, kids = node.get("/Names"), node.get("/Kids")
        if isinstance(names, pikepdf.Array) and len(names):
            yield from islice(names, 1, None, 2)
        elif isinstance(kids, pikepdf.Array):
            waiting.append(iter(kids))


def _part(number: int, found: _Embedded) -> Part:
    name = found.about.get("/UF", found.about.get("/F", ""))
    params = found.stream.get("/Params")
    size: Any = params.get("/Size") if isinstance(params, pikepdf.Dictionary) else None
    return Part(number, str(name), size if isinstance(size, int) and size >= 0 else None)


def _filters(stream: pikepdf.Stream) -> list[str]:
    named = stream.get("/Filter")
    if named is None:
        return []
    return [str(each) for each in named] if isinstance(named, pikepdf.Array) else [str(named)]
