"""A search finds exactly the matching entries, in pages and quickly, and is recorded."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from tests.viewer.audit.conftest import ENTRY, OFFICER, Record, entry, write_old
from tests.viewer.conftest import audit_entries
from viewer.audit import Audit, audit_table
from viewer.audit.chain import chain_rows
from viewer.audit.search import COUNT_LIMIT, PAGE_SIZE, Filter, InvalidFilter, Search, parse_filter
from viewer.audit.tables import head

TODAY = datetime.now(UTC).date()


@pytest.fixture
def search(audit: Audit) -> Search:
    return Search(audit.database)


@pytest.fixture
def mixed(record: Record) -> Record:
    """Entries that differ in one thing each, numbered 1 to 8."""
    differences: list[dict[str, Any]] = [
        {},
        {"document_id": "78"},
        {"source": "comino"},
        {"person": "124"},
        {"email": "nested@council.test"},
        {"outcome": "refused", "code": "corrupt"},
        {"by": replace(ENTRY.by, request_id="journey-0002")},
        {"part": "2"},
    ]
    for difference in differences:
        record.audit.record(entry(**difference))
    return record


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        (Filter(source="edocs", document_id="77"), [8, 7, 6, 5, 4, 1]),
        (Filter(document_id="78"), [2]),
        (Filter(source="comino"), [3]),
        (Filter(person="124"), [4]),
        (Filter(email="nested@council.test"), [5]),
        (Filter(outcome="refused"), [6]),
        (Filter(request_id="journey-0002"), [7]),
        (Filter(person="123", outcome="viewed", email="nested@council.test"), [5]),
        (Filter(since=TODAY - timedelta(days=1), until=TODAY + timedelta(days=1), person="124"), [4]),
        (Filter(until=TODAY - timedelta(days=2)), []),
        (Filter(since=TODAY + timedelta(days=2)), []),
        (Filter(person="12"), []),
        (Filter(person="' OR 1=1 --"), []),
    ],
)
def test_a_search_finds_exactly_the_matching_entries(
    mixed: Record, search: Search, criteria: Filter, found: list[int]
) -> None:
    assert mixed.audit.head().id == 8
    page = search.page(criteria, OFFICER)
    assert [row["id"] for row in page.rows if row["outcome"] != "searched"] == found


def test_a_period_is_whole_days_the_last_one_included(record: Record, search: Search) -> None:
    for days_ago in (12, 11, 10, 9):
        write_old(record.audit, 1, days_ago)
    since, until = TODAY - timedelta(days=11), TODAY - timedelta(days=10)
    page = search.page(Filter(since=since, until=until), OFFICER)
    assert [row["at"].date() for row in page.rows] == [until, since]


def test_pages_show_every_entry_once_the_newest_first(record: Record, search: Search) -> None:
    write_old(record.audit, 2 * PAGE_SIZE + 7, days_ago=3)
    seen: list[int] = []
    before: int | None = None
    while True:
        page = search.page(Filter(person="123", outcome="viewed"), OFFICER, before)
        assert page.total == 2 * PAGE_SIZE + 7
        assert len(page.rows) <= PAGE_SIZE
        seen += [row["id"] for row in page.rows]
        if page.older is None:
            break
        before = page.older
    assert seen == list(range(2 * PAGE_SIZE + 7, 0, -1))


def test_a_search_is_on_record_before_anything_is_shown(mixed: Record, search: Search) -> None:
    search.page(Filter(person="123", since=date(2026, 1, 2)), OFFICER)
    search.page(Filter(source="edocs", document_id="77"), OFFICER, before=5)
    search.page(Filter(), OFFICER)
    rows = audit_entries(mixed.url)[8:]
    assert [(row["outcome"], row["email"]) for row in rows] == [("searched", OFFICER.email)] * 3
    assert [row["detail"] for row in rows] == [
        "person=123 since=2026-01-02",
        "source=edocs document_id=77 before 5",
        "everything",
    ]
    assert (rows[0]["person"], rows[1]["document_id"]) == ("123", "77"), "found by whoever searches for them"


def test_an_export_is_everything_that_fits_oldest_first_and_on_record(record: Record, search: Search) -> None:
    write_old(record.audit, 2500, days_ago=3)
    rows = search.export(Filter(person="123"), OFFICER)
    assert audit_entries(record.url)[-1]["outcome"] == "exported", "before the first row is taken"
    assert [row["id"] for row in rows] == list(range(1, 2501))


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"since": "yesterday"}, {"since"}),
        ({"until": "2026-02-30"}, {"until"}),
        ({"since": "2026-02-02", "until": "2026-02-01"}, {"until"}),
        ({"outcome": "seen"}, {"outcome"}),
        ({"person": "1" * 400, "email": "a\0b"}, {"person", "email"}),
    ],
)
def test_each_invalid_search_field_is_reported(typed: dict[str, str], wrong: set[str]) -> None:
    with pytest.raises(InvalidFilter) as raised:
        parse_filter(typed)
    assert set(raised.value.problems) == wrong


def test_a_filter_ignores_blanks_and_capitals() -> None:
    typed = {"email": " Worker@Council.test ", "person": "  ", "since": "2026-11-26", "nonsense": "x"}
    assert parse_filter(typed) == Filter(email="worker@council.test", since=date(2026, 11, 26))


ROWS = 100_000


@pytest.fixture
def large(record: Record) -> Record:
    """A hundred thousand real entries of a year: 500 members of staff, 5,000 persons, 20,000 documents."""
    start = datetime.now(UTC) - timedelta(days=365)
    contents = (
        {
            "at": start + timedelta(minutes=5.25 * number),
            "request_id": f"{number:032x}",
            "email": f"worker{number % 500}@council.test",
            "network_address": "192.0.2.7",
            "source": "edocs",
            "document_id": str(number * 7919 % 20_000),
            "part": None,
            "person": str(number * 104_729 % 5_000),
            "outcome": "refused" if number % 50 == 0 else "viewed",
            "code": "corrupt" if number % 50 == 0 else None,
            "sha256": f"{number:064x}",
            "detail": None,
        }
        for number in range(ROWS)
    )
    with record.audit.database.write() as connection:
        connection.execute(insert(audit_table), list(chain_rows(contents, head(connection))))
    return record


SEARCHES = [
    Filter(source="edocs", document_id="4242"),
    Filter(document_id="4242"),
    Filter(person="77"),
    Filter(email="worker42@council.test"),
    Filter(since=TODAY - timedelta(days=30), until=TODAY),
    Filter(outcome="refused"),
    Filter(request_id=f"{4242:032x}"),
    Filter(person="77", email="worker42@council.test", since=TODAY - timedelta(days=100), outcome="viewed"),
    Filter(source="edocs", outcome="downloaded"),
    Filter(),
]


def test_a_hundred_thousand_entries_are_searched_quickly(large: Record) -> None:
    """Well under a second on a quiet machine (a few hundredths); the bound leaves room for a busy one."""
    search = Search(large.audit.database)
    times = {}
    for criteria in SEARCHES:
        started = time.perf_counter()
        page = search.page(criteria, OFFICER)
        times[str(criteria)] = time.perf_counter() - started
        assert page.total == (COUNT_LIMIT + 1 if criteria == Filter() else page.total)
    started = time.perf_counter()
    search.volume(TODAY - timedelta(days=365), TODAY, 100, OFFICER)
    times["volume"] = time.perf_counter() - started
    print("\n".join(f"{seconds * 1000:8.1f} ms  {what}" for what, seconds in times.items()))  # noqa: T201 - shown with -s
    assert max(times.values()) < 10, times


def test_volume_finds_who_opened_too_many_in_an_hour(record: Record, search: Search) -> None:
    write_old(record.audit, 30, days_ago=3, email="busy@council.test")
    write_old(record.audit, 5, days_ago=2, email="busy@council.test", person="124")
    write_old(record.audit, 19, days_ago=3, email="quiet@council.test")
    write_old(record.audit, 50, days_ago=3, email="unlucky@council.test", outcome="refused")
    write_old(record.audit, 50, days_ago=40, email="earlier@council.test")
    found = search.volume(TODAY - timedelta(days=7), TODAY, 15, OFFICER)
    assert {each.email for each in found} <= {"busy@council.test", "quiet@council.test"}
    busy = next(each for each in found if each.email == "busy@council.test")
    assert (busy.views, busy.persons) == (35, 2)
    assert 15 <= busy.most <= 30
    assert busy.busiest.tzinfo is UTC
    assert audit_entries(record.url)[-1]["outcome"] == "searched"
