"""Who the person is: Google's OpenID Connect sign-in, by flask-dance, with PKCE.

flask-dance keeps an attempt's state in the session, so a second tab that signs in at the same time
overwrites the first; and it shares its OAuth session between threads. Here each attempt has a cookie
of its own and each request an OAuth session of its own. No OAuth token is kept anywhere.
"""

from typing import Any

import requests
import structlog
from flask import Response, g, request, session, url_for
from flask_dance.consumer import OAuth2ConsumerBlueprint
from flask_dance.consumer.storage import NullStorage
from oauthlib.oauth2 import OAuth2Error

from shared.identity.attempts import Attempt, Attempts, Observer
from shared.identity.id_tokens import IdTokens, council_address
from shared.identity.people import Person
from shared.identity.sessions import found, start_session
from shared.identity.settings import IdentitySettings
from shared.problems import SignInFailed, SignInUnavailable, WrongDomain

log = structlog.get_logger(__name__)


class Google:
    """People with an account of the council's Google Workspace; programs with such a person's ID token."""

    def __init__(self, settings: IdentitySettings, observe: Observer) -> None:
        """Prepare; ask nothing yet.

        Args:
            settings: Google's endpoints, this service's client, the council's domain.
            observe: told how each sign-in ended.
        """
        self.blueprint = SignIn(settings, observe)
        self._id_tokens = IdTokens(
            settings.google_keys_url,
            settings.google_issuer,
            settings.audiences,
            settings.google_domain,
            settings.google_timeout_seconds,
        )

    def current(self, email: str, since: float) -> Person | None:
        """See `Provider.current`: Google is not asked again, the session's own limits count."""
        return Person(email, proved_at=since)

    def bearer(self, untrusted_token: str) -> Person:
        """See `Provider.bearer`."""
        return self._id_tokens.person(untrusted_token)


class SignIn(OAuth2ConsumerBlueprint):  # type: ignore[misc]  # flask-dance ships no types
    """The routes `/sign-in` and `/sign-in/callback`."""

    def __init__(self, settings: IdentitySettings, observe: Observer) -> None:
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
        self._attempts = Attempts(settings.keys, observe)

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
        response = found(url)
        self._attempts.remember(attempt, response)
        return response

    def authorized(self) -> Response:
        """Take the browser back from Google: check who it is, start a session, go where they wanted to go."""
        with self._attempts.returning() as attempt:
            if not request.args.get("code"):
                self._observe("cancelled")
                raise SignInFailed
            email = self._email(self._claims(attempt))
        start_session(session, email)
        self._observe("ok")
        response = found(self._settings.public_url + attempt.target)
        self._attempts.forget(attempt, response)
        return response

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
        try:
            return council_address(claims, self._settings.google_domain)
        except WrongDomain:
            self._observe("wrong_domain")
            raise


def _raise_outage(answer: requests.Response) -> requests.Response:
    """Google being down is not this person's sign-in being refused: oauthlib takes one for the other."""
    if answer.status_code >= requests.codes.server_error:
        answer.raise_for_status()
    return answer
