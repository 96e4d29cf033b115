"""A row of the table, and what can be asked of a document that was opened."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pikepdf
import pypdfium2
from PIL import Image

from tests.conversion.offices import text_of
from tests.system.kinds.recordings import seconds_of
from tests.system.person import Person

TEXT = "Visit on Monday: Ünï £5"

Maker = Callable[[Path], bytes]
"""Makes a sample, in a folder that it may use."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person gets of a document.

    Args:
        person: who opened it.
        number: the document's.
        told: what the page's script is told of it.
        body: the bytes to show.
        media_type: of them.
        part: which part of the document it is; empty for the whole.
    """

    person: Person
    number: int
    told: Mapping[str, Any]
    body: bytes
    media_type: str
    part: str = ""

    @classmethod
    def of(cls, person: Person, number: int, part: str = "") -> "Seen":
        """Open the document, or a part of it, as the page does."""
        opened = person.open(number, f"42&part={part}" if part else "42")
        assert opened.status_code == 200, opened.headers["X-Error-Code"]
        content = person.bytes_of(opened)
        return cls(person, number, opened.json(), content.content, content.headers["Content-Type"], part)

    def inside(self, name: str) -> "Seen":
        """The part of this name, opened."""
        (url,) = [one["url"] for one in self.told["parts"] if one["name"] == name]
        return Seen.of(self.person, self.number, parse_qs(urlsplit(url).query)["part"][0])


Check = Callable[[Seen], None]
"""Fails where something else is seen than there should be."""


@cache
def sample(make: Maker) -> bytes:
    """The sample, made once for all tests: some take an office some seconds."""
    with TemporaryDirectory() as folder:
        return make(Path(folder))


def made(body: bytes) -> Maker:
    """A sample that is there already."""
    return lambda _folder: body


def pages(words: str = TEXT, count: int = 1, parts: tuple[str, ...] = ()) -> Check:
    """A PDF of so many pages in which the words can be read, with these parts beside it."""

    def check(seen: Seen) -> None:
        assert (seen.told["show"], seen.media_type) == ("pdf", "application/pdf")
        with pikepdf.open(io.BytesIO(seen.body)) as document:
            assert len(document.pages) == count
        assert " ".join(words.split()) in " ".join(text_of(seen.body).split())
        assert tuple(part["name"] for part in seen.told["parts"]) == parts

    return check


def scan(count: int) -> Check:
    """A PDF of so many pages, each with the black square in its upper left quarter that the sample has."""

    def check(seen: Seen) -> None:
        assert (seen.told["show"], seen.media_type) == ("pdf", "application/pdf")
        document = pypdfium2.PdfDocument(seen.body)
        drawn = [page.render(scale=1).to_pil().convert("L") for page in document]
        document.close()
        assert [_dark_quarters(page) for page in drawn] == [[True, False, False, False]] * count

    return check


def picture(size: tuple[int, int], media_type: str) -> Check:
    """A picture of this size in pixels, black in its upper left quarter alone."""

    def check(seen: Seen) -> None:
        assert (seen.told["show"], seen.media_type) == ("image", media_type)
        with Image.open(io.BytesIO(seen.body)) as shown:
            assert shown.size == size
            assert _dark_quarters(shown.convert("L")) == [True, False, False, False]

    return check


def _dark_quarters(drawn: Image.Image) -> list[bool]:
    """Whether the middle of each quarter is dark: upper left, upper right, lower left, lower right."""
    width, height = drawn.size
    at = [(x * width // 4, y * height // 4) for y in (1, 3) for x in (1, 3)]
    return [_shade(drawn, place) < 100 for place in at]


def _shade(drawn: Image.Image, place: tuple[int, int]) -> float:
    shade = drawn.getpixel(place)
    assert isinstance(shade, int | float)
    return shade


def text(words: str = TEXT) -> Check:
    """A text with these words, in the encoding that it says."""

    def check(seen: Seen) -> None:
        assert (seen.told["show"], seen.media_type) == ("text", "text/plain; charset=utf-8")
        assert words in seen.body.decode()

    return check


def drawing(words: str) -> Check:
    """A vector drawing with these words."""

    def check(seen: Seen) -> None:
        assert (seen.told["show"], seen.media_type) == ("image", "image/svg+xml")
        assert words in seen.body.decode()

    return check


def table(rows: list[list[str]]) -> Check:
    """A table of exactly these rows."""

    def check(seen: Seen) -> None:
        assert seen.told["show"] == "table"
        assert json.loads(seen.body)["rows"] == rows

    return check


def recording(show: str, seconds: float) -> Check:
    """Sound or film that lasts so long, and of which a player gets any piece."""

    def check(seen: Seen) -> None:
        assert seen.told["show"] == show
        assert abs(seconds_of(seen.body) - seconds) < 0.1
        opened = seen.person.open(seen.number)
        piece = seen.person.bytes_of(opened, Range="bytes=5-20")
        assert (piece.status_code, piece.content) == (206, seen.body[5:21])

    return check


def listing(files: Mapping[str, str], sizes: Mapping[str, str]) -> Check:
    """A list of these files in these folders, of these sizes in words; each opens as a text with its words.

    Args:
        files: words by name with folders.
        sizes: by name without.
    """

    def check(seen: Seen) -> None:
        assert seen.told["show"] == "listing"
        parts = seen.told["parts"]
        assert ["/".join(filter(None, (one["folder"], one["name"]))) for one in parts] == list(files)
        assert {one["name"]: one["size"] for one in parts} == sizes
        for name, words in files.items():
            text(words)(seen.inside(name.rpartition("/")[2]))

    return check


@dataclass(frozen=True, slots=True)
class Row:
    """One kind.

    Args:
        kind: as the viewer names it.
        make: its sample.
        check: what must be seen of it; of most, one page with `TEXT`.
        name: tells it from others of the kind.
    """

    kind: str
    make: Maker
    check: Check = field(default_factory=pages)
    name: str = ""
