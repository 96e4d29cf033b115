"""Waiting for servers to listen."""

import socket
import time


def wait_for_port(port: int, seconds: float = 30) -> None:
    """Return once something listens on the loopback port.

    Raises:
        TimeoutError: nothing does in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port}")
