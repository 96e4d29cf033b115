"""XML of documents, read with a parser that takes linear time and expands no entities."""

from collections.abc import Callable
from xml.parsers import expat

Start = Callable[[str, dict[str, str]], None]


class _Refused(Exception):
    """The document declares entities."""


def parse(
    document: bytes,
    start: Start,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Call the handlers for the elements, as far as the document can be read; it may be cut short.

    Reading ends where the document declares an entity: none of the formats read here needs one.

    Args:
        document: as it is stored; bounded by the caller.
        start: takes an element's name, with its prefix, and its attributes.
        end: takes an element's name.
        text: takes pieces of text.
    """
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(document, True)  # noqa: FBT003 - that it is all there is
    except (expat.ExpatError, _Refused, ValueError, LookupError):  # the last two: unknown encodings
        return


def local_name(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def _refuse(*_: object) -> None:
    raise _Refused
