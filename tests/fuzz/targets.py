"""What is fuzzed: each takes any bytes, and may raise nothing but a typed refusal."""

import io
from collections.abc import Callable
from pathlib import Path

from demo.pictures import house
from demo.writing import GENOGRAM
from tests.viewer import samples
from viewer.errors import ViewerError
from viewer.formats import Limits, read
from viewer.formats.document import Document, Recognised
from viewer.formats.pdf.kinds import PDF
from viewer.formats.pictures import conversion
from viewer.formats.pictures.drawings import inspect
from viewer.formats.pictures.scans import as_pdf
from viewer.formats.recognition import recognise
from viewer.formats.table import TABLE
from viewer.formats.text.plain import data, plain
from viewer.formats.text.table import table

FOUND = Path(__file__).parent / "found"
"""Inputs that once raised something else: a folder a target."""
_MADE = Path(__file__).parents[2] / "demo/made"
_LIMITS = Limits(50_000_000, 50_000_000, 50_000_000, 200_000_000)

Target = Callable[[bytes], object]


def _pdf(body: bytes) -> object:
    return TABLE[PDF.name].read(Document(io.BytesIO(body), len(body), Recognised(PDF), _LIMITS))


def _picture(name: str) -> Target:
    return lambda body: conversion.converted(io.BytesIO(body), name)


def _shown(name: str) -> Target:
    return lambda body: conversion.shown(io.BytesIO(body), name)


TARGETS: dict[str, Target] = {
    "identify": lambda body: recognise(io.BytesIO(body), _LIMITS),
    "read": lambda body: read(io.BytesIO(body), _LIMITS),
    "pdf": _pdf,
    "svg": inspect,
    "tif": lambda body: as_pdf(io.BytesIO(body)),
    "csv": table,
    "json": data,
    "txt": plain,
    **{name: _picture(name) for name in ("heic", "avif", "bmp", "ico", "jp2", "psd")},
    **{name: _shown(name) for name in ("png", "jpg", "gif", "webp")},
}


def tried(name: str, body: bytes) -> None:
    """Give the bytes to the target. A refusal is a good end, and so is a child process's memory limit."""
    try:
        TARGETS[name](body)
    except (ViewerError, MemoryError, RecursionError):
        return


def _several() -> list[bytes]:
    """Files of several families."""
    return [
        *(samples.pdf(), samples.word(), samples.excel(), samples.open_document(), samples.sound()),
        *(b"From: a@b.test\r\nTo: c@d.test\r\n\r\nHi", b"<html><body>Hello", samples.zipped({"a.txt": "x"})),
    ]


def seeds(name: str) -> list[bytes]:
    """Whole files of the target's kind, to start from."""
    small = house(24, 24)
    kept = {
        "pdf": [samples.pdf(), samples.locked_pdf("")],
        "svg": [GENOGRAM.encode()],
        "csv": [samples.table(",").encode(), samples.table(";").encode("utf-16")],
        "json": [b'{"a": [1, {"b": "c"}]}' * 40],
        "txt": ["Zoë £5".encode("cp1252"), "Zoë".encode("utf-16")],
        "heic": [(_MADE / "phone.heic").read_bytes()],
        "psd": [samples.photoshop()],
        "identify": [*_several(), samples.locked_word()],
        "read": _several(),
    }
    if name in kept:
        return kept[name]
    form = {"tif": "TIFF", "jpg": "JPEG", "jp2": "JPEG2000"}.get(name, name.upper())
    out = io.BytesIO()
    small.save(out, form)
    return [out.getvalue()]
