"""The parts of a zip-based office file: by name, by declared type and by relation, read within limits.

Layout: ECMA-376, part 2: 7.2 (content types), 6.5 (relationships).
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from viewer.formats.zips import normalised_name

MAX_BYTES = 32 * 1024 * 1024
"""Unpacked bytes that are read of one file."""
_MAX_PARTS = 200
"""Parts in which one thing is looked for."""
_MAX_RELATIONS = 1000
"""Parts whose relations are looked at."""
_TYPE = re.compile(rb"<(?:\w+:)?Override\s([^<>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^<>]*)>")
_ATTRIBUTE = re.compile(rb"""(\w+)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""")
_ENTITIES = {"&amp;": "&", "&apos;": "'", "&quot;": '"', "&#32;": " "}


class Relation(NamedTuple):
    """What a part has to do with another, or with something outside.

    Args:
        kind: the last step of its type, such as ``image``.
        target: the name of the part, or an address.
        is_external: whether the target is outside the file.
    """

    kind: str
    target: str
    is_external: bool


class Package:
    """An open zip.

    Args:
        archive: open.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = archive.namelist()
        self._seen: dict[str, bytes] = {}
        self._left = MAX_BYTES

    def read(self, name: str) -> bytes:
        """A part's first bytes: each is read once, and no more than `MAX_BYTES` of them all.

        Raises:
            Exception: one of `zips.BROKEN`.
        """
        if name not in self._seen:
            with self.archive.open(name) as part:
                self._seen[name] = part.read(max(self._left, 0))
            self._left -= len(self._seen[name])
        return self._seen[name]

    def parts(self, named: "re.Pattern[str]", typed: "re.Pattern[str] | None" = None) -> list[str]:
        """The parts that have such a name, or are declared to be of such a type, wherever they are."""
        found = [
            name
            for name in self.names
            if named.fullmatch(name) or (typed and typed.search(self._types.get(normalised_name(name), "")))
        ]
        return found[:_MAX_PARTS]

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """Those of all parts, in the order of the zip."""
        sources = [name for name in self.names if name.endswith(".rels")][:_MAX_RELATIONS]
        return tuple(relation for source in sources for relation in self._relations_in(source))

    @cached_property
    def _types(self) -> dict[str, str]:
        """Declared types by normalised name."""
        name = "[Content_Types].xml"
        declared = _TYPE.findall(self.read(name)) if name in self.names else []
        pairs = (
            (said.get("PartName", ""), said.get("ContentType", "")) for said in map(_attributes, declared)
        )
        return {normalised_name(part): kind for part, kind in pairs}

    def _relations_in(self, source: str) -> Iterator[Relation]:
        folder = posixpath.dirname(posixpath.dirname(source))
        for match in _RELATION.finditer(self.read(source)):
            said = _attributes(match[1])
            kind, target = said.get("Type", "").rpartition("/")[2], said.get("Target", "")
            is_external = said.get("TargetMode", "").lower() == "external"
            if not is_external:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            yield Relation(kind, target, is_external)


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        match[1].decode(errors="replace"): _plain((match[2] or match[3] or b"").decode(errors="replace"))
        for match in _ATTRIBUTE.finditer(tag)
    }


def _plain(value: str) -> str:
    for entity, sign in _ENTITIES.items():
        value = value.replace(entity, sign)
    return value
