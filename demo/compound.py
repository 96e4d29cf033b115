"""Writes small OLE files (MS-CFB, version 3): no library for Python makes them from nothing."""

import struct
from dataclasses import dataclass, field

SECTOR, MINI = 512, 64
_CUTOFF = 4096
"""The size in bytes below which streams share sectors."""
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_HEADER_FATS = 109

Path = tuple[str, ...]


@dataclass
class _Entry:
    """One entry of the directory."""

    name: str
    kind: int
    body: bytes = b""
    children: "list[_Entry]" = field(default_factory=list)
    number: int = 0
    left: int = _FREE
    right: int = _FREE
    child: int = _FREE
    start: int = _END
    size: int = 0


def compound(streams: dict[Path, bytes]) -> bytes:
    """An OLE file with these streams, each named by its path; the storages on the path are added."""
    root = _Entry("Root Entry", _ROOT)
    for path, body in streams.items():
        _storage(root, path[:-1]).children.append(_Entry(path[-1], _STREAM, body))
    entries = _numbered(root)
    sectors: list[bytes] = []
    fat: list[int] = []

    def place(body: bytes) -> int:
        start, count = len(sectors), -(-len(body) // SECTOR)
        sectors.extend(body[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(body), SECTOR))
        fat.extend([*range(start + 1, start + count), _END] if count else [])
        return start if count else _END

    mini, mini_fat = bytearray(), list[int]()
    for entry in entries[1:]:
        entry.size = len(entry.body)
        if entry.size >= _CUTOFF:
            entry.start = place(entry.body)
        elif entry.body:
            entry.start, count = len(mini_fat), -(-entry.size // MINI)
            mini += entry.body.ljust(count * MINI, b"\0")
            mini_fat += [*range(entry.start + 1, entry.start + count), _END]
    root.start, root.size = place(bytes(mini)), len(mini)
    mini_start = place(_numbers(mini_fat))
    directory_start = place(b"".join(map(_written, entries)).ljust(_up(len(entries) * 128), b"\0"))
    fats = 1
    while (len(fat) + fats) * 4 > fats * SECTOR:
        fats += 1
    if fats > _HEADER_FATS:
        raise ValueError("too large for this writer")
    first_fat = len(sectors)
    table = _numbers([*fat, *[_FAT] * fats])
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, fats, directory_start, 0, _CUTOFF, mini_start, _up(len(mini_fat) * 4) // SECTOR, _END, 0,
    )  # fmt: skip
    header += _numbers([*range(first_fat, first_fat + fats)], _HEADER_FATS * 4)
    return header + b"".join(sectors) + table


def _storage(root: _Entry, path: Path) -> _Entry:
    for name in path:
        found = next((child for child in root.children if child.name == name), None)
        if found is None:
            found = _Entry(name, _STORAGE)
            root.children.append(found)
        root = found
    return root


def _numbered(root: _Entry) -> list[_Entry]:
    """All entries, numbered and linked into a search tree by name."""
    entries = [root]
    for entry in entries:
        entries.extend(entry.children)
    for number, entry in enumerate(entries):
        entry.number = number
    for entry in entries:
        entry.child = _tree(sorted(entry.children, key=lambda child: (len(child.name), child.name.upper())))
    return entries


def _tree(siblings: list[_Entry]) -> int:
    if not siblings:
        return _FREE
    middle = len(siblings) // 2
    top = siblings[middle]
    top.left, top.right = _tree(siblings[:middle]), _tree(siblings[middle + 1 :])
    return top.number


def _written(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII36xIQ", name, len(name) + 2, entry.kind, 1, entry.left, entry.right, entry.child,
        entry.start, entry.size,
    )  # fmt: skip


def _numbers(numbers: list[int], size: int = 0) -> bytes:
    body = struct.pack(f"<{len(numbers)}I", *numbers)
    return body.ljust(size or _up(len(body)), b"\xff")


def _up(size: int) -> int:
    return -(-size // SECTOR) * SECTOR
