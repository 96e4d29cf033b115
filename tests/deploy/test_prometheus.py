"""What Prometheus is told to scrape and to warn of."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # comes with pre-commit, without types

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"


def promtool(*arguments: str | Path) -> None:
    """Run Prometheus's own checker; its words are the assertion's."""
    program = shutil.which("promtool")
    assert program, "promtool is missing: it comes with the package prometheus"
    result = subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=240
    )
    assert result.returncode == 0, result.stdout + result.stderr


def alerts() -> list[dict[str, Any]]:
    """Every alert rule."""
    document = yaml.safe_load((FOLDER / "alerts.yml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def test_prometheus_understands_the_configuration() -> None:
    promtool("check", "config", FOLDER / "prometheus.yml")


def test_each_alert_fires_when_it_should_and_stays_quiet_when_all_is_well() -> None:
    promtool("test", "rules", ROOT / "tests" / "deploy" / "alerts.test.yml")


def test_every_alert_is_tried_both_ways() -> None:
    tries = yaml.safe_load((ROOT / "tests" / "deploy" / "alerts.test.yml").read_text())["tests"]
    for tried in tries:
        assert {try_["alertname"] for try_ in tried["alert_rule_test"]} == {
            rule["alert"] for rule in alerts()
        }


def test_every_alert_has_a_section_in_the_page_for_the_engineer_on_call() -> None:
    sections = set(re.findall(r"^### (\w+)$", (ROOT / "docs" / "on-call.md").read_text(), re.MULTILINE))
    for rule in alerts():
        assert rule["annotations"]["runbook"] == f"docs/on-call.md#{rule['alert'].lower()}"
    assert sections == {rule["alert"] for rule in alerts()}


def test_every_alert_is_about_a_metric_that_is_documented() -> None:
    documented = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE))
    for rule in alerts():
        used = set(re.findall(r"\b(?:viewer|redirector|http|haproxy)_\w+", rule["expr"]))
        assert used <= documented, rule["alert"]
