"""Unusual volume by one person raises one alert, which is recorded, counted and logged without a name."""

from dataclasses import replace

import pytest
import structlog

from tests.viewer.audit.conftest import ENTRY, Record, entry, write_old
from tests.viewer.conftest import audit_entries
from viewer.audit.unusual import UnusualVolume


class AlertCounter:
    """Opens documents as one person, and counts the alerts."""

    def __init__(self, record: Record, least: int) -> None:
        self.record = record
        self.alerts = 0
        self.volume = UnusualVolume(record.audit.database, least, self._count)

    def _count(self) -> None:
        self.alerts += 1

    def open(self, times: int, **changes: str) -> None:
        seen = entry(**changes)
        for _ in range(times):
            self.record.audit.record(seen)
            self.volume.check(seen)


def unusual(record: Record) -> list[int]:
    return [row["id"] for row in audit_entries(record.url) if row["outcome"] == "unusual"]


def test_unusual_volume_raises_one_alert_an_hour(record: Record) -> None:
    counter = AlertCounter(record, 5)
    counter.open(4)
    assert (counter.alerts, unusual(record)) == (0, [])
    counter.open(1)
    assert (counter.alerts, unusual(record)) == (1, [6])
    counter.open(10)
    assert (counter.alerts, unusual(record)) == (1, [6])


def test_the_alert_says_who_where_and_what_for(record: Record) -> None:
    AlertCounter(record, 2).open(2)
    row = audit_entries(record.url)[-1]
    assert (row["email"], row["document_id"], row["request_id"]) == (
        ENTRY.by.email,
        "77",
        ENTRY.by.request_id,
    )
    assert row["detail"] == "2 views or more within an hour"


def test_volume_is_counted_for_each_person(record: Record) -> None:
    counter = AlertCounter(record, 5)
    for number in range(6):
        counter.open(4, email=f"worker{number}@council.test")
    assert counter.alerts == 0


def test_refused_documents_do_not_count_as_volume(record: Record) -> None:
    for outcome in ("refused", "denied", "blocked", "searched"):
        record.write(5, replace(ENTRY, outcome=outcome))
    counter = AlertCounter(record, 5)
    counter.open(4)
    assert counter.alerts == 0
    counter.open(1, outcome="downloaded")
    assert counter.alerts == 1


def test_views_of_earlier_hours_do_not_count_and_an_earlier_alert_silences_nothing(record: Record) -> None:
    write_old(record.audit, 4, days_ago=1)
    write_old(record.audit, 1, days_ago=1, outcome="unusual")
    counter = AlertCounter(record, 5)
    counter.open(4)
    assert counter.alerts == 0
    counter.open(1)
    assert counter.alerts == 1


def test_unusual_volume_can_be_switched_off(record: Record) -> None:
    counter = AlertCounter(record, 0)
    counter.open(20)
    assert (counter.alerts, unusual(record)) == (0, [])


def test_the_alert_log_line_names_nobody(record: Record) -> None:
    with structlog.testing.capture_logs() as lines:
        AlertCounter(record, 2).open(2)
    assert lines == [{"event": "unusual volume", "log_level": "warning"}]


@pytest.mark.parametrize("least", [1, 3])
def test_a_threshold_of_one_works_from_the_first_view(record: Record, least: int) -> None:
    counter = AlertCounter(record, least)
    counter.open(least)
    assert counter.alerts == 1
