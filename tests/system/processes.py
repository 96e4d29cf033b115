"""The processes of one running stack, and what they hold. Others on the machine are left alone."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")


def descendants(root: int) -> dict[int, str]:
    """All processes that came from this one, it included: their command lines by process id."""
    parents = {pid: parent for pid in _all() if (parent := _parent(pid)) is not None}
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return {pid: command for pid in sorted(found) if (command := _command(pid))}


def memory(pid: int) -> int:
    """Bytes in memory; 0 when it is gone."""
    with suppress(OSError):
        for line in (_PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


def open_files(pid: int) -> int:
    """How many files and connections it has open; 0 when it is gone."""
    with suppress(OSError):
        return len(list((_PROC / str(pid) / "fd").iterdir()))
    return 0


def is_running(pid: int) -> bool:
    """Whether a processor works for it, or could, at this moment."""
    with suppress(OSError):
        return (_PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] == "R"
    return False


def _all() -> Iterator[int]:
    return (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal())


def _parent(pid: int) -> int | None:
    with suppress(OSError):
        return int((_PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[1])
    return None


def _command(pid: int) -> str:
    with suppress(OSError):
        return (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ").strip()
    return ""
