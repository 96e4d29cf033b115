"""Tables in text: rows and cells for the page to lay out.

Which character stands between the cells differs by program and country.
"""

import csv
import io
import json
from collections.abc import Iterable

from viewer.errors import Corrupt

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 256
MAX_CELLS = 150_000
"""More cells are slow on a phone, where people do not read that many."""
MAX_CELL = 32_767
"""Characters: what a cell of a spreadsheet can hold."""

_DELIMITERS = (",", ";", "\t", "|")
"""The likeliest first: it wins where nothing speaks for another."""
_SAMPLE_ROWS = 50
_SAMPLE = 256 * 1024


def table(text: str) -> bytes:
    """JSON: ``{"rows": [[cell, …], …], "more_rows": n, "more_columns": n, "cut_cells": n}``.

    Each row is on a line of its own and has as many cells as the file gives it, without empty ones at its
    end; empty rows at the table's end are left out.

    Raises:
        Corrupt: it cannot be read as a table.
    """
    csv.field_size_limit(MAX_BYTES)
    try:
        return _as_json(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text)))
    except csv.Error as error:
        raise Corrupt("table") from error


def delimiter_of(text: str) -> str:
    """The character that stands between the cells."""
    sample = text[:_SAMPLE]
    return max(_DELIMITERS, key=lambda candidate: _fit(sample, candidate))


def _as_json(rows: Iterable[list[str]]) -> bytes:
    kept: list[str] = []
    cells = more_rows = more_columns = cut = 0
    for row in rows:
        while row and not row[-1]:
            row.pop()
        if len(kept) == MAX_ROWS or cells > MAX_CELLS:
            more_rows += bool(row)
            continue
        cells += min(len(row), MAX_COLUMNS)
        more_columns = max(more_columns, len(row) - MAX_COLUMNS)
        cut += sum(len(cell) > MAX_CELL for cell in row[:MAX_COLUMNS])
        kept.append(json.dumps([cell[:MAX_CELL] for cell in row[:MAX_COLUMNS]], ensure_ascii=False))
    while kept and kept[-1] == "[]":
        kept.pop()
    figures = {"more_rows": more_rows, "more_columns": more_columns, "cut_cells": cut}
    rest = json.dumps(figures)[1:]
    return ('{"rows": [\n' + ",\n".join(kept) + "\n],\n" + rest).encode("utf-8", "replace")


def _fit(text: str, delimiter: str) -> int:
    """How many of the first rows have as many cells as the first one, if that has several."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        widths = [len(row) for row, _ in zip(rows, range(_SAMPLE_ROWS), strict=False) if row]
    except csv.Error:
        return 0
    return widths.count(widths[0]) if widths and widths[0] > 1 else 0
