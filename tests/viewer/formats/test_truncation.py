"""A file that was cut at any byte is shown whole, says that something is missing, or is refused."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from tests.viewer import samples
from tests.viewer.formats.opening import extract, read
from viewer.documents import Reading
from viewer.errors import Corrupt, Problem, UnsupportedType
from viewer.formats import truncation

CUTS = 20
_OFFICE = Path(__file__).parents[2] / "golden/documents"
_WORDS = ("cut short", "cut off", "damaged", "missing")
PROSE = "".join(
    f"{day} March: the family was seen at home; the visit took {day} minutes.\n" for day in range(1, 32)
)
ROWS = "".join(f"{day} March 2019,Anna Sample,home visit {day},£{day}.50\n" for day in range(1, 32))


def _noise(form: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((160, 120), 60).convert("RGB").save(out, form, **options)
    return out.getvalue()


def _frames(form: str) -> bytes:
    first, *rest = (Image.effect_noise((60, 40), 60).convert("RGB") for _ in range(3))
    out = io.BytesIO()
    first.save(out, form, save_all=True, append_images=rest)
    return out.getvalue()


def _streams_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(samples.pdf(pages=3))) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in ("a.txt", "b.txt", "c.txt"):
            member = tarfile.TarInfo(name)
            member.size = len(PROSE)
            archive.addfile(member, io.BytesIO(PROSE.encode()))
    return out.getvalue()


_ELEMENTS = "".join(f"<visit day='{day}'>Seen at home.</visit>\n" for day in range(1, 32))
_RTF = "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\n" + PROSE.replace("\n", "\\par\n") + "}"
_PAGE = "<!DOCTYPE html><html><head><title>Visits</title></head><body>" + PROSE.replace("\n", "<br>\n")
WHOLE: dict[str, bytes] = {
    "txt": PROSE.encode(),
    "csv": ROWS.encode(),
    "json": json.dumps({"visits": [{"day": day, "note": "Seen."} for day in range(31)]}, indent=1).encode(),
    "xml": f"<?xml version='1.0'?>\n<visits>\n{_ELEMENTS}</visits>\n".encode(),
    "html": f"{_PAGE}</body></html>\n".encode(),
    "rtf": _RTF.encode(),
    "doc": (_OFFICE / "letter.doc").read_bytes(),
    "xls": (_OFFICE / "costs.xls").read_bytes(),
    "ppt": (_OFFICE / "meeting.ppt").read_bytes(),
    "docx": samples.word(PROSE),
    "xlsx": samples.excel(),
    "pptx": samples.slides("A meeting"),
    "odt": (_OFFICE / "letter.odt").read_bytes(),
    "spreadsheetml": samples.excel_2003(),
    "pdf": samples.pdf(pages=3),
    "pdf-with-object-streams": _streams_pdf(),
    "jpg": _noise("JPEG"),
    "jpg-in-scans": _noise("JPEG", progressive=True),
    "png": _noise("PNG"),
    "gif": _noise("GIF"),
    "gif-of-frames": _frames("GIF"),
    "webp": _noise("WEBP"),
    "tif": _noise("TIFF"),
    "tif-of-pages": _frames("TIFF"),
    "bmp": _noise("BMP"),
    "zip": samples.zipped({"a.txt": PROSE, "b.txt": PROSE}),
    "tar": _tar(),
}


_TOO_FEW_LINES = 2
LINES = frozenset({"txt", "csv"})
"""Kinds that have no end of their own."""


def ends_like_a_whole_one(whole: bytes, cut: bytes) -> bool:
    """Whether nothing tells that a text was cut: it ends with a whole line or sentence, or has two lines."""
    lines = cut.splitlines()
    return cut.endswith(b".") or lines[-1] in whole.splitlines() or len(lines) <= _TOO_FEW_LINES


def is_whole(kind: str, whole: bytes, cut: bytes, shown: tuple[Reading, bytes]) -> bool:
    """Whether nothing that people see is missing."""
    reading, body = shown
    if kind in LINES:
        return ends_like_a_whole_one(whole, cut)
    if kind == "tar":  # what ends it is there
        return cut.endswith(bytes(tarfile.BLOCKSIZE))
    if reading.printing and body.startswith(b"PK"):
        return _members(body) == _members(read(whole)[1])
    look = _LOOKS.get(kind.partition("-")[0])
    return look(body) == look(read(whole)[1]) if look else cut.strip() == whole.strip()


def _pixels(picture: bytes) -> bytes:
    with Image.open(io.BytesIO(picture)) as drawn:
        return drawn.tobytes()


def _texts(pdf: bytes) -> list[bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [page.Contents.read_bytes() for page in document.pages]


def _scans(pdf: bytes) -> list[bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [page.Resources.XObject.Page.read_raw_bytes() for page in document.pages]


def _members(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


_LOOKS: dict[str, Callable[[bytes], object]] = {
    "html": lambda page: b"".join(page.split()),
    "pdf": _texts,
    "tif": _scans,
    "jpg": _pixels,
    "png": _pixels,
}
"""What is compared of what is shown."""


@pytest.mark.parametrize("kind", list(WHOLE))
def test_a_truncated_file_says_so_or_is_refused(kind: str) -> None:
    whole = WHOLE[kind]
    assert not any(word in note for note in read(whole)[0].notes for word in _WORDS), "the whole file"
    near_the_end = (1, 2, 3, 5, 8, 13, 30, 100)
    sizes = {len(whole) - left for left in near_the_end if left < len(whole)}
    sizes |= {len(whole) * at // CUTS for at in range(1, CUTS)}
    silent = []
    for size in sorted(sizes):
        cut = whole[:size]
        try:
            shown = read(cut)
        except (Corrupt, UnsupportedType):
            continue
        told = any(word in note for note in shown[0].notes for word in _WORDS)
        if not told and not is_whole(kind, whole, cut, shown):
            silent.append(size)
    assert not silent, f"of {len(whole)} bytes"


def test_a_picture_that_lacks_its_end_mark_aloneis_whole() -> None:
    reading, body = read(WHOLE["jpg"][:-2])
    assert (reading.notes, body) == ((), WHOLE["jpg"])


def test_a_truncated_gzip_file_is_refused_when_it_is_opened() -> None:
    packed = gzip.compress(PROSE.encode() * 20)
    for size in range(20, len(packed), len(packed) // CUTS):
        with pytest.raises(Problem):
            extract(packed[:size], 1)


@pytest.mark.parametrize(
    "text", ['{"a": "}{", "b": [1, "\\\\"]}', "[]", '{"a": 1}\n{"b": 2}\n', '"alone"', "12"]
)
def test_complete_json_is_not_called_truncated(text: str) -> None:
    assert not truncation.json(text)


@pytest.mark.parametrize("text", ['{"a": "', "[1, [2]", '{"a": 1}\n{"b"', '{"a": "\\\\\\"'])
def test_json_that_ends_within_a_value_is_truncated(text: str) -> None:
    assert truncation.json(text)


def test_escaped_braces_in_rtf_are_not_groups() -> None:
    assert not truncation.rtf(b"{\\rtf1 a \\{ b \\\\}")
    assert truncation.rtf(b"{\\rtf1 {a} \\}")


SOUND: dict[str, Callable[[], bytes]] = {
    "a fragment of a page": lambda: b"<p>Seen at home.</p><p>2 &lt; 3</p>",
    "an archive": _tar,
}


@pytest.mark.parametrize("name", list(SOUND))
def test_a_complete_file_is_not_called_truncated(name: str) -> None:
    assert truncation.NOTE not in read(SOUND[name]())[0].notes


def test_a_picture_in_passes_says_so_wherever_it_is_cut() -> None:
    whole = WHOLE["jpg-in-scans"]
    silent = []
    for size in range(300, len(whole) - 2, 7):
        try:
            reading, body = read(whole[:size])
        except Corrupt:
            continue
        if not reading.notes and body != whole:
            silent.append(size)
    assert not silent
