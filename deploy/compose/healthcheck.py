"""Is this container's service ready? Exit code 0 when its operations port says so.

Standard library only and no proxy settings, so that the answer is about this service and nothing else.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

_PATIENCE_SECONDS = 8


def ready(port: int) -> bool:
    """Whether `/ready` answers 200 in time."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200  # noqa: PLR2004 - HTTP's own number
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if ready(int(os.environ["OPS_PORT"])) else 1)
