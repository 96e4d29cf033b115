"""The sentences that say what a rendition does not show of an office file, or shows otherwise.

All formats share them, so that the same thing is told in the same words whatever it came in.
"""

from collections.abc import Iterator

Plural = tuple[str, str]
"""The sentence for one, and for several with `{n}`."""

COMMENTS: Plural = ("1 comment is not shown.", "{n} comments are not shown.")
CHANGES: Plural = (
    "1 tracked change is shown as such: added text is underlined, deleted text is struck through.",
    "{n} tracked changes are shown as such: added text is underlined, deleted text is struck through.",
)
ADDED_TEXT: Plural = (
    "1 tracked change added text: it is shown like any other text.",
    "{n} tracked changes added text: it is shown like any other text.",
)
DELETED_TEXT: Plural = (
    "1 tracked change deleted text, which is not shown.",
    "{n} tracked changes deleted text, which is not shown.",
)
HIDDEN_TEXT_SHOWN: Plural = (
    "1 piece of hidden text is shown like any other text.",
    "{n} pieces of hidden text are shown like any other text.",
)
HIDDEN_SHEETS_SHOWN: Plural = (
    "1 hidden sheet is shown like any other sheet.",
    "{n} hidden sheets are shown like any other sheets.",
)
CELL_CHANGES: Plural = (
    "This spreadsheet records changes of its cells: what stood there before is not shown.",
    "This spreadsheet records changes of its cells: what stood there before is not shown.",
)
HIDDEN_TEXT: Plural = (
    "1 piece of hidden text is not shown.",
    "{n} pieces of hidden text are not shown.",
)
HIDDEN_OBJECTS: Plural = ("1 hidden object is not shown.", "{n} hidden objects are not shown.")
HIDDEN_LAYERS: Plural = (
    "1 layer that is switched off is not shown.",
    "{n} layers that are switched off are not shown.",
)
HIDDEN_SHEETS: Plural = (
    "This spreadsheet has 1 hidden sheet, which is not shown.",
    "This spreadsheet has {n} hidden sheets, which are not shown.",
)
HIDDEN_ROWS: Plural = ("1 hidden row is not shown.", "{n} hidden rows are not shown.")
HIDDEN_COLUMNS: Plural = ("Hidden columns are not shown.", "Hidden columns are not shown.")
HIDDEN_SLIDES: Plural = ("1 hidden slide is not shown.", "{n} hidden slides are not shown.")
SPEAKERS_NOTES: Plural = (
    "The speaker's notes of 1 slide are not shown.",
    "The speaker's notes of {n} slides are not shown.",
)
RECORDINGS: Plural = ("1 sound or film is not played.", "{n} sounds or films are not played.")
LINKED_FIGURES: Plural = (
    "Figures taken from 1 other file are as they were when it was saved.",
    "Figures taken from {n} other files are as they were when it was saved.",
)
LINKED_PICTURES: Plural = (
    "1 picture is not shown: it is kept in another place, and this document only says where.",
    "{n} pictures are not shown: they are kept in other places, and this document only says where.",
)
LINKED_OBJECTS: Plural = (
    "1 object of another file is shown as it looked when this document was saved.",
    "{n} objects of other files are shown as they looked when this document was saved.",
)
LINKED_PARTS: Plural = (
    "1 part of this document is not shown: it is kept in another file.",
    "{n} parts of this document are not shown: they are kept in other files.",
)
IMPORTED_PARTS: Plural = (
    "1 imported part of this document is not on its pages: it opens from the list of attachments.",
    "{n} imported parts of this document are not on its pages: they open from the list of attachments.",
)
OBJECTS: Plural = (
    "1 embedded object is shown as a picture: what is in it cannot be opened here.",
    "{n} embedded objects are shown as pictures: what is in them cannot be opened here.",
)
MACROS: Plural = ("Macros in this document were not run.", "Macros in this document were not run.")


def sentence(words: Plural, count: int) -> Iterator[str]:
    """The sentence for so many; none for none."""
    one, several = words
    if count > 0:
        yield one if count == 1 else several.format(n=f"{count:,}")
