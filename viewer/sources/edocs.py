"""The eDocs API: a small, slow service that always serves the newest version and says nothing else of it.

`GET {url}{id}` with a bearer key. It sends no validators, ranges or lengths and guesses media types from
file extensions, so only the bytes count. It answers 500 for passing faults and falls over under load:
hence a pooled session, a bounded number of fetches at the same time, few retries with back-off, and only on
connection errors and 5xx. Packed answers are refused: nothing says whether such a one is whole.
"""

import random
import re
import time
from collections.abc import Callable
from email.message import Message

import requests

from shared.outside_calls import ConnectionRetry, OutOfTime, ask_plainly, deadline, pieces
from shared.shares import Share
from viewer.documents import Sink
from viewer.errors import DocumentNotFound, Problem, SourceUnavailable

_CHUNK = 128 * 1024
_LARGEST_ID = 2**31 - 1
"""Ids are 32-bit signed integers."""
_ID = re.compile(r"[1-9][0-9]{0,9}")
_BACKOFF_SECONDS = 0.5
_POOL = 64
"""Connections kept; the share bounds how many there are at the same time."""

Observer = Callable[[str, str, float], None]
"""Told of each fetch: source, outcome, seconds."""


class EdocsSource:
    """The `Source` of documents.py for eDocs."""

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
        observe: Observer,
    ) -> None:
        """Open no connection yet.

        Args:
            url: the id is appended as it is.
            api_key: the bearer key.
            connect_seconds: patience with connecting.
            read_seconds: patience with each silence.
            total_seconds: patience with the whole fetch, all attempts together; then the connection is cut.
            attempts: at least 1; further ones only on connection errors and 5xx.
            share: of the threads, that may wait for eDocs.
            observe: told of each fetch.
        """
        self._url = url
        self._timeouts = (connect_seconds, read_seconds)
        self._total_seconds = total_seconds
        self._attempts = attempts
        self._share = share
        self._observe = observe
        self._session = _session(api_key, attempts)

    def accepts(self, document_id: str) -> bool:
        """See `Source.accepts`."""
        return bool(_ID.fullmatch(document_id)) and int(document_id) <= _LARGEST_ID

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
            self._observe(self.name, outcome, time.monotonic() - started)

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
        """The answer's head, after as many attempts as it took; of a fault the last one's."""
        for attempt in range(1, self._attempts + 1):
            response = self._session.get(
                self._url + document_id,
                headers={"X-Request-ID": request_id},
                timeout=self._timeouts,
                stream=True,
                allow_redirects=False,
            )
            if response.status_code < requests.codes.server_error or attempt == self._attempts:
                break
            response.close()
            time.sleep(_BACKOFF_SECONDS * (attempt + random.random()))  # noqa: S311 - no secret
        return response


def _session(api_key: str, attempts: int) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy or .netrc from the environment may see the key
    session.headers["Authorization"] = f"Bearer {api_key}"
    retries = ConnectionRetry(
        total=attempts - 1,
        connect=attempts - 1,
        read=attempts - 1,
        redirect=0,
        status=0,
        other=0,
        allowed_methods=["GET"],
        backoff_factor=_BACKOFF_SECONDS,
        backoff_jitter=_BACKOFF_SECONDS,
        respect_retry_after_header=False,
    )
    ask_plainly(session, max_bytes=None, retries=retries, most_at_once=_POOL)
    return session


def _check_status(response: requests.Response) -> None:
    if response.status_code == requests.codes.not_found:
        raise DocumentNotFound
    if response.status_code != requests.codes.ok:
        raise SourceUnavailable(f"status {response.status_code}")


def _file_name(response: requests.Response) -> str | None:
    """The name in the header, where it can be read: a hint, never worth a document."""
    headers = Message()
    headers["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    try:
        return headers.get_filename()
    except ValueError:
        return None
