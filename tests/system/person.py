"""A person at a browser, as far as HTTP goes: signs in, opens documents, reads their bytes.

Speaks to the running stack from outside and imports none of our code.
"""

import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests

from tests.system.addresses import GOOGLE, VIEWER

_PATIENCE_SECONDS = 120
_TIMEOUT = 60


class _TrustingSession(requests.Session):
    """Sends Secure cookies to http://localhost too, as browsers do."""

    def __init__(self) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(secure_protocols=("https", "http")))

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        prepared = super().prepare_request(request)
        prepared.headers.pop("Cookie", None)
        prepared.prepare_cookies(self.cookies.copy())  # requests' own merged jar forgets the policy
        return prepared


class Person:
    """Somebody with a browser of their own.

    Args:
        email: whom they sign in as.
        viewer: its address.
        sign_in_at: the address of whoever asks them who they are.
    """

    def __init__(
        self, email: str = "worker@council.test", *, viewer: str = VIEWER, sign_in_at: str = GOOGLE
    ) -> None:
        self.email = email
        self.viewer = viewer
        self.sign_in_at = sign_in_at
        self.http = _TrustingSession()

    def arrive(self, url: str) -> requests.Response:
        """Follow a link as a browser does, signing in where asked."""
        answer = self.http.get(url, headers={"Accept": "text/html"}, timeout=_TIMEOUT)
        if answer.url.startswith(self.sign_in_at):
            answer = self.http.post(answer.url, data={"sub": self.email}, timeout=_TIMEOUT)
        return answer

    def sign_in(self) -> "Person":
        """Sign in, without opening a document."""
        self.arrive(f"{self.viewer}/").raise_for_status()
        return self

    def ask(self, document_id: str | int, person: str = "42") -> requests.Response:
        """Ask once for a document's rendition, as the page's script does."""
        return self._script(f"/documents/edocs/{document_id}/rendition?person={person}")

    def open(self, document_id: str | int, person: str = "42") -> requests.Response:
        """Ask for a document's rendition until it is ready or refused."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        answer = self.ask(document_id, person)
        while answer.status_code in {202, 409} and time.monotonic() < deadline:
            restart = answer.status_code == 409
            answer = self.ask(document_id, person) if restart else self.follow(answer)
        return answer

    def follow(self, converting: requests.Response) -> requests.Response:
        """Ask again for a rendition that is being made."""
        return self._script(converting.json()["poll_url"])

    def bytes_of(self, opened: requests.Response, **headers: str) -> requests.Response:
        """The bytes that a ready rendition links to."""
        return self._script(opened.json()["url"], **headers)

    def pdf(self, document_id: str | int) -> bytes:
        """Open a document and read it whole."""
        opened = self.open(document_id)
        assert opened.status_code == 200, (opened.status_code, opened.text[:500])
        content = self.bytes_of(opened)
        assert content.status_code == 200
        return content.content

    def _script(self, path: str, **headers: Any) -> requests.Response:
        browser = {"Accept": "application/json", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}
        return self.http.get(self.viewer + path, headers={**browser, **headers}, timeout=_TIMEOUT)
