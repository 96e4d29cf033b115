"""Figures on the pages are those of the code: a page that states one is wrong as soon as the code changes.

A page states a limit as ``80 million pixels (`MAX_PIXELS`)``, with the file that keeps it on the same line,
such as ``viewer/formats/pictures/conversion.py``. The name of a setting needs no file. Figures in other words
are listed here, each with the expression that finds it.
"""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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


NUMBERS = dict(
    zip(["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], range(2, 11), strict=True)
)
"""Small numbers stand on the pages as words."""
WRITTEN = r"(\d[\d,]*|" + "|".join(NUMBERS) + ")"


Figures = Callable[[], list[Any]]
"""Gives what the code has; only when it is asked, so that one new name fails one test alone."""


def module(path: str, *names: str) -> Figures:
    """Figures of a module of ours, by name."""
    return lambda: [constants(ROOT / path)[name] for name in names]


def text(path: str, pattern: str) -> Figures:
    """Figures in a file of another kind: the groups of the first place that fits."""

    def found() -> list[Any]:
        match = re.search(pattern, (ROOT / path).read_text(encoding="utf-8"))
        assert match, f"{path} has no {pattern}"
        return [int(figure) for figure in match.groups()]

    return found


def each(figures: Figures, unit: float) -> Figures:
    """The figures in another unit."""
    return lambda: [figure / unit for figure in figures()]


def default(name: str, unit: float = 1) -> Figures:
    """The default of one of the viewer's settings."""
    return lambda: [setting(name) / unit]


COMPOSE, HAPROXY = "docker-compose.yml", "deploy/haproxy/haproxy.cfg"
SCALE = text(COMPOSE, r"scale: (\d+)")
MEMBERSHIP = default("membership_seconds", 60)
LINKS = default("link_seconds", 60)
MEMORY = text(COMPOSE, r"(?s)document-viewer-unoserver.*?mem_limit: (\d+)g")
FOUND_BY_ITSELF = text(HAPROXY, r"server-template unoserver (\d+)")
GUARD = "deploy/unoserver/settings.py"
KINDS = "docs/kinds.md"

IN_WORDS: list[tuple[str, str, Figures]] = [
    ("README.md", f"LibreOffice x {WRITTEN}", SCALE),
    ("README.md", f"alone, for {WRITTEN} minutes", LINKS),
    ("docs/architecture.md", rf"\[ unoserver \] x {WRITTEN}", SCALE),
    ("docs/architecture.md", f"after {WRITTEN} documents or at", module(GUARD, "recycle_jobs")),
    ("docs/architecture.md", f"or at {WRITTEN} GB of", each(module(GUARD, "recycle_mb"), 1024)),
    ("docs/architecture.md", f"remembered for {WRITTEN} minutes", MEMBERSHIP),
    ("docs/architecture.md", f"these bytes, for {WRITTEN} minutes", LINKS),
    (
        "docs/architecture.md",
        f"longer than {WRITTEN} seconds the answer",
        default("rendition_wait_seconds"),
    ),
    (
        "docs/architecture.md",
        f"takes longer than {WRITTEN} seconds goes on",
        module("viewer/sandbox/schedule.py", "SLOW_AFTER"),
    ),
    ("docs/on-call.md", f"up to {WRITTEN} by itself", FOUND_BY_ITSELF),
    ("docs/on-call.md", f"has {WRITTEN} GB of memory for each", MEMORY),
    (
        "docs/on-call.md",
        f"people wait {WRITTEN} seconds",
        module("viewer/office/converter.py", "_OUTAGE_SECONDS"),
    ),
    (
        "docs/on-call.md",
        f"does within {WRITTEN}\\s+seconds",
        module("shared/gunicorn_config.py", "graceful_timeout"),
    ),
    (
        "docs/on-call.md",
        f"keeps {WRITTEN} files of {WRITTEN} MB",
        lambda: text(COMPOSE, r'max-size: (\d+)m, max-file: "(\d+)"')()[::-1],
    ),
    (
        "docs/on-call.md",
        f"More than {WRITTEN} documents have waited for {WRITTEN} minutes",
        text("deploy/prometheus/alerts.yml", r"current_queue.*? > (\d+)\n +for: (\d+)m"),
    ),
    (
        "docs/governance.md",
        f"Within {WRITTEN} seconds",
        module("viewer/access/revocations.py", "CACHE_SECONDS"),
    ),
    ("docs/governance.md", f"`MEMBERSHIP_SECONDS`, {WRITTEN} minutes at the most", MEMBERSHIP),
    ("docs/maintenance.md", f"by itself, up to {WRITTEN}\\.", FOUND_BY_ITSELF),
    ("docs/maintenance.md", f"may use {WRITTEN} GB of memory", MEMORY),
    ("docs/scaling.md", f"the limit is {WRITTEN} GB in Compose", MEMORY),
    ("docs/scaling.md", f"HAProxy finds {WRITTEN} converters", FOUND_BY_ITSELF),
    ("docs/scaling.md", f"Compose starts {WRITTEN}", SCALE),
    (
        "docs/scaling.md",
        f"taken over within {WRITTEN} seconds",
        module("viewer/opening/claims.py", "CLAIM_SECONDS"),
    ),
    (
        "docs/go-live.md",
        f"headers of {WRITTEN} KB",
        each(module("shared/gunicorn_config.py", "limit_request_field_size"), 1024),
    ),
    (
        "docs/go-live.md",
        f"Renditions above {WRITTEN} MB",
        each(module("viewer/opening/store.py", "_UPLOAD_PART"), UNITS["MB"]),
    ),
    (
        "docs/redirector-rules.md",
        f"More than {WRITTEN} characters",
        module("redirector/translate.py", "MAX_LINK_LENGTH"),
    ),
    (
        "docs/redirector-rules.md",
        f"up to {WRITTEN} times",
        module("redirector/translate.py", "MAX_DECODINGS"),
    ),
    (
        "docs/redirector-rules.md",
        f"more than {WRITTEN} repeats .*? more than {WRITTEN} characters",
        module("redirector/rules.py", "MAX_REPEATS", "MAX_PATTERN_LENGTH"),
    ),
    (KINDS, f"{WRITTEN}\\s+filters at the most", module("viewer/office/converter.py", "MAX_FILTERS")),
    (
        KINDS,
        f"open by themselves, {WRITTEN} at the most",
        module("viewer/formats/office/embedded.py", "MAX_FILES"),
    ),
    (
        KINDS,
        rf"\({WRITTEN} empty rows or {WRITTEN} empty columns",
        module("deploy/unoserver/sheets.py", "_FAR_ROWS", "_FAR_COLUMNS"),
    ),
    (
        KINDS,
        f"{WRITTEN} pages are made at the most",
        module("viewer/formats/office/kinds.py", "MAX_SHEET_PAGES"),
    ),
    (KINDS, f"refused from {WRITTEN} pages", module("viewer/documents.py", "MAX_PRINTED_PAGES")),
    (KINDS, f"the first {WRITTEN} of them", module("viewer/formats/mail/reading.py", "MAX_SHOWN")),
    (
        KINDS,
        f"opens by itself, {WRITTEN} at the most",
        module("viewer/formats/mail/mailbox.py", "MAX_MESSAGES"),
    ),
    (
        KINDS,
        f"Limits: {WRITTEN} parts, {WRITTEN} levels",
        module("viewer/formats/mime.py", "MAX_PARTS", "MAX_DEPTH"),
    ),
    (KINDS, f"{WRITTEN} attachments\n", module("viewer/formats/mail/message.py", "MAX_ATTACHMENTS")),
    (
        KINDS,
        f"{WRITTEN} million characters of HTML, {WRITTEN} million with its pictures",
        each(module("viewer/formats/html/markup.py", "MAX_MARKUP", "MAX_PAGE"), UNITS["MB"]),
    ),
    (
        KINDS,
        f"{WRITTEN} million pixels a picture",
        each(module("viewer/formats/pictures/conversion.py", "MAX_PIXELS"), 1_000_000),
    ),
    (
        KINDS,
        f"{WRITTEN} million for a page in black and white",
        each(module("viewer/formats/pictures/scans.py", "MAX_LINE_PIXELS"), 1_000_000),
    ),
    (
        KINDS,
        f"{WRITTEN} million for a WebP",
        each(module("viewer/formats/pictures/conversion.py", "MAX_MOVING_PIXELS"), 1_000_000),
    ),
    (
        KINDS,
        f"{WRITTEN} passes of a JPEG picture",
        module("viewer/formats/pictures/jpeg_passes.py", "MAX_PASSES"),
    ),
    (
        KINDS,
        f"{WRITTEN} pages and [\\d,]+ million pixels of a scan",
        module("viewer/formats/pictures/tiff_directories.py", "MAX_PAGES"),
    ),
    (
        KINDS,
        f"{WRITTEN} million pixels of a scan",
        each(module("viewer/formats/pictures/tiff_directories.py", "MAX_ALL_PIXELS"), 1_000_000),
    ),
    (KINDS, f"{WRITTEN} shapes of a drawing", module("viewer/formats/pictures/drawings.py", "MAX_SHAPES")),
    (
        KINDS,
        f"pinned to pages are listed likewise, {WRITTEN} at",
        module("viewer/formats/pdf/embedded.py", "MAX_FILES"),
    ),
    (
        KINDS,
        f"Limits: {WRITTEN} MB of text",
        each(module("viewer/formats/text/plain.py", "MAX_TEXT"), UNITS["MB"]),
    ),
    (
        KINDS,
        f"{WRITTEN} rows, {WRITTEN} columns and {WRITTEN} cells",
        module("viewer/formats/text/table.py", "MAX_ROWS", "MAX_COLUMNS", "MAX_CELLS"),
    ),
    (KINDS, f"Limits: {WRITTEN} files", module("viewer/formats/archives/reading.py", "MAX_MEMBERS")),
    (
        KINDS,
        f"longer than {WRITTEN} seconds, or a service died",
        module("tests/corpus/visits.py", "LIMIT_SECONDS"),
    ),
]
"""Page, what finds the figures there, and what they must be."""


@pytest.mark.parametrize(
    ("page", "pattern", "expected"), IN_WORDS, ids=[f"{one[0]}-{one[1][-40:]}" for one in IN_WORDS]
)
def test_a_figure_in_words_is_that_of_the_code(page: str, pattern: str, expected: Figures) -> None:
    """Line breaks count as blanks; every place of the page that fits is looked at."""
    found = re.findall(re.sub(r" ", r"\\s+", pattern), (ROOT / page).read_text(encoding="utf-8"))
    assert found, f"{page} says nothing of the kind any more: take this row away, or mend its pattern"
    for figures in found:
        words = figures if isinstance(figures, tuple) else (figures,)
        assert [NUMBERS.get(word) or int(word.replace(",", "")) for word in words] == expected()
