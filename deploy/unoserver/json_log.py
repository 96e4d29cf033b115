"""Writes the guard's log as JSON lines."""

import json
import time
from typing import Any


def log(event: str, **fields: Any) -> None:
    """One JSON line on standard output; never anything of a document."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = json.dumps({"event": event, **fields, "service": "unoserver", "at": at})
    print(line + "\n", end="", flush=True)  # one write: lines of two threads never mix
