"""Rules on the source that import contracts cannot say; those are in pyproject.toml, for `make lint`."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("shared", "redirector", "viewer", "demo")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
METRIC_MODULES = {"shared/metrics.py", "redirector/metrics.py", "viewer/metrics.py"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _imports(path: Path) -> set[str]:
    """Every module that the file imports, wherever in it; `from a import b` counts as `a.b` too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{_name(path)} imports relatively"
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in _imports(path)}


def test_the_tree_is_where_this_test_looks() -> None:
    assert len(MODULES) > 30


def test_system_tests_import_none_of_our_code() -> None:
    for path in sorted((ROOT / "tests" / "system").rglob("*.py")):
        assert not _packages(path) & {"shared", "redirector", "viewer"}, _name(path)


@pytest.mark.parametrize("path", [path for path in MODULES if _name(path) not in METRIC_MODULES], ids=_name)
def test_metrics_are_made_where_metrics_are_described(path: Path) -> None:
    kinds = {"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"}
    assert not {name for name in _imports(path) if name in {f"prometheus_client.{kind}" for kind in kinds}}
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    assert not [call for call in calls if isinstance(call, ast.Attribute) and call.attr in kinds]


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_the_environment_is_read_in_the_settings(path: Path) -> None:
    if _name(path) in {"shared/gunicorn_config.py", "shared/metrics.py"} or _name(path).startswith("demo/"):
        return
    nodes = list(ast.walk(ast.parse(path.read_text())))
    read = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
    read |= {
        f"{node.module}.{each.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }
    assert not {f"os.{name}" for name in ("environ", "environb", "getenv", "getenvb")} & read
