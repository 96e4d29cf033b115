"""The client of the eDocs API, which serves the newest version of a document.

The request is `GET {url}{id}` with a bearer key. eDocs sends no validators, ranges or lengths, and guesses
media types from file extensions, so only the bytes are used. It answers 500 for temporary faults and fails
under load; so the client has a bounded share of the threads, and retries a few times with back-off on
connection errors and 5xx only. Answers with a content encoding are refused, because an encoded answer that is
cut off can look complete.
"""

import random
import re
import time
from collections.abc import Callable
from email.message import Message

import requests

from shared.outside_calls import OutOfTime, ask_plainly, deadline, pieces
from shared.shares import Share
from viewer.documents import Sink
from viewer.errors import DocumentNotFound, Problem, SourceUnavailable

_CHUNK = 128 * 1024
_MAX_ID = 2**31 - 1
"""The largest id, since ids are signed 32-bit integers."""
_ID = re.compile(r"[1-9][0-9]{0,9}")
_BACKOFF_SECONDS = 0.5
_POOL = 64
"""The size of the connection pool; the share of the threads limits the concurrent requests to less."""

OnFetch = Callable[[str, str, float], None]
"""Called with the source, the outcome and the duration in seconds of each fetch."""


class EdocsSource:
    """The `Source` for eDocs."""

    name = "edocs"
    label = "eDocs"

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        connect_seconds: float,
        read_seconds: float,
        total_seconds: float,
        attempts: int,
        share: Share,
        on_fetch: OnFetch,
    ) -> None:
        """Prepare without connecting.

        Args:
            url: the address to which the id is appended.
            api_key: the bearer key.
            connect_seconds: the connect timeout.
            read_seconds: the read timeout: the longest gap between bytes.
            total_seconds: the deadline of one fetch with all its attempts; the connection is cut then.
            attempts: at least 1; retries follow connection errors and 5xx only.
            share: the threads that may wait for eDocs at the same time.
            on_fetch: called for each fetch.
        """
        self._url = url
        self._timeouts = (connect_seconds, read_seconds)
        self._total_seconds = total_seconds
        self._attempts = attempts
        self._share = share
        self._on_fetch = on_fetch
        self._session = _session(api_key)

    def accepts(self, document_id: str) -> bool:
        """See `Source.accepts`."""
        return bool(_ID.fullmatch(document_id)) and int(document_id) <= _MAX_ID

    def fetch(self, document_id: str, into: Sink, request_id: str) -> str | None:
        """See `Source.fetch`."""
        started = time.monotonic()
        outcome = "ok"
        try:
            with self._share.place():
                return self._fetch(document_id, into, request_id)
        except Problem as error:
            outcome = error.code
            raise
        finally:
            self._on_fetch(self.name, outcome, time.monotonic() - started)

    def _fetch(self, document_id: str, into: Sink, request_id: str) -> str | None:
        try:
            with deadline(self._total_seconds), self._asked(document_id, request_id) as response:
                _check_status(response)
                for piece in pieces(response, _CHUNK):
                    into.write(piece)
                return _file_name(response)
        except (requests.RequestException, OutOfTime) as error:
            raise SourceUnavailable(type(error).__name__) from error

    def _asked(self, document_id: str, request_id: str) -> requests.Response:
        """Send the request, and retry it as often as the settings allow; return the last response's head.

        A read timeout is not retried, since it has used the time that there was.

        Raises:
            requests.RequestException: the last attempt failed without a response.
        """
        for retries_left in reversed(range(self._attempts)):
            try:
                response = self._session.get(
                    self._url + document_id,
                    headers={"X-Request-ID": request_id},
                    timeout=self._timeouts,
                    stream=True,
                    allow_redirects=False,
                )
            except requests.ConnectionError:
                if not retries_left:
                    raise
            else:
                if response.status_code < requests.codes.server_error or not retries_left:
                    return response
                response.close()
            attempts_made = self._attempts - retries_left
            time.sleep(_BACKOFF_SECONDS * (attempts_made + random.random()))  # noqa: S311 - no secret
        raise AssertionError("there is at least one attempt")


def _session(api_key: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy or .netrc from the environment may see the key
    session.headers["Authorization"] = f"Bearer {api_key}"
    ask_plainly(session, max_bytes=None, most_at_once=_POOL)
    return session


def _check_status(response: requests.Response) -> None:
    if response.status_code == requests.codes.not_found:
        raise DocumentNotFound
    if response.status_code != requests.codes.ok:
        raise SourceUnavailable(f"status {response.status_code}")


def _file_name(response: requests.Response) -> str | None:
    """The file name in the header; None where it is missing or malformed."""
    headers = Message()
    headers["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    try:
        return headers.get_filename()
    except (ValueError, TypeError, LookupError):  # whatever the standard library's parser stumbles over
        return None
