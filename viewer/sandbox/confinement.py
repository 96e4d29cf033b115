"""What a child of the sandbox gives up before it sees a document: files, connections, memory, time.

Landlock (Linux 5.13, landlock(7)) needs no privilege: a process gives up its own rights for good.
"""

import contextlib
import ctypes
import os
import resource
import signal
import struct
import sys
from pathlib import Path

from viewer.sandbox.protocol import Job

MAX_FILES = 64
"""Open files of a child."""
_ANY_FILE = 2**30
_STANDARD_FILES = 3
_CPU_GRACE_SECONDS = 2
"""Of processor time between the signal that says that it is used up and the one that nothing survives."""
_ROOT = Path(__file__).parents[2]
_READABLE = (
    *(sys.prefix, sys.base_prefix, str(_ROOT / "viewer"), str(_ROOT / "shared")),
    *("/usr/lib", "/lib", "/usr/share", "/dev/urandom"),
)
"""A child may read programs, fonts and random numbers, and nothing that is anyone's."""
_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EVERY_FILE_RIGHT = (1 << 13) - 1
"""Of the first version: reading, writing, running, making, removing."""
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_EVERY_TCP_RIGHT = 0b11
_EVERY_SCOPE = 0b11
"""Abstract sockets of, and signals to, processes outside."""
_WITH_TCP, _WITH_SCOPES = 4, 6
_VERSION_ONLY = 1
_PATH_BENEATH = 1


def landlock_version() -> int:
    """The kernel's version of Landlock; 0 where it has none, or where it is switched off."""
    return max(0, int(_LIBC.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_ONLY)))


def landlock_rules() -> int | None:
    """A ruleset that allows reading programs and nothing else; None where the kernel has no Landlock."""
    version = landlock_version()
    if not version:
        return None
    handled = [_EVERY_FILE_RIGHT]
    handled += [_EVERY_TCP_RIGHT] if version >= _WITH_TCP else []
    handled += [_EVERY_SCOPE] if version >= _WITH_SCOPES else []
    attributes = struct.pack(f"{len(handled)}Q", *handled)
    rules: int = _LIBC.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    for path in filter(Path.exists, map(Path, _READABLE)):
        opened = os.open(path, os.O_PATH)
        rights = _READ_FILE | (_READ_FOLDER if path.is_dir() else 0)
        _LIBC.syscall(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
        os.close(opened)
    return rules


def forbid(rules: int | None) -> None:
    """Hold this process to the rules for good.

    Raises:
        OSError: the kernel has them and did not take them.
    """
    if rules is None:
        return
    _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if _LIBC.syscall(_RESTRICT_SELF, rules, 0):
        raise OSError(ctypes.get_errno(), "landlock")
    os.close(rules)


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends, and first of all where the memory ends."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def limit(job: Job) -> None:
    """Have the kernel hold this process to the job's limits, which cannot be raised again.

    A lower limit that the service manager has set stays. The process cannot be looked into.
    """
    limits = {
        resource.RLIMIT_AS: job.memory_bytes,
        resource.RLIMIT_FSIZE: job.max_bytes,
        resource.RLIMIT_NOFILE: MAX_FILES,
        resource.RLIMIT_CORE: 0,
    }
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it
    for name, wanted in limits.items():
        _, hard = resource.getrlimit(name)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(name, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (job.seconds, job.seconds + _CPU_GRACE_SECONDS))
    _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def silence() -> None:
    """Lead standard input, output and errors nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(_STANDARD_FILES):
        os.dup2(nowhere, number)
    os.close(nowhere)


def keep_only(files: list[int]) -> list[int]:
    """Close every file of this process but the standard ones and these, and number them anew, from 3.

    Returns:
        The new numbers, in the order given.
    """
    above = max(*files, _STANDARD_FILES + len(files)) + 1
    for at, number in enumerate(files):
        os.dup2(number, above + at)
    for at in range(len(files)):
        os.dup2(above + at, _STANDARD_FILES + at)
    os.closerange(_STANDARD_FILES + len(files), _ANY_FILE)  # one system call (close_range(2))
    return list(range(_STANDARD_FILES, _STANDARD_FILES + len(files)))
