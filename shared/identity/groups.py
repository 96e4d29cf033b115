"""Group membership: by Google's Directory API with a cache, or by the groups that a token lists.

"Not a member" (403) and "the directory did not answer" (503) are different results.
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
_CACHED_PEOPLE = 10_000
_MAX_ANSWER = 64 * 1024

OnMembershipCheck = Callable[[str], None]
"""Called with the outcome of each directory request: ``member``, ``not_member`` or ``unavailable``."""


class EmptyGroup:
    """A group without members, for a setting that is empty."""

    def is_member(self, person: Person) -> bool:  # noqa: ARG002 - as the protocol has it
        """See `Groups.is_member`."""
        return False


class GoogleGroups:
    """Membership by Google's directory, including nested groups."""

    def __init__(
        self,
        directory_url: str,
        group: str,
        service_account: Path,
        admin: str,
        timeout_seconds: float,
        on_check: OnMembershipCheck,
    ) -> None:
        """Read the key file without contacting Google.

        Args:
            directory_url: the Directory API's URL, without a trailing slash.
            group: the group's e-mail address.
            service_account: the key file of a service account with domain-wide delegation.
            admin: the administrator for whom the service account acts.
            timeout_seconds: the timeout of each call.
            on_check: called with the outcome of each request.
        """
        credentials = Credentials.from_service_account_file(
            str(service_account), scopes=[_SCOPE], subject=admin
        )
        # `Any`: its `get` takes `max_allowed_time`, which that of requests does not
        self._session: Any = AuthorizedSession(
            credentials, auth_request=_TimedRequest(timeout_seconds), refresh_timeout=timeout_seconds
        )
        retry = ConnectionRetry(total=1, connect=1, read=1, redirect=0, status=0, allowed_methods=["GET"])
        self._session.mount("https://", HTTPAdapter(max_retries=retry))
        self._session.mount("http://", HTTPAdapter(max_retries=retry))
        self._members = f"{directory_url}/groups/{quote(group)}"
        self._timeout = timeout_seconds
        self._on_check = on_check

    def is_member(self, person: Person) -> bool:
        """See `Groups.is_member`."""
        try:
            member = self._ask(person.email)
        except SignInUnavailable:
            self._on_check("unavailable")
            raise
        self._on_check("member" if member else "not_member")
        return member

    def _ask(self, email: str) -> bool:
        answer = self._get(f"{self._members}/hasMember/{quote(email, safe='@')}")
        if answer.status_code == requests.codes.bad_request:
            # hasMember covers only the group's own domain; members/get finds direct members of other domains
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
            # google-auth raises TypeError where the token endpoint's response is not an object
            raise SignInUnavailable(type(error).__name__) from error
        return answer


class _TimedRequest(Request):
    """The transport with which google-auth fetches tokens, with our timeout instead of two minutes."""

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


class CachedGroups:
    """Caches members for a few minutes; non-members are not cached, since they may just have been added."""

    def __init__(self, groups: Groups, seconds: int) -> None:
        """Cache in this process only.

        Args:
            groups: the uncached lookup.
            seconds: how long a member is cached, and so may still have access after leaving the group.
        """
        self._groups = groups
        self._members: TTLCache[str, bool] = TTLCache(maxsize=_CACHED_PEOPLE, ttl=max(seconds, 0))
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
    """Membership by the groups that the council's token lists; no directory is asked."""

    def __init__(self, display_name: str) -> None:
        """Set the group.

        Args:
            display_name: the group's display name, exactly as the council's login writes it.
        """
        self._display_name = display_name

    def is_member(self, person: Person) -> bool:
        """See `Groups.is_member`."""
        return self._display_name in person.groups
