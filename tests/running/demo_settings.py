"""The settings of the local stack, deploy/local/demo.env, as tests read them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

ROOT = Path(__file__).resolve().parents[2]
_FILE = ROOT / "deploy/local/demo.env"


def demo_settings(**given: str) -> dict[str, str]:
    """Every setting by its name; those given replace the file's, in the settings that use them too.

    Args:
        given: STACK and STORE, two folders, at least.
    """
    told = {"ROOT": str(ROOT)} | given
    for name, value in _lines():
        told.setdefault(name, Template(value).substitute(told))
    return told


def ports(given: Mapping[str, str]) -> dict[str, str]:
    """The settings that are ports: those given, else the file's."""
    return {name: given.get(name, value) for name, value in _lines() if name.endswith("_PORT")}


def _lines() -> Iterator[tuple[str, str]]:
    for line in _FILE.read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield name, value
