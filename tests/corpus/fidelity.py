"""`python -m tests.corpus.fidelity WORDS.json CUTS.json`: writes the tables of docs/fidelity.md.

The first report is that of `make corpus`, the second that of `python -m tests.corpus.cuts`.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.corpus.cuts import OUTCOMES

PAGE = Path(__file__).parents[2] / "docs/fidelity.md"
START, END = "<!-- tables start -->", "<!-- tables end -->"


def words_table(report: dict[str, Any]) -> str:
    """Files and words by kind."""
    kinds: defaultdict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for file in report["files"]:
        if "words" not in file:
            continue
        for kind in (file["kind"], "**all**"):
            row = kinds[kind]
            row["files"] += 1
            row["noted"] += bool(file["notes"])
            row["words"] += file["words"]
            row["kept"] += file["kept"]
            row["covered"] += sum(file["covered"].values())
            row["lost"] += file["lost"]
    names = [*sorted(kind for kind in kinds if kind != "**all**"), "**all**"]
    lines = [
        "| Kind | Files | With notes | Words | Shown | Told by a note | Lost |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | "
        + " | ".join(
            f"{kinds[name][key]:,}" for key in ("files", "noted", "words", "kept", "covered", "lost")
        )
        + " |"
        for name in names
    ]
    return "\n".join(lines)


def cuts_table(report: dict[str, dict[str, int]]) -> str:
    """How files of each kind end that were cut."""
    lines = ["| Kind | Cuts | " + " | ".join(OUTCOMES.values()) + " |", "|---" * (len(OUTCOMES) + 2) + "|"]
    for kind, counts in sorted(report.items()):
        total = sum(counts.values())
        lines.append(
            f"| {kind} | {total} | " + " | ".join(str(counts.get(key, 0)) for key in OUTCOMES) + " |"
        )
    return "\n".join(lines)


def page(text: str, words: dict[str, Any], cuts: dict[str, Any]) -> str:
    """The page with new tables between its two marks."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    files, shown = len(words["files"]), sum(file["outcome"] == "shown" for file in words["files"])
    tables = (
        f"{START}\n\nOn {words['made_on']}: {files} files, {shown} of them shown.\n\n{words_table(words)}\n\n"
        f"Cut on {cuts['made_on']}:\n\n{cuts_table(cuts['kinds'])}\n\n{END}"
    )
    return before + tables + after


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.fidelity", description=__doc__)
    parser.add_argument("words", type=Path)
    parser.add_argument("cuts", type=Path)
    arguments = parser.parse_args()
    reports = (json.loads(path.read_text()) for path in (arguments.words, arguments.cuts))
    PAGE.write_text(page(PAGE.read_text(), *reports))
