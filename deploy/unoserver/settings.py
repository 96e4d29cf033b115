"""The guard's settings."""

import os
import sys
from dataclasses import dataclass, fields
from typing import Any

_JAILS = ("bubblewrap", "none")


@dataclass(frozen=True)
class Settings:
    """Each is read from the environment variable of its name in capitals, prefixed with UNOSERVER_."""

    host: str = "127.0.0.1"
    port: int = 2011
    uno_port: int = 2021  # LibreOffice's own, on loopback; while one replaces another, also the next but nine
    idle_seconds: int = 30  # between two proofs of an office that has nothing to do
    memory_mb: int = 2048  # of the office
    recycle_jobs: int = 500  # documents after which an office is replaced
    recycle_mb: int = 1024  # resident memory above which it is
    jail: str = "bubblewrap"  # or none: where the container is one

    @classmethod
    def load(cls) -> "Settings":
        """Read the environment, or end with a sentence about what is wrong."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            text = os.environ.get(f"UNOSERVER_{field.name.upper()}")
            if text is not None and field.type is int and not text.isdecimal():
                sys.exit(f"UNOSERVER_{field.name.upper()} must be a whole number.")
            if text is not None:
                values[field.name] = int(text) if field.type is int else text
        if values.get("jail", cls.jail) not in _JAILS:
            sys.exit(f"UNOSERVER_JAIL must be one of: {', '.join(_JAILS)}.")
        return cls(**values)
