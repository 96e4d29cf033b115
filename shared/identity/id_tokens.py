"""Google ID tokens as bearer tokens, verified with the keys that Google publishes.

https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
"""

import threading
import time
from collections.abc import Mapping
from typing import Any

import jwt
import requests
import structlog

from shared.identity.people import Person
from shared.outside_calls import OutOfTime, ask_plainly, deadline, read_object
from shared.problems import SignInBusy, SignInUnavailable, TokenRefused, WrongDomain
from shared.shares import Share

_ALGORITHM = "RS256"
_KEYS_SECONDS = 3600
"""How long published keys are cached; Google publishes a new key days before it is used."""
_PAUSE_SECONDS = 30
"""The shortest interval between fetches for unknown key names, which anybody can invent."""
_OLDEST_SECONDS = 24 * 3600
"""How long cached keys are used while newer ones cannot be fetched."""
_FAILURE_SECONDS = 5
"""How long a failed fetch is remembered; meanwhile nobody waits for another one."""
_THREADS = 2
"""The threads that may wait for the keys at the same time; no account is needed to make one wait."""
_MAX_ANSWER = 64 * 1024
_LEEWAY_SECONDS = 10
MALFORMED = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)
"""The exceptions that decoding a token may raise, since a claim may be any JSON value."""

log = structlog.get_logger(__name__)


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
        try:
            made_at = float(claims["iat"])
        except MALFORMED as error:
            raise TokenRefused(type(error).__name__) from error
        return Person(verified_email(claims, self._domain), proved_at=made_at)

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
    """An issuer's public keys, cached for an hour, and for a day while no newer ones can be fetched.

    One thread at a time fetches keys, while the others use the cached ones; where none are cached, a second
    thread may wait. A failed fetch is remembered for some seconds. A silent issuer
    therefore holds two threads at most.
    """

    def __init__(self, url: str, timeout_seconds: float) -> None:
        """Prepare without fetching keys.

        Args:
            url: the URL of the JWKS document.
            timeout_seconds: the deadline of a fetch.
        """
        self._url = url
        self._timeout = timeout_seconds
        self._session = requests.Session()
        ask_plainly(self._session, max_bytes=_MAX_ANSWER)
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at = self._failed_at = float("-inf")
        self._fetching = threading.Lock()
        self._share = Share(_THREADS, SignInBusy)

    def key(self, untrusted_name: str) -> jwt.PyJWK:
        """The key of this name; the only key where the token names none.

        Raises:
            TokenRefused: the issuer publishes no such key.
            SignInUnavailable: the keys cannot be fetched.
        """
        if self._are_due(untrusted_name):
            self._renew(untrusted_name)
        keys = self._keys
        if not self._are_usable():
            raise SignInUnavailable("no keys")
        # a token need not name the only key (RFC 7517, section 4.5)
        if not untrusted_name and len(keys) == 1:
            return next(iter(keys.values()))
        if untrusted_name in keys:
            return keys[untrusted_name]
        if self._are_due(untrusted_name):
            raise SignInUnavailable("keys are being fetched")
        raise TokenRefused("the issuer publishes no such key")

    def _age(self) -> float:
        return time.monotonic() - self._fetched_at

    def _are_usable(self) -> bool:
        return self._age() < _OLDEST_SECONDS

    def _are_due(self, untrusted_name: str) -> bool:
        if time.monotonic() - self._failed_at < _FAILURE_SECONDS:
            return False
        return self._age() > (_KEYS_SECONDS if untrusted_name in self._keys else _PAUSE_SECONDS)

    def _renew(self, untrusted_name: str) -> None:
        """Fetch the keys unless another thread does; wait for that thread only where no keys are usable."""
        with self._share.place_or_none() if self._are_usable() else self._share.place() as placed:
            if placed is False or not self._fetching.acquire(blocking=not self._are_usable()):
                return
            try:
                if self._are_due(untrusted_name):
                    self._keys = self._fetch()
                    self._fetched_at = time.monotonic()
            except SignInUnavailable as failure:
                self._failed_at = time.monotonic()
                log.warning("keys not fetched", error=str(failure))
            finally:
                self._fetching.release()

    def _fetch(self) -> dict[str, jwt.PyJWK]:
        try:
            with deadline(self._timeout):
                answer = self._session.get(self._url, timeout=self._timeout, allow_redirects=False)
                if answer.status_code != requests.codes.ok:
                    raise SignInUnavailable(f"status {answer.status_code}")
                keys = jwt.PyJWKSet.from_dict(read_object(answer)).keys
        except (requests.RequestException, OutOfTime, AttributeError, LookupError, *MALFORMED) as error:
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
