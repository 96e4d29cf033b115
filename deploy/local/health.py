"""Whether each part of the local stack is well. Standard library only, and no proxy: all is on loopback."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from ports import listening
from stack_settings import OFFICES

_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the stack: its name, which is also its log's, and the question that shows it is well."""

    name: str
    is_well: Callable[[], bool]


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


def _haproxy_sees_all(ops_port: int) -> bool:
    _, metrics = _get(ops_port, "/metrics")
    states = [
        line for line in metrics.splitlines() if line.startswith('haproxy_server_status{proxy="unoservers"')
    ]
    return sum('state="UP"' in line and line.endswith(" 1") for line in states) == OFFICES


def _converts(port: int) -> bool:
    """Whether a small document becomes a PDF by the way that the viewer's documents go."""
    headers = {"X-Import-Filter": "Rich Text Format", "X-Last-Page": "1"}
    headers |= {"X-Work-Seconds": f"{_PATIENCE_SECONDS:.2f}", "X-Max-Bytes": "1000000"}
    headers["X-Document-Locale"] = os.environ.get("DOCUMENT_LOCALE", "en-GB")
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("POST", "/", b"{\\rtf1 Is all well?}", headers)
        return connection.getresponse().read().startswith(b"%PDF-")
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _listens(port: int) -> Callable[[], bool]:
    return lambda: listening(port)


def parts(ports: Mapping[str, int]) -> list[Part]:
    """All of them, in the order in which they are waited for.

    Args:
        ports: as `settings.ports` gives them.
    """
    haproxy, metrics = ports["HAPROXY_PORT"], ports["HAPROXY_OPS_PORT"]
    return [
        Part("demo-mosaic", _answers(ports["MOSAIC_PORT"], "/")),
        Part("demo-google", _answers(ports["GOOGLE_PORT"], "/.well-known/openid-configuration")),
        Part("demo-council", _answers(ports["COUNCIL_PORT"], "/auth")),
        Part("demo-edocs", _answers(ports["EDOCS_PORT"], "/_requests")),
        Part("redirector", _answers(ports["REDIRECTOR_OPS_PORT"], "/ready")),
        Part("viewer", _answers(ports["VIEWER_OPS_PORT"], "/ready")),
        # a guard opens its port when its LibreOffice has converted a document
        *(
            Part(f"unoserver-{number + 1}", _listens(ports[f"UNOSERVER_FIRST_PORT + {number}"]))
            for number in range(OFFICES)
        ),
        Part("haproxy", lambda: _haproxy_sees_all(metrics) and _converts(haproxy)),
    ]


def wait(
    waited_for: Iterable[Part], seconds: float, alive: Callable[[], bool], announce: Callable[[str], None]
) -> Part | None:
    """Wait until every part is well, and give the first that isn't in time, or None.

    Args:
        waited_for: the parts, in this order.
        seconds: for all together.
        alive: asked between tries; waiting ends early when it says no.
        announce: told each part that is well.
    """
    deadline = time.monotonic() + seconds
    for part in waited_for:
        while not part.is_well():
            if time.monotonic() > deadline or not alive():
                return part
            time.sleep(0.2)
        announce(part.name)
    return None
