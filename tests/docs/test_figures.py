"""Figures on the pages are those of the code: a page that states one is wrong as soon as the code changes.

A page states a limit as ``80 million pixels (`MAX_PIXELS`)``, and the file that keeps it on the same line, as
``viewer/formats/pictures/conversion.py``; a name of a setting needs no file. Figures in other words are listed
here, each with the expression that finds it.
"""

import ast
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # comes with pre-commit, without types

from viewer.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FIGURE = re.compile(r"(?<![\w,.])(\d[\d,.]*) (million )?([A-Za-z]+)[^(|,;]*? ?\(`(_?[A-Z][A-Z_0-9]+)`\)")
FILE = re.compile(r"`((?:viewer|shared|redirector|deploy)/[\w./-]+\.\w+)`")
UNITS = {"KB": 1024, "MB": 1024**2, "GB": 1024**3}


def constants(path: Path) -> dict[str, Any]:
    """The figures of a module by name; of its dataclass of settings, by their environment variables."""
    found: dict[str, Any] = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else []
            pairs = list(zip(node.targets[0].elts, values, strict=False))
        elif isinstance(node, ast.Assign):
            pairs = [(node.targets[0], node.value)]
        elif isinstance(node, ast.AnnAssign) and node.value:
            pairs = [(node.target, node.value)]
        else:
            continue
        for target, value in pairs:
            if isinstance(target, ast.Name) and _is_sum(value):
                figure = eval(ast.unparse(value), {"__builtins__": {}})  # numbers and signs between them
                found |= {target.id: figure, f"UNOSERVER_{target.id.upper()}": figure}
    return found


def _is_sum(node: ast.expr) -> bool:
    allowed = (ast.Constant, ast.BinOp, ast.operator, ast.UnaryOp, ast.unaryop)
    parts = list(ast.walk(node))
    return all(isinstance(part, allowed) for part in parts) and not any(
        isinstance(part, ast.Constant) and not isinstance(part.value, int | float) for part in parts
    )


def setting(name: str) -> Any:
    """The default of one of the viewer's settings, in the unit of its name."""
    return Settings.model_fields[name.lower()].default


def stated() -> list[tuple[str, str, str]]:
    """Every figure of that form: the page, its line, and the figure with its name."""
    return [
        (page.name, line, found[0])
        for page in PAGES
        for line in page.read_text(encoding="utf-8").splitlines()
        for found in FIGURE.finditer(line)
    ]


def holders(line: str, name: str) -> list[Any]:
    """What the code has under the name."""
    if name.lower() in Settings.model_fields:
        unit = UNITS["MB"] if name.endswith("_MB") else 1
        return [setting(name) * unit]
    files = [ROOT / path for path in FILE.findall(line)]
    if name.startswith("UNOSERVER_"):
        files.append(ROOT / "deploy/unoserver/settings.py")
    found = [constants(path)[name] for path in files if path.suffix == ".py" and name in constants(path)]
    return [value * UNITS["MB"] if name.endswith("_MB") else value for value in found]


def test_there_are_figures_on_the_pages() -> None:
    assert len(stated()) > 50


@pytest.mark.parametrize(("page", "line", "figure"), stated(), ids=lambda part: part[-60:])
def test_a_figure_is_that_of_the_code(page: str, line: str, figure: str) -> None:
    found = FIGURE.fullmatch(figure)
    assert found
    number, million, unit, name = found.groups()
    value = float(number.replace(",", "")) * (1_000_000 if million else 1) * UNITS.get(unit, 1)
    assert value in holders(line, name), f"{page}: {figure}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    for path in FILE.findall(page.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), f"{page.name}: {path}"


def _compose() -> Any:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def _of(path: str) -> Callable[[str], Any]:
    return lambda name: constants(ROOT / path)[name]


def _alerts() -> dict[str, str]:
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))
    return {rule["alert"]: rule["expr"] for group in rules["groups"] for rule in group["rules"]}


_HAPROXY = (ROOT / "deploy/haproxy/haproxy.cfg").read_text(encoding="utf-8")
_PDF_JS = re.search(r'"pdfjs-dist": "(\d+)', (ROOT / "package.json").read_text(encoding="utf-8"))
_LOCAL = (ROOT / "deploy/local/supervisord.conf").read_text(encoding="utf-8")
