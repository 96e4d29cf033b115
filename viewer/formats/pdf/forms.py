"""Forms that only Adobe's programs lay out (XFA): what was filled in."""

from typing import Any

import pikepdf

from viewer.errors import TooLarge, UnsupportedType
from viewer.formats.pdf.embedded import unpack
from viewer.formats.pdf.opening import dictionary
from viewer.formats.xml_events import local_name, parse

_MAX_FORM = 4 * 1024 * 1024
"""Bytes of a form's data, unpacked."""
_MAX_VALUES = 5000


class _FirstBytes:
    """Keeps what it is given, up to a limit.

    Raises:
        TooLarge: when the limit is reached.
    """

    def __init__(self, most: int) -> None:
        self.kept = bytearray()
        self._most = most

    def write(self, chunk: bytes, /) -> None:
        self.kept += chunk[: self._most - len(self.kept)]
        if len(self.kept) >= self._most:
            raise TooLarge("form")


def xfa_values(pdf: pikepdf.Pdf) -> str | None:
    """What was filled in, a line a value; None where the form's data is not there."""
    packets = dictionary(pdf.Root.get("/AcroForm")).get("/XFA")
    if not isinstance(packets, pikepdf.Array):
        return None
    named = list(packets)
    data = next(
        (stream for name, stream in zip(named[::2], named[1::2], strict=False) if str(name) == "datasets"),
        None,
    )
    if not isinstance(data, pikepdf.Stream):
        return None
    return "\n".join(f"{name}: {value}" for name, value in _values(_read(data))) or None


def _read(stream: Any) -> bytes:
    """The stream's first `_MAX_FORM` bytes."""
    first = _FirstBytes(_MAX_FORM)
    try:
        unpack(stream, first)
    except TooLarge:
        pass
    except UnsupportedType:
        return bytes(stream.read_bytes()[:_MAX_FORM])
    return bytes(first.kept)


def _values(data: bytes) -> list[tuple[str, str]]:
    """The names and texts of the elements that hold text alone; as far as the data can be read."""
    found: list[tuple[str, str]] = []
    path: list[list[str]] = []

    def text(words: str) -> None:
        if path:
            path[-1].append(words)

    def end(name: str) -> None:
        value = "".join(path.pop()).strip()
        if value and len(found) < _MAX_VALUES:
            found.append((local_name(name), value))

    parse(data, lambda _name, _attributes: path.append([]), end, text)
    return found
