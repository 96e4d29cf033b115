"""What is fuzzed: each takes any bytes, and may raise nothing but a typed refusal."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

from demo.pictures import house
from demo.writing import GENOGRAM
from tests.viewer import samples
from viewer.documents import Kind, Original
from viewer.errors import ViewerError
from viewer.formats.pdf import inspection as pdf
from viewer.formats.pictures import conversion as pictures
from viewer.formats.pictures import drawings
from viewer.formats.pictures.scans import ScanConverter
from viewer.formats.recognition import CSV, JSON, TEXT, TIFF, identify
from viewer.formats.text.plain import DataText, PlainText
from viewer.formats.text.table import TableConverter

FOUND = Path(__file__).parent / "found"
"""Inputs that once raised something else: a folder a target."""
_MADE = Path(__file__).parents[2] / "demo/made"
_UNPACKED = 50_000_000

Target = Callable[[bytes], object]


def _identify(body: bytes) -> object:
    digest = hashlib.sha256(body).hexdigest()
    return identify(Original(io.BytesIO(body), len(body), digest, None), _UNPACKED)


def _picture(name: str) -> Target:
    return lambda body: pictures.PictureConverter("PNG").convert(body, Kind(name, ""))


def _look(name: str) -> Target:
    return lambda body: pictures.examine(body, Kind(name, ""))


TARGETS: dict[str, Target] = {
    "identify": _identify,
    "pdf": pdf.examine,
    "svg": drawings.examine,
    "tif": lambda body: ScanConverter().convert(body, TIFF),
    "csv": lambda body: TableConverter().convert(body, CSV),
    "json": lambda body: DataText().convert(body, JSON),
    "txt": lambda body: PlainText().convert(body, TEXT),
    **{name: _picture(name) for name in ("heic", "avif", "bmp", "ico", "jp2", "psd")},
    **{name: _look(name) for name in ("png", "jpg", "gif", "webp")},
}


def tried(name: str, body: bytes) -> None:
    """Give the bytes to the target. A refusal is a good end, and so is a child process's memory limit."""
    try:
        TARGETS[name](body)
    except (ViewerError, MemoryError, RecursionError):
        return


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
        "identify": [
            *(samples.pdf(), samples.word(), samples.locked_word()),
            *(samples.open_document(), samples.sound()),
        ],
    }
    if name in kept:
        return kept[name]
    form = {"tif": "TIFF", "jpg": "JPEG", "jp2": "JPEG2000"}.get(name, name.upper())
    out = io.BytesIO()
    small.save(out, form)
    return [out.getvalue()]
