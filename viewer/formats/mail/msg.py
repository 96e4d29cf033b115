"""Messages that Outlook saves: .msg files (MS-OXMSG), an OLE file with a storage for each object."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from uuid import UUID

from viewer.errors import Corrupt, TooLarge, UnsupportedType
from viewer.formats.failures import corrupt_on
from viewer.formats.mail import mapi
from viewer.formats.mail.eml import read_smime
from viewer.formats.mail.eml_writer import as_eml
from viewer.formats.mail.kinds import PROPERTIES, STREAM_PREFIX
from viewer.formats.mail.message import MAX_ATTACHMENTS, Attachment, Message
from viewer.formats.ole import BROKEN, OleFile

MAX_RECIPIENTS = 1000
"""Recipients that are read one by one. Beyond it the message's own list of names is shown."""
MAX_TEXTS = 100
"""Values of one property that are read."""
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
_MANY = 0x1000
_FREE = 0xFFFFFFFF
"""What the table of sectors says of one that is not in use (MS-CFB, 2.1)."""
_NAMES = "__nameid_version1.0"
_NAME = struct.Struct("<IHH")
_OWN_SETS = ("00020328-0000-0000-c000-000000000046", "00020329-0000-0000-c000-000000000046")
"""The sets that need no place in the list: of MAPI itself, and of names in words (MS-OXMSG, 2.2.3.1.2)."""

Path = tuple[str, ...]


def read_msg(ole: OleFile, size: int) -> Message:
    """The message in a .msg file.

    Args:
        ole: the file, open.
        size: of the file, in bytes.

    Raises:
        Corrupt: its streams cannot be read.
        TooLarge: too many recipients, attachments, or messages within messages.
    """
    return _read(_File.of(ole, size), (), 0)


