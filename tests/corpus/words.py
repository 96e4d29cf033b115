"""The words of a file against those of what the viewer shows of it."""

import json
import multiprocessing
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pypdfium2
from lxml import etree

from tests.corpus.extraction import EXTRACTIONS, Passage
from tests.corpus.extraction.passage import SHOWN

_WORD = re.compile(r"\w+")
_LETTERS_TO_SEARCH = 2
"""Shorter words stand by chance within others."""
_LINE, _GAP = 3.0, 1.5
"""Points: letters whose middles are less apart stand on a line; those further apart in it are two words."""
_Letter = tuple[str, float, float, float]
"""A letter, its left and right edge and the height of its middle, in points."""
_SECONDS = 120
"""For one file: a library that takes longer on a damaged file is stopped, and the file not compared."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of a file's words.

    Args:
        words: in the file, as other libraries read it.
        lost: those that are neither shown nor covered; a word that is lost twice stands twice.
        covered: by the place that the file keeps them in, how many are not shown and a note says so.
        reason: why the file was not compared; empty where it was.
    """

    words: int = 0
    lost: tuple[str, ...] = ()
    covered: dict[str, int] = field(default_factory=dict)
    reason: str = ""

    @property
    def kept(self) -> int:
        """How many words are shown."""
        return self.words - len(self.lost) - sum(self.covered.values())


def words_of(text: str) -> list[str]:
    """The words of a text, without regard to capitals, ligatures, and signs that nobody sees."""
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(sign for sign in plain if unicodedata.category(sign) not in {"Cf", "Co", "Cs"})
    return _WORD.findall(seen.casefold())


def compare(passages: Iterable[Passage], readings: Iterable[str], notes: Iterable[str]) -> Compared:
    """Look for every word of the passages in what is shown.

    A word that a line break divides is found too: where a word is not found at once, blanks do not count.

    Args:
        passages: of the file.
        readings: all text of the rendition, with the names of parts that open from it; once, or read twice.
        notes: the viewer's.
    """
    shown = [words_of(reading) for reading in readings]
    there: Counter[str] = Counter()
    for words in shown:
        there |= Counter(words)
    wanted: Counter[tuple[str, str, str]] = Counter()
    for passage in passages:
        for word in words_of(passage.text):
            wanted[word, passage.where, passage.note] += 1
    missing: Counter[tuple[str, str, str]] = Counter()
    for (word, where, note), count in sorted(wanted.items(), key=lambda item: item[0][1] != SHOWN):
        found = min(count, there[word])
        there[word] -= found
        missing[word, where, note] = count - found
    lost: list[str] = []
    covered: Counter[str] = Counter()
    runs, told = ["".join(words) for words in shown], " ".join(notes)
    for (word, where, note), left in missing.items():
        if len(word) >= _LETTERS_TO_SEARCH and any(
            run.count(word) >= wanted[word, where, note] for run in runs
        ):
            continue
        if left and note and note in told:
            covered[where] += left
        else:
            lost += [word] * left
    return Compared(wanted.total(), tuple(lost), dict(covered))


def compared(
    path: Path, kind: str, body: Path | None, media_type: str, names: str, notes: tuple[str, ...]
) -> Compared:
    """Compare a file with its rendition, in a process of its own.

    Args:
        path: the file.
        kind: what the viewer says it is.
        body: holds the rendition's bytes; None for a list of parts.
        media_type: of them.
        names: of the parts that open from it.
        notes: the viewer's.
    """
    if kind not in EXTRACTIONS:
        return Compared(reason="no other library reads this kind, or it has no words")
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_compare_into, args=(theirs, path, kind, body, media_type, names, notes))
    child.start()
    theirs.close()
    try:
        found = ours.recv() if ours.poll(_SECONDS) else Compared(reason="the other library took too long")
    except EOFError:
        found = Compared(reason="the other library died")
    finally:
        child.kill()
        child.join()
        ours.close()
    assert isinstance(found, Compared)
    return found


def _compare_into(
    into: Connection,
    path: Path,
    kind: str,
    body: Path | None,
    media_type: str,
    names: str,
    notes: tuple[str, ...],
) -> None:
    try:
        passages = list(EXTRACTIONS[kind](path))
    except Exception as error:  # noqa: BLE001 - whatever a library raises at somebody's file
        into.send(Compared(reason=f"the other library cannot read it: {type(error).__name__}"))
        return
    readings = [
        f"{reading} {names}" for reading in (text_shown(body.read_bytes(), media_type) if body else ("",))
    ]
    into.send(compare(passages, readings, notes))


def text_shown(body: bytes, media_type: str) -> tuple[str, ...]:
    """All text that a person can read in a rendition, in one reading, or in two of the same.

    A PDF is read in the order in which its letters were written, where a cell that breaks a word keeps it
    together, and line by line from the left, where a letter of another font is in its place. Letters outside
    the page are not shown.
    """
    if media_type == "application/pdf":
        return _both_readings(body)
    if media_type == "application/json":
        return (" ".join(cell for row in json.loads(body)["rows"] for cell in row),)
    if media_type == "image/svg+xml":
        return (" ".join(etree.fromstring(body).itertext()),)
    return (body.decode("utf-8", "replace") if media_type.startswith("text/") else "",)


def _both_readings(pdf: bytes) -> tuple[str, str]:
    written, in_lines = [], []
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            text = page.get_textpage()
            letters = list(_letters(text, page.get_size()))
            written.append("".join(letter for letter, _, _, _ in letters))
            in_lines.append(_in_lines(letters))
            text.close()
    finally:
        document.close()
    return "\n".join(written), "\n".join(in_lines)


def _letters(text: pypdfium2.PdfTextPage, size: tuple[float, float]) -> Iterator[_Letter]:
    width, height = size
    for number in range(text.count_chars()):
        letter = text.get_text_range(number, 1)
        left, bottom, right, top = text.get_charbox(number)
        x, y = (left + right) / 2, (bottom + top) / 2
        if letter.isspace() or (0 <= x <= width and 0 <= y <= height):
            yield letter, left, right, y


def _in_lines(letters: Iterable[_Letter]) -> str:
    lines: list[list[_Letter]] = []
    for one in sorted((one for one in letters if not one[0].isspace()), key=lambda one: -one[3]):
        if not lines or lines[-1][0][3] - one[3] > _LINE:
            lines.append([])
        lines[-1].append(one)
    return "\n".join("".join(_spaced(sorted(line, key=lambda one: one[1]))) for line in lines)


def _spaced(line: Iterable[_Letter]) -> Iterator[str]:
    before = 0.0
    for letter, left, right, _ in line:
        yield f" {letter}" if left - before > _GAP else letter
        before = right


def as_json(found: Compared, *, tell_words: bool) -> dict[str, Any]:
    """For the report: figures, and the lost words only where they may be told."""
    if found.reason:
        return {"not_compared": found.reason}
    figures = {"words": found.words, "kept": found.kept, "covered": found.covered, "lost": len(found.lost)}
    return figures | ({"lost_words": list(found.lost)} if tell_words else {})
