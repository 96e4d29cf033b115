"""No word is lost of files such as people have: some of those that `make corpus` makes."""

from pathlib import Path

import pytest

from tests.conversion.offices import Call, Guard, post
from tests.corpus.generated import excel, slides, word
from tests.corpus.generated.letters import MESSAGES, PAGES
from tests.corpus.generated.others import OTHERS
from tests.corpus.generated.prose import Prose
from tests.corpus.generated.texts import TEXTS
from tests.corpus.pieces import result_of
from tests.corpus.report import SHOWN
from tests.viewer.formats.opening import read

_WORD = (
    *(
        "headers-of-all-kinds",
        "footnotes-and-endnotes",
        "text-boxes",
        "text-box-that-is-too-small",
        "comments",
    ),
    *(
        "tracked-changes",
        "hidden-text",
        "tables-merged-and-nested",
        "rows-of-exact-height",
        "fields",
        "languages",
    ),
)
_EXCEL = (
    "number-formats",
    "long-texts",
    "merged-cells",
    "merged-without-wrapping",
    "hidden-rows-columns-sheets",
)
_SLIDES = ("bullets", "speakers-notes", "more-text-than-room")
_OTHERS = {**MESSAGES, **PAGES, **TEXTS, **OTHERS}
_NAMES = (
    *("files.eml", "thread.eml", "language-Polish.eml", "mailbox.mbox", "appointment.ics", "html.msg"),
    *("form.html", "code-page-Turkish.html", "utf-16-be.txt", "code-page.csv", "one-line.json", "table.pdf"),
)


def _body(name: str) -> bytes:
    stem, _, form = name.rpartition(".")
    if form == "docx":
        return word.document(stem)
    if form == "xlsx":
        return excel.workbook(stem)
    return slides.presentation(stem) if form == "pptx" else _OTHERS[name](Prose(name))


@pytest.mark.parametrize(
    "name",
    [
        *(f"{name}.docx" for name in _WORD),
        *(f"{name}.xlsx" for name in _EXCEL),
        *(f"{name}.pptx" for name in _SLIDES),
        *_NAMES,
    ],
)
def test_no_word_is_lost(guard: Guard, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(_body(name))
    result = result_of(guard, path, tmp_path)
    assert (result.outcome, result.words.reason, result.words.lost) == (SHOWN, "", ())
    assert result.words.words > 0


@pytest.mark.parametrize(
    ("name", "are_resized"),
    [
        ("text-box-that-is-too-small.docx", True),
        ("text-boxes.docx", False),
        ("bullets.pptx", False),
        ("more-text-than-room.pptx", True),
    ],
)
def test_boxes_that_were_given_room_are_told(guard: Guard, name: str, *, are_resized: bool) -> None:
    reading, body = read(_body(name))
    assert reading.printing
    answer = post(guard.port, Call(body, reading.printing.filters[0]))
    assert (answer.headers["x-boxes-resized"] != "0") is are_resized
