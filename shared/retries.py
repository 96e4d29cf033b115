"""The retry policy of HTTP clients with persistent connections."""

from typing import Any, Self

from urllib3.exceptions import ReadTimeoutError
from urllib3.util.retry import Retry


class ConnectionRetry(Retry):
    """Retries connection errors, but never read timeouts, which have used the time budget.

    A persistent connection fails when the server closes it just as a request is sent, which is no fault of
    the server. Set `read` to the same number as `connect`.
    """

    def increment(self, *args: Any, **more: Any) -> Self:
        """See `Retry.increment`.

        Raises:
            ReadTimeoutError: the server sent nothing within the read timeout.
        """
        if isinstance(error := more.get("error"), ReadTimeoutError):
            raise error
        return super().increment(*args, **more)
