"""Sign-ins under way: each has a signed cookie of its own, so that many tabs may sign in at once.

The cookie says where the person wants to go; only the browser that set out can come back.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from oauthlib.common import generate_token

from shared.problems import Problem, SignInFailed

ATTEMPT_COOKIE = "__Host-sign-in-"
MOST_ATTEMPTS = 20
"""Cookies of attempts that a browser may hold; a header of more than 16 KB is refused by the server."""
_ATTEMPT_SECONDS = 600
_LONGEST_TARGET = 512
_STATE_LENGTH = 30
_VERIFIER_LENGTH = 64
"""RFC 7636 wants 43 to 128 characters."""
_COOKIE: dict[str, Any] = {"secure": True, "httponly": True, "samesite": "Lax"}

Observer = Callable[[str], None]
"""Told how each sign-in ended."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in under way: its state, its PKCE verifier, and where the person wants to go."""

    state: str
    verifier: str
    target: str

    @property
    def cookie(self) -> str:
        """The name of this attempt's cookie."""
        return ATTEMPT_COOKIE + hashlib.sha256(self.state.encode()).hexdigest()[:12]


class Attempts:
    """Begins sign-ins and takes browsers back."""

    def __init__(self, keys: list[str], observe: Observer) -> None:
        """Sign with the last key, accept all.

        Args:
            keys: oldest first.
            observe: told of a way back that belongs to no attempt.
        """
        self._serializer = URLSafeTimedSerializer(keys, salt="sign-in-attempt")
        self._observe = observe

    def begin(self) -> Attempt:
        """An attempt of the current request, which may name a ``target``."""
        target = own_path(request.args.get("target"))
        return Attempt(generate_token(_STATE_LENGTH), generate_token(_VERIFIER_LENGTH), target)

    def remember(self, attempt: Attempt, response: Response) -> None:
        """Give the attempt's cookie to the browser; of too many others the oldest go."""
        value = str(self._serializer.dumps([attempt.state, attempt.verifier, attempt.target]))
        response.set_cookie(attempt.cookie, value, max_age=_ATTEMPT_SECONDS, **_COOKIE)
        stale = [name for name in request.cookies if name.startswith(ATTEMPT_COOKIE)]
        for name in stale[: max(0, len(stale) + 1 - MOST_ATTEMPTS)]:
            response.delete_cookie(name, **_COOKIE)

    @contextmanager
    def returning(self) -> Iterator[Attempt]:
        """The attempt that the browser comes back from; errors inside learn where the person wanted to go.

        Raises:
            SignInFailed: there is none, or it is too old.
        """
        attempt = self._recall(request.args.get("state", ""))
        try:
            yield attempt
        except Problem as error:
            error.target = attempt.target
            raise

    @staticmethod
    def forget(attempt: Attempt, response: Response) -> None:
        """Take the attempt's cookie back: it is over."""
        response.delete_cookie(attempt.cookie, **_COOKIE)

    def _recall(self, untrusted_state: str) -> Attempt:
        cookie = request.cookies.get(Attempt(untrusted_state, "", "").cookie, "")
        try:
            attempt = Attempt(*self._serializer.loads(cookie, max_age=_ATTEMPT_SECONDS))
        except (BadSignature, TypeError) as error:
            self._observe("no_attempt")
            raise SignInFailed from error
        if attempt.state != untrusted_state:
            self._observe("no_attempt")
            raise SignInFailed
        return attempt


def own_path(untrusted_target: str | None) -> str:
    """The target where it is a path of this site, else the home page: never another host."""
    target = untrusted_target or "/"
    well_formed = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if well_formed and "\\" not in target and len(target) <= _LONGEST_TARGET else "/"
