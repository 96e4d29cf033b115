"""Sign-in with the council's own login service, which sets a JWT in a cookie of the council's domain.

The token is signed by HS256 with a secret that the council's services share, and has the claims
``{"sub", "email", "iss", "name", "groups", "iat"}``. It has no `exp`, so its age is limited by `iat`.
Programs send the same token as a bearer token. It is never read from the query string, because URLs end up in
logs.

Groups are display names, which are not identifiers: a person who may create or rename groups at the council
can create a second group of the same name. Use the Google provider where that matters
(docs/reuse-sign-in.md).
"""

import time
from typing import Any
from urllib.parse import urlencode

import jwt
import structlog
from flask import Blueprint, Response, request, session, url_for

from shared.actor import EMAIL
from shared.identity.attempts import Attempts, OnSignIn
from shared.identity.id_tokens import MALFORMED
from shared.identity.people import Person, Revocations
from shared.identity.sessions import redirect_302, start_session
from shared.identity.settings import IdentitySettings
from shared.problems import SignInFailed, TokenRefused

_ALGORITHM = "HS256"
_LEEWAY_SECONDS = 10

log = structlog.get_logger(__name__)


class CouncilTokens:
    """Verifies the council's tokens."""

    def __init__(self, secret: str, issuer: str, max_age_seconds: float) -> None:
        """Set what tokens are verified against.

        Args:
            secret: the secret shared with the login service, at least 32 characters.
            issuer: the required `iss` claim.
            max_age_seconds: the age at which a token expires.
        """
        self._secret = secret
        self._issuer = issuer
        self._max_age = max_age_seconds

    def person(self, untrusted_token: str) -> Person:
        """Verify the token, and return the person with the groups that it lists.

        Raises:
            TokenRefused: the token is not genuine, too old, or has no e-mail address.
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
            raise TokenRefused("the token is too old")
        return Person(_address(claims["email"]), _groups(claims.get("groups")), made_at)


def _seconds(untrusted_iat: Any) -> float:
    if isinstance(untrusted_iat, bool) or not isinstance(untrusted_iat, int | float):
        raise TokenRefused("iat is not a number")
    return float(untrusted_iat)


def _address(untrusted_email: Any) -> str:
    if not isinstance(untrusted_email, str) or not EMAIL.fullmatch(untrusted_email):
        raise TokenRefused("email is not an address")
    return untrusted_email.lower()


def _groups(untrusted_groups: Any) -> frozenset[str]:
    groups = untrusted_groups if isinstance(untrusted_groups, list) else []
    return frozenset(name for name in groups if isinstance(name, str))


class Council:
    """The provider that authenticates by the council's tokens, for people and programs."""

    def __init__(
        self, settings: IdentitySettings, on_sign_in: OnSignIn, revocations: Revocations | None
    ) -> None:
        """Prepare the routes `/sign-in` and `/sign-in/callback`.

        Args:
            settings: the login's URL, the secret and the cookie's name.
            on_sign_in: called with the outcome of each sign-in.
            revocations: a token issued before a revocation starts no session.
        """
        self._settings = settings
        self._on_sign_in = on_sign_in
        self._revocations = revocations
        self._attempts = Attempts(settings.keys, on_sign_in, over_https=settings.over_https)
        self._tokens = CouncilTokens(
            settings.council_token_secret.get_secret_value(),
            settings.council_token_issuer,
            settings.council_token_minutes * 60,
        )
        self.blueprint = Blueprint("sign_in", __name__)
        self.blueprint.add_url_rule("/sign-in", "login", self._login)
        self.blueprint.add_url_rule("/sign-in/callback", "authorized", self._authorized)

    def current(self, email: str, since: float) -> Person | None:
        """See `Provider.current`: the council's cookie must still name the same person, and lists the groups.

        A missing cookie or another person's cookie ends the session.
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
        """Redirect the browser to the council's login, and keep the attempt in a cookie."""
        attempt = self._attempts.begin()
        back = f"{self._settings.public_url}{url_for('.authorized')}?{urlencode({'state': attempt.state})}"
        response = redirect_302(f"{self._settings.council_login_url}?{urlencode({'redirect_uri': back})}")
        self._attempts.remember(attempt, response)
        return response

    def _authorized(self) -> Response:
        """Handle the browser's return: verify the council's cookie, start a session, redirect."""
        with self._attempts.returning() as attempt:
            email = self._returned_person().email
        start_session(session, email)
        self._on_sign_in("ok")
        response = redirect_302(self._settings.public_url + attempt.target)
        self._attempts.forget(attempt, response)
        return response

    def _returned_person(self) -> Person:
        try:
            person = self._tokens.person(request.cookies.get(self._settings.council_token_cookie, ""))
        except TokenRefused as error:
            self._on_sign_in("rejected")
            log.warning("sign-in rejected", error=str(error))
            raise SignInFailed from error
        if self._revocations and person.proved_at <= self._revocations.valid_from(person.email):
            self._on_sign_in("rejected")
            raise SignInFailed("the token is revoked")
        return person
