"""`python -m tests.corpus.cuts REPORT.json`: cuts a file of each kind at many places, and says how each ends.

Each is read as the sandbox reads it; office files go no further, since an office never sees a damaged one.
"""

import json
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests.corpus.generated.letters import MESSAGES
from tests.corpus.generated.prose import Prose
from tests.viewer.formats.opening import read
from tests.viewer.formats.test_truncation import LINES, WHOLE, is_whole
from viewer.errors import Problem

CUTS = 20
OUTCOMES = {
    "whole": "Shown, nothing missing",
    "noted": "Shown with a note",
    "refused": "Refused as damaged",
    "untold": "Shown, nothing tells",
}
_WORDS = ("cut short", "damaged", "missing")
_MESSAGES = {"eml": "html.eml", "eml-with-attachments": "files.eml", "msg": "files.msg"}


def files() -> dict[str, bytes]:
    """A whole file of each kind."""
    messages = {kind: MESSAGES[name](Prose(name)) for kind, name in _MESSAGES.items()}
    return {**WHOLE, **messages}


def outcome(kind: str, whole: bytes, size: int) -> str:
    """How a file ends of which only so many bytes are left: a key of `OUTCOMES`."""
    cut = whole[:size]
    try:
        shown = read(cut)
    except Problem:
        return "refused"
    if any(word in note for note in shown[0].notes for word in _WORDS):
        return "noted"
    if kind in LINES:
        return "untold"
    return "whole" if is_whole(kind, whole, cut, shown) else "untold"


def outcomes(kind: str, whole: bytes) -> Counter[str]:
    """How the file ends, cut at as many places."""
    sizes = [len(whole) * at // (CUTS + 1) for at in range(1, CUTS + 1)]
    return Counter(outcome(kind, whole, size) for size in sizes)


if __name__ == "__main__":
    found = {kind: dict(outcomes(kind, whole)) for kind, whole in files().items()}
    report = {"made_on": datetime.now(UTC).date().isoformat(), "kinds": found}
    Path(sys.argv[1]).write_text(json.dumps(report, indent=1) + "\n")
    for kind, counts in found.items():
        print(f"{kind:26}", counts)
