"""docs/security.md names tests that exist, and every attack has its place there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def _tests(path: Path) -> set[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.name for node in nodes if isinstance(node, functions) and node.name.startswith("test_")}


EXISTING = {name for path in (ROOT / "tests").rglob("test_*.py") for name in _tests(path)}
NAMED = set(re.findall(r"`(test_\w+)`", PAGE))


def test_every_test_that_the_page_names_exists() -> None:
    assert len(NAMED) > 40
    assert NAMED <= EXISTING


def test_every_threat_has_a_test() -> None:
    threats = PAGE.split("## Threats, and the test that holds each", 1)[1].split("## What is not held", 1)[0]
    rows = [
        line for line in threats.splitlines() if line.startswith("| ") and not line.startswith("| Threat")
    ]
    assert len(rows) > 30
    assert all("`test_" in row for row in rows)


def test_every_attack_is_on_the_page() -> None:
    attacks = _tests(ROOT / "tests" / "viewer" / "web" / "test_attacks.py")
    assert attacks - NAMED <= {
        "test_no_other_scheme_carries_a_token",
        "test_a_cookie_of_a_sign_in_under_way_is_no_session",
    }, "variants of others"
