"""The guard's settings."""

import os
import re
import sys
from dataclasses import Field, dataclass, field, fields
from typing import Any

_JAILS = ("bubblewrap", "none")
_LOCALE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?-[A-Z]{2}")


@dataclass(frozen=True)
class Settings:
    """Each is read from the environment variable that `variable` names."""

    host: str = "127.0.0.1"
    port: int = 2011
    uno_port: int = 2021  # LibreOffice's own, on loopback; while one replaces another, also the next but nine
    idle_seconds: int = 30  # between two health checks of an idle office
    memory_mb: int = 2048  # of the office
    recycle_jobs: int = 500  # an office is replaced after this many documents
    recycle_mb: int = 1024  # an office is replaced above this much resident memory
    jail: str = "bubblewrap"  # or none: where the container is one
    # whose dates, numbers and paper documents have that name no country of their own
    locale: str = field(default="en-GB", metadata={"variable": "DOCUMENT_LOCALE"})

    @classmethod
    def load(cls) -> "Settings":
        """Read the environment, or end with a sentence about what is wrong."""
        values: dict[str, Any] = {}
        for one in fields(cls):
            name = variable(one)
            text = os.environ.get(name)
            if text is not None and one.type is int and not text.isdecimal():
                sys.exit(f"{name} must be a whole number.")
            if text is not None:
                values[one.name] = int(text) if one.type is int else text
        if values.get("jail", cls.jail) not in _JAILS:
            sys.exit(f"UNOSERVER_JAIL must be one of: {', '.join(_JAILS)}.")
        settings = cls(**values)
        if not _LOCALE.fullmatch(settings.locale):
            sys.exit("DOCUMENT_LOCALE must be a language and a country, such as en-GB.")
        return settings


def variable(setting: "Field[Any]") -> str:
    """The environment variable of a setting: its name in capitals after UNOSERVER_, unless it has its own."""
    return str(setting.metadata.get("variable", f"UNOSERVER_{setting.name.upper()}"))
