"""Messages that Outlook saves: .msg files (MS-OXMSG), an OLE file with a storage for each object."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from viewer.errors import Corrupt, TooLarge, UnsupportedType
from viewer.formats.failures import corrupt_on
from viewer.formats.mail import mapi
from viewer.formats.mail.eml import read_eml
from viewer.formats.mail.kinds import PROPERTIES, STREAM_PREFIX
from viewer.formats.mail.letter import MAX_ENCLOSURES, Enclosure, Letter
from viewer.formats.mail.rebuilt import as_eml
from viewer.formats.ole import BROKEN, OleFile

MAX_RECIPIENTS = 1000
"""That are read one by one; for more, the line of names that the message has too must do."""
MAX_DEPTH = 10
"""Messages within messages."""

_ATTACHMENT, _RECIPIENT = "__attach_version1.0_#", "__recip_version1.0_#"
_EMBEDDED = f"{STREAM_PREFIX}3701000D"
_DATA, _METHOD = 0x3701, 0x3705
_EMBEDDED_METHOD = 5
_HEADER = {"top": 32, "embedded": 24, "part": 8}
"""Bytes before the first property."""
_ENTRY = struct.Struct("<HHI8s")
_STRING, _STRING8, _BINARY = "001F", "001E", "0102"

Path = tuple[str, ...]


def read_msg(ole: OleFile, size: int) -> Letter:
    """The letter in a .msg file.

    Args:
        ole: the file, open.
        size: of the file, in bytes.

    Raises:
        Corrupt: its streams cannot be read.
        TooLarge: too many recipients, attachments, or messages within messages.
    """
    return _read(_File.of(ole, size), (), 0)


@dataclass(slots=True)
class _File:
    """An open OLE file that gives out no more bytes than it has, however its streams overlap."""

    ole: OleFile
    children: dict[Path, dict[str, str]]
    left: int
    sizes: dict[Path, int] = field(default_factory=dict)
    """Bytes of all streams within a storage that holds a message."""

    @classmethod
    def of(cls, ole: OleFile, size: int) -> "_File":
        children: dict[Path, dict[str, str]] = {}
        sizes: dict[Path, int] = {}
        with corrupt_on(*BROKEN):
            for path in ole.listdir(streams=True, storages=True):
                *folder, name = path
                children.setdefault(tuple(folder), {})[name.lower()] = name
            for path in ole.listdir(streams=True, storages=False):
                for depth in [at for at, name in enumerate(path, 1) if name.lower() == _EMBEDDED.lower()]:
                    within = tuple(path[:depth])
                    sizes[within] = sizes.get(within, 0) + int(ole.get_size(path))
        return cls(ole, children, size * 4, sizes)

    def size(self, path: Path) -> int:
        """Of a stream, in bytes; 0 of a storage."""
        with corrupt_on(*BROKEN):
            return 0 if path in self.children else int(self.ole.get_size(list(path)))

    def read(self, path: Path) -> bytes:
        self.left -= self.size(path)
        if self.left < 0:
            raise Corrupt("streams that overlap")
        with corrupt_on(*BROKEN):
            return bytes(self.ole.openstream(list(path)).read())

    def folders(self, path: Path, prefix: str) -> list[Path]:
        """The storages whose name begins so, by their number."""
        names = sorted(name for key, name in self.children.get(path, {}).items() if key.startswith(prefix))
        return [(*path, name) for name in names]


class _Properties:
    """`mapi.Properties` of one storage."""

    def __init__(self, file: _File, path: Path, kind: str, encoding: str | None = None) -> None:
        self._file = file
        self._path = path
        self._streams = file.children.get(path, {})
        self._fixed = dict(self._entries(_HEADER[kind]))
        self.encoding = encoding or mapi.encoding_of(self)

    def text(self, number: int) -> str:
        """See `mapi.Properties.text`."""
        wide = self._stream(number, _STRING)
        if wide is not None:
            return wide.decode("utf-16-le", errors="replace").rstrip("\0")
        narrow = self._stream(number, _STRING8)
        return (narrow or b"").decode(self.encoding, errors="replace").rstrip("\0")

    def binary(self, number: int) -> bytes | None:
        """See `mapi.Properties.binary`."""
        return self._stream(number, _BINARY)

    def integer(self, number: int) -> int | None:
        """See `mapi.Properties.integer`."""
        return self._fixed.get(number)

    def size_of(self, number: int) -> int:
        """Of a binary property, in bytes; none where it is missing."""
        name = self._streams.get(f"{STREAM_PREFIX}{number:04X}{_BINARY}".lower())
        return self._file.size((*self._path, name)) if name else 0

    def has(self, name: str) -> bool:
        """Whether the storage has a stream or storage of this name."""
        return name.lower() in self._streams

    def _stream(self, number: int, kind: str) -> bytes | None:
        name = self._streams.get(f"{STREAM_PREFIX}{number:04X}{kind}".lower())
        return self._file.read((*self._path, name)) if name else None

    def _entries(self, start: int) -> Iterator[tuple[int, int]]:
        name = self._streams.get(PROPERTIES)
        body = self._file.read((*self._path, name))[start:] if name else b""
        for kind, number, _, value in _ENTRY.iter_unpack(body[: len(body) // _ENTRY.size * _ENTRY.size]):
            eight = kind in {0x14, 0x40}  # a number or a time of eight bytes
            yield number, int.from_bytes(value if eight else value[:4], "little")


def _read(file: _File, path: Path, depth: int) -> Letter:
    if depth > MAX_DEPTH:
        raise TooLarge("messages within messages")
    message = _Properties(file, path, "embedded" if path else "top")
    recipients = file.folders(path, _RECIPIENT)
    attachments = file.folders(path, _ATTACHMENT)
    if len(attachments) > MAX_ENCLOSURES:
        raise TooLarge("attachments")
    letter = mapi.letter(
        message,
        [
            _Properties(file, one, "part", message.encoding)
            for one in recipients
            if len(recipients) <= MAX_RECIPIENTS
        ],
        [_enclosure(file, one, message.encoding, depth) for one in attachments],
    )
    return _opened(letter) if mapi.signed_whole(message) else letter


def _opened(letter: Letter) -> Letter:
    """A signed message, which Outlook keeps as it came: all of it is in its only attachment."""
    if len(letter.enclosures) != 1:
        return letter
    inside = read_eml(letter.enclosures[0].read())
    return replace(
        letter,
        html=inside.html,
        text=inside.text,
        rtf=inside.rtf,
        enclosures=inside.enclosures,
        sealed=inside.sealed,
    )


def _enclosure(file: _File, path: Path, encoding: str, depth: int) -> Enclosure:
    properties = _Properties(file, path, "part", encoding)
    name, media_type, content_ids = mapi.enclosure_names(properties)
    if properties.has(_EMBEDDED) and properties.integer(_METHOD) in {None, _EMBEDDED_METHOD}:
        inside = (*path, file.children[path][_EMBEDDED.lower()])
        size = file.sizes.get(inside, 0)
        return Enclosure(
            name, "message/rfc822", size, content_ids, lambda: as_eml(_read(file, inside, depth + 1))
        )

    def read() -> bytes:
        body = properties.binary(_DATA)
        if body is None:  # a link to a file elsewhere, or an object of another program
            raise UnsupportedType("attachment that is not in the message")
        return body

    return Enclosure(name, media_type, properties.size_of(_DATA), content_ids, read)
