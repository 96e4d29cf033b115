"""What the sandbox's children do: here alone document bytes and `viewer.formats` meet."""

from dataclasses import asdict
from typing import Any, BinaryIO

from viewer import formats
from viewer.documents import Printing
from viewer.sandbox.fork_server import Task


def _read(document: BinaryIO, arguments: dict[str, Any], body: BinaryIO) -> dict[str, Any]:
    reading, made = formats.read(document, formats.Limits(**arguments["limits"]))
    if made is not None:
        body.write(made)
    return {"reading": asdict(reading), "made": made is not None}


def _extract(document: BinaryIO, arguments: dict[str, Any], body: BinaryIO) -> dict[str, Any]:
    limits = formats.Limits(**arguments["limits"])
    return {"name": formats.extract(document, tuple(arguments["numbers"]), limits, body)}


def _inspect_printed(document: BinaryIO, arguments: dict[str, Any], _body: BinaryIO) -> dict[str, Any]:
    return {"notes": formats.inspect_printed(document, Printing(**arguments["printing"]))}


TASKS: dict[str, Task] = {"read": _read, "extract": _extract, "inspect_printed": _inspect_printed}
ABOUT = {"recipe": formats.RECIPE, "kinds": sorted(formats.KINDS)}
