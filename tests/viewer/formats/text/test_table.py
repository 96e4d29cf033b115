"""Tables in text: rows and cells as they were written, whatever stands between them."""

import csv
import io
import json
from typing import Any

import pytest

from tests.viewer.formats.opening import read
from viewer.errors import TooLarge
from viewer.formats.decoding import decode
from viewer.formats.text import reading, table

ROWS = [["Name", "Note"], ["O'Neill", 'said "no", twice'], ["Müller", "two\nlines"], ["", "0012"]]


def _table(text: str | bytes) -> Any:
    body = text.encode() if isinstance(text, str) else text
    return json.loads(table.table(decode(body)))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_cells_are_as_they_were_written(delimiter: str, encoding: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(ROWS)
    assert _table(out.getvalue().encode(encoding))["rows"] == ROWS


def test_decimal_commas_do_not_split_cells() -> None:
    assert _table("Name;Owes\nAnna;12,50\nBob;7,25\n")["rows"][1] == ["Anna", "12,50"]


@pytest.mark.parametrize("text", ["", "\n\n", ",,\n,,\n", "\x00"])
def test_an_empty_table_has_no_rows(text: str) -> None:
    assert _table(text) == {"rows": [], "more_rows": 0, "more_columns": 0, "cut_cells": 0}


def test_a_row_is_a_line_of_its_own() -> None:
    assert table.table("a,b\nc,d\n").splitlines()[1:3] == [b'["a", "b"],', b'["c", "d"]']


def test_rows_columns_and_cells_left_out_of_a_table_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAX_ROWS", "MAX_COLUMNS"):
        monkeypatch.setattr(table, name, 3)
    monkeypatch.setattr(table, "MAX_CELL", 5)
    got = _table("1,2,3,4,5\n" * 5 + "\n")
    assert (len(got["rows"]), len(got["rows"][0])) == (3, 3)
    assert (got["more_rows"], got["more_columns"]) == (2, 2)
    assert _table("123456,1\n1,2\n")["cut_cells"] == 1


def test_the_cells_of_all_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_CELLS", 10)
    got = _table("a,b,c\n" * 9)
    assert (len(got["rows"]), got["more_rows"]) == (4, 5)


@pytest.mark.parametrize(
    "text", ["x" * 5_000_000 + "\n", "," * 3_000_000 + "1", '"' + "x," * 1_000_000, "a\n" * 1_000_000]
)
def test_a_monstrous_table_ends_as_a_bounded_one(text: str) -> None:
    got = _table(text)
    assert sum(map(len, got["rows"])) <= table.MAX_CELLS + table.MAX_COLUMNS


def test_more_bytes_than_the_limit_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    with pytest.raises(TooLarge):
        read(b"a,b\nc,d\ne,f\ng,h\n")
