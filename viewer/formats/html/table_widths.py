"""Computes how wide a page must be for its tables: LibreOffice cuts off what exceeds the page."""

import re
from dataclasses import dataclass, field
from html import unescape

LONGEST_WORD = 40
"""Letters of a word in a table before which it is broken where the page would become wider for it."""
MAX_COLUMNS = 1000
MAX_SPANNED = 2_000_000
"""Columns that cells reach over, summed up over all cells and rows; beyond, each cell counts as one."""

_TOKEN = re.compile(r'<(/?)([a-z][a-z0-9]*+)((?:[^>"]|"[^"]*")*+)>|([^<]+)')
_NUMBER = re.compile(r' (colspan|rowspan|cellpadding|width)="([1-9][0-9]{0,3})"')
_LETTER, _CAPITAL = 8.0, 9.5
"""Pixels of a letter of eleven points, a little more than most are."""
_EDGES = 8
"""Pixels of a cell's padding, border and distance from the next."""
_MARGINS_CM = 3.6
_PIXELS_PER_CM = 96 / 2.54
_UPRIGHT_CM, _TURNED_CM, _WIDEST_CM = 21.0, 29.7, 118.9
"""A4, A4 turned, and as wide as A0 turned: the widest page that the spreadsheets have too."""
_HIGHEST_CM = 84.1
WIDEST_PAGE = f"{_WIDEST_CM}cm {_HIGHEST_CM}cm"
"""For CSS."""
_RATIO = 1.414


def page_size(pixels: float) -> str | None:
    """A page's width and height for CSS; None where what is on it is wider than any page.

    Args:
        pixels: that the widest table needs.
    """
    centimetres = pixels / _PIXELS_PER_CM + _MARGINS_CM
    if centimetres <= _UPRIGHT_CM:
        return "21cm 29.7cm"
    if centimetres <= _TURNED_CM:
        return "29.7cm 21cm"
    if centimetres > _WIDEST_CM:
        return None
    return f"{centimetres:.1f}cm {min(max(centimetres / _RATIO, 21), _HIGHEST_CM):.1f}cm"


@dataclass(slots=True)
class _Budget:
    """How many columns may still be counted that cells reach over."""

    left: int = MAX_SPANNED

    def take(self, columns: int) -> bool:
        """Whether so many more may be counted."""
        self.left -= columns
        return self.left >= 0


@dataclass(slots=True)
class _Table:
    """A table while it is read: the columns' widths so far, and the cells that reach into further rows.

    Args:
        budget: of all tables of a page.
        edges: pixels around what is in a cell.
    """

    budget: _Budget
    edges: int = _EDGES
    columns: list[float] = field(default_factory=list)
    reaching: dict[int, int] = field(default_factory=dict)
    """By column, the last row that a cell reaches into."""
    row: int = 0
    at: int = 0
    cell: float = 0
    span: int = 0
    inner: float = 0

    def next_row(self) -> None:
        self.end_cell()
        self.row += 1
        self.at = 0

    def begin_cell(self, span: int, rows: int) -> None:
        self.end_cell()
        while self.reaching.get(self.at, 0) >= self.row and self.at < MAX_COLUMNS and self.budget.take(1):
            self.at += 1
        self.span, self.cell, self.inner = min(span, 100), 0, 0
        if not self.budget.take(self.span):
            self.span = 1
        elif rows > 1:
            last = min(self.at + self.span, MAX_COLUMNS)
            self.reaching |= dict.fromkeys(range(self.at, last), self.row + rows - 1)

    def end_cell(self) -> None:
        if not self.span:
            return
        needed = (max(self.cell, self.inner) + self.edges) / self.span
        end = min(self.at + self.span, MAX_COLUMNS)
        self.columns += [0.0] * (end - len(self.columns))
        for column in range(self.at, end):
            self.columns[column] = max(self.columns[column], needed)
        self.at, self.span = end, 0


def needed_width(html: str, longest: int = LONGEST_WORD) -> float:
    """Pixels that the widest table needs at least, as far as it can be told from its words and pictures.

    Args:
        html: sanitised and well-formed.
        longest: letters of a word that count.
    """
    if "<table" not in html:
        return 0
    widest = 0.0
    budget = _Budget()
    tables: list[_Table] = []
    for token in _TOKEN.finditer(html):
        closes, name, attributes, text = token.groups()
        if text is not None:
            if tables:
                tables[-1].cell = max(tables[-1].cell, _longest_word(text, longest))
            continue
        if name == "table":
            if not closes:
                padding = dict(_NUMBER.findall(attributes)).get("cellpadding")
                tables.append(_Table(budget, _EDGES + 2 * min(int(padding or 0), 50)))
            elif tables:
                table = tables.pop()
                table.end_cell()
                width = sum(table.columns)
                widest = max(widest, width)
                if tables:
                    tables[-1].inner = max(tables[-1].inner, width)
        elif tables:
            _read_tag(tables[-1], closes, name, attributes)
    return widest


def _read_tag(table: _Table, closes: str, name: str, attributes: str) -> None:
    if name == "tr" and not closes:
        table.next_row()
    elif name in {"td", "th"} and not closes:
        numbers = dict(_NUMBER.findall(attributes))
        table.begin_cell(int(numbers.get("colspan", 1)), int(numbers.get("rowspan", 1)))
    elif name in {"td", "th", "tr"}:
        table.end_cell()
    elif name == "img":
        table.cell = max(table.cell, int(dict(_NUMBER.findall(attributes)).get("width", 0)))


def _longest_word(text: str, longest: int) -> float:
    words = unescape(text).replace("\xad", " ").replace("\u200b", " ")
    candidates = sorted(set(words.split()), key=len)[-3:] if len(words) > 10 else words.split()  # noqa: PLR2004
    return max(
        (sum(_CAPITAL if letter.isupper() else _LETTER for letter in word[:longest]) for word in candidates),
        default=0,
    )


def break_long_words(html: str) -> str:
    """The HTML with places in its tables' very long words at which a line may end."""
    depth = 0
    written: list[str] = []
    for token in _TOKEN.finditer(html):
        closes, name, _, text = token.groups()
        if name == "table":
            depth += -1 if closes else 1
        written.append(_LONG.sub(_break_word, text) if text is not None and depth > 0 else token[0])
    return "".join(written)


_LONG = re.compile(rf"(?:&#?\w{{1,10}};|[^\s&]){{{LONGEST_WORD + 1},}}+")
_PIECE = re.compile(rf"(?:&#?\w{{1,10}};|[^\s]){{1,{LONGEST_WORD}}}")


def _break_word(word: re.Match[str]) -> str:
    return "\u200b".join(_PIECE.findall(word[0]))
