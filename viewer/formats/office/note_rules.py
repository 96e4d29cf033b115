"""Rules for notes: each counts something in a zip-based office file, and has the sentence for it.

Every pattern reads a part once from beginning to end: within a tag none goes beyond the next `<`, which
well-formed XML has nowhere in a tag.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from viewer.formats.office.package import Package
from viewer.formats.office.sentences import Plural


@dataclass(frozen=True, slots=True)
class NoteRule:
    """Something to count in a file, and the sentence for it.

    Args:
        words: the sentence for one, and for several.
        count: how many there are in a file.
    """

    words: Plural
    count: Callable[[Package], int]


@dataclass(frozen=True, slots=True)
class PartPattern:
    """The parts of a package in which something is counted.

    Args:
        named: their usual names.
        typed: what they are declared as, under whatever name; None where the name alone counts.
    """

    named: "re.Pattern[str]"
    typed: "re.Pattern[str] | None" = None


def part_pattern(named: str, typed: str | None = None) -> PartPattern:
    """Parts by patterns of their names and types."""
    return PartPattern(re.compile(named), re.compile(typed) if typed else None)


def count_matches(words: Plural, parts: PartPattern, pattern: str) -> NoteRule:
    """Each match of the pattern counts one."""
    compiled = re.compile(pattern.encode())

    def count(package: Package) -> int:
        found = package.parts(parts.named, parts.typed)
        return sum(sum(1 for _ in compiled.finditer(package.read(name))) for name in found)

    return NoteRule(words, count)


def count_matching_parts(words: Plural, parts: PartPattern, pattern: str) -> NoteRule:
    """Each part in which the pattern matches counts one."""
    compiled = re.compile(pattern.encode())

    def count(package: Package) -> int:
        found = package.parts(parts.named, parts.typed)
        return sum(compiled.search(package.read(name)) is not None for name in found)

    return NoteRule(words, count)


def count_parts(words: Plural, parts: PartPattern) -> NoteRule:
    """Each part counts one."""
    return NoteRule(words, lambda package: len(package.parts(parts.named, parts.typed)))


def count_relations(words: Plural, kinds: frozenset[str], *, is_external: bool) -> NoteRule:
    """Each relation of these kinds counts one, to parts inside or to what is elsewhere."""

    def count(package: Package) -> int:
        return sum(
            relation.kind in kinds and relation.is_external is is_external for relation in package.relations
        )

    return NoteRule(words, count)
