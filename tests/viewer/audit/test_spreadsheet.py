"""The CSV has every column unchanged, and no cell that a spreadsheet would run."""

import csv
import io
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tests.viewer.audit.conftest import ENTRY, OFFICER, Record
from viewer.audit.search import Filter, Search
from viewer.audit.spreadsheet import COLUMNS, csv_lines, write_csv


def test_every_entry_with_every_column_is_read_back(record: Record) -> None:
    record.audit.record(replace(ENTRY, detail='a "quoted", long\nreason'))
    rows = list(Search(record.audit.database).export(Filter(), OFFICER))
    (header, line) = csv.reader(io.StringIO("".join(csv_lines(rows))))
    assert tuple(header) == COLUMNS
    read = dict(zip(header, line, strict=True))
    assert read["email"] == ENTRY.by.email
    assert read["detail"] == 'a "quoted", long\nreason'
    assert read["code"] == ""
    assert read["hash"] == rows[0]["hash"]
    assert read["at"] == rows[0]["at"].isoformat(timespec="microseconds")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_csv_cell_is_a_formula(record: Record, start: str) -> None:
    record.audit.record(replace(ENTRY, detail=f'{start}HYPERLINK("https://evil.test","x")'))
    text = "".join(csv_lines(Search(record.audit.database).export(Filter(), OFFICER)))
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    assert not [cell for cell in cells if cell.startswith(start)]
    assert f'\'{start}HYPERLINK("https://evil.test","x")' in cells


def test_a_file_is_its_owners_alone_and_never_written_over(record: Record, tmp_path: Path) -> None:
    record.write(2)
    file = tmp_path / "export.csv"
    rows = list(Search(record.audit.database).export(Filter(), OFFICER))
    count, _ = write_csv(rows, file)
    assert count == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    with pytest.raises(FileExistsError):
        write_csv(rows, file)
    assert file.read_bytes() == before
