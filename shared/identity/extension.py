"""The Flask extension that protects every route of a service except a list, and adds sign-in and sign-out.

docs/reuse-sign-in.md has the example of a whole service.
"""

from collections.abc import Callable
from typing import cast
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from shared.actor import Actor
from shared.identity.attempts import OnSignIn
from shared.identity.council import Council
from shared.identity.google import Google
from shared.identity.groups import CachedGroups, GoogleGroups, ListedGroups, OnMembershipCheck
from shared.identity.people import Groups, Person, Provider, Revocations
from shared.identity.sessions import current_session, sign_sessions
from shared.identity.settings import IdentitySettings
from shared.problems import CrossSiteRequest, NotInGroup, SignedOut, SignInBusy, TokenMissing, TokenRefused
from shared.shares import Share

ALWAYS_PUBLIC = frozenset({"sign_in.login", "sign_in.authorized", "access.signed_out"})
"""The endpoints that must be public so that people can sign in."""
API = "/api/"
"""The path below which callers are programs with a bearer token in each request, and cookies are ignored.

Everywhere else tokens are ignored. So no page can be opened with a token, and another site cannot use a
cookie to call the API.
"""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_SIGNED_OUT = '<!doctype html><html lang="en"><title>Signed out</title><h1>You have signed out</h1></html>'

Admit = Callable[[Person], None]
"""Checks whether a person may make the current request; raises a problem where they may not."""


def provider_of(
    settings: IdentitySettings,
    on_sign_in: OnSignIn,
    revocations: Revocations | None = None,
    share: Share | None = None,
) -> Provider:
    """The identity provider that the settings name."""
    if settings.identity_provider == "council":
        return Council(settings, on_sign_in, revocations)
    return Google(settings, on_sign_in, share or share_of_google(settings))


