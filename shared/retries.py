"""Trying again, for HTTP clients that keep connections."""

from typing import Any, Self

from urllib3.exceptions import ReadTimeoutError
from urllib3.util.retry import Retry


class ConnectionRetry(Retry):
    """Asks again where the connection failed, not where it was silent: that took all the patience there is.

    A kept connection that the other side closes in the moment of a request fails without any fault of theirs.
    Give `read` as many tries as `connect`.
    """

    def increment(self, *args: Any, **more: Any) -> Self:
        """See `Retry.increment`.

        Raises:
            ReadTimeoutError: it was silent.
        """
        if isinstance(error := more.get("error"), ReadTimeoutError):
            raise error
        return super().increment(*args, **more)
