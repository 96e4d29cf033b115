"""Removes pieces of XML and leaves every other byte unchanged."""

import re
from collections.abc import Iterable
from xml.parsers import expat

Cut = tuple[int, int, bytes]
"""Where a piece begins and ends, and what stands in its place."""

_TAG = re.compile(rb"""<[^<>"']*(?:"[^<"]*"[^<>"']*|'[^<']*'[^<>"']*)*>""")
_BYTES_ARE_LETTERS = (b"<", b"\xef\xbb\xbf")
"""How XML begins in which ASCII's letters are single bytes."""
_BLANKS = 1024
"""Bytes before the first tag that may be blanks."""


class UnsupportedXml(Exception):
    """The XML is not well-formed, declares entities, or is in another encoding than ASCII's kin."""


class Walker:
    """Goes through XML once; a kind of document says what it looks for.

    Names of elements and attributes are those of their namespace, a blank, and their own.
    """

    def __init__(self, document: bytes) -> None:
        """Nothing is read yet.

        Args:
            document: bounded by the caller.
        """
        self.document = document
        self.cuts: list[Cut] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self.start
        self._parser.EndElementHandler = self.end
        self._parser.EntityDeclHandler = _refuse

    def transformed(self) -> bytes:
        """The document without the pieces that were cut.

        Raises:
            UnsupportedXml: see there.
        """
        if not self.document[:_BLANKS].lstrip().startswith(_BYTES_ARE_LETTERS):
            raise UnsupportedXml
        try:
            self._parser.Parse(self.document, True)  # noqa: FBT003 - that it is all there is
        except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: unknown encodings
            raise UnsupportedXml from error
        return without(self.document, self.cuts)

    def listen_to_text(self, *, on: bool) -> None:
        """Whether `text` is called: it costs most of the time."""
        self._parser.CharacterDataHandler = self.text if on else None

    @property
    def at(self) -> int:
        """Where the tag begins that is being told."""
        return self._parser.CurrentByteIndex

    def tag_end(self, at: int) -> int:
        """Where the tag ends that begins there."""
        match = _TAG.match(self.document, at)
        return match.end() if match else at

    def end_tag(self, start: int) -> tuple[int, int]:
        """Where the end tag begins and ends that is being told; the same place twice for an empty element.

        Args:
            start: where the element begins.
        """
        inside = self.tag_end(start)
        if self.document.endswith(b"/>", start, inside):
            return inside, inside
        return self.at, self.tag_end(self.at)

    def unwrap(self, start: int) -> None:
        """Cut both tags of the element that is ending, and leave what is in it.

        Args:
            start: where it begins.
        """
        self.cuts += [(start, self.tag_end(start), b""), (*self.end_tag(start), b"")]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Text, where it is asked for."""


def without(document: bytes, cuts: Iterable[Cut]) -> bytes:
    """The document with its cuts made; one within another counts as made."""
    out: list[bytes] = []
    done = 0
    for start, end, instead in sorted(cuts):
        if start >= done:
            out += (document[done:start], instead)
            done = end
    return b"".join((*out, document[done:]))


def _refuse(*_: object) -> None:
    raise ValueError("an entity")