def share_of_google(settings: IdentitySettings) -> Share:
    """The threads of one process that may wait for Google at the same time: a quarter of them."""
    return Share(max(1, settings.threads // 4), SignInBusy, waiting=max(1, settings.threads // 8))


def groups_of(
    settings: IdentitySettings,
    on_check: OnMembershipCheck = lambda _: None,
    group: str | None = None,
    share: Share | None = None,
) -> Groups:
    """The members of a group, looked up as the identity provider requires.

    Args:
        settings: the validated settings.
        on_check: called with the outcome of each question to the group directory.
        group: the group's e-mail address (google) or display name (council); by default the group of staff.
        share: the threads that may wait for Google at the same time; by default this group has its own.
    """
    if settings.identity_provider == "council":
        return ListedGroups(group or settings.council_group)
    assert settings.google_service_account_file  # noqa: S101 - the settings insist on it with google
    google = GoogleGroups(
        settings.google_directory_url,
        group or settings.google_group,
        settings.google_service_account_file,
        settings.google_directory_admin,
        settings.google_timeout_seconds,
        on_check,
        share or share_of_google(settings),
    )
    return CachedGroups(google, settings.membership_seconds)


def members_only(groups: Groups) -> Admit:
    """An access check that allows every request to members of the group."""

    def admit(person: Person) -> None:
        if not groups.is_member(person):
            raise NotInGroup

    return admit


class Identity:
    """Authenticates every request of one app; routes are closed unless they are listed as public."""

    def __init__(
        self,
        settings: IdentitySettings,
        *,
        on_sign_in: OnSignIn = lambda _: None,
        revocations: Revocations | None = None,
        share: Share | None = None,
        signed_out_page: Callable[[], str] = lambda: _SIGNED_OUT,
    ) -> None:
        """Set the provider; `init_app` adds it to an app.

        Args:
            settings: the validated settings.
            on_sign_in: called with the outcome of each sign-in.
            revocations: shared by all replicas; without them there is no "sign out everywhere".
            share: the threads that may wait for Google at the same time; by default a quarter of them.
            signed_out_page: renders the page that people see after signing out, as HTML.
        """
        self._settings = settings
        self._revocations = revocations
        self._provider = provider_of(settings, on_sign_in, revocations, share)
        self._signed_out_page = signed_out_page
        self._public: frozenset[str] = ALWAYS_PUBLIC
        self._admit: Admit = lambda _: None

    def init_app(self, app: Flask, admit: Admit, public: frozenset[str] = ALWAYS_PUBLIC) -> None:
        """Protect every route of the app, including routes added later.

        Args:
            app: the Flask app.
            admit: called with the signed-in person at each request; raises a problem to refuse.
            public: the endpoints that need no sign-in.
        """
        self._admit, self._public = admit, public
        sign_sessions(app, self._settings.keys, over_https=self._settings.over_https)
        app.register_blueprint(self._sign_out_routes())
        app.register_blueprint(self._provider.blueprint)
        app.before_request(self._check)

    @property
    def person(self) -> Person:
        """The person who makes the current request; available on every route that is not public."""
        return cast("Person", g.person)

    @property
    def actor(self) -> Actor:
        """The same person as an `Actor`; available on every route that is not public."""
        return cast("Actor", g.actor)

    def _check(self) -> ResponseReturnValue | None:
        for_programs = request.path.startswith(API)
        if not for_programs:
            self._refuse_cross_site()
        if request.endpoint is None or request.endpoint in self._public:
            return None
        person = self._person_of_token() if for_programs else self._person_of_session()
        if person is None:
            return _ask_to_sign_in()
        g.person = person
        reference = g.get("request_id", "-")  # set by `shared.request_logging`, where the service uses it
        g.actor = Actor(person.email, request.remote_addr or "", reference)
        self._admit(person)
        return None

    def _refuse_cross_site(self) -> None:
        """Refuse a request that changes state unless it comes from this site's own pages."""
        if request.method in _SAFE_METHODS:
            return
        site = request.headers.get("Sec-Fetch-Site")
        origin = request.headers.get("Origin")
        if site not in {None, "same-origin"} or (site is None and origin != self._settings.public_url):
            raise CrossSiteRequest

    def _person_of_session(self) -> Person | None:
        found = current_session(self._settings)
        if found is None or self._is_revoked(*found):
            return None
        return self._provider.current(*found)

    def _person_of_token(self) -> Person:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenMissing
        person = self._provider.bearer(token.strip())
        if self._is_revoked(person.email, person.proved_at):
            raise TokenRefused("the token is revoked")
        return person

    def _is_revoked(self, email: str, since: float) -> bool:
        return self._revocations is not None and since <= self._revocations.valid_from(email)

    def _sign_out_routes(self) -> Blueprint:
        blueprint = Blueprint("access", __name__)
        blueprint.add_url_rule("/sign-out", "sign_out", self._sign_out, methods=["POST"])
        blueprint.add_url_rule("/signed-out", "signed_out", self._signed_out)
        if self._revocations:
            path = "/sign-out-everywhere"
            blueprint.add_url_rule(path, "sign_out_everywhere", self._sign_out_everywhere, methods=["POST"])
        return blueprint

    def _sign_out(self) -> ResponseReturnValue:
        session.clear()
        response = redirect(url_for("access.signed_out"), 303)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    def _sign_out_everywhere(self) -> ResponseReturnValue:
        """Sign out on this device at once, and on all others within two seconds."""
        assert self._revocations  # noqa: S101 - else there is no such route
        self._revocations.revoke(self.person.email, self.actor)
        return self._sign_out()

    def _signed_out(self) -> Response:
        return Response(self._signed_out_page())


def _ask_to_sign_in() -> ResponseReturnValue:
    """Redirect a page request to the sign-in, which returns here; refuse the request of a script."""
    if (
        request.method not in {"GET", "HEAD"}
        or request.headers.get("Sec-Fetch-Dest", "document") != "document"
    ):
        raise SignedOut
    if (
        "text/html" not in request.headers.get("Accept", "text/html")
        and "*/*" not in request.headers["Accept"]
    ):
        raise SignedOut
    target = request.full_path.rstrip("?")
    return redirect(url_for("sign_in.login") + "?" + urlencode({"target": target}), 302)
