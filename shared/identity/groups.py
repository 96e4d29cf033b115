"""Whether a person is in a group: Google's Directory API, with a short memory, or what the token lists.

"Not a member" and "could not ask" are different answers: the first is a 403, the second a 503.
https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/hasMember
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from cachetools import TTLCache
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.service_account import Credentials
from requests.adapters import HTTPAdapter

from shared.identity.people import Groups, Person
from shared.problems import SignInUnavailable
from shared.retries import ConnectionRetry

_SCOPE = "https://www.googleapis.com/auth/admin.directory.group.member.readonly"
_REMEMBERED_PEOPLE = 10_000
_MAX_ANSWER = 64 * 1024

Observer = Callable[[str], None]
"""Told how each question to the directory ended: ``member``, ``not_member`` or ``unavailable``."""


class Nobody:
    """A group that no setting names: nobody is in it."""

    def is_member(self, person: Person) -> bool:  # noqa: ARG002 - as the protocol has it
        """See `Groups.is_member`."""
        return False


class GoogleGroups:
    """Membership as Google's directory has it, nested groups counted."""

    def __init__(
        self,
        directory_url: str,
        group: str,
        service_account: Path,
        admin: str,
        timeout_seconds: float,
        observe: Observer,
    ) -> None:
        """Read the key file; ask nothing yet.

        Args:
            directory_url: without its trailing slash.
            group: the group's address.
            service_account: key file of an account with domain-wide delegation.
            admin: the administrator whom the account acts for.
            timeout_seconds: patience with each call.
            observe: told of each answer.
        """
        credentials = Credentials.from_service_account_file(
            str(service_account), scopes=[_SCOPE], subject=admin
        )
        # its `get` passes on `max_allowed_time`, which requests' does not know
        self._session: Any = AuthorizedSession(
            credentials, auth_request=_TimedRequest(timeout_seconds), refresh_timeout=timeout_seconds
        )
        again = ConnectionRetry(total=1, connect=1, read=1, redirect=0, status=0, allowed_methods=["GET"])
        self._session.mount("https://", HTTPAdapter(max_retries=again))
        self._session.mount("http://", HTTPAdapter(max_retries=again))
        self._members = f"{directory_url}/groups/{quote(group)}"
        self._timeout = timeout_seconds
        self._observe = observe

    def is_member(self, person: Person) -> bool:
        """See `Groups.is_member`."""
        try:
            member = self._ask(person.email)
        except SignInUnavailable:
            self._observe("unavailable")
            raise
        self._observe("member" if member else "not_member")
        return member

    def _ask(self, email: str) -> bool:
        answer = self._get(f"{self._members}/hasMember/{quote(email, safe='@')}")
        if answer.status_code == requests.codes.bad_request:
            # hasMember knows only the group's own domain; members/get knows direct members from outside
            answer = self._get(f"{self._members}/members/{quote(email, safe='@')}")
            if answer.status_code == requests.codes.not_found:
                return False
            return bool(_json(answer).get("status", "ACTIVE") == "ACTIVE")
        return _json(answer).get("isMember") is True

    def _get(self, url: str) -> requests.Response:
        try:
            answer: requests.Response = self._session.get(
                url, timeout=self._timeout, max_allowed_time=2 * self._timeout, allow_redirects=False
            )
        except (requests.RequestException, GoogleAuthError, TypeError) as error:
            # TypeError: google-auth's way with an answer of the token endpoint that is no object
            raise SignInUnavailable(type(error).__name__) from error
        return answer


class _TimedRequest(Request):
    """google-auth's transport for fetching tokens, with our patience instead of its two minutes."""

    def __init__(self, timeout_seconds: float) -> None:
        super().__init__()
        self._timeout = timeout_seconds

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return super().__call__(*args, **{**kwargs, "timeout": self._timeout})  # type: ignore[no-untyped-call]


def _json(answer: requests.Response) -> dict[str, Any]:
    if answer.status_code != requests.codes.ok or len(answer.content) > _MAX_ANSWER:
        raise SignInUnavailable(f"directory status {answer.status_code}")
    try:
        body = answer.json()
    except ValueError as error:
        raise SignInUnavailable("directory answer is not JSON") from error
    if not isinstance(body, dict):
        raise SignInUnavailable("directory answer is not an object")
    return body


class RememberedGroups:
    """Remembers members for a few minutes. Others are asked about again: they may just have been added."""

    def __init__(self, groups: Groups, seconds: int) -> None:
        """Remember in this process only.

        Args:
            groups: whom to ask.
            seconds: how long a yes counts; so long may a leaver still get in.
        """
        self._groups = groups
        self._members: TTLCache[str, bool] = TTLCache(maxsize=_REMEMBERED_PEOPLE, ttl=max(seconds, 0))
        self._lock = threading.Lock()

    def is_member(self, person: Person) -> bool:
        """See `Groups.is_member`."""
        with self._lock:
            if person.email in self._members:
                return True
        member = self._groups.is_member(person)
        if member:
            with self._lock:
                self._members[person.email] = True
        return member


class ListedGroups:
    """Membership as the person's own proof lists it: the council's token. Nobody is asked."""

    def __init__(self, display_name: str) -> None:
        """Look for this group.

        Args:
            display_name: exactly as the council's login writes it.
        """
        self._display_name = display_name

    def is_member(self, person: Person) -> bool:
        """See `Groups.is_member`."""
        return self._display_name in person.groups
