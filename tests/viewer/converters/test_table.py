"""Tables in text: whatever stands between the cells, the office gets commas."""

import csv
import io

import pytest

from viewer.converters.table import comma_separated

ROWS = [["Name", "Note"], ["O'Neill", 'said "no", twice'], ["Müller", "two\nlines"], ["", "0012"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_usual_delimiter_becomes_a_comma(delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(ROWS)
    assert list(csv.reader(io.StringIO(comma_separated(out.getvalue()), newline=""))) == ROWS


def test_decimal_commas_do_not_split_cells() -> None:
    assert (
        comma_separated("Name;Owes\nAnna;12,50\nBob;7,25\n") == 'Name,Owes\r\nAnna,"12,50"\r\nBob,"7,25"\r\n'
    )


@pytest.mark.parametrize("text", ["", "\n\n", "no table at all", "a,b\nc,d\n", '"never closed'])
def test_what_needs_no_change_has_none(text: str) -> None:
    assert comma_separated(text) == text


def test_a_cell_too_large_to_parse_leaves_the_text_alone() -> None:
    text = "a;b\n" + "x" * 200_000 + ";1\n"
    assert comma_separated(text) == text
