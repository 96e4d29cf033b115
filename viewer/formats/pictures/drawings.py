"""SVG drawings: browsers draw sane ones as pictures, without running or loading anything.

A few lines of SVG can ask for millions of shapes: what would be drawn is counted before a browser sees it.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from xml.parsers import expat

from viewer.errors import Corrupt, TooLarge, UnsupportedType

MAX_BYTES = 20 * 1024 * 1024
MAX_SHAPES = 100_000
"""Elements drawn, with every repetition: some seconds of a browser's work."""
MAX_DEPTH = 200
SCRIPTS = "Scripts in this drawing were not run."
FROM_ELSEWHERE = "Pictures or styles that this drawing takes from elsewhere are not loaded."

_SVG = "http://www.w3.org/2000/svg"
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)")
_ROOT = ""


@dataclass
class _Counter:
    """Counts elements and repetitions, by the named part of the drawing in which they stand.

    Args:
        own: elements in a part, by its id.
        repeats: ids that a part draws again.
        parts: ids of the open parts, outermost first.
        marks: for each open element, whether it opened a part.
    """

    own: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    repeats: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    parts: list[str] = field(default_factory=lambda: [_ROOT])
    marks: list[bool] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    elements: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if not self.marks and (namespace, local) != (_SVG, "svg"):
            raise Corrupt("no drawing")
        self.elements += 1
        if self.elements > MAX_SHAPES or len(self.marks) >= MAX_DEPTH:
            raise TooLarge("shapes")
        untrusted_id = attributes.get("id", "")
        self.marks.append(bool(untrusted_id))
        if untrusted_id:
            self.repeats[self.parts[-1]].append(untrusted_id)
            self.parts.append(untrusted_id)
        self.own[self.parts[-1]] += 1
        if local == "script" or any(key.lower().startswith("on") for key in attributes):
            self.notes[SCRIPTS] = None
        for key, value in attributes.items():
            self._refer(key.rpartition(" ")[2], value.strip(), local)

    def end(self, _name: str) -> None:
        if self.marks.pop():
            self.parts.pop()

    def _refer(self, key: str, value: str, element: str) -> None:
        if "data:image/svg" in value.lower():
            raise UnsupportedType("a drawing within a drawing")
        self.repeats[self.parts[-1]] += _REFERENCE.findall(value)
        if key != "href" or element == "a":
            return
        if value.startswith("#"):
            self.repeats[self.parts[-1]].append(value[1:])
        elif not value.lower().startswith("data:"):
            self.notes[FROM_ELSEWHERE] = None

    def drawn(self) -> int:
        """How many elements are drawn, as far as `MAX_SHAPES` and one more."""
        known: dict[str, int] = {}
        for part in self._inner_first():
            inner = sum(known.get(name, 0) for name in self.repeats[part])
            known[part] = min(self.own.get(part, 0) + inner, MAX_SHAPES + 1)
        return known[_ROOT]

    def _inner_first(self) -> list[str]:
        """The parts, each after those that it repeats; circles are cut, as browsers do."""
        order: list[str] = []
        seen = {_ROOT}
        stack = [(_ROOT, iter(self.repeats[_ROOT]))]
        while stack:
            part, rest = stack[-1]
            name = next((name for name in rest if name not in seen), None)
            if name is None:
                order.append(part)
                stack.pop()
            else:
                seen.add(name)
                stack.append((name, iter(self.repeats.get(name, []))))
        return order


def inspect(original: bytes) -> tuple[str, ...]:
    """Notes on a drawing that a browser can draw in reasonable time.

    Raises:
        TooLarge: more shapes or levels than the limits.
        Corrupt: it is not well-formed, or no drawing.
        UnsupportedType: it hides another drawing.
    """
    counter = _Counter()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = counter.start
    parser.EndElementHandler = counter.end
    try:
        parser.Parse(original, True)  # noqa: FBT003 - that it is all there is
    except expat.ExpatError as error:
        raise Corrupt(f"line {error.lineno}") from error
    except (ValueError, LookupError) as error:  # an encoding that there is not
        raise Corrupt(type(error).__name__) from error
    if counter.drawn() > MAX_SHAPES:
        raise TooLarge("shapes")
    return tuple(counter.notes)
