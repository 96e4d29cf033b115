"""Objects in a document that may be embedded files, before they are opened."""

import io
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from viewer.formats.copying import copy_bytes
from viewer.formats.office.objects import EmbeddedFile, WholeObject, file_in_ole
from viewer.formats.ole import OleFile


class ObjectCandidate(NamedTuple):
    """An object in a document.

    Args:
        size: bytes that are read to look at it.
        open: returns the file in it, given its number; None where the object is only a picture.
    """

    size: int
    open: Callable[[int], EmbeddedFile | None]


def file_in_ole_bytes(body: bytes, number: int) -> EmbeddedFile | None:
    """What is in an OLE file that is an object.

    Raises:
        Exception: one of `ole.BROKEN`.
    """
    ole = OleFile(io.BytesIO(body))
    return file_in_ole(ole, (), ole.listdir(), number, WholeObject(len(body), partial(copy_bytes, body)))
