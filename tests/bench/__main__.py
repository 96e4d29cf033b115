"""`make bench`: measures against a running stack of its own, prints, and writes build/bench.json."""

import json
from pathlib import Path

from tests.bench import audit, conversions, first_page, redirects, views
from tests.bench.stacks import stack

_RESULTS = Path("build/bench.json")
_DOCUMENTS = Path("demo/documents")
_EDOCS_KEY = "demo-edocs-key"
_GOALS = {
    "redirect_ratio": ("at least", 0.9),
    "first_view_overhead_ms": ("at most", 25),
    "second_view_overhead_ms": ("at most", 15),
    "two_to_one_ratio": ("at least", 1.7),
    "to_bare_unoserver_ratio": ("at least", 0.95),
    "to_one_shot_ratio": ("at least", 5),
    "audit_and_access_overhead_ms": ("at most", 5),
}


def main() -> None:
    """Measure everything and say how it stands against the goals."""
    figures = redirects.measure() | conversions.measure() | audit.measure()
    try:
        with stack():
            figures |= views.measure(_DOCUMENTS, _EDOCS_KEY)
            figures |= first_page.measure(_DOCUMENTS)
    finally:
        for made in _DOCUMENTS.glob("9000[0-9][0-9].docx"):
            made.unlink()
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    for name, figure in figures.items():
        print(f"{name:34}{figure:10.2f}  {_verdict(name, figure)}".rstrip())
    print(f"Written to {_RESULTS}.")


def _verdict(name: str, figure: float) -> str:
    if name not in _GOALS:
        return ""
    word, goal = _GOALS[name]
    met = figure >= goal if word == "at least" else figure <= goal
    return f"goal: {word} {goal} - {'met' if met else 'MISSED'}"


if __name__ == "__main__":
    main()
