"""A look through documents that browsers show as they are, in a child process: sound, damaged, or a bomb."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from viewer.documents import Examined, Kind, Original
from viewer.errors import ConverterBroken
from viewer.formats.pdf import inspection as pdf
from viewer.formats.pictures import conversion as pictures
from viewer.formats.pictures import drawings
from viewer.sandbox.children import CHILDREN, Children
from viewer.sandbox.fork_server import Task

_SECONDS = 20
_MEMORY_MB = 1024
_MAX_HEAD = 16 * 1024
_REPLACED_BY = (None, "text/plain; charset=utf-8")
_LOOKS: dict[str, Callable[[bytes, Kind], Examined]] = {
    "pdf": lambda original, _kind: pdf.examine(original),
    "svg": lambda original, _kind: drawings.examine(original),
    **dict.fromkeys(("png", "jpg", "gif", "webp"), pictures.examine),
}
"""By the kind's name. Recordings have none: they are played from where they are, by the browser alone."""


@dataclass(frozen=True, slots=True)
class Look(Task):
    """The child's work; the result is a line of JSON and what replaces the document."""

    kind: Kind

    def __call__(self, given: bytes) -> bytes:
        """See `Task`."""
        examined = _LOOKS[self.kind.name](given, self.kind)
        body = examined.replacement
        head = {"notes": examined.notes, "replaced": body is not None, "media_type": examined.media_type}
        return json.dumps(head).encode() + b"\n" + (body or b"")


class Examination:
    """An `Examiner` whose looks are taken in child processes.

    Args:
        children: where they come from.
    """

    def __init__(self, children: Children = CHILDREN) -> None:
        self._children = children
        children.hold_ready(__name__)

    def examine(self, original: Original, kind: Kind) -> Examined:
        """See `Examiner.examine`."""
        if kind.name not in _LOOKS:
            return Examined()
        original.file.seek(0)
        try:
            told = self._children.run(Look(kind), original.file, seconds=_SECONDS, memory_mb=_MEMORY_MB)
        finally:
            original.file.seek(0)
        return _checked(told)


def _checked(untrusted: bytes) -> Examined:
    """What the child says: a decoder that was broken into says what it likes.

    Raises:
        ConverterBroken: not what a look gives.
    """
    head, _, body = untrusted.partition(b"\n")
    try:
        said = json.loads(head[:_MAX_HEAD])
        notes, media_type = tuple(map(str, said["notes"])), said["media_type"]
        replacement = body if said["replaced"] else None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConverterBroken("not a look's result") from error
    if media_type not in _REPLACED_BY:
        raise ConverterBroken("not a look's media type")
    return Examined(notes, replacement, media_type)
