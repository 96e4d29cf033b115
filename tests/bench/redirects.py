"""Redirects per second against a bare Flask redirect under the same gunicorn."""

import os
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.waiting import wait_for_port

_ROUNDS = 5
_SECONDS = 3
_PATH = "/LbhMosaicEDocs/DocumentMenu.aspx?documentId=1001&personId=42"
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")


def measure() -> dict[str, float]:
    """Requests per second of both, taken in turns, and the median of the rounds' ratios."""
    with _served("redirector.wsgi:app", 8181) as ours, _served("tests.bench.bare:app", 8182) as bare:
        for url in (ours, bare):
            _rate(url)  # warm
        rounds = [(_rate(ours), _rate(bare)) for _ in range(_ROUNDS)]
    return {
        "redirects_per_second": statistics.median(mine for mine, _ in rounds),
        "bare_flask_per_second": statistics.median(other for _, other in rounds),
        "redirect_ratio": statistics.median(mine / other for mine, other in rounds),
    }


@contextmanager
def _served(app: str, port: int) -> Iterator[str]:
    environment = {
        **os.environ,
        "DEPLOYMENT": "demo",
        "VIEWER_URL": "http://localhost:8002",
        "PORT": str(port),
        "OPS_PORT": str(port + 1000),
        "SERVICE_NAME": "redirector",
    }
    log = Path(f"build/logs/bench-{port}.log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:shared.gunicorn_config", app],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for_port(port)
        yield f"http://localhost:{port}{_PATH}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _rate(url: str) -> float:
    command = ["wrk", "-t1", "-c16", f"-d{_SECONDS}s", url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = _RATE.search(output)
    if not found or "Non-2xx or 3xx" in output:
        raise RuntimeError(output)
    return float(found.group(1))
