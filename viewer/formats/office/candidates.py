"""What may be an embedded file, before it is looked at."""

import io
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from viewer.formats.copying import pour_bytes
from viewer.formats.office.objects import Embedded, Whole, of_ole
from viewer.formats.ole import OleFile


class Candidate(NamedTuple):
    """An object in a document.

    Args:
        size: bytes that are read to look at it.
        open: what it is, given its number; None where its picture is all there is to it.
    """

    size: int
    open: Callable[[int], Embedded | None]


def of_ole_file(body: bytes, number: int) -> Embedded | None:
    """What is in an OLE file that is an object.

    Raises:
        Exception: one of `ole.BROKEN`.
    """
    ole = OleFile(io.BytesIO(body))
    return of_ole(ole, (), ole.listdir(), number, Whole(len(body), partial(pour_bytes, body)))
