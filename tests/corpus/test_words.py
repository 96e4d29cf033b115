"""The comparison of words: what counts as lost, as told by a note, and as shown."""

import pytest

from tests.corpus.cuts import OUTCOMES
from tests.corpus.extraction import Passage
from tests.corpus.extraction.cells import displayed
from tests.corpus.extraction.passage import comments
from tests.corpus.fidelity import END, START, page
from tests.corpus.words import compare


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The visit, in March.", "the VISIT in March"),
        ("An o\ufb03ce and a ca\u00adfé", "an office and a cafe\u0301"),
        ("assessment", "assess\nment"),
    ],
)
def test_words_that_are_shown_are_kept(text: str, shown: str) -> None:
    assert compare([Passage(text)], [shown], ()).lost == ()


def test_a_word_that_is_shown_less_often_is_lost() -> None:
    found = compare([Passage("seen at home and seen at school")], ["seen at home and at school"], ())
    assert (found.words, found.kept, found.lost) == (7, 6, ("seen",))


def test_two_readings_of_the_same_do_not_count_twice() -> None:
    assert compare([Passage("seen seen")], ["seen", "seen"], ()).lost == ("seen",)


def test_words_that_a_note_tells_of_are_counted_apart() -> None:
    passages = [Passage("Seen."), comments("Ask again")]
    assert compare(passages, ["Seen."], ["1 comment is not shown."]).covered == {"comments": 2}
    assert compare(passages, ["Seen."], []).lost == ("ask", "again")


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1234.5, "£#,##0.00", "1,234.50"),
        (-1234.5, '"£"#,##0.00;[Red]-"£"#,##0.00', "1,234.50"),
        (0.125, "0%", "13%"),
        (7, "00000", "00007"),
        (3.0, "General", "3"),
        (True, "General", "TRUE"),
        ("0012", "@", "0012"),
        (5.0, "# ?/?", ""),
    ],
)
def test_cells_read_as_they_are_displayed(value: object, form: str, text: str) -> None:
    assert displayed(value, form).rstrip("%") == text.rstrip("%")


def test_the_page_gets_its_tables_between_its_marks() -> None:
    file = {
        "outcome": "shown",
        "kind": "docx",
        "notes": ["x"],
        "words": 5,
        "kept": 3,
        "covered": {"a": 1},
        "lost": 1,
    }
    words = {"made_on": "2026-01-02", "files": [file]}
    cuts = {"made_on": "2026-01-02", "kinds": {"txt": {next(iter(OUTCOMES)): 20}}}
    text = page(f"before\n{START}\nstale\n{END}\nafter\n", words, cuts)
    assert "| docx | 1 | 1 | 5 | 3 | 1 | 1 |" in text
    assert "| txt | 20 | 20 | 0 | 0 | 0 |" in text
    assert (text.startswith("before\n"), text.endswith("after\n"), "stale" in text) == (True, True, False)