@dataclass
class _File:
    """An open OLE file that limits the bytes read in total: streams that overlap would multiply them."""

    ole: OleFile
    children: dict[Path, dict[str, str]]
    left: int
    is_truncated: bool = False
    """Whether a stream was shorter than the directory says."""
    sizes: dict[Path, int] = field(default_factory=dict)
    """The size of each storage that holds a message: its streams together, in bytes."""

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
        return cls(ole, children, size * 4, _is_truncated(ole, size), sizes)

    @cached_property
    def names(self) -> dict[tuple[str, int | str], int]:
        """The numbers of the properties that have names of their own (MS-OXMSG, 2.2.3)."""
        folder = next((name for key, name in self.children.get((), {}).items() if key == _NAMES), None)
        if folder is None:
            return {}
        streams = self.children.get((folder,), {})
        sets, entries, words = (
            self.read((folder, streams[key]))
            if (key := f"{STREAM_PREFIX}{number}0102".lower()) in streams
            else b""
            for number in ("0002", "0003", "0004")
        )
        found: dict[tuple[str, int | str], int] = {}
        for number, kind, place in _NAME.iter_unpack(entries[: len(entries) // _NAME.size * _NAME.size]):
            listed = (kind >> 1) - 3
            start = listed * 16
            if listed < 0:
                property_set = _OWN_SETS[(kind >> 1) - 1] if kind >> 1 else ""
            elif len(sets) >= start + 16:
                property_set = str(UUID(bytes_le=sets[start : start + 16]))
            else:
                continue
            name = _word(words, number) if kind & 1 else number
            found.setdefault((property_set, name), 0x8000 + place)
        return found

    def size(self, path: Path) -> int:
        """The size of the stream in bytes, or 0 for a storage."""
        with corrupt_on(*BROKEN):
            return 0 if path in self.children else int(self.ole.get_size(list(path)))

    def read(self, path: Path) -> bytes:
        size = self.size(path)
        self.left -= size
        if self.left < 0:
            raise Corrupt("streams that overlap")
        with corrupt_on(*BROKEN):
            body = bytes(self.ole.openstream(list(path)).read())
        self.is_truncated |= len(body) < size
        return body

    def folders(self, path: Path, prefix: str) -> list[Path]:
        """The storages whose names begin with the prefix, sorted by their number."""
        names = sorted(name for key, name in self.children.get(path, {}).items() if key.startswith(prefix))
        return [(*path, name) for name in names]


class _Properties:
    """`items.Properties` of one storage."""

    def __init__(self, file: _File, path: Path, kind: str, encoding: str | None = None) -> None:
        self._file = file
        self._path = path
        self._streams = file.children.get(path, {})
        self._fixed = dict(self._entries(_HEADER[kind]))
        self.encoding = encoding or mapi.encoding_of(self)

    def property_id(self, property_set: str, name: int | str) -> int:
        """See `items.Properties.property_id`."""
        return self._file.names.get((property_set, name), 0)

    def texts(self, number: int) -> list[str]:
        """See `items.Properties.texts`."""
        one = self.text(number)
        if one:
            return [one]
        found = []
        for kind, encoding in ((_STRING, "utf-16-le"), (_STRING8, self.encoding)):
            several = f"{STREAM_PREFIX}{number:04X}{int(kind, 16) | _MANY:04X}"
            for place in range(MAX_TEXTS):
                name = self._streams.get(f"{several}-{place:08X}".lower())
                if name is None:
                    break
                body = self._file.read((*self._path, name))
                found.append(body.decode(encoding, errors="replace").rstrip("\0"))
        return found

    def text(self, number: int) -> str:
        """See `items.Properties.text`."""
        wide = self._stream(number, _STRING)
        if wide is not None:
            return wide.decode("utf-16-le", errors="replace").rstrip("\0")
        narrow = self._stream(number, _STRING8)
        return (narrow or b"").decode(self.encoding, errors="replace").rstrip("\0")

    def binary(self, number: int) -> bytes | None:
        """See `items.Properties.binary`."""
        return self._stream(number, _BINARY)

    def integer(self, number: int) -> int | None:
        """See `items.Properties.integer`."""
        return self._fixed.get(number)

    def size_of(self, number: int) -> int:
        """The size of a binary property in bytes, or 0 where it is missing."""
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
            eight = kind in {0x05, 0x14, 0x40}  # a number or a time of eight bytes
            yield number, int.from_bytes(value if eight else value[:4], "little")


def _is_truncated(ole: OleFile, size: int) -> bool:
    """Whether sectors in use are missing at the end of the file."""
    used = max((place for place, following in enumerate(ole.fat) if following != _FREE), default=0)
    return bool((used + 1) * ole.sector_size >= size)


def _word(words: bytes, at: int) -> str:
    """The name of a named property, in lower case."""
    length = int.from_bytes(words[at : at + 4], "little")
    return words[at + 4 : at + 4 + min(length, 512)].decode("utf-16-le", errors="replace").lower()


def _read(file: _File, path: Path, depth: int) -> Message:
    if depth > MAX_DEPTH:
        raise TooLarge("messages within messages")
    properties = _Properties(file, path, "embedded" if path else "top")
    recipients = file.folders(path, _RECIPIENT)
    attachment_folders = file.folders(path, _ATTACHMENT)
    if len(attachment_folders) > MAX_ATTACHMENTS:
        raise TooLarge("attachments")
    message = mapi.read_message(
        properties,
        [
            _Properties(file, one, "part", properties.encoding)
            for one in recipients
            if len(recipients) <= MAX_RECIPIENTS
        ],
        [_attachment(file, one, properties.encoding, depth) for one in attachment_folders],
    )
    message = replace(message, is_truncated=file.is_truncated)
    return _read_smime(message) if mapi.is_smime(properties) else message


def _read_smime(outer: Message) -> Message:
    """The message with the content of its S/MIME attachment: Outlook stores it as it was received."""
    if len(outer.attachments) != 1:
        return replace(outer, encrypted=not (outer.html or outer.text or outer.rtf))
    try:
        inside = read_smime(outer.attachments[0].read())
    except Corrupt:
        return replace(outer, encrypted=True, is_truncated=True)
    return replace(
        outer,
        html=inside.html,
        text=inside.text,
        rtf=inside.rtf,
        attachments=outer.attachments if inside.encrypted else inside.attachments,
        encrypted=inside.encrypted,
        signed=inside.signed,
        is_truncated=outer.is_truncated or inside.is_truncated,
        details=(*outer.details, *inside.details),
    )


def _attachment(file: _File, path: Path, encoding: str, depth: int) -> Attachment:
    properties = _Properties(file, path, "part", encoding)
    name, media_type, content_ids = mapi.attachment_names(properties)
    if properties.has(_EMBEDDED) and properties.integer(_METHOD) in {None, _EMBEDDED_METHOD}:
        inside = (*path, file.children[path][_EMBEDDED.lower()])
        size = file.sizes.get(inside, 0)
        return Attachment(
            name, "message/rfc822", size, content_ids, lambda: as_eml(_read(file, inside, depth + 1))
        )

    def read() -> bytes:
        body = properties.binary(_DATA)
        if body is None:  # a link to a file elsewhere, or an object of another program
            raise UnsupportedType("attachment that is not in the message")
        if len(body) < properties.size_of(_DATA):
            raise Corrupt("cut short")
        return body

    return Attachment(name, media_type, properties.size_of(_DATA), content_ids, read)
