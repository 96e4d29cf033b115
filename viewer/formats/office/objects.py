r"""Finds the file and its name in one embedded object.

Objects are in OLE containers, or in a container of the document around them. Windows' packager keeps a file
of any kind with its name in the stream `\x01Ole10Native` (Microsoft, [MS-OLEDS] 2.3.6; the layout of what it
packs was found by many and is not specified); other programs keep their own document there.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from viewer.documents import Sink
from viewer.formats.copying import copy_bytes
from viewer.formats.mail.kinds import PROPERTIES
from viewer.formats.office.kinds import BY_MEDIA_TYPE, IN_OLE
from viewer.formats.ole import OleFile

_NATIVE, _CONTENTS = "\x01Ole10Native", "CONTENTS"
_DOCUMENTS = ("Package", "EmbeddedOdf", "package_stream")
"""Where Microsoft's and OpenDocument's programs keep a whole file."""
_DRAWN = ("equation native", "vba/")
"""Of formulas, whose picture is all there is to them; and macros, which are told of elsewhere."""
_ODF_AT = 38
"""Where the media type of an OpenDocument file stands, at its beginning (OpenDocument 1.3, part 2, 3.3)."""
_ODF_DRAWN = tuple(f"application/vnd.oasis.opendocument.{kind}".encode() for kind in ("chart", "formula"))
_LONGEST_NAME = 1024
_PACKED_FILE = 3
"""Of a package that holds its file; another is a link to it."""
_BEGINNINGS = {b"%PDF": ".pdf", b"BM": ".bmp", b"RIFF": ".wav", b"{\\rtf": ".rtf", b"\xff\xd8\xff": ".jpg"}
_ZIPPED = {b"word/": ".docx", b"xl/": ".xlsx", b"ppt/": ".pptx", b"visio/": ".vsdx"}
_EXTENSIONS = {"Book": ".xls", PROPERTIES: ".msg"} | {name: f".{kind.name}" for name, kind in IN_OLE.items()}


class EmbeddedFile(NamedTuple):
    """A file in a document.

    Args:
        name: as the document calls it, or made up where it has none.
        size: in bytes, if known.
        write_to: writes its bytes into a sink; None where its format is unknown.
    """

    name: str
    size: int | None
    write_to: Callable[[Sink], object] | None


class WholeObject(NamedTuple):
    """An embedded object as a file of its own.

    Args:
        size: in bytes.
        write_to: writes its bytes into a sink.
    """

    size: int
    write_to: Callable[[Sink], object]


def file_in_ole(
    ole: OleFile, within: tuple[str, ...], streams: Iterable[Sequence[str]], number: int, whole: WholeObject
) -> EmbeddedFile | None:
    """The file in an OLE object; None where its picture in the document is all there is to it.

    Args:
        ole: open.
        within: the storage that is the object; empty for all of the file.
        streams: paths of what is in it, from there.
        number: of the object, for its name.
        whole: the object as it is.

    Raises:
        Exception: one of `ole.BROKEN`.
    """
    names = frozenset("/".join(path).lower() for path in streams)
    if not any(map(_is_data, names)) or any(name.startswith(_DRAWN) for name in names):
        return None

    def there(name: str) -> bool:
        return name.lower() in names

    def stream(name: str) -> bytes:
        return bytes(ole.openstream([*within, name]).read())

    if there(_NATIVE):
        return file_in_native_stream(stream(_NATIVE)[4:], number)
    document = next(filter(there, _DOCUMENTS), None)
    if document:
        return file_in_package(stream(document), number)
    if there(_CONTENTS) and (body := stream(_CONTENTS)).startswith(b"%PDF"):
        return file_in_package(body, number)
    extension = next((extension for name, extension in _EXTENSIONS.items() if there(name)), None)
    if extension is None:
        return EmbeddedFile(default_name(number), whole.size, None)
    return EmbeddedFile(default_name(number, extension), whole.size, whole.write_to)


def _is_data(name: str) -> bool:
    """Whether a stream is more than a picture of the object, or what programs note about it."""
    return name[0] >= " " or name == _NATIVE.lower()


def file_in_native_stream(body: bytes, number: int) -> EmbeddedFile | None:
    """The file that an object's own program, or Windows' packager, left in it."""
    try:
        return _packed(body, number) or file_in_package(body, number)
    except struct.error:
        return EmbeddedFile(default_name(number), len(body), None)


def file_in_package(body: bytes, number: int) -> EmbeddedFile | None:
    """A file without a name; None where it is one that is drawn."""
    if body[_ODF_AT:].startswith(_ODF_DRAWN):
        return None
    extension = _extension(body)
    write_to = partial(copy_bytes, body)
    return EmbeddedFile(default_name(number, extension), len(body), write_to if extension else None)


def default_name(number: int, extension: str = "") -> str:
    """What an object is called that has no name."""
    return f"object {number}{extension}"


def _packed(body: bytes, number: int) -> EmbeddedFile | None:
    """A file with its name, as the packager keeps it; None where this is something else."""
    if not body.startswith(b"\x02\x00"):
        return None
    label, at = _text(body, 2)
    _, at = _text(body, at)
    kind, length = struct.unpack_from("<2xHI", body, at)
    if kind != _PACKED_FILE:
        return EmbeddedFile(label or default_name(number), None, None)
    at += 8 + length
    (size,) = struct.unpack_from("<I", body, at)
    at += 4
    content = body[at : at + size]
    name = _wide_label(body, at + size) or label
    return EmbeddedFile(
        name or default_name(number, _extension(content)), len(content), partial(copy_bytes, content)
    )


def _text(body: bytes, at: int) -> tuple[str, int]:
    """A text up to its zero byte, and where the next thing begins."""
    end = body.find(b"\0", at, at + _LONGEST_NAME)
    if end < 0:
        raise struct.error("a name without an end")
    return body[at:end].decode("cp1252", errors="replace"), end + 1


def _wide_label(body: bytes, at: int) -> str:
    """The name in UTF-16, which newer versions add: it stands after the file's temporary path."""
    try:
        (skipped,) = struct.unpack_from("<I", body, at)
        at += 4 + skipped * 2
        (length,) = struct.unpack_from("<I", body, at)
    except struct.error:
        return ""
    if length > _LONGEST_NAME:
        return ""
    return body[at + 4 : at + 4 + length * 2].decode("utf-16-le", errors="replace").rstrip("\0")


def _extension(body: bytes) -> str:
    """Of a file by its first bytes; none where they are not known here."""
    for beginning, extension in _BEGINNINGS.items():
        if body.startswith(beginning):
            return extension
    if not body.startswith(b"PK"):
        return ""
    odf = next(
        (kind for media_type, kind in BY_MEDIA_TYPE.items() if body[_ODF_AT:].startswith(media_type)), None
    )
    directory = body[-64 * 1024 :]
    return (
        f".{odf.name}" if odf else next((end for part, end in _ZIPPED.items() if part in directory), ".zip")
    )
