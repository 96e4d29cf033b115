"""A database of another schema version is refused, and missing tables are added."""

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, inspect

from tests.viewer.audit.conftest import ENTRY, Record
from tests.viewer.conftest import audit_entries
from viewer.access import blocks
from viewer.audit import Audit
from viewer.audit.tables import VERSION, metadata
from viewer.errors import AuditUnavailable


@pytest.mark.parametrize("version", [VERSION - 1, VERSION + 1])
def test_a_database_of_another_version_is_refused(
    record: Record, connect: Callable[[str], Audit], version: int
) -> None:
    record.write(1)
    record.tamper(f"UPDATE audit_version SET version = {version}")
    with pytest.raises(AuditUnavailable, match=f"version {version}, made by another program"):
        connect(record.url).record(ENTRY)
    assert len(audit_entries(record.url)) == 1


def test_a_table_that_a_later_program_needs_is_added(record: Record, connect: Callable[[str], Audit]) -> None:
    record.write(1)
    record.tamper(f"DROP TABLE {blocks.blocks_table.name}")
    connect(record.url).check()
    engine = create_engine(record.url)
    assert set(inspect(engine).get_table_names()) == set(metadata.tables)
    engine.dispose()
    assert len(audit_entries(record.url)) == 1
