"""Containers that are mended, and those that stay damaged: never a document with a part missing."""

import io
import os
import zipfile
from collections.abc import Callable

import pytest

from tests.viewer import samples
from viewer.formats.zip_repair import repair

WORD = samples.word("A case note.")
MOST = 10_000_000


def _parts(document: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _renamed(change: Callable[[str], str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in _parts(WORD).items():
            member = zipfile.ZipInfo("")
            member.filename = change(name)
            archive.writestr(member, body)
    return out.getvalue()


def _streamed() -> bytes:
    """As a program writes that cannot go back: each part's sizes come after it."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in _parts(WORD).items():
            archive.writestr(name, body)
    return out.getvalue()


DIRECTORY = WORD.index(b"PK\x01\x02")


@pytest.mark.parametrize(
    "broken",
    [
        WORD[:-100],
        WORD[: DIRECTORY + 4],
        WORD + os.urandom(100) * 2000,
        b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n" + WORD,
        b"\r\n" + WORD[:-100],
        _renamed(lambda name: "/" + name),
        WORD.replace(b"word/", b"word\\").replace(b"_rels/", b"_rels\\"),
        _streamed()[:-100],
    ],
    ids=[
        "directory cut",
        "directory gone",
        "junk behind",
        "junk before",
        "cut, and junk before",
        "slash in front",
        "backslashes",
        "streamed and cut",
    ],
)
def test_a_zip_with_complete_parts_gets_a_sound_container(broken: bytes) -> None:
    document = repair(broken, MOST)
    assert document is not None
    assert _parts(document) == _parts(WORD)


@pytest.mark.parametrize(
    "broken",
    [
        WORD[: len(WORD) // 2],
        WORD[:DIRECTORY],
        WORD[:2000] + b"\xff" * 8 + WORD[2008:-100],
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\xff" * 100,
        b"junk" * 2000 + WORD,
    ],
    ids=[
        "half",
        "where it ends is not known",
        "a part is damaged",
        "header only",
        "junk",
        "junk, and much of it",
    ],
)
def test_a_zip_that_may_lack_parts_is_not_repaired(broken: bytes) -> None:
    assert repair(broken, MOST) is None


def test_two_parts_that_would_get_one_name_are_not_chosen_from() -> None:
    assert repair(samples.zipped({"word/document.xml": "one", "word\\document.xml": "two"}), MOST) is None


@pytest.mark.parametrize("cut", [0, 100])
def test_a_bomb_is_not_unpacked(cut: int) -> None:
    bomb = samples.zipped({"word/document.xml": bytes(MOST + 1)})
    assert repair(bomb[: len(bomb) - cut], MOST) is None
