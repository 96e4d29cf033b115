"""Sign-in attempts: each has its own signed cookie, so that several tabs may sign in at once.

The cookie holds the page that the person wants to open; only the browser that began the attempt can finish
it.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from oauthlib.common import generate_token

from shared.identity.sessions import HOST_PREFIX
from shared.problems import Problem, SignInFailed

ATTEMPT_COOKIE = f"{HOST_PREFIX}sign-in-"
MAX_ATTEMPTS = 20
"""The most attempt cookies in one browser, since the server refuses a header of more than 16 KB."""
_ATTEMPT_SECONDS = 600
_MAX_TARGET_LENGTH = 512
_STATE_LENGTH = 30
_VERIFIER_LENGTH = 64
"""The length of the PKCE verifier; RFC 7636 requires 43 to 128 characters."""

OnSignIn = Callable[[str], None]
"""Called with the outcome of each sign-in."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One unfinished sign-in: its OAuth state, its PKCE verifier, and the path to open afterwards."""

    state: str
    verifier: str
    target: str


class Attempts:
    """Begins sign-in attempts and recognises the browsers that return from them."""

    def __init__(self, keys: list[str], on_sign_in: OnSignIn, *, over_https: bool = True) -> None:
        """Sign with the last key, and accept signatures by any of the keys.

        Args:
            keys: the keys, oldest first.
            on_sign_in: called when a browser returns without a valid attempt.
            over_https: see `sign_sessions`.
        """
        self._prefix = ATTEMPT_COOKIE if over_https else ATTEMPT_COOKIE.removeprefix(HOST_PREFIX)
        self._options: dict[str, Any] = {"secure": over_https, "httponly": True, "samesite": "Lax"}
        self._serializer = URLSafeTimedSerializer(keys, salt="sign-in-attempt")
        self._on_sign_in = on_sign_in

    def begin(self) -> Attempt:
        """A new attempt for the current request, whose query may name a ``target``."""
        target = same_site_path(request.args.get("target"))
        return Attempt(generate_token(_STATE_LENGTH), generate_token(_VERIFIER_LENGTH), target)

    def remember(self, attempt: Attempt, response: Response) -> None:
        """Set the attempt's cookie; where there are too many, delete the oldest."""
        value = str(self._serializer.dumps([attempt.state, attempt.verifier, attempt.target]))
        response.set_cookie(self._cookie(attempt.state), value, max_age=_ATTEMPT_SECONDS, **self._options)
        stale = [name for name in request.cookies if name.startswith(self._prefix)]
        for name in stale[: max(0, len(stale) + 1 - MAX_ATTEMPTS)]:
            response.delete_cookie(name, **self._options)

    @contextmanager
    def returning(self) -> Iterator[Attempt]:
        """The attempt from which the browser returns; problems raised inside get its target.

        Raises:
            SignInFailed: there is no such attempt, or it is too old.
        """
        attempt = self._recall(request.args.get("state", ""))
        try:
            yield attempt
        except Problem as error:
            error.target = attempt.target
            raise

    def forget(self, attempt: Attempt, response: Response) -> None:
        """Delete the cookie of a finished attempt."""
        response.delete_cookie(self._cookie(attempt.state), **self._options)

    def _cookie(self, state: str) -> str:
        """The name of an attempt's cookie."""
        return self._prefix + hashlib.sha256(state.encode()).hexdigest()[:12]

    def _recall(self, untrusted_state: str) -> Attempt:
        cookie = request.cookies.get(self._cookie(untrusted_state), "")
        try:
            attempt = Attempt(*self._serializer.loads(cookie, max_age=_ATTEMPT_SECONDS))
        except (BadSignature, TypeError) as error:
            self._on_sign_in("no_attempt")
            raise SignInFailed from error
        if attempt.state != untrusted_state:
            self._on_sign_in("no_attempt")
            raise SignInFailed
        return attempt


def same_site_path(untrusted_target: str | None) -> str:
    """The target where it is a path on this site, else the home page; never another host."""
    target = untrusted_target or "/"
    well_formed = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if well_formed and "\\" not in target and len(target) <= _MAX_TARGET_LENGTH else "/"
