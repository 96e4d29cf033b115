"""docs/metrics.md has every metric with the labels and meaning that the code has."""

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from redirector.metrics import RedirectMetrics
from shared.metrics import HttpMetrics
from viewer.metrics import Metrics as ViewerMetrics

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")

SECTIONS = {
    "Both services": HttpMetrics,
    "Redirector": lambda registry: RedirectMetrics(registry, ["rule"]),
    "Viewer": ViewerMetrics,
}


def rows_of(section: str) -> list[tuple[str, ...]]:
    """Name, labels and help of each row of a section's table."""
    text = PAGE.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|", text, re.MULTILINE)


def expected_rows(section: str) -> list[tuple[str, ...]]:
    """The expected rows, with names as Prometheus stores them."""
    both = CollectorRegistry()
    HttpMetrics(both)
    metrics = _metrics(section)
    known = set() if section == "Both services" else {_name(metric) for metric in _all(both)}
    return [_row(metric) for metric in metrics if _name(metric) not in known]


def _metrics(section: str) -> list[MetricWrapperBase]:
    registry = CollectorRegistry()
    SECTIONS[section](registry)
    return _all(registry)


def _all(registry: CollectorRegistry) -> list[MetricWrapperBase]:
    return [each for each in registry._collector_to_names if isinstance(each, MetricWrapperBase)]


def _name(metric: MetricWrapperBase) -> str:
    return str(metric._name) + {"counter": "_total", "histogram": "_bucket"}.get(str(metric._type), "")


def _row(metric: MetricWrapperBase) -> tuple[str, ...]:
    labels = ", ".join(f"`{label}`" for label in metric._labelnames) or "none"
    return _name(metric), labels, metric._documentation


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_has_every_metric_with_its_labels_and_meaning(section: str) -> None:
    assert sorted(rows_of(section)) == sorted(expected_rows(section))
