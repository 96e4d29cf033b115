"""The council's own single sign-on: a JWT in a cookie of the council's domain, made by its login service.

HS256 with a secret that the council's services share: ``{"sub", "email", "iss", "name", "groups", "iat"}``.
It has no `exp`, so its age is bounded by `iat`. The same token comes as a bearer token from programs. It is
never taken from the query string: addresses end up in logs.

Groups are display names. A display name is no identifier: whoever may make or rename groups at the council
can make a second one of the same name. Use Google's way where that matters (docs/reuse-sign-in.md).
"""

import time
from typing import Any
from urllib.parse import urlencode

import jwt
import structlog
from flask import Blueprint, Response, request, session, url_for

from shared.actor import EMAIL
from shared.identity.attempts import Attempts, Observer
from shared.identity.id_tokens import MALFORMED
from shared.identity.people import Person, Revocations
from shared.identity.sessions import found, start_session
from shared.identity.settings import IdentitySettings
from shared.problems import SignInFailed, TokenRefused

_ALGORITHM = "HS256"
_LEEWAY_SECONDS = 10

log = structlog.get_logger(__name__)


class CouncilTokens:
    """Reads the council's tokens."""

    def __init__(self, secret: str, issuer: str, max_age_seconds: float) -> None:
        """Prepare.

        Args:
            secret: shared with the login service; at least 32 characters.
            issuer: as tokens name it.
            max_age_seconds: a token counts so long after it was made.
        """
        self._secret = secret
        self._issuer = issuer
        self._max_age = max_age_seconds

    def person(self, untrusted_token: str) -> Person:
        """Whom the token stands for, with the groups that it lists.

        Raises:
            TokenRefused: it is not genuine, too old, or says no address.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                untrusted_token,
                self._secret,
                algorithms=[_ALGORITHM],
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["iat", "iss", "sub", "email"], "verify_sub": False},
            )
            made_at = _seconds(claims["iat"])
        except MALFORMED as error:
            raise TokenRefused(type(error).__name__) from error
        if time.time() - made_at > self._max_age:
            raise TokenRefused("too old")
        return Person(_address(claims["email"]), _groups(claims.get("groups")), made_at)


def _seconds(untrusted_iat: Any) -> float:
    if isinstance(untrusted_iat, bool) or not isinstance(untrusted_iat, int | float):
        raise TokenRefused("iat is no number")
    return float(untrusted_iat)


def _address(untrusted_email: Any) -> str:
    if not isinstance(untrusted_email, str) or not EMAIL.fullmatch(untrusted_email):
        raise TokenRefused("no address")
    return untrusted_email.lower()


def _groups(untrusted_groups: Any) -> frozenset[str]:
    groups = untrusted_groups if isinstance(untrusted_groups, list) else []
    return frozenset(name for name in groups if isinstance(name, str))


class Council:
    """People who come from the council's login, and programs with the same token."""

    def __init__(
        self, settings: IdentitySettings, observe: Observer, revocations: Revocations | None
    ) -> None:
        """Prepare the routes `/sign-in` and `/sign-in/callback`.

        Args:
            settings: the login's address, the secret, the cookie's name.
            observe: told how each sign-in ended.
            revocations: tokens made before a revocation start no session.
        """
        self._settings = settings
        self._observe = observe
        self._revocations = revocations
        self._attempts = Attempts(settings.keys, observe)
        self._tokens = CouncilTokens(
            settings.council_token_secret.get_secret_value(),
            settings.council_token_issuer,
            settings.council_token_minutes * 60,
        )
        self.blueprint = Blueprint("sign_in", __name__)
        self.blueprint.add_url_rule("/sign-in", "login", self._login)
        self.blueprint.add_url_rule("/sign-in/callback", "authorized", self._authorized)

    def current(self, email: str, since: float) -> Person | None:
        """See `Provider.current`: the cookie must still say so, and says in which groups.

        Somebody else's cookie, or none, ends the session: the council's login knows better who sits here.
        """
        try:
            person = self._tokens.person(request.cookies.get(self._settings.council_token_cookie, ""))
        except TokenRefused:
            return None
        return Person(email, person.groups, since) if person.email == email else None

    def bearer(self, untrusted_token: str) -> Person:
        """See `Provider.bearer`."""
        return self._tokens.person(untrusted_token)

    def _login(self) -> Response:
        """Send the browser to the council's login, and remember the attempt in a cookie of its own."""
        attempt = self._attempts.begin()
        back = f"{self._settings.public_url}{url_for('.authorized')}?{urlencode({'state': attempt.state})}"
        response = found(f"{self._settings.council_login_url}?{urlencode({'redirect_uri': back})}")
        self._attempts.remember(attempt, response)
        return response

    def _authorized(self) -> Response:
        """Take the browser back: read the cookie that it brings now, start a session, go on."""
        with self._attempts.returning() as attempt:
            email = self._arrived().email
        start_session(session, email)
        self._observe("ok")
        response = found(self._settings.public_url + attempt.target)
        self._attempts.forget(attempt, response)
        return response

    def _arrived(self) -> Person:
        try:
            person = self._tokens.person(request.cookies.get(self._settings.council_token_cookie, ""))
        except TokenRefused as error:
            self._observe("rejected")
            log.warning("sign-in rejected", error=str(error))
            raise SignInFailed from error
        if self._revocations and person.proved_at <= self._revocations.valid_from(person.email):
            self._observe("rejected")
            raise SignInFailed("revoked token")
        return person
