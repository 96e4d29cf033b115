"""The client of the eDocs API, which serves the newest version of a document.

The request is `GET {url}{id}` with a bearer key. eDocs sends no validators, ranges or lengths, and guesses
media types from file extensions, so only the bytes are used. It answers 500 for temporary faults and fails
under load; so the client has a small connection pool, and retries a few times with back-off on connection
errors and 5xx only.
"""

import re
import time
from collections.abc import Callable, Iterator
from email.message import Message

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from shared.retries import ConnectionRetry
from viewer.documents import Sink
from viewer.errors import DocumentNotFound, Problem, SourceUnavailable

_CHUNK = 128 * 1024
_MAX_ID = 2**31 - 1
"""The largest id, since ids are signed 32-bit integers."""
_ID = re.compile(r"[1-9][0-9]{0,9}")
_BACKOFF_SECONDS = 0.5
_POOL = 16
"""The size of the connection pool, and so the most concurrent requests by one worker process."""

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
        on_fetch: OnFetch,
    ) -> None:
        """Prepare without connecting.

        Args:
            url: the address to which the id is appended.
            api_key: the bearer key.
            connect_seconds: the connect timeout.
            read_seconds: the read timeout: the longest gap between bytes.
            total_seconds: the longest time for one document, which ends a server that sends very slowly.
            attempts: at least 1; retries follow connection errors and 5xx only.
            on_fetch: called for each fetch.
        """
        self._url = url
        self._timeouts = (connect_seconds, read_seconds)
        self._total_seconds = total_seconds
        self._on_fetch = on_fetch
        self._session = _session(api_key, attempts)

    def accepts(self, document_id: str) -> bool:
        """See `Source.accepts`."""
        return bool(_ID.fullmatch(document_id)) and int(document_id) <= _MAX_ID

    def fetch(self, document_id: str, into: Sink, request_id: str) -> str | None:
        """See `Source.fetch`."""
        started = time.monotonic()
        outcome = "ok"
        try:
            return self._fetch(document_id, into, request_id, deadline=started + self._total_seconds)
        except Problem as error:
            outcome = error.code
            raise
        finally:
            self._on_fetch(self.name, outcome, time.monotonic() - started)

    def _fetch(self, document_id: str, into: Sink, request_id: str, deadline: float) -> str | None:
        try:
            with self._session.get(
                self._url + document_id,
                headers={"X-Request-ID": request_id},
                timeout=self._timeouts,
                stream=True,
                allow_redirects=False,
            ) as response:
                _check_status(response)
                for chunk in _arriving(response):
                    if time.monotonic() > deadline:
                        raise SourceUnavailable("the document did not arrive in time")
                    into.write(chunk)
                return _file_name(response)
        except (requests.RequestException, HTTPError) as error:
            raise SourceUnavailable(type(error).__name__) from error


def _session(api_key: str, attempts: int) -> requests.Session:
    retry = ConnectionRetry(
        total=attempts - 1,
        connect=attempts - 1,
        status=attempts - 1,
        read=attempts - 1,
        redirect=0,
        status_forcelist=range(500, 600),
        allowed_methods=["GET"],
        backoff_factor=_BACKOFF_SECONDS,
        backoff_jitter=_BACKOFF_SECONDS,
        respect_retry_after_header=False,
        raise_on_status=False,
    )
    session = requests.Session()
    session.trust_env = False  # no proxy or .netrc from the environment may see the key
    session.headers["Authorization"] = f"Bearer {api_key}"
    adapter = HTTPAdapter(max_retries=retry, pool_maxsize=_POOL, pool_block=True)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _check_status(response: requests.Response) -> None:
    if response.status_code == requests.codes.not_found:
        raise DocumentNotFound
    if response.status_code != requests.codes.ok:
        raise SourceUnavailable(f"status {response.status_code}")


def _arriving(response: requests.Response) -> Iterator[bytes]:
    """Yield the body as it arrives; the `iter_content` of requests would wait for full chunks."""
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        yield chunk


def _file_name(response: requests.Response) -> str | None:
    """The file name in the header; None where it is missing or malformed."""
    headers = Message()
    headers["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    try:
        return headers.get_filename()
    except ValueError:
        return None
