"""Ports of this machine that are free, and stay reserved for this process.

Ports are taken from below those that the kernel gives to outgoing connections, so that no connection of a
neighbour can take one between the choice and the start of the server. Each is reserved by a socket in Linux's
abstract namespace, which other runs of the tests on this machine see, and which ends with the process.
"""

import random
import socket
from contextlib import suppress
from pathlib import Path

_LOWEST = 10_000
_TRIES = 1000
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_reserved: dict[int, socket.socket] = {}


def free_port() -> int:
    """A port on which nothing listens, and that no other test is given while this process lives."""
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of several free ports that follow each other.

    Raises:
        RuntimeError: there are none.
    """
    highest = int(_RANGE.read_text().split()[0])
    for _ in range(_TRIES):
        first = random.randrange(_LOWEST, highest - count)
        wanted = range(first, first + count)
        if all(map(_reserve, wanted)):
            return first
        for port in wanted:
            release(port)
    raise RuntimeError(f"no {count} free ports from {_LOWEST} to {highest}")


def release(port: int) -> None:
    """Let others have a port again."""
    if held := _reserved.pop(port, None):
        held.close()


def _reserve(port: int) -> bool:
    if port in _reserved:
        return False
    mark = socket.socket(socket.AF_UNIX)
    with suppress(OSError), socket.socket() as probe:
        mark.bind(f"\0document-viewer-port-{port}")
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        _reserved[port] = mark
        return True
    mark.close()
    return False
