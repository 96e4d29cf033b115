"""A person at a browser, as far as HTTP goes. Standard library only."""

import json
import time
from collections.abc import Mapping
from http.client import HTTPResponse
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

_PATIENCE_SECONDS = 150
_TIMEOUT_SECONDS = 60
_PAUSE_SECONDS = 0.25
_SCRIPT = {"Accept": "application/json", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}


class Answer:
    """What came back at last, redirects followed."""

    def __init__(self, response: HTTPResponse | HTTPError) -> None:
        self.status = response.status or 0
        self.url = str(response.url)
        self.body = response.read()

    def __str__(self) -> str:
        return f"{self.status} {self.body[:300]!r}"

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


class Visitor:
    """Somebody with cookies of their own.

    Args:
        email: whom they sign in as.
        google: the address where the demo's Google asks them.
    """

    def __init__(self, email: str, google: str) -> None:
        # browsers send Secure cookies to http://localhost, so this client does
        jar = CookieJar(DefaultCookiePolicy(secure_protocols=("https", "http")))
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(jar))
        self._email = email
        self._google = google

    def get(self, url: str, headers: Mapping[str, str] | None = None, data: bytes | None = None) -> Answer:
        """Ask once; an error status is an answer too."""
        request = Request(url, data=data, headers=dict(headers or {"Accept": "text/html"}))  # noqa: S310 - our own http
        try:
            with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
                return Answer(response)
        except HTTPError as error:
            return Answer(error)

    def arrive(self, url: str) -> Answer:
        """Follow a link, signing in where asked."""
        answer = self.get(url)
        if answer.url.startswith(self._google):
            answer = self.get(answer.url, data=urlencode({"sub": self._email}).encode())
        return answer

    def rendition(self, page: str) -> Answer:
        """Ask for the rendition of a document's page, as its script does, until it is ready or refused."""
        first = page.replace("?", "/rendition?", 1)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        answer = self.get(first, _SCRIPT)
        while answer.status in {202, 409} and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)
            again = first if answer.status == 409 else urljoin(page, answer.json()["poll_url"])  # noqa: PLR2004 - restart
            answer = self.get(again, _SCRIPT)
        return answer

    def content(self, page: str) -> tuple[Answer, bytes]:
        """A document's rendition and all of its bytes."""
        rendition = self.rendition(page)
        if rendition.status != 200:  # noqa: PLR2004 - HTTP's own number
            return rendition, b""
        return rendition, self.get(urljoin(page, rendition.json()["url"]), _SCRIPT).body
