"""The settings of the local stack: those of demo.env, under the caller's environment.

Standard library only: `make down` runs where nothing is installed.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

ROOT = Path(__file__).resolve().parents[2]
_DEFAULTS = ROOT / "deploy/local/demo.env"
OFFICES = 5
"""LibreOffices, at the port UNOSERVER_FIRST_PORT and those after it."""
_FIRST = ("UNOSERVER_FIRST_PORT", "UNOSERVER_FIRST_UNO_PORT")
_PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}
_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own and is ours alone
_ENOUGH_MEMORY = 1024**3
"""Bytes; containers often have 64 MB only."""


def folder(caller: Mapping[str, str] = os.environ) -> Path:
    """Where the stack keeps its logs, its record and its process id: STACK, else build/ of this project."""
    return Path(caller.get("STACK") or ROOT / "build").resolve()


def store(stack: Path) -> Path:
    """The folder for the renditions of the stack in this folder: in memory, where there is enough."""
    name = f"document-viewer-{hashlib.sha256(os.fsencode(stack)).hexdigest()[:12]}"
    enough = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).total >= _ENOUGH_MEMORY
    return _MEMORY / name if enough else stack / name


def environment(caller: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What every part of the stack is told, without proxies: everything here is on loopback."""
    stack = folder(caller)
    kept = {name: value for name, value in caller.items() if name.lower() not in _PROXIES}
    told = kept | {"ROOT": str(ROOT), "STACK": str(stack), "STORE": str(store(stack))}
    for name, value in _defaults():
        told.setdefault(name, Template(value).substitute(told))
    first = int(told["UNOSERVER_FIRST_PORT"])
    return told | {f"UNOSERVER_PORT_{number}": str(first + number - 1) for number in range(1, OFFICES + 1)}


def ports(told: Mapping[str, str]) -> dict[str, int]:
    """Every port of the stack by its setting's name; the unoservers' have a number at the end.

    Args:
        told: as `environment` gives it.
    """
    named = {
        name: int(told[name]) for name, _ in _defaults() if name.endswith("_PORT") and name not in _FIRST
    }
    for name in _FIRST:
        named |= {f"{name} + {more}": int(told[name]) + more for more in range(OFFICES)}
    return named


def _defaults() -> Iterator[tuple[str, str]]:
    for line in _DEFAULTS.read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield name, value
