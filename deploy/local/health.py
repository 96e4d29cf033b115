"""Whether each part of the local stack is well. Standard library only, and no proxy: all is on loopback."""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

_OFFICES = {f"unoserver-{number}": 2010 + number for number in range(1, 6)}
PORTS = (8000, 8001, 8002, 8003, 8004, 8005, 2000, 9101, 9102, 9103, *_OFFICES.values())
"""Every port of the stack, all on loopback."""
_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the stack: its name, which is also its log's, and the question that shows it is well."""

    name: str
    is_well: Callable[[], bool]


def listening(port: int) -> bool:
    """Whether anything accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _get(port: int, path: str) -> tuple[int, str]:
    """Status and body; status 0 where there is no answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, HTTPException):
        return 0, ""
    finally:
        connection.close()


def _answers(port: int, path: str) -> Callable[[], bool]:
    return lambda: _get(port, path)[0] == 200  # noqa: PLR2004 - HTTP's own number


def _haproxy_sees_all() -> bool:
    _, metrics = _get(9103, "/metrics")
    states = [
        line for line in metrics.splitlines() if line.startswith('haproxy_server_status{proxy="unoservers"')
    ]
    return sum('state="UP"' in line and line.endswith(" 1") for line in states) == len(_OFFICES)


def _converts() -> bool:
    """Whether a small document becomes a PDF by the way that the viewer's documents go."""
    headers = {"X-Import-Filter": "Rich Text Format", "X-Last-Page": "1"}
    headers |= {"X-Work-Seconds": f"{_PATIENCE_SECONDS:.2f}", "X-Max-Bytes": "1000000"}
    headers["X-Document-Locale"] = os.environ.get("DOCUMENT_LOCALE", "en-GB")
    connection = HTTPConnection("127.0.0.1", 2000, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("POST", "/", b"{\\rtf1 Is all well?}", headers)
        return connection.getresponse().read().startswith(b"%PDF-")
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _listens(port: int) -> Callable[[], bool]:
    return lambda: listening(port)


PARTS = (
    Part("demo-mosaic", _answers(8000, "/")),
    Part("demo-google", _answers(8003, "/.well-known/openid-configuration")),
    Part("demo-council", _answers(8005, "/auth")),
    Part("demo-edocs", _answers(8004, "/_requests")),
    Part("redirector", _answers(9101, "/ready")),
    Part("viewer", _answers(9102, "/ready")),
    # a guard opens its port when its LibreOffice has converted a document
    *(Part(name, _listens(port)) for name, port in _OFFICES.items()),
    Part("haproxy", lambda: _haproxy_sees_all() and _converts()),
)
"""In the order in which they are waited for."""


def wait(seconds: float, alive: Callable[[], bool], announce: Callable[[str], None]) -> Part | None:
    """Wait until every part is well, and give the first that isn't in time, or None.

    Args:
        seconds: for all together.
        alive: asked between tries; waiting ends early when it says no.
        announce: told each part that is well.
    """
    deadline = time.monotonic() + seconds
    for part in PARTS:
        while not part.is_well():
            if time.monotonic() > deadline or not alive():
                return part
            time.sleep(0.2)
        announce(part.name)
    return None
