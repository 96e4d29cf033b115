"""Who the person is: Google's OpenID Connect sign-in, by flask-dance, with PKCE.

flask-dance keeps an attempt's state in the session, so a second tab that signs in at the same time
overwrites the first; and it shares its OAuth session between threads. Here each attempt has a cookie
of its own and each request an OAuth session of its own. No OAuth token is kept anywhere.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
import structlog
from flask import Response, g, redirect, request, session, url_for
from flask_dance.consumer import OAuth2ConsumerBlueprint
from flask_dance.consumer.storage import NullStorage
from itsdangerous import BadSignature, URLSafeTimedSerializer
from oauthlib.common import generate_token
from oauthlib.oauth2 import OAuth2Error

from viewer.access import start_session
from viewer.errors import SignInFailed, SignInUnavailable, WrongDomain
from viewer.settings import Settings

ATTEMPT_COOKIE = "__Host-sign-in-"
_ATTEMPT_SECONDS = 600
_MOST_ATTEMPTS = 20
"""Cookies of attempts that a browser may hold; a header of more than 16 KB is refused by the server."""
_LONGEST_TARGET = 512
_VERIFIER_LENGTH = 64
"""RFC 7636 wants 43 to 128 characters."""

log = structlog.get_logger(__name__)

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


class SignIn(OAuth2ConsumerBlueprint):  # type: ignore[misc]  # flask-dance ships no types
    """The routes `/sign-in` and `/sign-in/callback`."""

    def __init__(self, settings: Settings, observe: Observer) -> None:
        """Prepare the routes.

        Args:
            settings: Google's endpoints, this service's client, the council's domain.
            observe: told how each sign-in ended.
        """
        super().__init__(
            "sign_in",
            __name__,
            client_id=settings.google_client_id,
            scope=["openid", "email"],
            authorization_url=settings.google_authorize_url,
            token_url=settings.google_token_url,
            login_url="/sign-in",
            authorized_url="/sign-in/callback",
            storage=NullStorage(),
        )
        self._settings = settings
        self._observe = observe
        self._attempts = URLSafeTimedSerializer(settings.keys, salt="sign-in-attempt")

    @property
    def session(self) -> Any:
        """The OAuth session of one request: flask-dance's own is shared by all threads."""
        if "oauth_session" not in g:
            oauth = self.session_class(client_id=self._client_id, scope=self.scope, blueprint=self)
            oauth.redirect_uri = self._settings.public_url + url_for(".authorized")
            oauth.trust_env = False
            g.oauth_session = oauth
        return g.oauth_session

    def teardown_session(self, exception: BaseException | None = None) -> None:
        """Nothing to do: the OAuth session goes with the request."""

    def login(self) -> Response:
        """Send the browser to Google, and remember the attempt in a cookie of its own."""
        attempt = Attempt(
            generate_token(30), generate_token(_VERIFIER_LENGTH), _own_path(request.args.get("target"))
        )
        challenge = self.session._client.create_code_challenge(attempt.verifier, "S256")  # noqa: SLF001 - as flask-dance does
        url, _ = self.session.authorization_url(
            self.authorization_url,
            state=attempt.state,
            code_challenge=challenge,
            code_challenge_method="S256",
            hd=self._settings.google_domain,
            **({"prompt": "select_account"} if "another" in request.args else {}),
        )
        response = _redirect(url)
        self._remember(attempt, response)
        return response

    def authorized(self) -> Response:
        """Take the browser back from Google: check who it is, start a session, go where they wanted to go."""
        attempt = self._recall(request.args.get("state", ""))
        email = self._email(self._claims(attempt))
        start_session(session, email)
        self._observe("ok")
        response = _redirect(self._settings.public_url + attempt.target)
        response.delete_cookie(attempt.cookie, secure=True, httponly=True, samesite="Lax")
        return response

    def _remember(self, attempt: Attempt, response: Response) -> None:
        value = str(self._attempts.dumps([attempt.state, attempt.verifier, attempt.target]))
        options: dict[str, Any] = {"secure": True, "httponly": True, "samesite": "Lax"}
        response.set_cookie(attempt.cookie, value, max_age=_ATTEMPT_SECONDS, **options)
        stale = [name for name in request.cookies if name.startswith(ATTEMPT_COOKIE)]
        for name in stale[: max(0, len(stale) + 1 - _MOST_ATTEMPTS)]:
            response.delete_cookie(name, **options)

    def _recall(self, untrusted_state: str) -> Attempt:
        cookie = request.cookies.get(Attempt(untrusted_state, "", "").cookie, "")
        try:
            attempt = Attempt(*self._attempts.loads(cookie, max_age=_ATTEMPT_SECONDS))
        except (BadSignature, TypeError) as error:
            self._observe("no_attempt")
            raise SignInFailed from error
        g.page = attempt.target
        if attempt.state != untrusted_state or not request.args.get("code"):
            self._observe("cancelled")
            raise SignInFailed
        return attempt

    def _claims(self, attempt: Attempt) -> dict[str, Any]:
        """What Google says of the person."""
        timeout = self._settings.google_timeout_seconds
        oauth = self.session
        oauth.register_compliance_hook("access_token_response", _raise_outage)
        oauth.scope = oauth._client.scope = None  # noqa: SLF001 - Google answers with other names for the same scopes
        try:
            oauth.fetch_token(
                self.token_url,
                code=request.args["code"],
                client_secret=self._settings.google_client_secret.get_secret_value(),
                code_verifier=attempt.verifier,
                timeout=timeout,
            )
            answer = oauth.get(self._settings.google_userinfo_url, timeout=timeout, allow_redirects=False)
            answer.raise_for_status()
            claims = answer.json()
        except OAuth2Error as error:
            self._observe("rejected")
            log.warning("sign-in rejected", error=type(error).__name__)
            raise SignInFailed from error
        except (requests.RequestException, ValueError) as error:
            self._observe("unavailable")
            log.warning("sign-in unavailable", error=type(error).__name__)
            raise SignInUnavailable from error
        return claims if isinstance(claims, dict) else {}

    def _email(self, claims: dict[str, Any]) -> str:
        """The person's address, once it is sure to be verified and the council's."""
        email = str(claims.get("email", "")).lower()
        domain = self._settings.google_domain
        if (
            claims.get("email_verified") is not True
            or not email.endswith("@" + domain)
            or claims.get("hd") != domain
        ):
            self._observe("wrong_domain")
            g.refused_account = email
            raise WrongDomain
        return email


def _own_path(untrusted_target: str | None) -> str:
    """The target where it is a path of this site, else the home page: never another host."""
    target = untrusted_target or "/"
    well_formed = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if well_formed and "\\" not in target and len(target) <= _LONGEST_TARGET else "/"


def _raise_outage(answer: requests.Response) -> requests.Response:
    """Google being down is not this person's sign-in being refused: oauthlib takes one for the other."""
    if answer.status_code >= requests.codes.server_error:
        answer.raise_for_status()
    return answer


def _redirect(url: str) -> Response:
    response = redirect(url, 302, Response=Response)
    assert isinstance(response, Response)  # noqa: S101 - for the type checker
    return response
