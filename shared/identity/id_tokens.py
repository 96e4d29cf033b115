"""Google ID tokens as bearer tokens, verified with the keys that Google publishes.

https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
"""

import threading
import time
from collections.abc import Mapping
from typing import Any

import jwt
import requests

from shared.identity.people import Person
from shared.problems import SignInUnavailable, TokenRefused, WrongDomain

_ALGORITHM = "RS256"
_KEYS_SECONDS = 3600
"""How long published keys are cached; Google publishes a new key days before it is used."""
_PAUSE_SECONDS = 30
"""The shortest interval between fetches for unknown key names, which anybody can invent."""
_MAX_ANSWER = 64 * 1024
_LEEWAY_SECONDS = 10
MALFORMED = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)
"""The exceptions that decoding a token may raise, since a claim may be any JSON value."""


class IdTokens:
    """Verifies ID tokens."""

    def __init__(
        self, keys_url: str, issuer: str, audiences: list[str], domain: str, timeout_seconds: float
    ) -> None:
        """Prepare without fetching keys.

        Args:
            keys_url: the URL of the issuer's published keys (JWKS).
            issuer: the required `iss` claim.
            audiences: the OAuth clients whose tokens are accepted; none are where it is empty.
            domain: the council's Google Workspace domain.
            timeout_seconds: the timeout of fetching the keys.
        """
        self._keys = PublishedKeys(keys_url, timeout_seconds)
        self._issuers = [issuer, issuer.removeprefix("https://")]
        self._audiences = audiences
        self._domain = domain

    def person(self, untrusted_token: str) -> Person:
        """Whom the token stands for.

        Raises:
            TokenRefused: it is not genuine, too old, or for another audience.
            WrongDomain: the account is not verified, or not the council's.
            SignInUnavailable: Google's keys cannot be fetched.
        """
        claims = self._claims(untrusted_token)
        return Person(verified_email(claims, self._domain), proved_at=float(claims["iat"]))

    def _claims(self, untrusted_token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(untrusted_token)
            if header.get("alg") != _ALGORITHM:
                raise TokenRefused("the algorithm is not RS256")
            key = self._keys.key(str(header.get("kid", "")))
            claims: dict[str, Any] = jwt.decode(
                untrusted_token,
                key,
                algorithms=[_ALGORITHM],
                audience=self._audiences,
                issuer=self._issuers,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except MALFORMED as error:
            raise TokenRefused(type(error).__name__) from error
        return claims


class PublishedKeys:
    """An issuer's public keys, cached for an hour."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        """Prepare without fetching keys.

        Args:
            url: the URL of the JWKS document.
            timeout_seconds: the timeout of a fetch.
        """
        self._url = url
        self._timeout = timeout_seconds
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at = -float(_KEYS_SECONDS)
        self._lock = threading.Lock()

    def key(self, untrusted_name: str) -> jwt.PyJWK:
        """The key of this name; the only key where the token names none.

        Raises:
            TokenRefused: the issuer publishes no such key.
            SignInUnavailable: the keys cannot be fetched.
        """
        with self._lock:
            age = time.monotonic() - self._fetched_at
            unknown = untrusted_name not in self._keys
            if age > _KEYS_SECONDS or (unknown and age > _PAUSE_SECONDS):
                self._keys = self._fetch()
                self._fetched_at = time.monotonic()
            keys = self._keys
        # a token need not name the only key (RFC 7517, section 4.5)
        if not untrusted_name and len(keys) == 1:
            return next(iter(keys.values()))
        try:
            return keys[untrusted_name]
        except KeyError as error:
            raise TokenRefused("the issuer publishes no such key") from error

    def _fetch(self) -> dict[str, jwt.PyJWK]:
        try:
            with requests.get(self._url, timeout=self._timeout, allow_redirects=False, stream=True) as answer:
                body = answer.raw.read(_MAX_ANSWER + 1, decode_content=True)
                if answer.status_code != requests.codes.ok or len(body) > _MAX_ANSWER:
                    raise SignInUnavailable(f"keys status {answer.status_code}")
            keys = jwt.PyJWKSet.from_json(body.decode()).keys
        except (requests.RequestException, OSError, *MALFORMED) as error:
            raise SignInUnavailable(type(error).__name__) from error
        return {key.key_id or "": key for key in keys if key.algorithm_name == _ALGORITHM}


def verified_email(claims: Mapping[str, Any], domain: str) -> str:
    """The person's e-mail address in lower case, which must be verified and in the council's domain.

    Args:
        claims: the claims of an ID token or of the user info endpoint.
        domain: the council's domain, which the `hd` claim must equal.

    Raises:
        WrongDomain: the address is not verified, or in another domain.
    """
    email = str(claims.get("email", "")).lower()
    if (
        claims.get("email_verified") is not True
        or not email.endswith("@" + domain)
        or claims.get("hd") != domain
    ):
        error = WrongDomain()
        error.account = email
        raise error
    return email
