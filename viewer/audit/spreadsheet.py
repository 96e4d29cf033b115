"""The record as CSV that is safe to open in a spreadsheet: no cell is run as a formula."""

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from viewer.audit.chain import Row
from viewer.audit.tables import audit_table

COLUMNS = tuple(column.name for column in audit_table.columns)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Prefixes that make a spreadsheet read a cell as a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""


def csv_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield a header line and a line for each row, with times in UTC as ISO 8601.

    Text that a spreadsheet would read as a formula gets an apostrophe in front, which makes it plain text.
    """
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    yield _flush(line)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in COLUMNS])
        yield _flush(line)


def write_csv(rows: Iterable[Row], file: Path) -> tuple[int, str]:
    """Write a new file that only its owner can read, and sync it; return the row count and the SHA-256.

    Raises:
        OSError: the file exists already, or cannot be written.
    """
    sha256, lines = hashlib.sha256(), 0
    file.touch(mode=0o600, exist_ok=False)
    with file.open("wb") as out:
        for line in csv_lines(rows):
            out.write(line.encode())
            sha256.update(line.encode())
            lines += 1
        out.flush()
        os.fsync(out.fileno())
    return lines - 1, sha256.hexdigest()


def _flush(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
