"""Sign-in with Google by OpenID Connect with PKCE, through flask-dance.

flask-dance keeps the state of an attempt in the session, so that a second tab that signs in at the same time
overwrites the first, and it shares its OAuth session between threads. Here each attempt has its own cookie,
and each request its own OAuth session. No OAuth token is stored.
"""

from typing import Any

import requests
import structlog
from flask import Response, g, request, session, url_for
from flask_dance.consumer import OAuth2ConsumerBlueprint
from flask_dance.consumer.storage import NullStorage
from oauthlib.oauth2 import OAuth2Error

from shared.identity.attempts import Attempt, Attempts, OnSignIn
from shared.identity.id_tokens import IdTokens, verified_email
from shared.identity.people import Person
from shared.identity.sessions import redirect_302, start_session
from shared.identity.settings import IdentitySettings
from shared.outside_calls import OutOfTime, ask_plainly, deadline, read_object
from shared.problems import SignInBusy, SignInFailed, SignInUnavailable, WrongDomain
from shared.shares import Share

_MAX_ANSWER = 64 * 1024
_FAILURES = (
    requests.RequestException,
    OutOfTime,
    # oauthlib raises these where the token endpoint's answer is not the object that it should be
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    RecursionError,
)
"""What a broken, cut off or nested answer, or none, raises."""

log = structlog.get_logger(__name__)


class Google:
    """The provider that authenticates people by Google sign-in, and programs by Google ID tokens."""

    def __init__(self, settings: IdentitySettings, on_sign_in: OnSignIn, share: Share) -> None:
        """Prepare without contacting Google.

        Args:
            settings: Google's endpoints, this service's OAuth client, the council's domain.
            on_sign_in: called with the outcome of each sign-in.
            share: the threads that may wait for Google at the same time.
        """
        self.blueprint = SignIn(settings, on_sign_in, share)
        self._id_tokens = IdTokens(
            settings.google_keys_url,
            settings.google_issuer,
            settings.audiences,
            settings.google_domain,
            settings.google_timeout_seconds,
        )

    def current(self, email: str, since: float) -> Person | None:
        """See `Provider.current`: Google is not asked again; only the session's own limits apply."""
        return Person(email, proved_at=since)

    def bearer(self, untrusted_token: str) -> Person:
        """See `Provider.bearer`."""
        return self._id_tokens.person(untrusted_token)


class SignIn(OAuth2ConsumerBlueprint):  # type: ignore[misc]  # flask-dance ships no types
    """The routes `/sign-in` and `/sign-in/callback`."""

    def __init__(self, settings: IdentitySettings, on_sign_in: OnSignIn, share: Share) -> None:
        """Prepare the routes.

        Args:
            settings: Google's endpoints, this service's OAuth client, the council's domain.
            on_sign_in: called with the outcome of each sign-in.
            share: the threads that may wait for Google at the same time.
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
        self._on_sign_in = on_sign_in
        self._share = share
        self._attempts = Attempts(settings.keys, on_sign_in, over_https=settings.over_https)

    @property
    def session(self) -> Any:
        """The OAuth session of the current request; flask-dance's own is shared by all threads."""
        if "oauth_session" not in g:
            oauth = self.session_class(client_id=self._client_id, scope=self.scope, blueprint=self)
            oauth.redirect_uri = self._settings.public_url + url_for(".authorized")
            oauth.trust_env = False
            g.oauth_session = oauth
        return g.oauth_session

    def teardown_session(self, exception: BaseException | None = None) -> None:
        """Do nothing, since the OAuth session ends with the request."""

    def login(self) -> Response:
        """Redirect the browser to Google, and keep the attempt in a cookie."""
        attempt = self._attempts.begin()
        challenge = self.session._client.create_code_challenge(attempt.verifier, "S256")  # noqa: SLF001 - as flask-dance does
        url, _ = self.session.authorization_url(
            self.authorization_url,
            state=attempt.state,
            code_challenge=challenge,
            code_challenge_method="S256",
            hd=self._settings.google_domain,
            **({"prompt": "select_account"} if "another" in request.args else {}),
        )
        response = redirect_302(url)
        self._attempts.remember(attempt, response)
        return response

    def authorized(self) -> Response:
        """Handle the browser's return from Google: verify the person, start a session, redirect."""
        with self._attempts.returning() as attempt:
            if not request.args.get("code"):
                self._on_sign_in("cancelled")
                raise SignInFailed
            email = self._email(self._claims(attempt))
        start_session(session, email)
        self._on_sign_in("ok")
        response = redirect_302(self._settings.public_url + attempt.target)
        self._attempts.forget(attempt, response)
        return response

    def _claims(self, attempt: Attempt) -> dict[str, Any]:
        """Exchange the code for a token, and return the user info claims."""
        try:
            with self._share.place(), deadline(2 * self._settings.google_timeout_seconds):
                return self._asked_claims(attempt)
        except OAuth2Error as error:
            self._on_sign_in("rejected")
            log.warning("sign-in rejected", error=type(error).__name__)
            raise SignInFailed from error
        except SignInBusy:
            self._on_sign_in("unavailable")
            raise
        except _FAILURES as error:
            self._on_sign_in("unavailable")
            log.warning("sign-in unavailable", error=type(error).__name__)
            raise SignInUnavailable from error

    def _asked_claims(self, attempt: Attempt) -> dict[str, Any]:
        timeout = self._settings.google_timeout_seconds
        oauth = self.session
        ask_plainly(oauth, max_bytes=_MAX_ANSWER)
        oauth.register_compliance_hook("access_token_response", _raise_outage)
        oauth.scope = oauth._client.scope = None  # noqa: SLF001 - Google answers with other names for the same scopes
        oauth.fetch_token(
            self.token_url,
            code=request.args["code"],
            client_secret=self._settings.google_client_secret.get_secret_value(),
            code_verifier=attempt.verifier,
            timeout=timeout,
        )
        answer = oauth.get(self._settings.google_userinfo_url, timeout=timeout, allow_redirects=False)
        answer.raise_for_status()
        return read_object(answer)

    def _email(self, claims: dict[str, Any]) -> str:
        """The person's e-mail address, which must be verified and in the council's domain."""
        try:
            return verified_email(claims, self._settings.google_domain)
        except WrongDomain:
            self._on_sign_in("wrong_domain")
            raise


def _raise_outage(answer: requests.Response) -> requests.Response:
    """Raise server errors of Google as outages; oauthlib would report them as a refused sign-in."""
    if answer.status_code >= requests.codes.server_error:
        answer.raise_for_status()
    return answer
