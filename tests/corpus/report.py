"""How the files of a folder ended: each one's result, the totals, and what must not have happened."""

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.corpus.words import Compared, as_json

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
        words: what became of its words, where it is shown.
    """

    path: Path
    outcome: str
    seconds: float
    kind: str | None
    notes: tuple[str, ...]
    words: Compared = Compared(reason="not shown")  # noqa: RUF009 - it never changes

    @property
    def group(self) -> str:
        """Its kind; where it is not shown, what it is called."""
        return self.kind or self.path.suffix.lower()[1:9] or "no extension"

    def as_json(self, *, tell_words: bool = False) -> dict[str, Any]:
        """For the report; a name with bytes of no encoding is told with marks in their place.

        Args:
            tell_words: whether the report may tell the lost words themselves.
        """
        return {
            "file": self.path.as_posix().encode(errors="replace").decode(),
            "outcome": self.outcome,
            "seconds": round(self.seconds, 3),
            "kind": self.kind,
            "called": self.path.suffix.lower(),
            "notes": list(self.notes),
            **as_json(self.words, tell_words=tell_words),
        }


def summary(results: list[Result]) -> str:
    """Outcomes by kind, the times, words by kind, and the files that lost some."""
    lines = [f"{'kind':14}{'files':>7}{'shown':>7}  not shown"]
    groups = sorted({result.group for result in results})
    lines += [_line(group, [result for result in results if result.group == group]) for group in groups]
    lines.append(_line("all", results))
    if results:
        lines.append("seconds: " + ", ".join(_times([result.seconds for result in results])))
    return "\n".join([*lines, *_words(results)])


def _words(results: list[Result]) -> Iterable[str]:
    compared = [result for result in results if not result.words.reason]
    yield f"\n{'kind':14}{'files':>7}{'words':>9}{'kept':>9}{'covered':>9}{'lost':>7}"
    for group in (*sorted({result.group for result in compared}), "all"):
        found = [result.words for result in compared if group in {result.group, "all"}]
        covered, lost = sum(sum(one.covered.values()) for one in found), sum(len(one.lost) for one in found)
        words, kept = sum(one.words for one in found), sum(one.kept for one in found)
        yield f"{group:14}{len(found):>7}{words:>9}{kept:>9}{covered:>9}{lost:>7}"
    reasons = Counter(result.words.reason for result in results if result.words.reason)
    yield from (f"not compared, {count}: {reason}" for reason, count in reasons.most_common())
    yield from (
        f"lost words, {len(result.words.lost)}: {result.path.as_posix()!a}"
        for result in compared
        if result.words.lost
    )


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
