"""Objects in old binary office files: storages of Word's and Excel's, records of PowerPoint's.

Layouts: Microsoft, [MS-DOC] 2.1.8 (ObjectPool), [MS-XLS] 2.1.7.1 (embedding storages, `MBD…`), [MS-CFB] 2.6.1
(directory entries), [MS-PPT] 2.10.34 (ExOleObjStg).
"""

import io
from collections.abc import Iterator
from functools import partial

from viewer.documents import Sink
from viewer.errors import Corrupt
from viewer.formats.copying import CHUNK, inflate
from viewer.formats.document import Document
from viewer.formats.office import powerpoint_97
from viewer.formats.office.candidates import ObjectCandidate, file_in_ole_bytes
from viewer.formats.office.objects import EmbeddedFile, WholeObject, file_in_ole
from viewer.formats.ole import OleFile
from viewer.formats.sinks import LimitedSink

_POOL, _EXCEL_OBJECT = "ObjectPool", "MBD"
_ENTRY, _CHILD_AT, _CHILD_END = 128, 76, 96
"""Bytes of a directory entry; where the first of its children and its class stand, and end."""

Path = tuple[str, ...]


def storage_objects(document: Document, ole: OleFile) -> Iterator[ObjectCandidate]:
    """The objects of a Word document or a workbook, by name."""
    objects: dict[Path, list[Path]] = {}
    for path in map(tuple, ole.listdir(streams=True, storages=False)):
        if within := _object_of(path):
            objects.setdefault(within, []).append(path)
    for within, streams in sorted(objects.items()):
        size = sum(int(ole.get_size(list(path))) for path in streams)
        inside = [path[len(within) :] for path in streams]
        yield ObjectCandidate(size, partial(_of_storage, document, ole, within, inside, size))


def presentation_objects(ole: OleFile) -> Iterator[ObjectCandidate]:
    """The objects of a presentation."""
    stream = ole.body(powerpoint_97.STREAM)
    for record in powerpoint_97.objects(ole):
        packed = stream[record.start : record.end]
        size = int.from_bytes(packed[:4], "little") if record.instance else len(packed)
        yield ObjectCandidate(size, partial(_of_record, packed, size, bool(record.instance)))


def _object_of(path: Path) -> Path | None:
    """The object to which a stream belongs."""
    if path[0] == _POOL and len(path) > 2:  # noqa: PLR2004 - the pool, the object, the stream
        return path[:2]
    return path[:1] if path[0].startswith(_EXCEL_OBJECT) and len(path) > 1 else None


def _of_storage(
    document: Document, ole: OleFile, within: Path, streams: list[Path], size: int, number: int
) -> EmbeddedFile | None:
    return file_in_ole(
        ole, within, streams, number, WholeObject(size, partial(_write_storage, document, ole, within))
    )


def _write_storage(document: Document, ole: OleFile, within: Path, into: Sink) -> None:
    """The storage as a file of its own.

    It is the whole file, whose root has the storage's children and class in place of its own: what else is
    in it cannot be reached any more.
    """
    directory = ole.directory_fp.getvalue()
    sid = ole._find(list(within))  # noqa: SLF001 - olefile has no other way to an entry's number
    entry = directory[sid * _ENTRY : (sid + 1) * _ENTRY]
    root_at = (ole.first_dir_sector + 1) * ole.sectorsize
    file = document.rewound()
    before, root = file.read(root_at), file.read(_ENTRY)
    if len(root) < _ENTRY or len(entry) < _ENTRY:
        raise Corrupt("directory of an OLE file")
    into.write(before)
    into.write(root[:_CHILD_AT] + entry[_CHILD_AT:_CHILD_END] + root[_CHILD_END:])
    while chunk := file.read(CHUNK):
        into.write(chunk)


def _of_record(packed: bytes, size: int, is_packed: bool, number: int) -> EmbeddedFile | None:  # noqa: FBT001 - partial
    if not is_packed:
        return file_in_ole_bytes(packed, number)
    body = io.BytesIO()
    inflate(packed[4:], LimitedSink(body, size))
    return file_in_ole_bytes(body.getvalue(), number)
