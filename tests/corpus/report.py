"""How the files of a folder ended: each one's result, the totals, and what must not have happened."""

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHOWN, HUNG, NO_ANSWER, NO_BYTES = "shown", "hung", "no_answer", "no_bytes"
_UNTYPED = frozenset({HUNG, NO_ANSWER, NO_BYTES, "unexpected"})
"""Outcomes that no file may have."""
_TIMES = (50, 95, 99, 100)


@dataclass(frozen=True, slots=True)
class Result:
    """How one file ended.

    Args:
        path: below the folder.
        outcome: `SHOWN`, the code of a refusal, or one of the other constants here.
        seconds: from asking to the first byte, or to the reason.
        kind: what the viewer says it is, where it is shown.
        notes: what the viewer says of the rendition.
    """

    path: Path
    outcome: str
    seconds: float
    kind: str | None
    notes: tuple[str, ...]

    @property
    def group(self) -> str:
        """Its kind; where it is not shown, what it is called."""
        return self.kind or self.path.suffix.lower()[1:9] or "no extension"

    def as_json(self) -> dict[str, Any]:
        """For the report; a name with bytes of no encoding is told with marks in their place."""
        return {
            "file": self.path.as_posix().encode(errors="replace").decode(),
            "outcome": self.outcome,
            "seconds": round(self.seconds, 3),
            "kind": self.kind,
            "called": self.path.suffix.lower(),
            "notes": list(self.notes),
        }


def summary(results: list[Result]) -> str:
    """Outcomes by kind, and the times."""
    lines = [f"{'kind':14}{'files':>7}{'shown':>7}  not shown"]
    groups = sorted({result.group for result in results})
    lines += [_line(group, [result for result in results if result.group == group]) for group in groups]
    lines.append(_line("all", results))
    if results:
        lines.append("seconds: " + ", ".join(_times([result.seconds for result in results])))
    return "\n".join(lines)


def _line(name: str, results: list[Result]) -> str:
    outcomes = Counter(result.outcome for result in results)
    shown = outcomes.pop(SHOWN, 0)
    others = ", ".join(f"{outcome} {count}" for outcome, count in outcomes.most_common())
    return f"{name:14}{len(results):>7}{shown:>7}  {others}".rstrip()


def _times(seconds: list[float]) -> Iterable[str]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else seconds * 99
    for percentile in _TIMES:
        value = max(seconds) if percentile == _TIMES[-1] else cuts[percentile - 1]
        yield f"{'longest' if percentile == _TIMES[-1] else f'{percentile} %'} {value:.2f}"


def verdict(results: list[Result], limit_seconds: float) -> list[str]:
    """A line for each file that ended as none may; names are quoted, so that a line stays one."""
    wrong = [r for r in results if r.outcome in _UNTYPED or r.seconds > limit_seconds]
    return [f"{r.outcome} after {r.seconds:.1f} s: {r.path.as_posix()!a}" for r in wrong]
