"""Where an office may live: in a bubblewrap of its own, without network, anyone's files, or other processes.

bubblewrap (a small program of its own, from Debian) asks the kernel for new namespaces: the office sees the
programs in /usr, an empty /tmp in memory and its own loopback. The guard talks with it over a socket that it
inherits, so nothing is to be let in. A container is such a place already, and does not allow another in it:
there the setting is `none`. Where the kernel forbids it, the guard says so in its log, and goes on without.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

_BWRAP = "/usr/bin/bwrap"
_PROBE_SECONDS = 10
_LARGEST_TMP = 1024 * 1024 * 1024
"""Bytes that everything which an office writes may take, in memory."""
_NAMESPACES = ("--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
_SYSTEM = ("/etc/fonts", "/etc/libreoffice", "/etc/ld.so.cache", "/etc/alternatives", "/var/cache/fontconfig")
"""What LibreOffice reads besides /usr. Not in it: /etc/passwd, /home, /root, /var, the project."""
_FOLDERS = ("/etc", "/opt", "/var", "/var/cache")
_SCRIPTS = Path(__file__).resolve().parent
_FIRST_UID = 40_000
"""Offices of a guard that runs as root get this number plus their port's as their user: no two the same."""


def works() -> bool:
    """Whether an office can be put into a bubblewrap here."""
    try:
        command = [*_jail(), "/usr/bin/true"]
        done = subprocess.run(command, capture_output=True, timeout=_PROBE_SECONDS, check=False)  # noqa: S603 - fixed
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def command(*arguments: object, jailed: bool) -> list[str]:
    """What starts office.py with these arguments: inside a bubblewrap, or as it is."""
    if jailed:
        return [*_jail(), "/opt/venv/bin/python", "/opt/unoserver/office.py", *map(str, arguments)]
    return [sys.executable, str(_SCRIPTS / "office.py"), *map(str, arguments)]


def _jail() -> list[str]:
    """What stands before a command that is to run inside."""
    # root needs no user namespace; inside it becomes somebody else (office.py), which takes two capabilities
    user = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if os.geteuid() == 0 else ["--unshare-user"]
    folders = [word for path in _FOLDERS for word in ("--perms", "0755", "--dir", path)]
    system = [word for path in _SYSTEM for word in ("--ro-bind-try", path, path)]
    return [
        *(_BWRAP, "--die-with-parent", "--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--chdir", "/"),
        *(*_NAMESPACES, *user, *folders),
        *("--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib"),
        *("--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev"),
        *("--perms", "1777", "--size", str(_LARGEST_TMP), "--tmpfs", "/tmp"),  # noqa: S108 - its own
        *("--ro-bind", sys.prefix, "/opt/venv", "--ro-bind", str(_SCRIPTS), "/opt/unoserver"),
        *(*system, "--remount-ro", "/", "--"),
    ]


def uid_for(port: int) -> int:
    """The user that an office becomes, or 0 where the guard may not choose it."""
    return _FIRST_UID + port if os.geteuid() == 0 else 0


def folder_parent(*, jailed: bool) -> Path:
    """Where an office makes its folder: as it sees it itself."""
    return Path("/tmp" if jailed else tempfile.gettempdir())  # noqa: S108 - the jail's own
