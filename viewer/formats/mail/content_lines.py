"""The content lines that calendar and contact files are made of (RFC 5545, 3.1; RFC 6350, 3.2), parsed."""

import quopri
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from viewer.errors import TooLarge
from viewer.formats.mail.message import one_line

MAX_LINES = 200_000
_MAX_VALUE = 20_000
"""Characters of one value."""

_FOLD = re.compile(r"\r?\n[ \t]")
SOFT_LINE_BREAK = re.compile(r"=\r?\n")
_PROPERTY = re.compile(
    r"(?:[\w-]{1,40}\.)?([\w-]{1,60})((?:;[^:;\"]{0,500}(?:\"[^\"]{0,2000}\"[^:;\"]{0,200})*)*):(.*)",
    re.DOTALL,
)
_PARAMETER = re.compile(r';([\w-]{1,40})(?:=("[^"]*"|[^;"]*))?')
_ESCAPED = re.compile(r"\\([nN\\,;:])")


@dataclass(frozen=True, slots=True)
class Property:
    """A property: its name in capitals, its parameters and its value, as written."""

    name: str
    parameters: Mapping[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value, unescaped."""
        return _ESCAPED.sub(
            lambda found: "\n" if found[1] in "nN" else found[1], self.value[:_MAX_VALUE]
        ).strip()


@dataclass(slots=True)
class Component:
    """A component, such as VEVENT, with its properties and the components within it."""

    name: str
    properties: list[Property] = field(default_factory=list)
    inner: list["Component"] = field(default_factory=list)

    def first(self, name: str) -> Property | None:
        """The first property of this name."""
        return next((one for one in self.properties if one.name == name), None)

    def text(self, name: str) -> str:
        """The value of the first property of this name, unescaped; an empty string where it is missing."""
        found = self.first(name)
        return found.text if found else ""

    def all(self, name: str) -> list[Property]:
        """All properties of this name."""
        return [one for one in self.properties if one.name == name]


def is_truncated(text: str) -> bool:
    """Whether the last component has no END line."""
    upper = text.upper()
    return upper.count("BEGIN:VCALENDAR") > upper.count("END:VCALENDAR") or upper.count(
        "BEGIN:VCARD"
    ) > upper.count("END:VCARD")


def parse_components(text: str) -> list[Component]:
    """The outermost components of a file, each with the components within it."""
    top = Component("")
    stack = [top]
    for number, line in enumerate(_FOLD.sub("", text).splitlines()):
        if number > MAX_LINES:
            raise TooLarge("lines of a calendar")
        found = _PROPERTY.match(line[: _MAX_VALUE * 2])
        if found is None:
            continue
        name, value = found[1].upper(), found[3]
        if name == "BEGIN":
            one = Component(value.strip().upper()[:40])
            stack[-1].inner.append(one)
            if len(stack) < 8:  # noqa: PLR2004 - a calendar has three levels
                stack.append(one)
        elif name == "END":
            if len(stack) > 1:
                stack.pop()
        else:
            stack[-1].properties.append(_parse_property(name, found[2], value))
    return top.inner


def _parse_property(name: str, written: str, value: str) -> Property:
    parameters: dict[str, str] = {}
    for first, second in _PARAMETER.findall(written):
        key, said = (first.upper(), second.strip('"')) if second else ("TYPE", first)  # as vCard 2.1 writes
        parameters[key] = f"{parameters[key]},{said}" if key in parameters else said
    if "QUOTED-PRINTABLE" in parameters.get("ENCODING", "").upper() + parameters.get("TYPE", "").upper():
        value = quopri.decodestring(value.encode(errors="replace")).decode(errors="replace")
    return Property(name, parameters, value)


def split_value(one: Property | None) -> Sequence[str]:
    """The fields of a structured value that are not empty."""
    return [one_line(piece) for piece in one.text.split(";") if piece.strip()] if one else []
