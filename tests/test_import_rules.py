"""Who may import whom, read from the source: the rules that keep the parts apart."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("shared", "redirector", "viewer", "demo")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
ADAPTER_FOLDERS = ("viewer.sources.", "viewer.converters.", "viewer.containers.")
ADAPTERS = (*ADAPTER_FOLDERS, "viewer.opening.store", "obstore", "requests")
KNOW_NO_FLASK = (
    *("blocks", "cli", "database", "documents", "errors", "fidelity", "intake", "links", "metrics", "parts"),
    *("pipeline", "rates", "renditions", "revocations", "settings", "store", "sweeper"),
)
BUILDERS = {"app.py", "wsgi.py", "sweeper.py"}
"""The app builds the adapters; the other two keep its store swept."""
CONCRETE = (*ADAPTER_FOLDERS, "viewer.opening.store.ObjectStore", "shared.identity.groups")
NOT_FOR_ADAPTERS = ("viewer.sources.", "viewer.opening.pipeline", "viewer.opening.renditions", "viewer.app")
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


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_packages_keep_to_themselves(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    allowed = {"shared": {"shared"}, "demo": {"shared", "demo"}}.get(package, {"shared", package})
    strangers = _packages(path) & ({*PACKAGES, "tests", "deploy"} - allowed)
    assert not strangers


def _in_viewer(*patterns: str) -> list[Path]:
    return [path for pattern in patterns for path in sorted((ROOT / "viewer").glob(pattern))]


@pytest.mark.parametrize(
    "path",
    _in_viewer(
        *(f"{name}.py" for name in KNOW_NO_FLASK),
        *(f"{folder}/*.py" for folder in ("audit", "commands", "filetypes", "sources")),
        *(f"{folder}/*.py" for folder in ("converters", "containers", "mail")),
    ),
    ids=_name,
)
def test_what_is_behind_the_views_knows_no_flask(path: Path) -> None:
    assert not _packages(path) & {"flask", "werkzeug", "flask_dance"}


@pytest.mark.parametrize(
    "path",
    [path for path in _in_viewer("*.py") if path.name not in BUILDERS],
    ids=_name,
)
def test_the_app_alone_names_the_adapters(path: Path) -> None:
    assert not [name for name in _imports(path) if name.startswith(CONCRETE)]


def test_the_views_import_no_adapter() -> None:
    (views,) = _in_viewer("views.py")
    assert not [name for name in _imports(views) if name.startswith(ADAPTERS)]


def test_adapters_know_no_other_adapters_and_no_pipeline() -> None:
    for path in _in_viewer("sources/*.py", "converters/*.py", "containers/*.py"):
        known = {name for name in _imports(path) if name.startswith("viewer.")}
        assert not [name for name in known if name.startswith(NOT_FOR_ADAPTERS)]


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
    fsync = {"viewer/audit/spreadsheet.py"}
    processes = {"viewer/sandbox/children.py", "viewer/sandbox/fork_server.py"}  # `os` for another reason
    may = {"shared/gunicorn_config.py", "shared/metrics.py"} | processes | fsync
    if _name(path) in may or _name(path).startswith("demo/"):
        return
    assert not {"os.environ", "os.getenv", "os"} & _imports(path)
