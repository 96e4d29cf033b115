"""What an extraction finds: passages of text, and where each stands in the file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SHOWN = "text"
"""Where people see it when they open the file."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a file's text.

    Args:
        where: `SHOWN`, or the place that a program shows only when asked, such as comments.
        note: words that a note on the file must have where the passage is not shown; none may stand in for
            what is `SHOWN`.
    """

    text: str
    where: str = SHOWN
    note: str = ""


def shown(texts: Iterable[str]) -> Iterator[Passage]:
    """Passages that people see."""
    return (Passage(text) for text in texts if text)


def comments(text: str) -> Passage:
    return Passage(text, "comments", "comment")


def hidden_text(text: str) -> Passage:
    return Passage(text, "hidden text", "hidden text")


def hidden_rows(text: str) -> Passage:
    return Passage(text, "hidden rows and columns", "idden ")


def hidden_slides(text: str) -> Passage:
    return Passage(text, "hidden slides", "hidden slide")


def speakers_notes(text: str) -> Passage:
    return Passage(text, "speaker's notes", "speaker's notes")
